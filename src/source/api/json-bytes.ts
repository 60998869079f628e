/**
 * Walks JSON in its UTF-8 bytes and reports where values start and end, so that what was received
 * can be kept digit for digit: `JSON.parse` turns 12345678901234567890.10 into another number.
 * Strict RFC 8259; a property test holds it to what `JSON.parse` accepts.
 */

/** Deeper nesting than any API sends; a bound, so that hostile bodies cannot exhaust the stack. */
const depthMax = 500;

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const escapes = new Set(Buffer.from('"\\/bfnrt'));
const literals = new Map(
  ['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)] as const),
);

/** Where the text stops being JSON. `position` counts bytes from 0. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly position: number;
  /** True when the text ended in the middle of a value: it was cut short. */
  readonly atEnd: boolean;
  constructor(bytes: Uint8Array, position: number, expected: string) {
    super(`expected ${expected}`);
    this.position = position;
    this.atEnd = position >= bytes.length;
  }
}

/** What a JSON value is, from its first byte. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** The kind of the value starting at `start` of text known to be JSON. */
export function jsonKind(bytes: Uint8Array, start: number): JsonKind {
  switch (bytes[start]) {
    case openBrace:
      return 'object';
    case openBracket:
      return 'array';
    case quote:
      return 'string';
    case 0x74:
    case 0x66:
      return 'boolean';
    case 0x6e:
      return 'null';
    default:
      return 'number';
  }
}

/** The first byte at or after `at` that is not white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let next = at;
  for (;;) {
    const byte = bytes[next];
    if (byte !== space && byte !== newline && byte !== carriageReturn && byte !== tab) return next;
    next += 1;
  }
}

/** Called for each field of an object: the key without quotes (escapes not undone) and its value. */
export type FieldVisitor = (
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
) => void;

/** Called for each element of an array, `index` from 0. */
export type ElementVisitor = (start: number, end: number, index: number) => void;

/** The end of the value that starts at `at`. Throws JsonSyntaxError. */
export function scanValue(bytes: Uint8Array, at: number, depth = 0): number {
  const byte = bytes[at];
  if (byte === quote) return scanString(bytes, at);
  if (byte === openBrace) return scanObject(bytes, at, undefined, depth + 1);
  if (byte === openBracket) return scanArray(bytes, at, undefined, depth + 1);
  if (byte === minus || isDigit(byte)) return scanNumber(bytes, at);
  const literal = byte === undefined ? undefined : literals.get(byte);
  if (literal === undefined) throw new JsonSyntaxError(bytes, at, 'a value');
  for (let i = 0; i < literal.length; i += 1) {
    if (bytes[at + i] !== literal[i]) {
      throw new JsonSyntaxError(bytes, at + i, `'${literal.toString()}'`);
    }
  }
  return at + literal.length;
}

/** Checks that the whole text is one JSON value and gives where it starts. Throws JsonSyntaxError. */
export function scanDocument(bytes: Uint8Array): number {
  const start = skipSpace(bytes, 0);
  const end = skipSpace(bytes, scanValue(bytes, start));
  if (end < bytes.length) throw new JsonSyntaxError(bytes, end, 'the end of the text');
  return start;
}

/** Walks the object that starts at `at` and gives its end. */
export function scanObject(
  bytes: Uint8Array,
  at: number,
  visit: FieldVisitor | undefined,
  depth = 0,
): number {
  refuseDepth(bytes, at, depth);
  let next = skipSpace(bytes, at + 1);
  if (bytes[next] === closeBrace) return next + 1;
  for (;;) {
    if (bytes[next] !== quote) throw new JsonSyntaxError(bytes, next, 'a key in quotes');
    const keyEnd = scanString(bytes, next);
    const separator = skipSpace(bytes, keyEnd);
    if (bytes[separator] !== colon) throw new JsonSyntaxError(bytes, separator, "':'");
    const valueStart = skipSpace(bytes, separator + 1);
    const valueEnd = scanValue(bytes, valueStart, depth);
    visit?.(next + 1, keyEnd - 1, valueStart, valueEnd);
    next = skipSpace(bytes, valueEnd);
    if (bytes[next] === closeBrace) return next + 1;
    if (bytes[next] !== comma) throw new JsonSyntaxError(bytes, next, "',' or '}'");
    next = skipSpace(bytes, next + 1);
  }
}

/** Walks the array that starts at `at` and gives its end. */
export function scanArray(
  bytes: Uint8Array,
  at: number,
  visit: ElementVisitor | undefined,
  depth = 0,
): number {
  refuseDepth(bytes, at, depth);
  let next = skipSpace(bytes, at + 1);
  if (bytes[next] === closeBracket) return next + 1;
  for (let index = 0; ; index += 1) {
    const end = scanValue(bytes, next, depth);
    visit?.(next, end, index);
    next = skipSpace(bytes, end);
    if (bytes[next] === closeBracket) return next + 1;
    if (bytes[next] !== comma) throw new JsonSyntaxError(bytes, next, "',' or ']'");
    next = skipSpace(bytes, next + 1);
  }
}

/** The text of a string, or of a key, from between its quotes; escapes undone. */
export function stringBetween(bytes: Buffer, start: number, end: number): string {
  const raw = bytes.toString('utf8', start, end);
  if (!raw.includes('\\')) return raw;
  // A string literal parses to a string.
  return JSON.parse(`"${raw}"`) as string;
}

/** True when the bytes from `start` to `end` hold an escape. */
export function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (bytes[i] === backslash) return true;
  return false;
}

function scanString(bytes: Uint8Array, at: number): number {
  let next = at + 1;
  for (;;) {
    const byte = bytes[next];
    if (byte === undefined) throw new JsonSyntaxError(bytes, next, 'the end of a string');
    if (byte === quote) return next + 1;
    if (byte < space) throw new JsonSyntaxError(bytes, next, 'no control character in a string');
    next = byte === backslash ? scanEscape(bytes, next + 1) : next + 1;
  }
}

function scanEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === 0x75) {
    for (let i = at + 1; i <= at + 4; i += 1) {
      if (!isHexDigit(bytes[i])) throw new JsonSyntaxError(bytes, i, 'four hexadecimal digits');
    }
    return at + 5;
  }
  if (byte !== undefined && escapes.has(byte)) return at + 1;
  throw new JsonSyntaxError(bytes, at, 'an escape such as \\n');
}

function scanNumber(bytes: Uint8Array, at: number): number {
  const whole = bytes[at] === minus ? at + 1 : at;
  let next = bytes[whole] === zero ? whole + 1 : scanDigits(bytes, whole);
  if (bytes[next] === dot) next = scanDigits(bytes, next + 1);
  if (bytes[next] === 0x65 || bytes[next] === 0x45) {
    const sign = bytes[next + 1];
    next = scanDigits(bytes, sign === minus || sign === 0x2b ? next + 2 : next + 1);
  }
  return next;
}

function scanDigits(bytes: Uint8Array, at: number): number {
  let next = at;
  while (isDigit(bytes[next])) next += 1;
  if (next === at) throw new JsonSyntaxError(bytes, at, 'a digit');
  return next;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function refuseDepth(bytes: Uint8Array, at: number, depth: number): void {
  if (depth > depthMax) {
    throw new JsonSyntaxError(bytes, at, `no more than ${depthMax} levels of nesting`);
  }
}
