import { expect, test } from 'vitest';

import type { Verdict } from '../helpers/postgres-proxy.ts';
import { runScene } from './run-scene.ts';
import { type Day, days } from './scene-sources.ts';
import { countSteps, type Step } from './scene.ts';
import { describeStep, drawStep, type Hit, isFull, mustEqual, type Point, sweep } from './sweep.ts';
import { useScene } from './use-scene.ts';

const lanes = 2;
const { scene, proxy: proxyOf } = useScene(lanes);

interface Cut {
  readonly step: Step;
  /** Bytes of the message that still pass. */
  readonly afterBytes: number;
}

/** Runs a day over a connection that is cut once, both ways. */
async function cutOnce(cut: Cut, { ground, lane }: Point): Promise<Hit | undefined> {
  const { step, afterBytes } = cut;
  const where = `after ${afterBytes} of ${step.bytes} bytes of ${describeStep(step)}`;
  const proxy = proxyOf(lane);
  const count = countSteps();
  let isCut = false;
  proxy.watch(({ phase, from }): Verdict => {
    const nth = count(phase, from);
    if (isCut || phase !== step.phase || from !== step.from || nth !== step.nth) return 'pass';
    isCut = true;
    return { cutAfter: afterBytes };
  });
  const result = await runScene(ground.at(proxy.address));
  if (!isCut) return undefined;
  // A connection that comes back is no reason to leave anything for the next run.
  mustEqual(
    where,
    result.sources.flatMap((source) => source.errors),
    [],
  );
  if (step.phase === 'commit' && step.from === 'server') {
    // The acknowledgement was lost: what became of the batch was read, and nothing loaded again.
    mustEqual(where, await ground.attemptsToday(), 1);
  }
  return { place: step.phase, where };
}

test('a connection cut at any byte of any message leaves what an undisturbed run gives', async () => {
  const hit = await sweep({
    fault: 'connection cut',
    file: 'test/faults/cut.test.ts',
    scene: scene(),
    points: { short: 50, full: 500 },
    lanes,
    makeFault: (point) => {
      const step = drawStep(scene(), point, ['landing']);
      return cutOnce({ step, afterBytes: Math.floor(point.random() * (step.bytes + 1)) }, point);
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

/**
 * `npm test` cuts the request of one source's last commit, CommandComplete of the next and
 * ReadyForQuery of the third; `npm run test:faults` all of them of all commits.
 */
test('the commit and its reply are cut at every byte: merged, copied, and with a cursor', async () => {
  const cuts: Readonly<Record<Day, readonly Cut[]>> = isFull
    ? { 1: cutsOfCommits(1), 2: cutsOfCommits(2), 3: cutsOfCommits(3) }
    : {
        1: cutsOf(1, lastCommitOf(1, 'activity'), 'Q'),
        2: cutsOf(2, lastCommitOf(2, 'orders'), 'C'),
        3: cutsOf(3, lastCommitOf(3, 'sales'), 'Z'),
      };
  const counts = days.map((day) => cuts[day].length);
  const points = counts.reduce((sum, count) => sum + count, 0);
  const hit = await sweep({
    fault: 'commit cut at every byte',
    file: 'test/faults/cut.test.ts',
    scene: scene(),
    points: { short: points, full: points },
    cycles: Math.max(...counts),
    lanes,
    makeFault: async (point) => {
      const cut = cuts[point.day][Math.floor(point.index / days.length)];
      if (cut === undefined) return undefined;
      const hit = await cutOnce(cut, point);
      if (hit === undefined) throw new Error('the commit was not reached');
      return hit;
    },
  });
  expect(hit).toBeGreaterThan(0);
}, 3_600_000);

function cutsOfCommits(day: Day): readonly Cut[] {
  const commits = scene()
    .day(day)
    .steps.filter((step) => step.phase === 'commit' && step.type === 'Q');
  return commits.flatMap((_, nth) => ['Q', 'C', 'Z'].flatMap((type) => cutsOf(day, nth, type)));
}

/** All places in the request of a commit (Q), in its CommandComplete (C) or ReadyForQuery (Z). */
function cutsOf(day: Day, nth: number, type: string): readonly Cut[] {
  const step = scene()
    .day(day)
    .steps.filter((each) => each.phase === 'commit' && each.type === type)[nth];
  if (step === undefined) throw new Error(`day ${day} has no commit ${nth}`);
  const places = Array.from({ length: step.bytes + 1 }, (_, afterBytes) => afterBytes);
  return places.map((afterBytes) => ({ step, afterBytes }));
}

/** Among the commits of loads, by what was loaded before each. */
function lastCommitOf(day: Day, source: string): number {
  let loading = '';
  let nth = -1;
  let last = -1;
  for (const { from, type, phase, statement } of scene().day(day).steps) {
    loading = /raw\."(orders|sales|activity)/.exec(statement)?.[1] ?? loading;
    if (phase !== 'commit' || from !== 'client' || type !== 'Q') continue;
    nth += 1;
    if (loading === source) last = nth;
  }
  return last;
}
