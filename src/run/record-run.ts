import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import type { PoolClient } from 'pg';

import { finishRun, recordManualRun, renewLease } from '../schedule/occurrence.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** A run whose process is killed counts as ended after this long. */
const leaseMs = 60_000;

export interface RecordedRun<T> {
  readonly warehouse: Warehouse;
  /** The name of a source or digest. */
  readonly job: string;
  readonly isOk: (result: T) => boolean;
  /** Default `'manual'`. */
  readonly trigger?: 'manual' | 'upload';
}

/** Runs `work` as a run by hand of the job, from its start to its end in `plumbline.run`. */
export async function recordRun<T>(run: RecordedRun<T>, work: () => Promise<T>): Promise<T> {
  const pool = run.warehouse.pool('loader');
  const worker = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const withClient = async <R>(use: (client: PoolClient) => Promise<R>): Promise<R> => {
    const client = await pool.connect();
    try {
      return await use(client);
    } finally {
      client.release();
    }
  };
  const { job, trigger = 'manual' } = run;
  const recorded = await withClient((client) =>
    recordManualRun(client, { job, trigger, worker, leaseMs }),
  );
  const renewal = setInterval(() => {
    // Best effort: a lease that lapses only makes the run look ended.
    withClient((client) => renewLease(client, recorded, leaseMs)).catch(() => undefined);
  }, leaseMs / 4);
  const finish = (state: 'succeeded' | 'failed', result: unknown): Promise<boolean> =>
    withClient((client) => finishRun(client, recorded, { state, result }));
  try {
    const result = await work();
    await finish(run.isOk(result) ? 'succeeded' : 'failed', result);
    return result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await finish('failed', { error: { message } }).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}
