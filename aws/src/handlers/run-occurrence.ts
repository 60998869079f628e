import { setTimeout as wait } from 'node:timers/promises';

import {
  claimDue,
  describeSchedule,
  heldUntil,
  previousOccurrence,
  recordJobs,
  runClaimed,
  systemClock,
} from 'plumbline/runtime';
import type {
  JobRun,
  ProjectAtWork,
  RunOutcome,
  Schedule,
  ScheduledJob,
  WorkerEvent,
} from 'plumbline/runtime';

import type { Invocation } from './invocation.ts';

/**
 * How long a killed invocation's run stays its own: shorter than the minute after which Lambda tries
 * an event again, so that the retry can take it over
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
 */
export const leaseMs = 45_000;

/** What a job made of what was due. */
export type JobResult =
  | { readonly kind: 'done'; readonly outcome: RunOutcome }
  /** It stopped before the time limit: the run is given back for another invocation. */
  | { readonly kind: 'stopped' };

export interface OccurrenceOptions {
  readonly invocation: Invocation;
  readonly open: ProjectAtWork;
  readonly schedule: Schedule;
  /** ISO instant of the firing; undefined when a run is continued. */
  readonly firedAt: string | undefined;
  readonly run: (due: readonly JobRun[], signal: AbortSignal) => Promise<JobResult>;
}

export type OccurrenceResult =
  /** Nothing was due, and why. */
  | { readonly kind: 'nothing-due'; readonly reason: string }
  | { readonly kind: 'done'; readonly occurrence: string; readonly outcome: RunOutcome }
  | { readonly kind: 'stopped'; readonly occurrence: string }
  /** Its lease lapsed meanwhile, and another invocation goes on with it. */
  | { readonly kind: 'lost'; readonly occurrence: string };

/**
 * Runs a job for what is due, as the worker on a laptop does and with its functions: (job,
 * occurrence) is claimed once among any number of invocations, what a killed one left is taken over,
 * missed occurrences are caught up. A fault of the system is thrown once it is recorded: the run waits
 * for Lambda's next try, three in all.
 */
export async function runOccurrence(options: OccurrenceOptions): Promise<OccurrenceResult> {
  const { invocation, open } = options;
  const runs = await claimOrWait(options);
  if (runs.length === 0) return { kind: 'nothing-due', reason: reasonOf(options) };
  const occurrence = runs.at(-1)?.occurrence ?? '';
  const log = invocation.log.with({ occurrence });
  const interrupt = new AbortController();
  let result: JobResult | undefined;
  let fault: { readonly error: unknown } | undefined;
  let isLost = false;
  await runClaimed(runs, {
    connect: () => open.warehouse.connect('loader'),
    clock: systemClock,
    leaseMs,
    interrupt: interrupt.signal,
    log: (event) => {
      if (event.kind === 'lost') isLost = true;
      logWorker(event, log);
    },
    runDue: async (_due, signal) => {
      try {
        result = await options.run(runs, signal);
      } catch (error) {
        fault = { error };
        const message = error instanceof Error ? error.message : String(error);
        return outcomes({ ok: false, tryAgain: true, result: { error: { message } } });
      }
      if (result.kind === 'done') return outcomes(result.outcome);
      // Not ok and interrupted: the run is given back as if this invocation never had it.
      interrupt.abort();
      return outcomes({ ok: false, result: null });
    },
  });
  const outcomeOf = (): OccurrenceResult => {
    if (isLost) return { kind: 'lost', occurrence };
    return result?.kind === 'done'
      ? { kind: 'done', occurrence, outcome: result.outcome }
      : { kind: 'stopped', occurrence };
  };
  if (fault !== undefined && !isLost) throw fault.error;
  return outcomeOf();

  function outcomes(outcome: RunOutcome): ReadonlyMap<string, RunOutcome> {
    return new Map(runs.map(({ job }) => [job, outcome]));
  }
}

/** How often a run that another invocation has is looked at again. */
const lookAgainMs = 3000;

/**
 * What is due. When another invocation has it, that one may have been killed a moment ago: its lease
 * is waited for, once. One that renews its lease is alive, and there is nothing to do here.
 */
async function claimOrWait(options: OccurrenceOptions): Promise<readonly JobRun[]> {
  const { invocation } = options;
  let first: string | undefined;
  for (;;) {
    const { runs, held } = await claim(options);
    first ??= held;
    const isAlive = held !== undefined && held !== first;
    if (runs.length > 0 || held === undefined || isAlive) return runs;
    if (invocation.remainingMs() < 2 * lookAgainMs) return runs;
    await wait(lookAgainMs);
  }
}

async function claim(
  options: OccurrenceOptions,
): Promise<{ readonly runs: readonly JobRun[]; readonly held: string | undefined }> {
  const { invocation, open, schedule, firedAt } = options;
  const { job: name, requestId, log } = invocation;
  const job: ScheduledJob = { name, schedule };
  const present = systemClock.now();
  // The firing itself says that the job had its schedule by then, also when it is the very first.
  const before = firedAt === undefined ? present : new Date(Date.parse(firedAt) - 1).toISOString();
  const now =
    firedAt !== undefined && Date.parse(firedAt) > Date.parse(present) ? firedAt : present;
  const client = await open.warehouse.connect('loader');
  try {
    const since = await recordJobs(client, { jobs: [job], now: before });
    const { runs, abandoned } = await claimDue(client, {
      jobs: [job],
      zone: open.project.config.zone,
      now,
      since,
      workerStart: before,
      worker: `lambda/${requestId}`,
      leaseMs,
    });
    for (const given of abandoned) {
      log.error('a run was given up: its process was ended three times', { abandoned: given });
    }
    const held = runs.length > 0 ? undefined : await heldUntil(client, name);
    return { runs, held };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function reasonOf({ invocation, open, schedule, firedAt }: OccurrenceOptions): string {
  if (firedAt === undefined) return 'no run of it waits to be continued';
  const { zone } = open.project.config;
  const last = previousOccurrence(schedule, { atOrBefore: firedAt, zone });
  const isOccurrence = last !== undefined && Date.parse(last) === Date.parse(firedAt);
  return isOccurrence
    ? `${invocation.job} was run for ${last}, or is being run by another invocation`
    : `${firedAt} is no occurrence of '${describeSchedule(schedule)}'`;
}

function logWorker(event: WorkerEvent, log: Invocation['log']): void {
  switch (event.kind) {
    case 'started':
      return log.info('a run begins', {
        runs: event.runs.map(({ occurrence, trigger }) => ({ occurrence, trigger })),
      });
    case 'finished':
      return log.info('a run ended', { ok: event.outcome.ok });
    case 'returned':
      return log.info('the run is given back, to be continued');
    case 'postponed':
      return log.warn('the run failed and waits for another try', { attempt: event.attempt });
    case 'lost':
      return log.warn('the run was taken over by another invocation');
    case 'abandoned':
      return log.error('a run was given up', { abandoned: event.job });
    case 'fault':
      return log.warn('the run could not be recorded, which is tried again', {
        reason: event.error instanceof Error ? event.error.message : String(event.error),
      });
  }
}
