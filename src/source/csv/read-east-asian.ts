/** How well an encoding of two bytes a character explains a text. */
export interface EastAsianReading {
  readonly value: string;
  readonly language: string;
  readonly logLikelihood: number;
  /** Every character is one that people write: chance gives others soon. */
  readonly isPlausible: boolean;
  /** Its first words beyond ASCII, decoded. */
  readonly example: string;
}

const encodings = [
  { value: 'shift_jis', language: 'Japanese' },
  { value: 'euc-jp', language: 'Japanese' },
  { value: 'gb18030', language: 'Simplified Chinese' },
  { value: 'big5', language: 'Traditional Chinese' },
  { value: 'euc-kr', language: 'Korean' },
] as const;
type Language = (typeof encodings)[number]['language'];

/** The characters that schools teach: rows of the national standards, which list these first. */
const commonRows = [
  { language: 'Simplified Chinese', encoding: 'gb18030', first: 0xb0, last: 0xd7, from: 0xa1 },
  { language: 'Traditional Chinese', encoding: 'big5', first: 0xa4, last: 0xc6, from: 0x40 },
  { language: 'Japanese', encoding: 'euc-jp', first: 0xb0, last: 0xcf, from: 0xa1 },
] as const;

const prior = Math.log(0.1);
/** Some 2,500 characters make up nearly all of a Chinese text, 800 syllables a Korean one. */
const common = Math.log(1 / 2_500);
const syllable = Math.log(1 / 800);
const kana = Math.log(1 / 300);
/** One byte each, of which there are 63. */
const narrow = Math.log(1 / 80);
/** What other encodings read as a letter of ASCII, and are not asked to explain. */
const ascii = Math.log(1 / 40);
const rare = Math.log(1 / 1_000_000);
/** A Japanese text has kana. */
const noKana = Math.log(1 / 50);
const runsMax = 4_000;
const exampleMax = 12;

/**
 * The encodings of East Asia in which all of a text can be read, likeliest first. In them nearly every
 * pair of bytes is some character, but only few of these are ones that people write.
 */
export function readEastAsian(bytes: Uint8Array): readonly EastAsianReading[] {
  return encodings
    .flatMap(({ value, language }) => {
      const text = decodeStrictly(bytes, value);
      const runs = [...new Set(text?.match(/[^\0-\u{7F}]+/gu) ?? [])].slice(0, runsMax);
      if (runs.length === 0) return [];
      const lacksKana = language === 'Japanese' && !runs.some((run) => isKana.test(run));
      const start = lacksKana ? prior + noKana : prior;
      const explained = asciiTrails(bytes, text ?? '') * ascii;
      const shares = runs.flatMap((run) => {
        const characters = Array.from(run);
        // One narrow kana alone is a capital of a Western word: Ü is ﾜ.
        const isStray = characters.length === 1 && isNarrow.test(run);
        return characters.map((each) => (isStray ? rare : likelihoodOf(each, language)));
      });
      const logLikelihood = shares.reduce((sum, share) => sum + share - explained, start);
      const isPlausible = !shares.includes(rare);
      const example = Array.from(runs.join(' ')).slice(0, exampleMax).join('');
      return [{ value, language, logLikelihood, isPlausible, example }];
    })
    .toSorted((a, b) => b.logLikelihood - a.logLikelihood);
}

/** Of the characters beyond ASCII, the share whose second byte is one of ASCII. */
function asciiTrails(bytes: Uint8Array, text: string): number {
  const asciiBytes = bytes.reduce((sum, byte) => (byte < 0x80 ? sum + 1 : sum), 0);
  let [asciiCharacters, others] = [0, 0];
  for (const character of text) {
    if (character < '\u{80}') asciiCharacters += 1;
    else others += 1;
  }
  return others === 0 ? 0 : (asciiBytes - asciiCharacters) / others;
}

/** By streaming, since the sample may end inside a character; undefined for what is no text in it. */
function decodeStrictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

const isNarrow = /[\u{FF61}-\u{FF9F}]/u;
const isKana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Marks and full-width letters and digits. */
const isMark = /[\u{3000}-\u{303F}\u{FF00}-\u{FFEF}]/u;
const isHangul = /\p{Script=Hangul}/u;

function likelihoodOf(character: string, language: Language): number {
  if (isNarrow.test(character)) return narrow;
  if (isKana.test(character) || isMark.test(character)) return kana;
  if (isHangul.test(character)) return syllable;
  return commonCharacters(language).has(character) ? common : rare;
}

const known = new Map<Language, ReadonlySet<string>>();

/** Made when first asked for: most files hold none of them. Koreans hardly write any any more. */
function commonCharacters(language: Language): ReadonlySet<string> {
  const made = known.get(language);
  if (made !== undefined) return made;
  const texts = commonRows
    .filter((rows) => rows.language === language)
    .map(({ encoding, first, last, from }) => {
      const bytes: number[] = [];
      for (let lead = first; lead <= last; lead += 1) {
        for (let trail = from; trail <= 0xfe; trail += 1) {
          if (trail < 0x7f || trail > 0xa0) bytes.push(lead, trail);
        }
      }
      return new TextDecoder(encoding).decode(Uint8Array.from(bytes));
    });
  const characters = new Set(texts.join('').match(/\p{Script=Han}/gu) ?? []);
  known.set(language, characters);
  return characters;
}
