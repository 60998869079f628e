import type { ClientBase } from 'pg';
import { Temporal } from 'temporal-polyfill';

import { inTransaction } from '../warehouse/transaction.ts';
import { dueOccurrences, later } from './due.ts';
import type { CatchUp } from './due.ts';
import { lastOccurrences } from './job-record.ts';
import type { ScheduledJob } from './list.ts';
import { claimFreeRuns, claimOccurrence, failAbandonedRuns } from './occurrence.ts';
import type { Lease, Run } from './occurrence.ts';

/** A source or digest, its schedule, and what becomes of occurrences that were missed. */
export interface WorkerJob extends ScheduledJob {
  /** Default `'latest'`. */
  readonly catchUp?: CatchUp;
}

export interface ClaimOptions extends Lease {
  readonly jobs: readonly WorkerJob[];
  readonly zone: string;
  readonly now: string;
  /** Since when each job has its schedule. */
  readonly since: ReadonlyMap<string, string>;
  readonly workerStart: string;
}

export interface Claimed {
  /** Oldest occurrence first, then by job. */
  readonly runs: readonly Run[];
  /** Jobs whose run was given up because their process kept ending. */
  readonly abandoned: readonly string[];
}

/** A run that starts this much after its occurrence counts as caught up. */
const lateMs = 60_000;

/** Any constant will do, as long as every worker uses the same. */
const claimLock = '7241960310462916';

/**
 * Takes on everything that is due, and what other workers left behind. One worker at a time may do
 * so: what falls due together then goes to one worker, which can load all of it before one release.
 */
export async function claimDue(client: ClientBase, options: ClaimOptions): Promise<Claimed> {
  return inTransaction(client, async () => {
    // Leases count from the start of the transaction: it must not wait for most of one.
    await client.query(`select set_config('lock_timeout', $1, true)`, [
      String(Math.ceil(options.leaseMs / 3)),
    ]);
    await client.query('select pg_advisory_xact_lock($1)', [claimLock]);
    const jobs = options.jobs.map((job) => job.name);
    const abandoned = await failAbandonedRuns(client);
    const runs = await claimFreeRuns(client, { ...options, jobs });
    const last = await lastOccurrences(client, { jobs, now: options.now });
    for (const due of dueJobs(options, last)) {
      const run = await claimOccurrence(client, { ...options, ...due });
      if (run !== undefined) runs.push(run);
    }
    return { runs: runs.sort(byOccurrence), abandoned };
  });
}

interface DueJob {
  readonly job: string;
  readonly occurrence: string;
  readonly trigger: 'schedule' | 'catch-up';
}

function dueJobs(options: ClaimOptions, last: ReadonlyMap<string, string>): DueJob[] {
  const { zone, now, workerStart } = options;
  return options.jobs.flatMap(({ name, schedule, catchUp = 'latest' }) => {
    const since = options.since.get(name) ?? now;
    const after = later(since, last.get(name) ?? since);
    const occurrences = dueOccurrences({ schedule, zone, now, catchUp, after, workerStart });
    return occurrences.map((occurrence) => ({
      job: name,
      occurrence,
      trigger: isLate(occurrence, now) ? ('catch-up' as const) : ('schedule' as const),
    }));
  });
}

function isLate(occurrence: string, now: string): boolean {
  const [due, present] = [Temporal.Instant.from(occurrence), Temporal.Instant.from(now)];
  return present.epochMilliseconds - due.epochMilliseconds > lateMs;
}

function byOccurrence(a: Run, b: Run): number {
  const [first, second] = [`${a.occurrence} ${a.job}`, `${b.occurrence} ${b.job}`];
  return first < second ? -1 : first > second ? 1 : 0;
}
