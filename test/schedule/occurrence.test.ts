import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  claimFreeRuns,
  claimOccurrence,
  failAbandonedRuns,
  finishRun,
  heldUntil,
  postponeRun,
  recordManualRun,
  renewLease,
  returnRun,
} from '../../src/schedule/occurrence.ts';
import type { Run } from '../../src/schedule/occurrence.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  client = await database.warehouse.connect('loader');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
beforeEach(async () => {
  await database.warehouse.pool('owner').query('truncate plumbline.run');
});

const monday = '2026-11-23T05:00:00Z';
const a = { worker: 'a', leaseMs: 30_000 };
const b = { worker: 'b', leaseMs: 30_000 };
const due = { job: 'payments', occurrence: monday, trigger: 'schedule' } as const;

async function claimed(lease = a): Promise<Run> {
  const run = await claimOccurrence(client, { ...due, ...lease });
  if (run === undefined) throw new Error('not claimed');
  return run;
}

/** As if the worker that holds the lease had ended half a minute ago. */
async function lapse(): Promise<void> {
  await client.query(`update plumbline.run set lease_until = now() - interval '1 second'`);
}

async function states(): Promise<unknown[]> {
  const { rows } = await client.query('select state, worker, attempts from plumbline.run');
  return rows;
}

describe('claiming an occurrence', () => {
  it('gives the run to the first and nothing to the next, also after its end', async () => {
    const run = await claimed();
    expect(run).toEqual({
      id: expect.any(String),
      job: 'payments',
      occurrence: monday,
      trigger: 'schedule',
      worker: 'a',
      attempts: 1,
    });
    expect(await claimOccurrence(client, { ...due, ...b })).toBeUndefined();
    await finishRun(client, run, { state: 'succeeded', result: { rows: 3 } });
    expect(await claimOccurrence(client, { ...due, ...b })).toBeUndefined();
    const { rows } = await client.query('select state, result from plumbline.run');
    expect(rows).toEqual([{ state: 'succeeded', result: { rows: 3 } }]);
  });

  it('does not confuse jobs, occurrences, or spellings of an instant', async () => {
    await claimed();
    const tuesday = { ...due, ...b, occurrence: '2026-11-24T05:00:00Z' };
    expect(await claimOccurrence(client, tuesday)).toBeDefined();
    expect(await claimOccurrence(client, { ...due, ...b, job: 'costs' })).toBeDefined();
    const sameInstant = { ...due, ...b, occurrence: '2026-11-23T06:00:00+01:00' };
    expect(await claimOccurrence(client, sameInstant)).toBeUndefined();
  });

  it('a thousand triggers over many connections run each occurrence once', async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => database.warehouse.connect('loader')),
    );
    const occurrences = Array.from(
      { length: 10 },
      (_, day) => `2026-11-${String(day + 10)}T05:00:00Z`,
    );
    const runs = await Promise.all(
      clients.map(async (each, index) => {
        const own: (Run | undefined)[] = [];
        for (let trigger = 0; trigger < 50; trigger += 1) {
          const occurrence = occurrences[trigger % 10] ?? monday;
          const lease = { worker: `worker ${index}`, leaseMs: 30_000 };
          own.push(await claimOccurrence(each, { ...due, occurrence, ...lease }));
        }
        return own;
      }),
    );
    await Promise.all(clients.map((each) => each.end()));
    const got = runs
      .flat()
      .filter((run) => run !== undefined)
      .map((run) => run.occurrence ?? '');
    expect(got.sort()).toEqual(occurrences);
    expect(await states()).toHaveLength(10);
  });
});

