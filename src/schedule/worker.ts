import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import type { Client } from 'pg';
import { Temporal } from 'temporal-polyfill';

import { nextOccurrences } from './calendar.ts';
import { claimDue } from './claim-due.ts';
import type { Claimed, WorkerJob } from './claim-due.ts';
import type { Clock } from './clock.ts';
import { isAfter } from './due.ts';
import { recordJobs } from './job-record.ts';
import { runClaimed } from './run-claimed.ts';
import type { RunDue, WorkerEvent } from './run-claimed.ts';

export interface WorkerOptions {
  /** A new connection that may write schema `plumbline`; the worker ends it. */
  readonly connect: () => Promise<Client>;
  readonly jobs: readonly WorkerJob[];
  /** The company's IANA zone. */
  readonly zone: string;
  readonly clock: Clock;
  /** Runs what is due: sources, then one release, then digests. */
  readonly runDue: RunDue;
  readonly log?: (event: WorkerEvent) => void;
  /** Default: host, process id and something random. */
  readonly name?: string;
  /** How long a crashed worker's runs stay its own. Default 30 s. */
  readonly leaseMs?: number;
  /** How often to look for what other workers left behind. Default 15 s. */
  readonly pollMs?: number;
  /** How long `stop` lets a run go on. Default 60 s. */
  readonly stopLimitMs?: number;
}

export interface Worker {
  /** Call once. */
  readonly start: () => void;
  /** Takes effect at once; what is running goes on. */
  readonly replaceJobs: (jobs: readonly WorkerJob[]) => void;
  /**
   * Takes on nothing more and waits for what is running. Past `stopLimitMs` the run's signal is
   * aborted, and what it did not finish is given back for another worker.
   */
  readonly stop: () => Promise<void>;
}

interface Recorded {
  readonly jobs: readonly WorkerJob[];
  readonly since: ReadonlyMap<string, string>;
}

/** How long a run may take to end once its signal is aborted. */
const interruptLimitMs = 5000;

/**
 * Runs jobs when they are due, once each among any number of workers on one warehouse. A crashed
 * worker's runs are taken over within leaseMs + pollMs, 45 s. What becomes of occurrences that
 * passed while none ran is each job's `catchUp`. Faults of jobs and of the connection are logged
 * and survived.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { clock, log = () => undefined, leaseMs = 30_000, pollMs = 15_000 } = options;
  const worker = options.name ?? `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const interrupting = new AbortController();
  const stopping = new AbortController();
  let wake = new AbortController();
  let jobs = options.jobs;
  /** Since when each of the jobs has its schedule. */
  let recorded: Recorded | undefined;
  let workerStart = clock.now();
  let loop = Promise.resolve();

  async function claim(): Promise<Claimed> {
    const client = await options.connect();
    try {
      const now = clock.now();
      const isAhead = (at: string): boolean => isAfter(at, now);
      // The clock was put back: what was noted by the clock that ran ahead is put right with it.
      if (isAhead(workerStart)) workerStart = now;
      const present = jobs;
      if (recorded?.jobs !== present || [...recorded.since.values()].some(isAhead)) {
        recorded = { jobs: present, since: await recordJobs(client, { jobs: present, now }) };
      }
      const { zone } = options;
      return await claimDue(client, { ...recorded, zone, now, workerStart, worker, leaseMs });
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Runs what is due now; false when nothing was. */
  async function pass(): Promise<boolean> {
    const { runs, abandoned } = await claim();
    for (const job of abandoned) log({ kind: 'abandoned', job });
    if (runs.length === 0) return false;
    const { connect, runDue } = options;
    const interrupt = interrupting.signal;
    await runClaimed(runs, { connect, runDue, clock, log, leaseMs, interrupt });
    return true;
  }

  async function sleepUntilDue(): Promise<void> {
    const now = Temporal.Instant.from(clock.now());
    const waits = jobs.flatMap(({ schedule }) =>
      nextOccurrences(schedule, { after: now.toString(), zone: options.zone, count: 1 }).map((at) =>
        now.until(at).total('milliseconds'),
      ),
    );
    await clock.sleep(Math.max(1, Math.min(pollMs, ...waits)), wake.signal);
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      try {
        if (!(await pass())) await sleepUntilDue();
      } catch (error) {
        log({ kind: 'fault', error });
        await clock.sleep(pollMs, wake.signal);
      }
    }
  }

  return {
    start: () => {
      loop = work();
    },
    replaceJobs: (next) => {
      jobs = next;
      wake.abort();
    },
    stop: async () => {
      stopping.abort();
      wake.abort();
      const { stopLimitMs = 60_000 } = options;
      const ended = new AbortController();
      const stopped = loop.finally(() => ended.abort());
      await Promise.race([stopped, clock.sleep(stopLimitMs, ended.signal)]);
      interrupting.abort();
      await Promise.race([stopped, clock.sleep(interruptLimitMs, ended.signal)]);
    },
  };
}
