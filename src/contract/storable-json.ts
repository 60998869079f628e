/** Powers of ten that `jsonb` has room for on either side, rounded down (16,383 decimals). */
const exponentMax = 16_000;
/** Digits in a row; `jsonb` holds 131,072 before the point. */
const digitsMax = 16_000;
/** Levels of brackets. Postgres reads some 20,000 before its stack is full, and calls that a fault of its own. */
const depthMax = 1_000;

/**
 * Whether `jsonb` can hold a JSON text (https://www.postgresql.org/docs/17/datatype-json.html). Valid JSON may
 * say what no text of Postgres can: U+0000 and halves of surrogate pairs as escapes, numbers of any
 * size, brackets without end. Each would fail the batch in the middle of its transaction.
 */
export function isStorableJson(text: string): boolean {
  if (text.includes(String.raw`\u`) && hasForbiddenEscape(text)) return false;
  if (text.length > 2 * depthMax && isDeep(text)) return false;
  return !hasHugeNumber(text);
}

function hasForbiddenEscape(text: string): boolean {
  // An escaped backslash ends an escape: what follows it is text.
  const escapes = text.replaceAll(String.raw`\\`, '  ');
  return /\\u0000|\\ud[89ab][\da-f]{2}(?!\\ud[c-f][\da-f]{2})|(?<!\\ud[89ab][\da-f]{2})\\ud[c-f][\da-f]{2}/iu.test(
    escapes,
  );
}

function hasHugeNumber(text: string): boolean {
  const isLong = text.length > digitsMax;
  if (!isLong && !/\d[eE][+-]?\d{4}/u.test(text)) return false;
  const bare = withoutTexts(text);
  if (isLong && new RegExp(`\\d{${digitsMax}}`, 'u').test(bare)) return true;
  const exponents = Array.from(bare.matchAll(/\d[eE][+-]?(\d+)/gu), ([, digits]) => Number(digits));
  return exponents.some((exponent) => exponent > exponentMax);
}

function isDeep(text: string): boolean {
  let depth = 0;
  for (const letter of withoutTexts(text)) {
    if (letter === '[' || letter === '{') depth += 1;
    else if (letter === ']' || letter === '}') depth -= 1;
    if (depth > depthMax) return true;
  }
  return false;
}

const withoutTexts = (text: string): string => text.replaceAll(/"(?:[^"\\]|\\[^])*"/gu, '""');
