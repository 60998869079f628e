const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Makes the number at `bytes[from .. to)` canonical in place, and returns where it ends; -1 when
 * it is none. There must be room for 32 bytes.
 *
 * A workbook holds doubles: 19.99 may be stored as 19.989999999999998. Excel shows, and people
 * mean, 15 significant digits; so that many are kept of a fraction. Whole numbers written out
 * stay as they are.
 */
export function canonicalNumber(bytes: Buffer, from: number, to: number): number {
  let position = bytes[from] === MINUS ? from + 1 : from;
  const first = position;
  let dot = -1;
  let digits = 0;
  for (; position < to; position += 1) {
    const byte = bytes[position] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      if (digits > 0 || byte !== ZERO) digits += 1;
    } else if (byte === DOT && dot === -1 && position > first) {
      dot = position;
    } else {
      return rewrite(bytes, from, to);
    }
  }
  const isPlain =
    first < to &&
    digits > 0 &&
    (bytes[first] !== ZERO || first + 1 === dot) &&
    (dot === -1 || digits <= 15);
  if (!isPlain) return rewrite(bytes, from, to);
  if (dot === -1) return to;
  let end = to;
  while (bytes[end - 1] === ZERO) end -= 1;
  return end - 1 === dot ? dot : end;
}

/** By way of a double: exponents, zeros, noise beyond 15 digits. */
function rewrite(bytes: Buffer, from: number, to: number): number {
  const text = bytes.toString('latin1', from, to).trim();
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || /[^\d.eE+-]/u.test(text)) return -1;
  const canonical = String(Number(value.toPrecision(15))).replace('e+', 'e');
  return from + bytes.write(canonical === '-0' ? '0' : canonical, from, 'latin1');
}
