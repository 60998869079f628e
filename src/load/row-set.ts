/** Remembers the hashes of rows as they are encoded, to count those that come twice. */
export interface RowSet {
  /** Takes the row whose 128-bit hash begins at `at`. */
  readonly add: (bytes: Uint8Array, at: number) => void;
  /** Rows that are equal to an earlier one; undefined when there were too many rows to remember. */
  readonly repeated: () => number | undefined;
}

/** Rows remembered at most: 16 MB of hashes. Of longer deliveries Postgres counts repeats when asked. */
const entriesMax = 2 ** 19;
const firstSlots = 2 ** 10;
/** A slot is the four words of a hash. */
const width = 4;

/** Open addressing in one typed array: nothing is allocated for a row, and a row costs one look at it. */
export function createRowSet(): RowSet {
  let slots = new Int32Array(width * firstSlots);
  let entries = 0;
  let repeated = 0;
  let isFull = false;
  const words = new Int32Array(width);

  /** False when the hash in `words` is there already. */
  const insert = (): boolean => {
    const mask = slots.length - 1;
    let slot = ((words[1] ?? 0) * width) & mask;
    for (;;) {
      // Zero marks a free slot.
      if (slots[slot] === 0) break;
      if (
        slots[slot] === words[0] &&
        slots[slot + 1] === words[1] &&
        slots[slot + 2] === words[2] &&
        slots[slot + 3] === words[3]
      )
        return false;
      slot = (slot + width) & mask;
    }
    slots.set(words, slot);
    return true;
  };

  const grow = (): void => {
    const older = slots;
    slots = new Int32Array(older.length * 2);
    for (let slot = 0; slot < older.length; slot += width) {
      if (older[slot] === 0) continue;
      for (let word = 0; word < width; word += 1) words[word] = older[slot + word] ?? 0;
      insert();
    }
  };

  return {
    add: (bytes, at) => {
      if (isFull) return;
      for (let word = 0; word < width; word += 1) words[word] = readInt32(bytes, at + 4 * word);
      words[0] = words[0] || 1;
      if (!insert()) {
        repeated += 1;
        return;
      }
      entries += 1;
      if (entries > entriesMax) {
        isFull = true;
        slots = new Int32Array(0);
      } else if (entries * width * 2 > slots.length) grow();
    },
    repeated: () => (isFull ? undefined : repeated),
  };
}

const readInt32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);
