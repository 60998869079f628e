import type { ClientBase } from 'pg';

/** What started a run. */
export type Trigger = 'schedule' | 'catch-up' | 'manual' | 'upload';

/** A run that this process has taken on, until its lease lapses. */
export interface Run {
  readonly id: string;
  /** The name of a source or digest. */
  readonly job: string;
  /** ISO instant; null for a run started by hand. */
  readonly occurrence: string | null;
  readonly trigger: Trigger;
  readonly worker: string;
  /** 1 for the first; more when it took over from a process that ended. */
  readonly attempts: number;
}

/** Who takes a run on, and for how long unless it renews the lease. */
export interface Lease {
  /** Unlike any other process's: host, process id and something random. */
  readonly worker: string;
  /** A crashed worker's runs are free after this long. By the database's clock, which all share. */
  readonly leaseMs: number;
}

/** A run that ended its process this often is not tried again. */
const attemptsMax = 3;

const columns = 'id, job, occurrence, trigger, worker, attempts';
/** From the start of the transaction: runs claimed in one transaction lapse together. */
const leaseEnd = (parameter: string): string => `now() + ${parameter} * interval '1 millisecond'`;

/** Free to be taken on: given back, or left by a process that ended. */
const isFree = `(state = 'queued' or (state = 'running' and lease_until < clock_timestamp()))`;

/**
 * Takes on the run of a job for an occurrence, once among any number of processes: undefined when
 * another has it or had it. Takes over from a process whose lease has lapsed.
 */
export async function claimOccurrence(
  client: ClientBase,
  occurrence: Lease & {
    readonly job: string;
    readonly occurrence: string;
    readonly trigger: Trigger;
  },
): Promise<Run | undefined> {
  const { job, occurrence: at, trigger, worker, leaseMs } = occurrence;
  const inserted = await client.query<Run>(
    `insert into plumbline.run (job, occurrence, trigger, state, worker, lease_until, started_at, attempts)
     values ($1, $2, $3, 'running', $4, ${leaseEnd('$5')}, clock_timestamp(), 1)
     on conflict (job, occurrence) do nothing
     returning ${columns}`,
    [job, at, trigger, worker, leaseMs],
  );
  if (inserted.rows[0] !== undefined) return inserted.rows[0];
  const taken = await client.query<Run>(
    `update plumbline.run
     set state = 'running', worker = $3, lease_until = ${leaseEnd('$4')},
         started_at = clock_timestamp(), attempts = attempts + 1
     where id = (
       select id from plumbline.run
       where job = $1 and occurrence = $2 and ${isFree} and attempts < ${attemptsMax}
       for update skip locked
     )
     returning ${columns}`,
    [job, at, worker, leaseMs],
  );
  return taken.rows[0];
}

/** Takes on all free runs of the jobs named, oldest occurrence first. */
export async function claimFreeRuns(
  client: ClientBase,
  { jobs, worker, leaseMs }: Lease & { readonly jobs: readonly string[] },
): Promise<Run[]> {
  const { rows } = await client.query<Run>(
    `with free as (
       select id from plumbline.run
       where job = any ($1) and occurrence is not null and ${isFree} and attempts < ${attemptsMax}
       for update skip locked
     ), taken as (
       update plumbline.run
       set state = 'running', worker = $2, lease_until = ${leaseEnd('$3')},
           started_at = clock_timestamp(), attempts = attempts + 1
       where id in (select id from free)
       returning ${columns}
     )
     select * from taken order by occurrence, job`,
    [jobs, worker, leaseMs],
  );
  return rows;
}

/**
 * Closes the runs nobody will take over: those started by hand whose process ended, and those that
 * ended it three times. Gives their jobs.
 */
export async function failAbandonedRuns(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ job: string }>(
    `update plumbline.run
     set state = 'failed', finished_at = clock_timestamp(),
         result = jsonb_build_object('error', jsonb_build_object(
           'code', 'run-abandoned',
           'message', format('The process %s ended while it ran %s, attempt %s.', worker, job, attempts)))
     where state = 'running' and lease_until < clock_timestamp()
       and (occurrence is null or attempts >= ${attemptsMax})
     returning job`,
  );
  return rows.map((row) => row.job);
}

