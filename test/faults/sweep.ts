import { appendFile } from 'node:fs/promises';

import { expect } from 'vitest';

import type { Phase } from '../helpers/load-phases.ts';
import { phases } from '../helpers/load-phases.ts';
import { createRandom } from '../helpers/random.ts';
import { type Day, days } from './scene-sources.ts';
import type { OwnGround, Scene, Step } from './scene.ts';

/** Throws unless what was found is what was expected; the failure shows where. */
export function mustEqual(where: string, found: unknown, expected: unknown): void {
  expect({ where, found }).toEqual({ where, found: expected });
}

/** One fault at many points. */
export interface Sweep {
  /** As it stands in the table that `npm run test:faults` prints. */
  readonly fault: string;
  /** Of the test, to say how a failure is run again. */
  readonly file: string;
  readonly scene: Scene;
  /** Points tried by `npm test`, and by `npm run test:faults`. */
  readonly points: { readonly short: number; readonly full: number };
  /** The points are a list that is tried whole, in so many cycles: none may be missed. */
  readonly cycles?: number;
  /** Points at a time, each with its own ground; most of a point is waiting. Default 2. */
  readonly lanes?: number;
  /**
   * Makes the fault while the ground's day is run, and throws when what was seen of the run is wrong.
   * Where it hit, or undefined when the run was over before. What is in the tables is compared after.
   */
  readonly makeFault: (point: Point) => Promise<Hit | undefined>;
}

export interface Point {
  readonly ground: OwnGround;
  readonly day: Day;
  /** From 0; a day of a cycle. */
  readonly index: number;
  readonly lane: number;
  /** At least 0, below 1; the same for the same seed and point. */
  readonly random: () => number;
}

export interface Hit {
  /** The phase, for the histogram. */
  readonly place: string;
  /** All that must be known to understand a failure. */
  readonly where: string;
}

/** `FAULTS=full` is what `npm run test:faults` sets; a number is that many points. */
const wanted = process.env['FAULTS'];
/** `SEED=…` draws the same points again. */
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** `CYCLE=17` tries the points of that one alone. */
const onlyCycle = process.env['CYCLE'];

const failuresMax = 5;

/** Whether everything is tried that `npm run test:faults` tries. */
export const isFull = wanted === 'full';

/** How many points are tried now. */
export const pointsOf = ({ short, full }: Sweep['points']): number =>
  wanted === undefined ? short : isFull ? full : Number(wanted);

interface Progress {
  readonly hits: Map<string, number>;
  readonly failures: { readonly cycle: number; readonly error: unknown }[];
  /** The next cycle to be tried, or undefined when there are enough. */
  readonly next: () => number | undefined;
}

/**
 * Tries all points, prints what was tried and where it hit, and throws the failures with their seed.
 * A cycle is the three days of the scene, each with one fault; what the day came to must equal what
 * it comes to undisturbed. Gives the number of points that were hit.
 */
export async function sweep(options: Sweep): Promise<number> {
  const { fault, cycles, lanes = 2 } = options;
  const started = performance.now();
  const points = onlyCycle === undefined ? pointsOf(options.points) : 1;
  const progress = trackProgress(points, cycles);
  await Promise.all(Array.from({ length: lanes }, (_, lane) => workOn(options, progress, lane)));
  const { hits, failures } = progress;
  const places = [...hits].sort(([a], [b]) => orderOf(a) - orderOf(b));
  const hit = places.reduce((sum, [, count]) => sum + count, 0);
  await report({
    fault,
    points: hit,
    seed,
    found: failures.length,
    seconds: Math.round((performance.now() - started) / 1000),
    places: Object.fromEntries(places),
  });
  if (failures.length > 0) throw described(options, failures);
  if (hit < points) throw new Error(`${fault}: only ${hit} of ${points} points were hit`);
  return hit;
}

function trackProgress(points: number, cycles: number | undefined): Progress {
  const hits = new Map<string, number>();
  const failures: Progress['failures'] = [];
  let cycle = 0;
  return {
    hits,
    failures,
    next: () => {
      if (onlyCycle !== undefined) return cycle++ === 0 ? Number(onlyCycle) : undefined;
      if (failures.length >= failuresMax) return undefined;
      if (cycles !== undefined) return cycle < cycles ? cycle++ : undefined;
      const hit = [...hits.values()].reduce((sum, count) => sum + count, 0);
      // A fault that is hardly ever hit is a fault of the test.
      return hit < points && cycle < 2 * points ? cycle++ : undefined;
    },
  };
}

