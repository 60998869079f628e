import { isUtf8 } from 'node:buffer';

import { fileKindOf } from '../file-kind.ts';
import { bestGuess, type Guess } from './guess.ts';
import { commonSigns, type Language, languages, loneSigns } from './letter-frequencies.ts';
import { type EastAsianReading, readEastAsian } from './read-east-asian.ts';

/** The first bytes of a text. */
export interface TextHead {
  readonly bytes: Uint8Array;
  /** Nothing follows them. */
  readonly whole: boolean;
}

const wordsMax = 4_000;
/** Of text that East Asian encodings read as well. */
const doubtful = 0.9;
/** A share of letters no language of a table uses: names come from everywhere. */
const strayShare = 0.0004;
/** How likely letters stand as they do not in the language's script. */
const strayPlace = 0.02;

/**
 * The encoding of a text, as a WHATWG label: by its byte order mark, by the zeros of UTF-16, by
 * being valid UTF-8, or by which letters of which language its other bytes would be.
 */
export function detectEncoding(head: TextHead): Guess<string> {
  const marked = fileKindOf(head.bytes);
  if (marked === 'utf-8' || marked === 'utf-16le' || marked === 'utf-16be') {
    return certain(marked, 1, 'it begins with its byte order mark');
  }
  return detectUtf16(head.bytes) ?? detectUtf8(head) ?? detectByLetters(head);
}

const certain = (value: string, confidence: number, why: string): Guess<string> => ({
  value,
  confidence,
  why,
  others: [],
});

/** Delimiters and line ends have a zero byte in UTF-16, before or behind them; UTF-8 text has none. */
function detectUtf16(bytes: Uint8Array): Guess<string> | undefined {
  const zeros = [0, 0];
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  if (even + odd === 0) return undefined;
  const little = odd > even;
  const [most, least] = little ? [odd, even] : [even, odd];
  const units = Math.max(1, bytes.length / 2);
  // A stray NUL in a file of bytes is no UTF-16: of its units at least one in twenty is ASCII.
  if (most / units < 0.05) return undefined;
  const value = little ? 'utf-16le' : 'utf-16be';
  const share = Math.round((100 * most) / units);
  return {
    value,
    confidence: Math.min(0.99, (1 - least / most) ** 2),
    why: `${share} % of its ${little ? 'second' : 'first'} bytes are zero, as in UTF-16`,
    others: [],
  };
}

function detectUtf8({ bytes, whole }: TextHead): Guess<string> | undefined {
  const text = whole ? bytes : withoutCutCharacter(bytes);
  let high = 0;
  let starts = 0;
  for (const byte of text) {
    if (byte >= 0x80) high += 1;
    if (byte >= 0xc0) starts += 1;
  }
  if (high === 0) {
    const where = whole ? 'its bytes' : `its first ${bytes.length} bytes`;
    return certain('utf-8', whole ? 1 : 0.99, `${where} hold only ASCII, which is UTF-8`);
  }
  if (isUtf8(text)) {
    // By chance one byte sequence in ten or so of another encoding is valid, two one in a hundred.
    return certain(
      'utf-8',
      1 - 0.05 ** Math.min(starts, 6),
      `${starts === 1 ? 'one character beyond ASCII is' : `${starts} characters beyond ASCII are`} valid UTF-8`,
    );
  }
  const broken = new TextDecoder().decode(text).split('\ufffd').length - 1;
  if (starts < 20 * broken) return undefined;
  const why = `of its characters beyond ASCII ${starts - broken} are valid UTF-8 and ${broken} broken, whose rows will be rejected`;
  return certain('utf-8', 0.95, why);
}

/** Bytes up to the last character that is complete, for a head that was cut anywhere. */
function withoutCutCharacter(bytes: Uint8Array): Uint8Array {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const first = bytes[start] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes;
}

/**
 * Which letters of which language the bytes beyond ASCII would be, as a posterior over encodings.
 * Each word counts once, however often a table repeats it. "None of them" is among the candidates.
 */
