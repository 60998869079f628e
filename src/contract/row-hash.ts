/**
 * Writes the 128-bit MurmurHash3 (x86 variant, seed 0; Austin Appleby, public domain) of
 * `bytes[start .. end)` to `into[at .. at + 16)`.
 *
 * It tells rows with the same key apart, so 128 bits are far beyond chance; it is no defence
 * against someone who builds collisions on purpose, which a sender of rows could do to himself only.
 */
export function writeRowHash(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
): void {
  const length = end - start;
  const blocks = length >>> 4;
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  let p = start;
  for (let block = 0; block < blocks; block += 1, p += 16) {
    h1 ^= scramble1(word(bytes, p));
    h1 = (Math.imul((((h1 << 19) | (h1 >>> 13)) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= scramble2(word(bytes, p + 4));
    h2 = (Math.imul((((h2 << 17) | (h2 >>> 15)) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= scramble3(word(bytes, p + 8));
    h3 = (Math.imul((((h3 << 15) | (h3 >>> 17)) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= scramble4(word(bytes, p + 12));
    h4 = (Math.imul((((h4 << 13) | (h4 >>> 19)) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const tail = length & 15;
  if (tail > 12) h4 ^= scramble4(tailWord(bytes, p + 12, tail - 12));
  if (tail > 8) h3 ^= scramble3(tailWord(bytes, p + 8, tail - 8));
  if (tail > 4) h2 ^= scramble2(tailWord(bytes, p + 4, tail - 4));
  if (tail > 0) h1 ^= scramble1(tailWord(bytes, p, tail));
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finish(h1);
  h2 = finish(h2);
  h3 = finish(h3);
  h4 = finish(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  store(into, at, h1);
  store(into, at + 4, (h2 + h1) | 0);
  store(into, at + 8, (h3 + h1) | 0);
  store(into, at + 12, (h4 + h1) | 0);
}

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24);

function tailWord(bytes: Uint8Array, at: number, count: number): number {
  let value = bytes[at] ?? 0;
  if (count > 1) value |= (bytes[at + 1] ?? 0) << 8;
  if (count > 2) value |= (bytes[at + 2] ?? 0) << 16;
  if (count > 3) value |= (bytes[at + 3] ?? 0) << 24;
  return value;
}

function scramble1(value: number): number {
  const k = Math.imul(value, 0x239b961b);
  return Math.imul((k << 15) | (k >>> 17), 0xab0e9789 | 0);
}
function scramble2(value: number): number {
  const k = Math.imul(value, 0xab0e9789 | 0);
  return Math.imul((k << 16) | (k >>> 16), 0x38b34ae5);
}
function scramble3(value: number): number {
  const k = Math.imul(value, 0x38b34ae5);
  return Math.imul((k << 17) | (k >>> 15), 0xa1e38b93 | 0);
}
function scramble4(value: number): number {
  const k = Math.imul(value, 0xa1e38b93 | 0);
  return Math.imul((k << 18) | (k >>> 14), 0x239b961b);
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b | 0);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35 | 0);
  return h ^ (h >>> 16);
}

function store(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
