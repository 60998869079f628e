import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { every } from '../../src/schedule/every.ts';
import { claimOccurrence } from '../../src/schedule/occurrence.ts';
import type { DueRun, RunDue, RunOutcome, WorkerEvent } from '../../src/schedule/run-claimed.ts';
import { createWorker } from '../../src/schedule/worker.ts';
import type { Worker, WorkerOptions } from '../../src/schedule/worker.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { createManualClock } from './manual-clock.ts';
import type { ManualClock } from './manual-clock.ts';

let database: TestDatabase;
let client: Client;
const workers: Worker[] = [];

beforeAll(async () => {
  database = await createDatabase();
  client = await database.warehouse.connect('loader');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
beforeEach(async () => {
  await database.warehouse.pool('owner').query('truncate plumbline.run, plumbline.job');
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

const zone = 'Europe/Berlin';
const activity = { name: 'activity', schedule: every.day().at('06:00') };
const payments = { name: 'payments', schedule: every.week().on('monday').at('06:00') };
const morning = { name: 'morning-costs', schedule: every.day().at('08:00') };
const succeeded: RunOutcome = { ok: true, result: { rows: 1 } };

interface Harness {
  readonly worker: Worker;
  readonly events: WorkerEvent[];
  /** What was run, `activity 2026-11-23T05:00:00Z`; runs given together in one list. */
  readonly groups: string[][];
  /** Resolves once so many events of a kind have been seen in all. */
  readonly seen: (kind: WorkerEvent['kind'], count?: number) => Promise<void>;
}

function startWorker(options: Partial<WorkerOptions> & { readonly clock: ManualClock }): Harness {
  const events: WorkerEvent[] = [];
  const groups: string[][] = [];
  let waiting: (() => void)[] = [];
  const runDue = options.runDue ?? allSucceed;
  const worker = createWorker({
    connect: () => database.warehouse.connect('loader'),
    jobs: [activity],
    zone,
    ...options,
    runDue: (due, signal) => {
      groups.push(due.map(({ job, occurrence }) => `${job} ${occurrence}`));
      return runDue(due, signal);
    },
    log: (event) => {
      events.push(event);
      for (const check of waiting.splice(0)) check();
    },
  });
  const seen: Harness['seen'] = (kind, count = 1) =>
    new Promise((resolve) => {
      const check = (): void => {
        if (events.filter((event) => event.kind === kind).length >= count) resolve();
        else waiting.push(check);
      };
      check();
    });
  workers.push(worker);
  worker.start();
  return { worker, events, groups, seen };
}

async function allSucceed(due: readonly DueRun[]): Promise<ReadonlyMap<string, RunOutcome>> {
  return new Map(due.map(({ job }) => [job, succeeded]));
}

/** Starts a worker, lets it look once, and stops it. */
async function runOnce(options: Parameters<typeof startWorker>[0]): Promise<Harness> {
  const harness = startWorker(options);
  await options.clock.sleeping();
  await harness.worker.stop();
  return harness;
}

async function recorded(): Promise<unknown[]> {
  const { rows } = await client.query(
    'select job, occurrence, trigger, state from plumbline.run order by occurrence, job',
  );
  return rows;
}

describe('what is due', () => {
  it('is run at its time, and what falls due together is given together, by name', async () => {
    const clock = createManualClock('2026-11-22T12:00:00Z');
    const { groups, seen } = startWorker({ clock, jobs: [payments, morning, activity] });
    await clock.sleeping();
    clock.passTo('2026-11-23T05:00:00Z');
    await seen('finished', 2);
    await clock.sleeping();
    clock.passTo('2026-11-23T07:00:00Z');
    await seen('finished', 3);
    expect(groups).toEqual([
      ['activity 2026-11-23T05:00:00Z', 'payments 2026-11-23T05:00:00Z'],
      ['morning-costs 2026-11-23T07:00:00Z'],
    ]);
    expect(await recorded()).toEqual([
      ...['activity', 'payments'].map((job) => ({
        job,
        occurrence: '2026-11-23T05:00:00Z',
        trigger: 'schedule',
        state: 'succeeded',
      })),
      {
        job: 'morning-costs',
        occurrence: '2026-11-23T07:00:00Z',
        trigger: 'schedule',
        state: 'succeeded',
      },
    ]);
  });

  it('is run once by several workers, all of a moment by one of them', async () => {
    const clock = createManualClock('2026-11-22T12:00:00Z');
    const harnesses = ['a', 'b', 'c'].map((name) =>
      startWorker({ clock, name, jobs: [payments, activity] }),
    );
    for (const day of ['23', '24', '25']) {
      await clock.sleeping(3);
      clock.passTo(`2026-11-${day}T05:00:00Z`);
    }
    await clock.sleeping(3);
    const groups = harnesses.flatMap((harness) => harness.groups.map((group) => group.join(', ')));
    expect(groups.sort()).toEqual([
      'activity 2026-11-23T05:00:00Z, payments 2026-11-23T05:00:00Z',
      'activity 2026-11-24T05:00:00Z',
      'activity 2026-11-25T05:00:00Z',
    ]);
  });

  it('follows the jobs that replace the first ones', async () => {
    const clock = createManualClock('2026-11-22T12:00:00Z');
    const { worker, groups, seen } = startWorker({ clock });
    await clock.sleeping();
    worker.replaceJobs([morning]);
    await clock.sleeping();
    clock.passTo('2026-11-23T07:00:00Z');
    await seen('finished');
    expect(groups).toEqual([['morning-costs 2026-11-23T07:00:00Z']]);
  });
});

describe('after downtime', () => {
  const before = '2026-11-23T04:00:00Z';
  const monday = '2026-11-23T05:30:00Z';
  const friday = '2026-11-27T09:00:00Z';

  /** A worker that ran on Monday morning and then was gone. */
  async function runMonday(options: Partial<WorkerOptions> = {}): Promise<void> {
    const clock = createManualClock(before);
    const { worker, seen } = startWorker({ ...options, clock });
    await clock.sleeping();
    clock.passTo(monday);
    await seen('finished');
    await worker.stop();
  }

  it('the latest missed occurrence is run, and only that', async () => {
    await runMonday();
    const clock = createManualClock(friday);
    const { groups, events } = await runOnce({ clock });
    expect(groups).toEqual([['activity 2026-11-27T05:00:00Z']]);
    expect(events[0]).toMatchObject({ kind: 'started', runs: [{ trigger: 'catch-up' }] });
    expect((await runOnce({ clock: createManualClock(friday) })).groups).toEqual([]);
  });

  it('all missed occurrences are run, oldest first, when the job says so', async () => {
    await runMonday();
    const jobs = [{ ...activity, catchUp: 'all' as const }];
    const { groups } = await runOnce({ clock: createManualClock(friday), jobs });
    expect(groups).toEqual([
      ['24', '25', '26', '27'].map((day) => `activity 2026-11-${day}T05:00:00Z`),
    ]);
  });

  it('none is run when the job says so, and the next is', async () => {
    await runMonday();
    const clock = createManualClock(friday);
    const jobs = [{ ...activity, catchUp: 'none' as const }];
    const { groups, seen } = startWorker({ clock, jobs });
    await clock.sleeping();
    clock.passTo('2026-11-28T05:00:00Z');
    await seen('finished');
    expect(groups).toEqual([['activity 2026-11-28T05:00:00Z']]);
  });

  it('a job that is new is not caught up, one that was known and never ran is', async () => {
    expect((await runOnce({ clock: createManualClock(friday) })).groups).toEqual([]);
    const saturday = createManualClock('2026-11-28T12:00:00Z');
    const { groups } = await runOnce({ clock: saturday, jobs: [activity, morning] });
    expect(groups).toEqual([['activity 2026-11-28T05:00:00Z']]);
  });

  it('a job whose schedule changed meanwhile waits for its next time', async () => {
    await runMonday();
    const jobs = [{ name: 'activity', schedule: every.day().at('09:00') }];
    const clock = createManualClock(friday);
    const { groups, seen } = startWorker({ clock, jobs });
    await clock.sleeping();
    expect(groups).toEqual([]);
    clock.passTo('2026-11-28T08:00:00Z');
    await seen('finished');
    expect(groups).toEqual([['activity 2026-11-28T08:00:00Z']]);
  });
});

describe('a clock that jumps', () => {
  it('forwards: the latest occurrence passed over is run', async () => {
    const clock = createManualClock('2026-11-22T12:00:00Z');
    const { groups, seen } = startWorker({ clock });
    await clock.sleeping();
    clock.setTo('2026-11-26T12:00:00Z');
    clock.passTo('2026-11-26T12:00:15Z');
    await seen('finished');
    expect(groups).toEqual([['activity 2026-11-26T05:00:00Z']]);
  });

  it('back: nothing is run twice', async () => {
    const clock = createManualClock('2026-11-23T04:59:00Z');
    const { groups, seen } = startWorker({ clock });
    await clock.sleeping();
    clock.passTo('2026-11-23T05:00:00Z');
    await seen('finished');
    await clock.sleeping();
    clock.setTo('2026-11-23T04:00:00Z');
    clock.passTo('2026-11-23T05:00:00Z');
    await clock.sleeping();
    clock.passTo('2026-11-24T05:00:00Z');
    await seen('finished', 2);
    expect(groups).toEqual([['activity 2026-11-23T05:00:00Z'], ['activity 2026-11-24T05:00:00Z']]);
  });

  it('a year ahead and back: jobs do not wait for that year to pass', async () => {
    const clock = createManualClock('2027-11-23T04:59:00Z');
    const { groups, seen } = startWorker({ clock, jobs: [activity, morning] });
    await clock.sleeping();
    clock.passTo('2027-11-23T05:00:00Z');
    await seen('finished');
    await clock.sleeping();
    clock.setTo('2026-11-23T04:00:00Z');
    clock.passTo('2026-11-23T04:01:00Z');
    await clock.sleeping();
    clock.passTo('2026-11-23T07:00:00Z');
    await seen('finished', 3);
    expect(groups.slice(1)).toEqual([
      ['activity 2026-11-23T05:00:00Z', 'morning-costs 2026-11-23T07:00:00Z'],
    ]);
  });
});

describe('faults', () => {
  it('a job that fails or throws is recorded, and the next occurrence is run', async () => {
    const clock = createManualClock('2026-11-22T12:00:00Z');
    const outcomes: RunDue[] = [
      async () =>
        new Map([['activity', { ok: false, result: { error: { code: 'source-error' } } }]]),
      async () => {
        throw new Error('no such table');
      },
      async () => new Map(),
      allSucceed,
    ];
    const { seen } = startWorker({
      clock,
      runDue: (due, signal) => (outcomes.shift() ?? allSucceed)(due, signal),
    });
    for (const [index, day] of ['23', '24', '25', '26'].entries()) {
      await clock.sleeping();
      clock.passTo(`2026-11-${day}T05:00:00Z`);
      await seen('finished', index + 1);
    }
    const { rows } = await client.query(
      'select state, result from plumbline.run order by occurrence',
    );
    expect(rows).toEqual([
      { state: 'failed', result: { error: { code: 'source-error' } } },
      { state: 'failed', result: { error: { message: 'no such table' } } },
      { state: 'failed', result: { error: { message: 'The job gave no outcome.' } } },
      { state: 'succeeded', result: { rows: 1 } },
    ]);
  });

  it('a connection that fails is logged, and what is due is run later', async () => {
    const clock = createManualClock('2026-11-23T04:00:00Z');
    let down = false;
    const { groups, seen } = startWorker({
      clock,
      connect: () =>
        down ? Promise.reject(new Error('refused')) : database.warehouse.connect('loader'),
    });
    await clock.sleeping();
    down = true;
    clock.passTo('2026-11-23T05:00:00Z');
    await seen('fault');
    await clock.sleeping();
    down = false;
    clock.passTo('2026-11-23T05:00:15Z');
    await seen('finished');
    expect(groups).toEqual([['activity 2026-11-23T05:00:00Z']]);
  });

  it('a run left by a worker that was killed is taken over within a minute', async () => {
    const clock = createManualClock('2026-11-23T05:00:10Z');
    const occurrence = { job: 'activity', occurrence: '2026-11-23T05:00:00Z' };
    const lease = { trigger: 'schedule', worker: 'killed', leaseMs: 30_000 } as const;
    await claimOccurrence(client, { ...occurrence, ...lease });
    const { groups, seen } = startWorker({ clock });
    await clock.sleeping();
    expect(groups).toEqual([]);
    await client.query(`update plumbline.run set lease_until = now() - interval '1 second'`);
    clock.passTo('2026-11-23T05:00:25Z');
    await seen('finished');
    const { rows } = await client.query('select state, attempts from plumbline.run');
    expect(rows).toEqual([{ state: 'succeeded', attempts: 2 }]);
  });

  it('a worker that lost its lease is told to end, and does not overwrite the other', async () => {
    const clock = createManualClock('2026-11-23T04:59:00Z');
    const { seen } = startWorker({ clock, runDue: untilAborted });
    await clock.sleeping();
    clock.passTo('2026-11-23T05:00:00Z');
    await seen('started');
    await clock.sleeping();
    await client.query(`update plumbline.run set worker = 'other', attempts = 2`);
    clock.passTo('2026-11-23T05:00:10Z');
    await seen('lost');
    const { rows } = await client.query('select state, worker from plumbline.run');
    expect(rows).toEqual([{ state: 'running', worker: 'other' }]);
  });
});

describe('stopping', () => {
  it('waits for what is running', async () => {
    const clock = createManualClock('2026-11-23T04:59:00Z');
    const release = Promise.withResolvers<void>();
    const { worker, seen } = startWorker({
      clock,
      runDue: async (due) => {
        await release.promise;
        return allSucceed(due);
      },
    });
    await clock.sleeping();
    clock.passTo('2026-11-23T05:00:00Z');
    await seen('started');
    const stopped = worker.stop();
    release.resolve();
    await stopped;
    expect(await recorded()).toMatchObject([{ state: 'succeeded' }]);
  });

  it('past its limit ends the run and gives it back for another worker', async () => {
    const clock = createManualClock('2026-11-23T04:59:00Z');
    const { worker, seen } = startWorker({ clock, runDue: untilAborted, stopLimitMs: 20_000 });
    await clock.sleeping();
    clock.passTo('2026-11-23T05:00:00Z');
    await seen('started');
    const stopped = worker.stop();
    clock.passTo('2026-11-23T05:00:20Z');
    await stopped;
    await seen('returned');
    expect(await recorded()).toMatchObject([{ state: 'queued' }]);
    const other = startWorker({ clock: createManualClock('2026-11-23T05:01:00Z') });
    await other.seen('finished');
    expect(await recorded()).toMatchObject([{ state: 'succeeded' }]);
  });
});

/** A run that goes on until it is told to end, and then has not succeeded. */
function untilAborted(
  _due: readonly DueRun[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RunOutcome>> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
  });
}
