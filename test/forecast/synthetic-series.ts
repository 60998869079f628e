/** Random numbers that are the same in every run (mulberry32). */
export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Normal with mean 0 and deviation 1 (Box-Muller). */
  readonly normal: () => number;
}

export function createRandom(seed: number): Random {
  let state = Math.imul(seed, 7919) >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/** Sales as companies have them: growth, a yearly pattern of a quarter, 5 % noise, all multiplied. */
export function seasonalSeries(seed: number, count: number): number[] {
  const { normal, uniform } = createRandom(seed);
  const pattern = Array.from(
    { length: 12 },
    (_, month) => 0.25 * Math.sin((2 * Math.PI * month) / 12) + 0.1 * normal(),
  );
  const growth = 0.002 + 0.01 * uniform();
  return Array.from(
    { length: count },
    (_, t) => 1000 * Math.exp(growth * t + (pattern[t % 12] ?? 0) + 0.05 * normal()),
  );
}

/** The same with a level and a growth that wander. */
export function wanderingSeries(seed: number, count: number): number[] {
  const { normal } = createRandom(seed);
  const pattern = Array.from({ length: 12 }, () => 0.2 * normal());
  let [level, growth] = [7, 0.005];
  return Array.from({ length: count }, (_, t) => {
    growth = 0.9 * growth + 0.0005 + 0.003 * normal();
    level += growth + 0.03 * normal();
    return Math.exp(level + (pattern[t % 12] ?? 0) + 0.04 * normal());
  });
}

/** Each value is the one before it and chance. */
export function randomWalk(seed: number, count: number): number[] {
  const { normal } = createRandom(seed);
  let level = 1000;
  return Array.from({ length: count }, () => (level += 20 * normal()));
}

/** Chance around a mean. */
export function whiteNoise(seed: number, count: number): number[] {
  const { normal } = createRandom(seed);
  return Array.from({ length: count }, () => 1000 + 100 * normal());
}

/** Crosses zero on its way up. */
export function crossingSeries(seed: number, count: number): number[] {
  const { normal } = createRandom(seed);
  return Array.from(
    { length: count },
    (_, t) => -50 + 3 * t + 20 * Math.sin((t / 12) * 2 * Math.PI) + 10 * normal(),
  );
}
