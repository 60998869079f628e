/** How often values repeat, by a hash of 53 bits each: 8 to 16 bytes a value. */
export interface UniqueSet {
  /** Values that came before; undefined once that were too many, or the memory allowed was used up. */
  readonly repeats: () => number | undefined;
  readonly add: (hash: number) => void;
}

/** A row that was sent twice leaves a key a key: two rows, and one in a hundred. */
const repeatsMax = (values: number): number => 2 + values * 0.01;

/** The memory that the sets of a table share, in values. */
export interface Budget {
  left: number;
}

export function createUniqueSet(budget: Budget): UniqueSet {
  let table = new Float64Array(1024).fill(-1);
  let size = 0;
  let repeats = 0;
  let alive = true;
  budget.left -= table.length;

  const drop = (): void => {
    alive = false;
    budget.left += table.length;
    table = new Float64Array(0);
  };
  const grow = (): void => {
    if (budget.left < table.length) return drop();
    budget.left -= table.length;
    const old = table;
    table = new Float64Array(old.length * 2).fill(-1);
    for (const hash of old) if (hash !== -1) insert(table, hash);
  };
  return {
    repeats: () => (alive ? repeats : undefined),
    add: (hash) => {
      if (!alive) return;
      if (!insert(table, hash)) {
        repeats += 1;
        if (repeats > repeatsMax(size)) drop();
        return;
      }
      size += 1;
      if (size * 2 > table.length) grow();
    },
  };
}

/** False when the table has the hash. Its length is a power of two, half of it free. */
function insert(table: Float64Array, hash: number): boolean {
  const mask = table.length - 1;
  let place = (hash % 0x7fff_ffff) & mask;
  for (;;) {
    const held = table[place];
    if (held === hash) return false;
    if (held === -1) {
      table[place] = hash;
      return true;
    }
    place = (place + 1) & mask;
  }
}

/** FNV-1a twice, from two seeds: 53 bits of a range of bytes. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let low = 0x811c9dc5 | 0;
  let high = 0x01234567 | 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}

/** One hash of two, in their order. */
export function joinHashes(one: number, two: number): number {
  const low = Math.imul((one >>> 0) ^ 0x9e3779b9, 0x85ebca6b) ^ (two >>> 0);
  const high =
    Math.imul(Math.floor(one / 0x1_0000_0000) ^ low, 0xc2b2ae35) ^ Math.floor(two / 0x1_0000_0000);
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}