describe('a lease', () => {
  it('that lapsed is taken over once, and fences off the worker that had it', async () => {
    const stalled = await claimed();
    expect(await claimOccurrence(client, { ...due, ...b })).toBeUndefined();
    await lapse();
    const taken = await claimOccurrence(client, { ...due, ...b });
    expect(taken).toMatchObject({ id: stalled.id, worker: 'b', attempts: 2 });
    expect(await claimOccurrence(client, { ...due, worker: 'c', leaseMs: 1000 })).toBeUndefined();
    expect(await renewLease(client, stalled, 30_000)).toBe(false);
    expect(await finishRun(client, stalled, { state: 'failed', result: null })).toBe(false);
    expect(await returnRun(client, stalled)).toBe(false);
    expect(await states()).toEqual([{ state: 'running', worker: 'b', attempts: 2 }]);
  });

  it('that lapsed is taken over by one of many workers at once', async () => {
    await claimed();
    await lapse();
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => database.warehouse.connect('loader')),
    );
    const taken = await Promise.all(
      clients.map((each, index) =>
        claimFreeRuns(each, { jobs: ['payments'], worker: `worker ${index}`, leaseMs: 30_000 }),
      ),
    );
    await Promise.all(clients.map((each) => each.end()));
    expect(taken.flat()).toHaveLength(1);
  });

  it('that is renewed is kept', async () => {
    const run = await claimed();
    await lapse();
    expect(await renewLease(client, run, 30_000)).toBe(true);
    expect(await claimFreeRuns(client, { ...b, jobs: ['payments'] })).toEqual([]);
  });

  it('that lapsed three times is not taken over again, and the run has failed', async () => {
    await claimed();
    for (const worker of ['b', 'c']) {
      await lapse();
      expect(
        await claimFreeRuns(client, { worker, leaseMs: 30_000, jobs: ['payments'] }),
      ).toHaveLength(1);
    }
    await lapse();
    expect(await claimOccurrence(client, { ...due, ...a })).toBeUndefined();
    expect(await claimFreeRuns(client, { ...a, jobs: ['payments'] })).toEqual([]);
    expect(await failAbandonedRuns(client)).toEqual(['payments']);
    const { rows } = await client.query('select state, result from plumbline.run');
    expect(rows).toEqual([
      {
        state: 'failed',
        result: {
          error: {
            code: 'run-abandoned',
            message: 'The process c ended while it ran payments, attempt 3.',
          },
        },
      },
    ]);
  });
});

it('a run given back is there for any worker, as if it had not been tried', async () => {
  const run = await claimed();
  expect(await returnRun(client, run)).toBe(true);
  expect(await states()).toEqual([{ state: 'queued', worker: null, attempts: 0 }]);
  expect(await claimFreeRuns(client, { ...b, jobs: ['costs'] })).toEqual([]);
  expect(await claimFreeRuns(client, { ...b, jobs: ['payments'] })).toMatchObject([
    { id: run.id, worker: 'b', attempts: 1 },
  ]);
});

it('runs by hand are as many as one starts, and nobody takes them over', async () => {
  const manual = { ...a, job: 'payments', trigger: 'manual' } as const;
  const first = await recordManualRun(client, manual);
  const second = await recordManualRun(client, manual);
  expect(await finishRun(client, first, { state: 'succeeded', result: undefined })).toBe(true);
  await lapse();
  expect(await claimFreeRuns(client, { ...b, jobs: ['payments'] })).toEqual([]);
  expect(await failAbandonedRuns(client)).toEqual(['payments']);
  const { rows } = await client.query('select id, state from plumbline.run order by id');
  expect(rows).toEqual([
    { id: first.id, state: 'succeeded' },
    { id: second.id, state: 'failed' },
  ]);
});

describe('a run that failed for something that may pass', () => {
  it('is given back with its reason and tried three times in all', async () => {
    for (const attempt of [1, 2]) {
      const run = await claimed();
      expect(run.attempts).toBe(attempt);
      expect(await postponeRun(client, run, { error: { message: 'asleep' } })).toBe(true);
    }
    expect(await states()).toEqual([{ state: 'queued', worker: null, attempts: 2 }]);
    const { rows } = await client.query('select result from plumbline.run');
    expect(rows).toEqual([{ result: { error: { message: 'asleep' } } }]);
    const last = await claimed(b);
    expect(await postponeRun(client, last, null)).toBe(false);
    expect(await finishRun(client, last, { state: 'failed', result: null })).toBe(true);
    expect(await claimOccurrence(client, { ...due, ...a })).toBeUndefined();
  });

  it('is not given back by a process that has lost it', async () => {
    const run = await claimed();
    await lapse();
    await claimed(b);
    expect(await postponeRun(client, run, null)).toBe(false);
    expect(await states()).toEqual([{ state: 'running', worker: 'b', attempts: 2 }]);
  });

  it('is held by who runs it, until its lease', async () => {
    expect(await heldUntil(client, 'payments')).toBeUndefined();
    const run = await claimed();
    const until = Date.parse((await heldUntil(client, 'payments')) ?? '');
    expect(until).toBeGreaterThan(Date.now());
    await finishRun(client, run, { state: 'succeeded', result: null });
    expect(await heldUntil(client, 'payments')).toBeUndefined();
  });
});