function detectByLetters({ bytes }: TextHead): Guess<string> {
  const words = [...wordsOf(bytes)].slice(0, wordsMax).map((word) => Buffer.from(word, 'latin1'));
  const readings = encodings().map((encoding) => readWords(words, encoding));
  const high = words.reduce((sum, word) => sum + word.filter((byte) => byte >= 0x80).length, 0);
  const none = { value: 'unknown', logLikelihood: high * Math.log(1 / 128) };
  const eastAsian = readEastAsian(bytes);
  const top = Math.max(...[...readings, none, ...eastAsian].map((each) => each.logLikelihood));
  const scoreOf = (logLikelihood: number): number => Math.exp(logLikelihood - top);
  const candidates = readings.map(({ value, language, logLikelihood }) => ({
    value,
    score: scoreOf(logLikelihood),
    why: `as ${value} its ${words.length} different words beyond ASCII read best, as ${language}`,
  }));
  const why = 'its bytes beyond ASCII are letters of no language in an encoding that is known';
  const unknown = [none, ...eastAsian].reduce((sum, each) => sum + scoreOf(each.logLikelihood), 0);
  const guess =
    bestGuess([...mergeSame(candidates, bytes), { value: none.value, score: unknown, why }]) ??
    certain(none.value, 0, why);
  if (guess.value === none.value) return namingEastAsian(guess, eastAsian);
  // A few words may read well in both: nobody is sure then.
  const isSure = !eastAsian.some(({ isPlausible }) => isPlausible);
  return isSure ? guess : { ...guess, confidence: Math.min(guess.confidence, doubtful) };
}

/**
 * What a text of no other encoding may be. The encodings of East Asia share most of their bytes: they
 * are named for people, who see at once which one reads, and never acted on.
 */
function namingEastAsian(
  guess: Guess<string>,
  readings: readonly EastAsianReading[],
): Guess<string> {
  const [best] = readings;
  if (best === undefined) return guess;
  const shares = readings.map((each) => Math.exp(each.logLikelihood - best.logLikelihood));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const others = readings
    .map(({ value, language, example }, at) => ({
      value,
      confidence: (0.9 * (shares[at] ?? 0)) / total,
      why: `as ${language} it begins ${JSON.stringify(example)}`,
    }))
    .filter(({ confidence }) => confidence >= 0.01)
    .slice(0, 3);
  return { ...guess, why: 'it reads as text of East Asia, whose encodings are declared', others };
}

interface Reading {
  readonly value: string;
  /** The one that explains the words best. */
  readonly language: string;
  readonly logLikelihood: number;
}

/**
 * How well an encoding explains words: as a text of one of its languages, in which one word in five
 * may be of any of them, as names of people and places are.
 */
function readWords(words: readonly Uint8Array[], encoding: Encoding): Reading {
  const { value, tables } = encoding;
  const total = tables.reduce((sum, { prior }) => sum + prior, 0);
  const sums = tables.map(({ prior }) => Math.log(prior));
  for (const word of words) {
    const shares = tables.map((table) => Math.exp(readWord(word, table)));
    const mixed = tables.reduce(
      (sum, { prior }, at) => sum + (prior / total) * (shares[at] ?? 0),
      0,
    );
    for (const [at, share] of shares.entries()) {
      sums[at] = (sums[at] ?? 0) + Math.log(0.8 * share + 0.2 * mixed);
    }
  }
  const best = Math.max(...sums);
  const logLikelihood = best + Math.log(sums.reduce((sum, each) => sum + Math.exp(each - best), 0));
  return { value, language: tables[sums.indexOf(best)]?.language ?? '', logLikelihood };
}

