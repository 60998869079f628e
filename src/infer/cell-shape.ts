/** A run of digits in a text. */
export interface DigitRun {
  readonly length: number;
  /** As a number; inexact beyond 15 digits. */
  readonly value: number;
}

/**
 * What a text is made of. `pattern` keeps marks as they stand, and has for a run of digits its
 * length as far as it decides a reading (see `digitClass`), for the name of a month `M` (of three
 * letters), `L` or `Y` (May, which is both), for am and pm `a`, for a currency its own letters between `{` and `}`.
 */
export interface CellShape {
  readonly pattern: string;
  readonly runs: readonly DigitRun[];
}

/** The pattern of a text that is neither number, date nor time. */
export const wordsPattern = 'A';

const wordsShape: CellShape = { pattern: wordsPattern, runs: [] };
/** No number, date or time that a contract reads is longer. */
const lengthMax = 60;

const months =
  'january february march april may june july august september october november december';
const longMonths = new Set(months.split(' '));
const shortMonths = new Set(months.split(' ').map((month) => month.slice(0, 3)));

/** Letters that stand beside amounts of money. */
const currencyWord = /^(?:[A-Z]{3}|kr\.?|Kr\.?|Fr\.?|zł|Kč|Ft|lei|лв|руб)$/u;
/** Codes of ISO 4217 that files are full of; other three letters are words. */
const currencyCodes = new Set(
  'EUR USD GBP CHF SEK NOK DKK ISK PLN CZK HUF RON BGN TRY UAH RUB JPY CNY HKD TWD KRW INR IDR THB MYR SGD PHP VND AUD NZD CAD MXN BRL ARS CLP COP PEN ZAR EGP NGN KES MAD AED SAR QAR KWD ILS'.split(
    ' ',
  ),
);

/**
 * A run's length, as far as it matters: `0` a first run of several digits that starts with zero (or
 * is one zero), `1` a first run of up to three, `3` and `4` runs of that length, `9` any other.
 */
function digitClass(text: string, isFirst: boolean): string {
  if (isFirst && text.startsWith('0')) return '0';
  if (isFirst && text.length <= 3) return '1';
  return text.length === 3 ? '3' : text.length === 4 ? '4' : '9';
}

const piece = /(\d+)|(\p{L}[\p{L}\p{M}]*)|([\s\S])/gu;

/** Takes a text apart, without white space at its ends. */
export function shapeOf(text: string): CellShape {
  if (text.length > lengthMax || !/\d/u.test(text)) return wordsShape;
  const runs: DigitRun[] = [];
  let pattern = '';
  for (const [, digits, word, mark] of text.matchAll(piece)) {
    if (digits !== undefined) {
      pattern += digitClass(digits, runs.length === 0);
      runs.push({ length: digits.length, value: Number(digits) });
    } else if (word !== undefined) {
      const sign = wordSign(word, pattern);
      if (sign === undefined) return wordsShape;
      pattern += sign;
    } else pattern += markOf(mark ?? '');
  }
  return { pattern, runs };
}

function wordSign(word: string, before: string): string | undefined {
  const folded = word.toLowerCase();
  if (folded === 'may') return 'Y';
  if (shortMonths.has(folded)) return 'M';
  if (longMonths.has(folded)) return 'L';
  const afterDigit = /\d$/u.test(before);
  if ((folded === 'am' || folded === 'pm') && /\d ?$/u.test(before)) return 'a';
  if (word === 'T' && afterDigit) return 'T';
  if (word === 'Z' && afterDigit) return 'Z';
  if (!currencyWord.test(word)) return undefined;
  if (/^[A-Z]{3}$/u.test(word) && !currencyCodes.has(word)) return undefined;
  return `{${word}}`;
}

/** Marks that the contract reads alike: spaces that do not break, and the curly apostrophe. */
function markOf(mark: string): string {
  if (/[\u{A0}\u{202F}\u{2009}]/u.test(mark)) return ' ';
  if (mark === '’') return "'";
  // What has a meaning of its own in patterns.
  return /[{}]/u.test(mark) ? '\u{FFFD}' : mark;
}
