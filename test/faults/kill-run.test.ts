import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runPlumbline, startPlumbline } from '../helpers/command-line.ts';
import { createRandom } from '../helpers/random.ts';
import { companyTotals, createSmallCompany, kill, type SmallCompany } from './small-company.ts';
import { pointsOf, report, seed } from './sweep.ts';

/**
 * The example company, run by the command line on a Postgres of its own. Where a kill hits is drawn
 * by time here; `kill.test.ts` draws it by what a load does.
 */
const points = pointsOf({ short: 4, full: 100 });

/** Then a new warehouse, so that the early steps of a first run are hit as often as the late ones. */
const killsOfOne = 6;
/** Companies at a time: much of a run is waiting for the disk. */
const lanes = 2;
/** One in so many times it is Postgres that is killed, and the run goes on without it. */
const postmasterEvery = 3;

/** Of an undisturbed company. */
let expected: Record<string, unknown>;
/** Until the project is read a run has touched nothing: there is nothing to be cut short. */
let readMs: number;
let firstMs: number;
let laterMs: number;

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function runToTheEnd(company: SmallCompany): Promise<void> {
  const { exitCode, stdout, stderr } = await company.run();
  expect({ exitCode, output: stdout + stderr }).toEqual({
    exitCode: 0,
    output: expect.stringMatching(/^\{"ok":true/),
  });
}

/** A run, and another for the API's next window: then nothing is left to do. */
async function settle(company: SmallCompany): Promise<void> {
  await runToTheEnd(company);
  await runToTheEnd(company);
}

beforeAll(async () => {
  const reference = await createSmallCompany();
  try {
    readMs = await timeOf(() => runPlumbline(['check', '--project', reference.dir]));
    firstMs = await timeOf(() => runToTheEnd(reference));
    laterMs = await timeOf(() => runToTheEnd(reference));
    expected = await companyTotals(reference);
  } finally {
    await reference.remove();
  }
}, 600_000);

let tried = 0;
const hits = { run: 0, postmaster: 0 };
let failed = 0;

afterAll(() =>
  report({
    fault: 'kill -9 of `plumbline run` or of its Postgres',
    points: tried,
    seed,
    found: failed,
    seconds: Math.round(performance.now() / 1000),
    places: hits,
  }),
);

/** Kills a run, or the Postgres under it, after a time; false when it was over before. */
async function killAfter(
  delayMs: number,
  company: SmallCompany,
  whom: 'run' | 'postmaster',
): Promise<boolean> {
  const child = startPlumbline(['run', '--project', company.dir]);
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'close').then(() => true);
  const over = await Promise.race([ended, wait(delayMs, false)]);
  // A Postgres that is not there yet, or no more, cannot be killed: the run is.
  const postmaster = whom === 'postmaster' ? await company.postmaster() : undefined;
  const victim = postmaster ?? child.pid;
  if (!over && victim !== undefined) {
    kill(victim);
    hits[postmaster === undefined ? 'run' : 'postmaster'] += 1;
  }
  // Without its Postgres a run may go on with a new one, or fail: both end.
  await ended;
  return !over;
}

async function killMany(lane: number): Promise<void> {
  const random = createRandom(seed + lane);
  let left = Math.ceil(points / lanes);
  // The times were taken while the machine was as busy as it was then: it may have become faster.
  let pace = 1;
  while (left > 0) {
    const company = await createSmallCompany();
    try {
      for (let kills = 0; kills < killsOfOne && left > 0; kills += 1) {
        const whom = left % postmasterEvery === 1 ? 'postmaster' : 'run';
        // With its Postgres made and some of its data loaded, a run is shorter.
        const endMs = (await company.hasPostgres()) ? laterMs : firstMs;
        const delayMs = pace * (readMs + random() * Math.max(endMs - readMs, 500));
        if (!(await killAfter(delayMs, company, whom))) {
          pace *= 0.8;
          break;
        }
        left -= 1;
        tried += 1;
      }
      await settle(company);
      expect(await companyTotals(company)).toEqual(expected);
    } finally {
      await company.remove();
    }
  }
}

test(`a run killed at ${points} points and started again comes to what an undisturbed run gives`, async () => {
  const lanesDone = Array.from({ length: lanes }, (_, lane) => killMany(lane));
  // The others end first, so that nothing of theirs is left behind.
  const results = await Promise.allSettled(lanesDone);
  const first = results.find((each) => each.status === 'rejected');
  if (first !== undefined) {
    failed += 1;
    throw new Error(
      `something came out wrong; run it again with\n  SEED=${seed} FAULTS=${points} npx vitest run test/faults/kill-run.test.ts\n${String(first.reason)}`,
      { cause: first.reason },
    );
  }
  expect(tried).toBeGreaterThanOrEqual(points);
}, 3_600_000);

test('two runs at once come to what one gives', async () => {
  const company = await createSmallCompany();
  try {
    // The first makes the data and the Postgres that both use.
    const both = await Promise.all([company.run(), company.run()]);
    for (const { exitCode, stdout, stderr } of both) {
      expect({ exitCode, output: stdout + stderr }).toEqual({
        exitCode: 0,
        output: expect.stringMatching(/^\{"ok":true/),
      });
    }
    await settle(company);
    expect(await companyTotals(company)).toEqual(expected);
  } finally {
    await company.remove();
  }
}, 600_000);