/** Encodings that read every byte alike are one answer, the likeliest of them. */
function mergeSame<C extends { readonly value: string; readonly score: number }>(
  candidates: readonly C[],
  bytes: Uint8Array,
): C[] {
  const used = new Uint8Array(new Set(bytes.filter((byte) => byte >= 0x80)));
  const byText = new Map<string, C>();
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score)) {
    const text = decodeBytes(used, candidate.value);
    const same = byText.get(text);
    byText.set(
      text,
      same === undefined ? candidate : { ...same, score: same.score + candidate.score },
    );
  }
  return [...byText.values()];
}

/** As a stream: Node's one-call decoding of windows-1252 is that of ISO 8859-1. */
const decodeBytes = (bytes: Uint8Array, label: string): string =>
  new TextDecoder(label).decode(bytes, { stream: true });

/** Distinct runs of letters and bytes beyond ASCII that have one of these, as Latin-1 texts. */
function wordsOf(bytes: Uint8Array): Set<string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return new Set(text.match(/[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*/gu) ?? []);
}

/** What bytes beyond ASCII are in one language and encoding; arrays are by byte - 128. */
interface LetterTable {
  readonly language: string;
  readonly script: Language['script'];
  readonly prior: number;
  /** Logarithm of a byte's share of what is beyond ASCII. */
  readonly logShares: Float64Array;
  readonly isLetter: readonly boolean[];
  readonly isLoneSign: readonly boolean[];
}

interface Encoding {
  readonly value: string;
  readonly tables: readonly LetterTable[];
}

let known: readonly Encoding[] | undefined;

/** Made when they are first asked for: most sources declare their encoding. */
function encodings(): readonly Encoding[] {
  if (known !== undefined) return known;
  const byLabel = new Map<string, LetterTable[]>();
  for (const language of languages) {
    for (const [label, prior] of Object.entries(language.encodings)) {
      byLabel.set(label, [...(byLabel.get(label) ?? []), tableOf(label, language, prior)]);
    }
  }
  known = [...byLabel].map(([value, tables]) => ({ value, tables }));
  return known;
}

function tableOf(label: string, language: Language, prior: number): LetterTable {
  const total = Object.values(language.letters).reduce((sum, each) => sum + each, 0);
  const bytes = Uint8Array.from({ length: 128 }, (_, index) => index + 128);
  const characters = Array.from(decodeBytes(bytes, label));
  const shares = characters.map((character) => {
    const lower = language.letters[character.toLowerCase()] ?? language.letters[character];
    if (lower !== undefined) {
      const isLower = character === character.toLowerCase();
      return ((isLower ? 0.7 : 0.12) * lower) / total;
    }
    return commonSigns[character] ?? (/\p{Cc}|\ufffd/u.test(character) ? 1e-9 : strayShare);
  });
  return {
    language: language.name,
    script: language.script,
    prior,
    logShares: Float64Array.from(shares, (share) => Math.log(share)),
    isLetter: characters.map((character) => /\p{L}/u.test(character)),
    isLoneSign: characters.map((character) => loneSigns.has(character)),
  };
}

/** Logarithm of how likely a word is: its letters, and how they stand beside those of ASCII. */
function readWord(word: Uint8Array, table: LetterTable): number {
  const { logShares, isLetter, isLoneSign, script } = table;
  let sum = 0;
  let ascii = 0;
  let other = 0;
  for (const [at, byte] of word.entries()) {
    if (byte < 0x80) {
      ascii += 1;
      continue;
    }
    sum += logShares[byte - 0x80] ?? 0;
    const next = word[at + 1] ?? 0x20;
    const beforeLetter = next < 0x80 ? next > 0x20 : isLetter[next - 0x80] === true;
    if (isLetter[byte - 0x80] === true) other += 1;
    else if (isLoneSign[byte - 0x80] === true && beforeLetter) sum += Math.log(strayPlace);
  }
  const isStray = script === 'latin' ? other > 1 && other > 2 * ascii : other > 0 && ascii > 0;
  return sum + Math.log(isStray ? strayPlace : 1 - strayPlace);
}
