import type { CellWriter } from '../contract/cell.ts';

/**
 * Exact sums of several columns, as integers scaled by each column's decimals. Small values are
 * added as numbers and moved to a bigint before they could lose a digit: adding bigints for every
 * row would cost as much as reading it.
 */
export interface Sums {
  /** Replaces the value of sum `index` by the number just written. */
  readonly set: (index: number, written: CellWriter) => void;
  readonly add: (index: number, written: CellWriter) => void;
  readonly addUnreadable: (index: number) => void;
  /** Adds all values of another set of sums. */
  readonly addAll: (other: Sums) => void;
  readonly value: (index: number) => bigint;
  readonly unreadable: (index: number) => number;
  readonly parts: { readonly small: Float64Array; readonly large: bigint[] };
}

const safe = 2 ** 52;

export function createSums(count: number): Sums {
  const small = new Float64Array(count);
  const large = Array.from({ length: count }, () => 0n);
  const unreadable = new Float64Array(count);
  const addSmall = (index: number, value: number): void => {
    const sum = (small[index] ?? 0) + value;
    if (sum < safe && sum > -safe) small[index] = sum;
    else {
      large[index] = (large[index] ?? 0n) + BigInt(small[index] ?? 0) + BigInt(value);
      small[index] = 0;
    }
  };
  return {
    parts: { small, large },
    set: (index, written) => {
      const exact = Number.isNaN(written.scaled);
      small[index] = exact ? 0 : written.scaled;
      large[index] = exact ? written.exact : 0n;
    },
    add: (index, written) => {
      if (Number.isNaN(written.scaled)) large[index] = (large[index] ?? 0n) + written.exact;
      else addSmall(index, written.scaled);
    },
    addUnreadable: (index) => {
      unreadable[index] = (unreadable[index] ?? 0) + 1;
    },
    addAll: (other) => {
      for (let index = 0; index < count; index += 1) {
        addSmall(index, other.parts.small[index] ?? 0);
        const exact = other.parts.large[index] ?? 0n;
        if (exact !== 0n) large[index] = (large[index] ?? 0n) + exact;
      }
    },
    value: (index) => (large[index] ?? 0n) + BigInt(small[index] ?? 0),
    unreadable: (index) => unreadable[index] ?? 0,
  };
}
