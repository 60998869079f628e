/** Remembers the hashes of rows as they are encoded, to count those that come twice. */
export interface RowSet {
  /** Takes the row whose 128-bit hash begins at `at`. */
  readonly add: (bytes: Uint8Array, at: number) => void;
  /** Rows that are equal to an earlier one; undefined when there were too many rows to remember. */
  readonly repeated: () => number | undefined;
}

/** Rows remembered at most: 4 MB of hashes. Of longer deliveries Postgres counts repeats when asked. */
const entriesMax = 2 ** 18;
const firstSlots = 2 ** 12;

/**
 * Open addressing in one typed array: nothing is allocated for a row. Of the hash 64 bits are compared,
 * in which two of a quarter of a million rows meet by chance once in a billion deliveries; where a
 * count decides what is kept, Postgres compares all 128.
 */
export function createRowSet(): RowSet {
  let slots = new Int32Array(2 * firstSlots);
  let entries = 0;
  let repeated = 0;
  let isFull = false;

  const grow = (): void => {
    const older = slots;
    slots = new Int32Array(older.length * 2);
    for (let slot = 0; slot < older.length; slot += 2) {
      const high = older[slot] ?? 0;
      if (high !== 0) insert(slots, high, older[slot + 1] ?? 0);
    }
  };

  return {
    add: (bytes, at) => {
      if (isFull) return;
      // Zero marks a free slot.
      if (!insert(slots, readInt32(bytes, at) || 1, readInt32(bytes, at + 4))) {
        repeated += 1;
        return;
      }
      entries += 1;
      if (entries > entriesMax) {
        isFull = true;
        slots = new Int32Array(0);
      } else if (entries * 4 > slots.length) grow();
    },
    repeated: () => (isFull ? undefined : repeated),
  };
}

/** False when it is there already. */
function insert(slots: Int32Array, high: number, low: number): boolean {
  const mask = slots.length - 1;
  let slot = (low << 1) & mask;
  for (;;) {
    const found = slots[slot];
    if (found === 0) break;
    if (found === high && slots[slot + 1] === low) return false;
    slot = (slot + 2) & mask;
  }
  slots[slot] = high;
  slots[slot + 1] = low;
  return true;
}

const readInt32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);
