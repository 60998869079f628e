/** Random numbers that are the same on every machine for the same keys. */
export interface Random {
  /** At least 0, below 1. */
  readonly next: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly int: (min: number, max: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(items: readonly [T, ...T[]]) => T;
  /** An item, each as likely as its weight. */
  readonly weighted: <T>(items: readonly T[], weights: readonly number[]) => T;
  /** Around 0 with standard deviation 1. */
  readonly normal: () => number;
}

/**
 * sfc32 (PractRand, https://pracrand.sourceforge.net) seeded by the keys: `createRandom(7, 'orders',
 * '2026-05-12')`. Every day of every source has its own, so that changing how one is made leaves the
 * others as they were.
 */
export function createRandom(...keys: readonly (string | number)[]): Random {
  let [a, b, c] = hash(keys.join('\u0000'));
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i += 1) next();
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    weighted: (items, weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      let rest = next() * total;
      for (const [index, item] of items.entries()) {
        rest -= weights[index] ?? 0;
        if (rest < 0) return item;
      }
      const last = items.at(-1);
      if (last === undefined) throw new RangeError('there is nothing to choose from');
      return last;
    },
    // Box-Muller; 1 - next() is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** Three words of 32 bits from a text (FNV-1a with three offsets). */
function hash(text: string): [number, number, number] {
  const words: [number, number, number] = [0x811c9dc5, 0x01000193, 0x9e3779b9];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    words[0] = Math.imul(words[0] ^ code, 0x01000193);
    words[1] = Math.imul(words[1] ^ (code + i), 0x85ebca6b);
    words[2] = Math.imul(words[2] ^ (code * 31), 0xc2b2ae35);
  }
  return words;
}
