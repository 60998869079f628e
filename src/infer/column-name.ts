const letters: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

const signs: Readonly<Record<string, string>> = {
  '%': ' percent ',
  '#': ' no ',
  '№': ' no ',
  '&': ' and ',
  '+': ' plus ',
  '€': ' eur ',
  $: ' usd ',
  '£': ' gbp ',
};

/** Postgres cuts what is longer. */
const lengthMax = 63;

/**
 * A name for a column by its label: `Invoice #` is `invoice_no`, `Größe in %` is
 * `groesse_in_percent`. `position` counts from 1, for labels that no name can be made of.
 */
export function columnName(label: string, position: number): string {
  const spelled = label
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .normalize('NFC')
    .replaceAll(/[äöüßæøœłđðþı]/gu, (letter) => letters[letter] ?? letter)
    .replaceAll(/[%#№&+€$£]/gu, (sign) => signs[sign] ?? sign)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/['’.]/gu, '');
  const name = spelled
    .replaceAll(/[^a-z0-9]+/gu, '_')
    .replaceAll(/^_+|_+$/gu, '')
    .replaceAll(/\bno_(?=no\b)/gu, '');
  if (name === '') return `column_${position}`;
  const started = /^[a-z]/u.test(name) ? name : `column_${name}`;
  return started.slice(0, lengthMax).replaceAll(/_+$/gu, '');
}

/** Names for all labels, each once: the second `amount` is `amount_2`. */
export function columnNames(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map((label, index) => {
    const name = columnName(label, index + 1);
    let unique = name;
    for (let count = 2; taken.has(unique); count += 1) {
      const end = `_${count}`;
      unique = `${name.slice(0, lengthMax - end.length)}${end}`;
    }
    taken.add(unique);
    return unique;
  });
}
