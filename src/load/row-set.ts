import { createHashSet } from './hash-set.ts';

/** Remembers the hashes of rows as they are encoded, to count those that come twice. */
export interface RowSet {
  /** Takes the row whose 128-bit hash begins at `at`. */
  readonly add: (bytes: Uint8Array, at: number) => void;
  /** Rows that are equal to an earlier one; undefined when there were too many rows to remember. */
  readonly repeated: () => number | undefined;
}

/** Rows remembered at most: 4 MB of hashes. Of longer deliveries Postgres counts repeats when asked. */
const rowsMax = 2 ** 18;

/**
 * Of the hash 64 bits are compared, in which two of a quarter of a million rows meet by chance once in
 * a billion deliveries; where a count decides what is kept, Postgres compares all 128.
 */
export function createRowSet(): RowSet {
  const hashes = createHashSet(rowsMax);
  let repeated = 0;
  return {
    add: (bytes, at) => {
      if (!hashes.add(bytes, at)) repeated += 1;
    },
    repeated: () => (hashes.isFull() ? undefined : repeated),
  };
}
