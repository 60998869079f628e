import fc from 'fast-check';
import { expect, test } from 'vitest';

import { detectEncoding } from '../../../src/source/csv/detect-encoding.ts';
import { sureEnough } from '../../../src/source/csv/guess.ts';

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** What a text is in an encoding of one byte a character, by the encoding's own decoder. */
function encode(text: string, label: string): Buffer {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  // As a stream: Node's one-call decoding of windows-1252 is that of ISO 8859-1.
  const characters = Array.from(new TextDecoder(label).decode(bytes, { stream: true }));
  return Buffer.from(Array.from(text, (character) => characters.indexOf(character)));
}

test.each([
  ['utf-8', Buffer.from('\ufeffid,name\n')],
  ['utf-8', Buffer.from('id,name\n')],
  ['utf-8', Buffer.from('id,Größe\n')],
  ['utf-16le', Buffer.from('\ufeffid,name\n', 'utf16le')],
  ['utf-16be', utf16be('\ufeffid,name\n')],
  ['utf-16le', Buffer.from('id,name\n1,Zoë\n', 'utf16le')],
  ['utf-16be', utf16be('id,名前\n1,東京都千代田区\n2,大阪府大阪市\n')],
])('%s by its marks, zeros or sequences: %#', (encoding, bytes) => {
  const guess = detectEncoding({ bytes, whole: true });
  expect(guess).toMatchObject({ value: encoding });
  expect(guess.confidence).toBeGreaterThan(0.95);
});

test('a head that ends inside a character is valid all the same', () => {
  const text = Buffer.from('Größe,漢字,😀\n'.repeat(3));
  for (let length = 20; length < text.length; length += 1) {
    const guess = detectEncoding({ bytes: text.subarray(0, length), whole: false });
    expect(guess).toMatchObject({ value: 'utf-8' });
  }
  // Where nothing follows, the character is broken.
  expect(detectEncoding({ bytes: text.subarray(0, 3), whole: true }).value).not.toBe('utf-8');
});

test('UTF-8 with a few broken characters is UTF-8, whose rows are rejected', () => {
  const bytes = Buffer.concat([Buffer.from('Größe,'.repeat(50)), Buffer.from([0xfc, 0x0a])]);
  expect(detectEncoding({ bytes, whole: true })).toMatchObject({
    value: 'utf-8',
    why: 'of its characters beyond ASCII 100 are valid UTF-8 and 1 broken, whose rows will be rejected',
  });
});

/** Words as they stand in tables of companies, by the encoding that Windows used where they did. */
const words: Readonly<Record<string, readonly string[]>> = {
  'windows-1252 German': [
    'Müller',
    'Größe',
    'Straße',
    'Köln',
    'für',
    'Käufer',
    'Bürobedarf',
    'Erlös',
    'Währung',
    'Menge',
    'Kürzel',
    'Gebühr',
    'Schröder',
    'jährlich',
  ],
  'windows-1252 French': [
    'Société',
    'Montant',
    'Référence',
    'Hélène',
    'Générale',
    'payé',
    'reçu',
    'Août',
    'crédit',
    'Île',
    'à',
    'Français',
    'dépôt',
    'après',
  ],
  'windows-1252 Spanish': [
    'Año',
    'España',
    'Málaga',
    'Compañía',
    'José',
    'García',
    'Núñez',
    'código',
    'crédito',
    'teléfono',
    'Importación',
    'línea',
    'dirección',
  ],
  'windows-1252 Portuguese': [
    'São',
    'Paulo',
    'descrição',
    'código',
    'preço',
    'não',
    'João',
    'condições',
    'serviço',
    'é',
    'Óbidos',
    'três',
    'José',
  ],
  'windows-1252 Nordic': [
    'Malmö',
    'Göteborg',
    'Århus',
    'Ærø',
    'Ålesund',
    'köp',
    'försäljning',
    'beløb',
    'Sørensen',
    'Åkesson',
    'ägare',
    'næste',
  ],
  'windows-1250 Polish': [
    'Łódź',
    'Kraków',
    'Gdańsk',
    'spółka',
    'ulica',
    'wartość',
    'należność',
    'Wrocław',
    'Poznań',
    'księgowość',
    'zamówienie',
    'źródło',
    'sprzedaż',
  ],
  'windows-1250 Czech': [
    'Příbram',
    'Dvořák',
    'společnost',
    'částka',
    'měna',
    'Brno',
    'Plzeň',
    'závěrka',
    'účet',
    'číslo',
    'zboží',
    'dodávka',
    'Žižkov',
  ],
  'windows-1250 Hungarian': [
    'Győr',
    'Székesfehérvár',
    'összeg',
    'számla',
    'vevő',
    'könyvelés',
    'dátum',
    'fő',
    'út',
    'fűtés',
    'érték',
    'időszak',
  ],
  'windows-1251 Russian': [
    'Москва',
    'сумма',
    'клиент',
    'дата',
    'ООО',
    'Ромашка',
    'Санкт',
    'Петербург',
    'оплата',
    'счёт',
    'договор',
    'Иванов',
  ],
  'windows-1251 Ukrainian': [
    'Київ',
    'Львів',
    'сума',
    'рахунок',
    'клієнт',
    'дата',
    'ТОВ',
    'Шевченко',
    'сплачено',
    'місто',
    'їхній',
    'єдиний',
  ],
};

test('what is said to be sure is right, whatever words of a language a table has', () => {
  const seen = { unsure: 0, wrong: 0, wrongOfMany: 0 };
  const runs = 2_000;
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(words)).chain((key) =>
        fc.record({
          label: fc.constant(key.split(' ')[0] ?? ''),
          cells: fc.array(fc.constantFrom(...(words[key] ?? []), 'total', '12', 'EUR'), {
            minLength: 1,
            maxLength: 30,
          }),
        }),
      ),
      ({ label, cells }) => {
        const content = `${cells.join(';')}\n`;
        const bytes = encode(content, label);
        const guess = detectEncoding({ bytes, whole: true });
        if (guess.confidence < sureEnough || guess.value === 'unknown') {
          seen.unsure += 1;
          return;
        }
        // What counts is the text: encodings may read it alike.
        const read = new TextDecoder(guess.value).decode(bytes, { stream: true });
        if (read === content) return;
        seen.wrong += 1;
        const telling = new Set(cells.filter((cell) => /[^\0-\x7f]/u.test(cell)));
        if (telling.size > 6) seen.wrongOfMany += 1;
      },
    ),
    { numRuns: runs },
  );
  // Two or three words may be of two languages: sure means nineteen times of twenty.
  expect(seen.wrong).toBeLessThan(runs / 50);
  expect(seen.wrongOfMany).toBeLessThan(runs / 500);
  expect(seen.unsure).toBeLessThan(runs / 4);
});

test.each([
  ['one word that several encodings explain', encode('Łódź', 'windows-1250')],
  [
    'words of code page 850, which browsers do not know',
    Buffer.from('M\x81ller;K\x94ln', 'latin1'),
  ],
  [
    'Japanese, which is of several bytes a character',
    Buffer.from([0x93, 0x8c, 0x8b, 0x9e, 0x91, 0xe5, 0x8d, 0xe3]),
  ],
  ['bytes at random', Buffer.from([0xff, 0x81, 0x90, 0xd8, 0xaf, 0x8d, 0xac, 0x9d])],
])('%s is not said to be sure', (_, bytes) => {
  const guess = detectEncoding({ bytes, whole: true });
  expect(guess.value === 'unknown' || guess.confidence < sureEnough).toBe(true);
});
