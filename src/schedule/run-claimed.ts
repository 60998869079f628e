import type { Client } from 'pg';

import { PlumblineError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { finishRun, postponeRun, renewLeases, returnRun } from './occurrence.ts';
import type { Run, Trigger } from './occurrence.ts';

/** A job and the occurrence it is run for. */
export interface DueRun {
  readonly job: string;
  /** ISO instant. */
  readonly occurrence: string;
  readonly trigger: Trigger;
}

export interface RunOutcome {
  readonly ok: boolean;
  /** Kept as JSON in `plumbline.run.result`. */
  readonly result: unknown;
  /** It failed for something that may pass: it is given back to be tried again, three times in all. */
  readonly tryAgain?: boolean;
}

/**
 * Runs what is due together, oldest occurrence first; a job is there more than once when several of
 * its occurrences are caught up. Gives the outcome of each job; one without an outcome, and all when
 * it throws, have failed. When the signal aborts it should end soon: the process stops, or another
 * worker has taken over.
 */
export type RunDue = (
  due: readonly DueRun[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, RunOutcome>>;

export type WorkerEvent =
  | { readonly kind: 'started'; readonly runs: readonly DueRun[] }
  | { readonly kind: 'finished'; readonly run: DueRun; readonly outcome: RunOutcome }
  /** Stopped before it was done; another worker will run it. */
  | { readonly kind: 'returned'; readonly run: DueRun }
  /** It failed for something that may pass and waits for another try. */
  | { readonly kind: 'postponed'; readonly run: DueRun; readonly attempt: number }
  /** The lease lapsed while the process stalled, and another worker took over. */
  | { readonly kind: 'lost'; readonly run: DueRun }
  /** The run ended its process three times and is given up. */
  | { readonly kind: 'abandoned'; readonly job: string }
  /** The worker itself met a fault; it tries again. */
  | { readonly kind: 'fault'; readonly error: unknown };

export interface RunClaimedOptions {
  readonly connect: () => Promise<Client>;
  readonly runDue: RunDue;
  readonly clock: Clock;
  readonly log: (event: WorkerEvent) => void;
  readonly leaseMs: number;
  /** Aborts when the worker must stop. */
  readonly interrupt: AbortSignal;
}

/** Times the end of a run is written before it is left to the lease. */
const settleAttempts = 3;
const settlePauseMs = 1000;

/** Runs what was claimed, keeping the leases meanwhile, and writes how it ended. */
export async function runClaimed(runs: readonly Run[], options: RunClaimedOptions): Promise<void> {
  const { clock, leaseMs, interrupt, log } = options;
  const lost = new AbortController();
  const done = new AbortController();
  log({ kind: 'started', runs: runs.map(dueOf) });
  const keeping = keepLeases();
  const outcomes = await outcomesOf(AbortSignal.any([interrupt, lost.signal]));
  done.abort();
  await keeping;
  for (const run of runs) {
    await settle(run, outcomes.get(run.job) ?? failure('The job gave no outcome.'));
  }

  async function outcomesOf(signal: AbortSignal): Promise<ReadonlyMap<string, RunOutcome>> {
    try {
      return await options.runDue(runs.map(dueOf), signal);
    } catch (error) {
      return new Map(runs.map((run) => [run.job, failure(error)]));
    }
  }

  async function keepLeases(): Promise<void> {
    for (;;) {
      await clock.sleep(leaseMs / 3, done.signal);
      if (done.signal.aborted) return;
      try {
        const held = await withClient((client) => renewLeases(client, runs, leaseMs));
        if (!held) lost.abort();
      } catch (error) {
        log({ kind: 'fault', error });
      }
    }
  }

  async function settle(run: Run, outcome: RunOutcome): Promise<void> {
    const due = dueOf(run);
    for (let attempt = 1; attempt <= settleAttempts; attempt += 1) {
      try {
        if (!outcome.ok && interrupt.aborted) {
          await withClient((client) => returnRun(client, run));
          return log({ kind: 'returned', run: due });
        }
        if (!outcome.ok && outcome.tryAgain === true) {
          const { result } = outcome;
          const isAgain = await withClient((client) => postponeRun(client, run, result));
          if (isAgain) return log({ kind: 'postponed', run: due, attempt: run.attempts });
        }
        const state = outcome.ok ? 'succeeded' : 'failed';
        const { result } = outcome;
        const held = await withClient((client) => finishRun(client, run, { state, result }));
        return log(held ? { kind: 'finished', run: due, outcome } : { kind: 'lost', run: due });
      } catch (error) {
        log({ kind: 'fault', error });
        if (attempt < settleAttempts) await clock.sleep(settlePauseMs, interrupt);
      }
    }
  }

  async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await options.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function dueOf({ job, occurrence, trigger }: Run): DueRun {
  if (occurrence === null) throw new Error(`run of ${job} has no occurrence`);
  return { job, occurrence, trigger };
}

function failure(error: unknown): RunOutcome {
  const message = error instanceof Error ? error.message : String(error);
  const detail =
    error instanceof PlumblineError
      ? { code: error.code, message, remedy: error.remedy }
      : { message };
  return { ok: false, result: { error: detail } };
}