/** Records a run started by hand or by an upload; it is nobody else's to take on. */
export async function recordManualRun(
  client: ClientBase,
  { job, trigger, worker, leaseMs }: Lease & { job: string; trigger: 'manual' | 'upload' },
): Promise<Run> {
  const { rows } = await client.query<Run>(
    `insert into plumbline.run (job, trigger, state, worker, lease_until, started_at, attempts)
     values ($1, $2, 'running', $3, ${leaseEnd('$4')}, clock_timestamp(), 1)
     returning ${columns}`,
    [job, trigger, worker, leaseMs],
  );
  const [run] = rows;
  if (run === undefined) throw new Error('insert … returning gave no row');
  return run;
}

/** Keeps the run for another `leaseMs`. False when it is no longer this process's. */
export function renewLease(client: ClientBase, run: Run, leaseMs: number): Promise<boolean> {
  return renewLeases(client, [run], leaseMs);
}

/**
 * Keeps several runs, to one moment: should the process end, they lapse together and one worker takes
 * over all. False when any is no longer this process's.
 */
export async function renewLeases(
  client: ClientBase,
  runs: readonly Run[],
  leaseMs: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update plumbline.run set lease_until = ${leaseEnd('$4')}
     from unnest($1::bigint[], $2::text[], $3::integer[]) as held (id, worker, attempts)
     where run.id = held.id and run.worker = held.worker and run.attempts = held.attempts
       and run.state = 'running'`,
    [
      runs.map((run) => run.id),
      runs.map((run) => run.worker),
      runs.map((run) => run.attempts),
      leaseMs,
    ],
  );
  return rowCount === runs.length;
}

/** Ends the run. False when it is no longer this process's, and then nothing is written. */
export async function finishRun(
  client: ClientBase,
  run: Run,
  outcome: { readonly state: 'succeeded' | 'failed'; readonly result: unknown },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update plumbline.run
     set state = $4, result = $5, finished_at = clock_timestamp(), lease_until = null
     where ${isHeld}`,
    [run.id, run.worker, run.attempts, outcome.state, JSON.stringify(outcome.result ?? null)],
  );
  return rowCount === 1;
}

/** Gives the run back, to be taken on by any worker as if this one never had. */
export async function returnRun(client: ClientBase, run: Run): Promise<boolean> {
  const { rowCount } = await client.query(
    `update plumbline.run
     set state = 'queued', worker = null, lease_until = null, attempts = attempts - 1
     where ${isHeld}`,
    [run.id, run.worker, run.attempts],
  );
  return rowCount === 1;
}

/**
 * Gives the run back for another try, which counts: false after the last one, or when it is no longer
 * this process's. Why it failed is kept until the next try ends.
 */
export async function postponeRun(client: ClientBase, run: Run, result: unknown): Promise<boolean> {
  const { rowCount } = await client.query(
    `update plumbline.run
     set state = 'queued', worker = null, lease_until = null, result = $4
     where ${isHeld} and attempts < ${attemptsMax}`,
    [run.id, run.worker, run.attempts, JSON.stringify(result ?? null)],
  );
  return rowCount === 1;
}

/** Until when another process has the newest run of a job that is under way; undefined when none is. */
export async function heldUntil(client: ClientBase, job: string): Promise<string | undefined> {
  const { rows } = await client.query<{ lease_until: string }>(
    `select lease_until from plumbline.run
     where job = $1 and state = 'running' and occurrence is not null
     order by occurrence desc limit 1`,
    [job],
  );
  return rows[0]?.lease_until;
}

/** Worker and attempt fence off a process that stalled past its lease and comes back. */
const isHeld = `id = $1 and worker = $2 and attempts = $3 and state = 'running'`;