async function workOn(options: Sweep, progress: Progress, lane: number): Promise<void> {
  let ground: OwnGround | undefined;
  try {
    for (let cycle = progress.next(); cycle !== undefined; cycle = progress.next()) {
      ground ??= await options.scene.begin();
      try {
        await liveCycle(options, { ground, cycle, lane, hits: progress.hits });
      } catch (error) {
        progress.failures.push({ cycle, error });
        // At once: the others may take long.
        console.log(`${options.fault}, SEED=${seed} CYCLE=${cycle}:`, error);
        await ground.remove();
        ground = undefined;
      }
    }
  } finally {
    await ground?.remove();
  }
}

async function liveCycle(
  options: Sweep,
  at: { ground: OwnGround; cycle: number; lane: number; hits: Map<string, number> },
): Promise<void> {
  const { ground, cycle, lane, hits } = at;
  for (const day of days) {
    const index = cycle * days.length + day - 1;
    const random = createRandom(seed + index * 7919);
    const hit = await options.makeFault({ ground, day, index, lane, random });
    const where = `day ${day}, ${hit?.where ?? 'not hit'}`;
    mustEqual(where, await ground.strayRows(), []);
    await ground.settle();
    mustEqual(where, await ground.totals(), options.scene.day(day).expected);
    if (hit !== undefined) hits.set(hit.place, (hits.get(hit.place) ?? 0) + 1);
    await ground.nextDay();
  }
}

function described({ fault, file }: Sweep, failures: Progress['failures']): Error {
  const [first] = failures;
  const message = first?.error instanceof Error ? first.error.message : String(first?.error);
  return new Error(
    `${fault}: something came out wrong in ${failures.length} cycles (${failures.map(({ cycle }) => cycle).join(', ')}). Run the first again with\n` +
      `  SEED=${seed} CYCLE=${first?.cycle} ${wanted === undefined ? '' : `FAULTS=${wanted} `}npx vitest run ${file} -t '${expect.getState().currentTestName ?? ''}'\n${message}`,
    { cause: first?.error },
  );
}

const orderOf = (place: string): number => {
  const order = phases.findIndex((phase) => phase === place);
  return order < 0 ? phases.length : order;
};

/** What one sweep did, a line of the table. */
export interface SweepReport {
  readonly fault: string;
  readonly points: number;
  readonly seed: number;
  /** Points at which something came out wrong. */
  readonly found: number;
  readonly seconds: number;
  /** How often each step of a run was hit. */
  readonly places: Readonly<Record<string, number>>;
}

/** Prints the line, and keeps it for the table at the end of `npm run test:faults`. */
export async function report(line: SweepReport): Promise<void> {
  const { fault, points, found, seconds, places } = line;
  const where = Object.entries(places).map(([place, count]) => `${place} ${count}`);
  console.log(
    `${fault}: SEED=${line.seed}, ${points} points in ${seconds} s, ${found} found; ${where.join(', ')}`,
  );
  const file = process.env['FAULTS_REPORT'];
  if (file !== undefined) await appendFile(file, `${JSON.stringify(line)}\n`);
}

/** A step of the day's run: the phases take turns, so that short ones are hit as often as long ones. */
export function drawStep(
  scene: Scene,
  { day, index, random }: Pick<Point, 'day' | 'index' | 'random'>,
  without: readonly Phase[] = [],
): Step {
  const allowed = phases.filter((phase) => !without.includes(phase));
  // A cycle has three days: each phase comes on each of them.
  const phase = allowed[(Math.floor(index / days.length) + 3 * day) % allowed.length];
  const steps = scene.day(day).steps.filter((step) => step.phase === phase);
  const step = steps[Math.floor(random() * steps.length)];
  if (step === undefined) throw new Error(`day ${day} has no step of phase ${phase}`);
  return step;
}

/** A step for people. */
export const describeStep = ({ phase, from, nth, type, statement }: Step): string =>
  `${phase}, message ${nth} of the ${from}: ${type} ${statement}`;
