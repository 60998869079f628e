/** Remembers 64-bit hashes, up to a number of them. */
export interface HashSet {
  /** Takes the eight bytes at `at`; false when they are there already. True for all, once it is full. */
  readonly add: (bytes: Uint8Array, at: number) => boolean;
  /** There were more than it remembers: it has let go of all of them. */
  readonly isFull: () => boolean;
}

const firstSlots = 2 ** 12;

/**
 * Open addressing in one typed array, at most half full: nothing is allocated for an entry. An entry
 * is two integers, of which the first is never 0, since 0 marks a free slot.
 */
export function createHashSet(entriesMax: number): HashSet {
  let slots = new Int32Array(2 * firstSlots);
  let entries = 0;
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
      if (isFull) return true;
      if (!insert(slots, readInt32(bytes, at) || 1, readInt32(bytes, at + 4))) return false;
      entries += 1;
      if (entries > entriesMax) {
        isFull = true;
        slots = new Int32Array(0);
      } else if (entries * 4 > slots.length) grow();
      return true;
    },
    isFull: () => isFull,
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

/** Big-endian, as binary COPY writes lengths. */
export const readInt32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);
