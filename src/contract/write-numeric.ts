import { type CellWriter, writeInt32 } from './cell.ts';

/** Exact as doubles. */
export const powersOfTen = Array.from({ length: 16 }, (_, power) => 10 ** power);

/** Writes numeric's binary form from base-10,000 digits, most significant first. */
function writeNumeric(
  out: CellWriter,
  groups: readonly number[] | Int16Array,
  span: { count: number; weight: number; negative: boolean; scale: number },
): void {
  let first = 0;
  let last = span.count;
  while (first < last && groups[first] === 0) first += 1;
  while (last > first && groups[last - 1] === 0) last -= 1;
  const count = last - first;
  const { bytes } = out;
  let at = out.at;
  writeInt32(bytes, at, 8 + 2 * count);
  const weight = count === 0 ? 0 : span.weight - first;
  bytes[at + 4] = count >> 8;
  bytes[at + 5] = count;
  bytes[at + 6] = weight >> 8;
  bytes[at + 7] = weight;
  bytes[at + 8] = span.negative && count > 0 ? 0x40 : 0;
  bytes[at + 9] = 0;
  bytes[at + 10] = span.scale >> 8;
  bytes[at + 11] = span.scale;
  at += 12;
  for (let index = first; index < last; index += 1) {
    const group = groups[index] ?? 0;
    bytes[at] = group >> 8;
    bytes[at + 1] = group;
    at += 2;
  }
  out.at = at;
}

/** Splits a scaled integer into groups of four decimal digits around the decimal point. */
export function writeScaled(out: CellWriter, scaled: bigint, scale: number): void {
  const negative = scaled < 0n;
  const fractionGroups = Math.ceil(scale / 4);
  let rest = (negative ? -scaled : scaled) * 10n ** BigInt(fractionGroups * 4 - scale);
  const groups: number[] = [];
  for (; rest > 0n; rest /= 10_000n) groups.unshift(Number(rest % 10_000n));
  writeNumeric(out, groups, {
    count: groups.length,
    weight: groups.length - fractionGroups - 1,
    negative,
    scale,
  });
}

const smallGroups = new Int16Array(8);

/** The same for a safe integer of at most 15 digits and a scale of at most 12, without allocating. */
export function writeSmall(
  out: CellWriter,
  magnitude: number,
  negative: boolean,
  scale: number,
): void {
  const unit = powersOfTen[scale] ?? 1;
  let whole = Math.floor(magnitude / unit);
  const fractionGroups = (scale + 3) >> 2;
  let fraction = (magnitude - whole * unit) * (powersOfTen[fractionGroups * 4 - scale] ?? 1);
  let at = 8;
  for (let index = 0; index < fractionGroups; index += 1) {
    at -= 1;
    const next = Math.floor(fraction / 10_000);
    smallGroups[at] = fraction - next * 10_000;
    fraction = next;
  }
  let wholeGroups = 0;
  while (whole > 0) {
    at -= 1;
    wholeGroups += 1;
    const next = Math.floor(whole / 10_000);
    smallGroups[at] = whole - next * 10_000;
    whole = next;
  }
  writeNumeric(out, smallGroups.subarray(at), {
    count: 8 - at,
    weight: wholeGroups - 1,
    negative,
    scale,
  });
}
