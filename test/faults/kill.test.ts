import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { runPlumbline, startPlumbline } from '../helpers/command-line.ts';
import { createRandom } from '../helpers/random.ts';
import { controlTotals, createSmallCompany, kill, type SmallCompany } from './small-company.ts';

/** `npm run test:faults` tries more points; `SEED=…` draws the same delays again. */
const points = Number(process.env['FAULTS'] ?? 50);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Then a new warehouse, so that the early steps of a first run are hit as often as the late ones. */
const killsOfOne = 8;
/** Companies at a time: much of a run is waiting for the disk. */
const lanes = 2;
/** One in so many times it is Postgres that is killed, and the run goes on without it. */
const postmasterEvery = 7;

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
  const victim = (whom === 'postmaster' ? await company.postmaster() : undefined) ?? child.pid;
  if (!over && victim !== undefined) kill(victim);
  // Without its Postgres a run may go on with a new one, or fail: both end.
  await ended;
  return !over;
}

test(`a run killed at ${points} points and started again comes to what an undisturbed run gives`, async () => {
  const reference = await createSmallCompany();
  try {
    // Until the project is read a run has touched nothing: there is nothing to be cut short.
    const readMs = await timeOf(() => runPlumbline(['check', '--project', reference.dir]));
    const firstMs = await timeOf(() => runToTheEnd(reference));
    const laterMs = await timeOf(() => runToTheEnd(reference));
    const expected = await controlTotals(reference);
    const killMany = async (lane: number): Promise<void> => {
      const random = createRandom(seed + lane);
      let left = Math.ceil(points / lanes);
      while (left > 0) {
        const company = await createSmallCompany();
        try {
          for (let kills = 0; kills < killsOfOne && left > 0; kills += 1) {
            const whom = left % postmasterEvery === 0 ? 'postmaster' : 'run';
            // With its Postgres made and some of its data loaded, a run is shorter.
            const endMs = (await company.hasPostgres()) ? laterMs : firstMs;
            const delayMs = readMs + random() * Math.max(endMs - readMs, 500);
            if (!(await killAfter(delayMs, company, whom))) break;
            left -= 1;
          }
          await runToTheEnd(company);
          expect(await controlTotals(company)).toEqual(expected);
        } finally {
          await company.remove();
        }
      }
    };
    const killing = Array.from({ length: lanes }, (_, lane) => killMany(lane));
    // The others end first, so that nothing of theirs is left behind.
    const failed = (await Promise.allSettled(killing)).find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } catch (error) {
    throw new Error(`SEED=${seed} FAULTS=${points} found a fault`, { cause: error });
  } finally {
    await reference.remove();
  }
}, 3_600_000);
