/** How often letters beside a to z are written in a language, in thousandths of its letters. */
export interface Language {
  readonly name: string;
  /** Latin letters stand among a to z; those of other scripts by themselves. */
  readonly script: 'latin' | 'other';
  /**
   * How common its texts are among files of companies, by encoding (a label of the WHATWG standard):
   * all of them add up to about 100.
   */
  readonly encodings: Readonly<Record<string, number>>;
  readonly letters: Readonly<Record<string, number>>;
}

/** `'ä5.4 ö3'` as a share for each letter. */
function shares(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    text.split(' ').map((each) => [each.slice(0, 1), Number(each.slice(1))] as const),
  );
}

const western = (share: number): Readonly<Record<string, number>> => ({
  'windows-1252': share,
  macintosh: share / 50,
});
const central = (share: number): Readonly<Record<string, number>> => ({
  'windows-1250': share,
  'iso-8859-2': share / 20,
});
const cyrillic = (share: number): Readonly<Record<string, number>> => ({
  'windows-1251': share,
  'koi8-r': share / 20,
  ibm866: share / 20,
});

/**
 * Frequencies are rounded from published counts of newspaper text. Only their ratios matter, and
 * those only to tell encodings apart: what is č in one is è in another.
 */
export const languages: readonly Language[] = [
  {
    name: 'German',
    script: 'latin',
    encodings: { ...western(25), ...central(2) },
    letters: shares('ä5.4 ö3 ü6.5 ß3.1 é0.2'),
  },
  {
    name: 'French',
    script: 'latin',
    encodings: western(12),
    letters: shares('é19 è2.7 à4.9 ê2.2 ç0.9 â0.5 î0.5 ô0.3 û0.6 ù0.6 ë0.1 ï0.1 œ0.2'),
  },
  {
    name: 'Spanish',
    script: 'latin',
    encodings: western(12),
    letters: shares('á5 é4.3 í7.3 ó8.3 ú1.7 ñ3.1 ü0.1 ¿0.3 ¡0.2'),
  },
  {
    name: 'Portuguese',
    script: 'latin',
    encodings: western(7),
    letters: shares('ã7.3 õ0.4 ç5.3 á1.2 â0.6 ê0.4 é3.4 í1.3 ó3 ô0.6 ú2 à0.7'),
  },
  {
    name: 'Italian',
    script: 'latin',
    encodings: western(8),
    letters: shares('à6.4 è2.6 é0.6 ì0.8 ò2 ù1.7'),
  },
  {
    name: 'Swedish',
    script: 'latin',
    encodings: western(4),
    letters: shares('å13 ä18 ö13 é0.3'),
  },
  {
    name: 'Danish or Norwegian',
    script: 'latin',
    encodings: western(4),
    letters: shares('æ8.7 ø9.4 å12 é0.3'),
  },
  {
    name: 'Icelandic',
    script: 'latin',
    encodings: western(0.1),
    letters: shares('á18 ð44 é6 í16 ó10 ú6 ý2 þ15 æ9 ö8'),
  },
  {
    name: 'Polish',
    script: 'latin',
    encodings: central(6),
    letters: shares('ł18 ą10 ę11 ó8.5 ż8.3 ś6.6 ć4 ń2 ź0.6'),
  },
  {
    name: 'Czech',
    script: 'latin',
    encodings: central(3),
    letters: shares('í31 á21 é13 ě12 č10 ř12 š8 ž7 ý10 ů8 ú1 ň0.5 ť0.4 ď0.2 ó0.3'),
  },
  {
    name: 'Slovak',
    script: 'latin',
    encodings: central(1),
    letters: shares('á16 é8 í9 ý10 č11 š9 ž10 ú7 ľ4 ť6 ň2 ô2 ó1 ä1 ď2 ŕ0.2 ĺ0.2'),
  },
  {
    name: 'Hungarian',
    script: 'latin',
    encodings: central(2),
    letters: shares('á36 é37 ö9 ő9 ü6 ű1.5 ó10 í5 ú1.6'),
  },
  {
    name: 'Croatian or Slovene',
    script: 'latin',
    encodings: central(1.5),
    letters: shares('č10 š10 ž6 ć5 đ3'),
  },
  {
    name: 'Romanian',
    script: 'latin',
    encodings: central(1.5),
    letters: shares('ă41 â9 î14 ş11 ţ10'),
  },
  {
    name: 'Turkish',
    script: 'latin',
    encodings: { 'windows-1254': 3 },
    letters: shares('ı51 ş18 ğ11 ö8 ü18 ç11 İ3'),
  },
  {
    name: 'Lithuanian or Latvian',
    script: 'latin',
    encodings: { 'windows-1257': 1 },
    letters: shares('ą8 č5 ę2 ė16 į6 š12 ų13 ū8 ž9 ā40 ē17 ī20 ņ6 ļ4 ķ2 ģ2'),
  },
  {
    name: 'Russian',
    script: 'other',
    encodings: cyrillic(6),
    letters: shares(
      'о110 е85 а80 и74 н67 т63 с55 р47 в45 л44 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч14 й12 х10 ж9 ш7 ю6 ц5 щ4 э3 ф3 ъ0.4 ё0.4',
    ),
  },
  {
    name: 'Ukrainian',
    script: 'other',
    encodings: cyrillic(1.5),
    letters: shares(
      'о94 а83 и61 н65 і58 т55 е50 в54 р47 с41 к35 л37 д32 м29 у33 п29 я23 з23 ь18 г16 б17 ч14 й13 х11 ж9 ш8 ю8 ц9 щ5 ї6 є6 ф3',
    ),
  },
  {
    name: 'Bulgarian or Serbian',
    script: 'other',
    encodings: cyrillic(1.5),
    letters: shares(
      'а120 и92 о92 е88 н72 т75 р50 с50 в42 л33 к35 д36 п29 м28 з20 г15 б14 у25 я15 ъ18 ч12 ц8 щ6 ж7 ш5 ю2 х6 ф2 й7 ј20 љ4 њ5 ћ6 ђ2 џ0.2',
    ),
  },
  {
    name: 'Greek',
    script: 'other',
    encodings: { 'windows-1253': 2 },
    letters: shares(
      'α90 ο85 ι62 ε60 τ78 σ45 ν62 η35 υ38 ρ42 π40 κ41 μ33 λ28 ς35 ω20 ά25 έ22 ή15 ί30 ό25 ύ10 ώ10 γ18 δ17 χ12 θ12 φ8 β8 ξ4 ζ3 ψ1',
    ),
  },
];

/** Signs that every language uses, as shares of all that is not ASCII in tables. */
export const commonSigns = shares(
  '€0.03 \u{A0}0.03 –0.02 ’0.02 °0.01 „0.005 “0.01 ”0.01 ‘0.005 …0.004 —0.004 £0.01 §0.003 «0.003 »0.003 ®0.003 ™0.003 ©0.002 ²0.004 ³0.002 ½0.002 ·0.002 •0.003 ±0.002 µ0.002 №0.004 º0.003 ª0.002',
);

/** Signs that do not stand before a letter, as they seem to where a letter is read in another encoding. */
export const loneSigns: ReadonlySet<string> = new Set(Array.from('€£§²³½¼¾±µ¹¤¥¦¬¶¨´¸¯×÷¿¡†‡ˆ˜‰º'));
