import type { Context, SQSBatchResponse } from 'aws-lambda';
import { PlumblineError, recordRun } from 'plumbline/runtime';
import type { ErrorCode, ProjectAtWork, RunOutcome, SourceResult } from 'plumbline/runtime';

import { createHandler, openInvocation } from './invocation.ts';
import type { FunctionParts, Invocation } from './invocation.ts';
import { createInvoke } from './invoke-function.ts';
import { loadJob } from './load-job.ts';
import type { Load } from './load-job.ts';
import { parseEvent } from './parse-event.ts';
import type { Continuation, FunctionEvent } from './parse-event.ts';
import { parseUploads } from './parse-uploads.ts';
import { runOccurrence } from './run-occurrence.ts';
import type { JobResult } from './run-occurrence.ts';
import { sayLate } from './say-late.ts';

/** What a load function answers: for people who invoke it by hand, and for tests. */
export interface IngestAnswer {
  readonly job: string;
  readonly outcome: 'nothing-due' | 'loaded' | 'refused' | 'continues' | 'lost';
  readonly reason?: string;
  readonly occurrence?: string;
  readonly rows?: SourceResult['rows'];
}

type IngestEvent = Extract<FunctionEvent, { kind: 'schedule' | 'run' | 'continue' | 'uploads' }>;
type Started = Exclude<IngestEvent, { kind: 'uploads' }>;

/**
 * The function that loads one source: when its schedule fires, when files are put into its bucket, by
 * hand, and where it stopped before.
 *
 * A delivery that is refused for its content is a result and no error. A fault of the system is
 * thrown: Lambda tries again twice, then keeps the event and what to do in the dead-letter queue.
 */
export function createIngestHandler(
  parts: FunctionParts,
): (event: unknown, context: Context) => Promise<IngestAnswer | SQSBatchResponse> {
  return createHandler(parts, async (value, invocation) => {
    const kinds = ['schedule', 'run', 'continue', 'uploads'] as const;
    const event: IngestEvent = parseEvent(value, { job: parts.job, kinds });
    invocation.log.info('an event came', { event: event.kind });
    return event.kind === 'uploads'
      ? loadUploads(invocation, event.messages)
      : withProject(invocation, (open) => loadFor(event, invocation, open));
  });
}

async function withProject<T>(
  invocation: Invocation,
  work: (open: ProjectAtWork) => Promise<T>,
): Promise<T> {
  const open = await openInvocation(invocation, { checkAs: 'loader', archives: true });
  try {
    return await work(open);
  } finally {
    // A source that cannot be loaded is the one that becomes late.
    await sayLate(invocation, open, 'loader');
    await open.close();
  }
}

/**
 * Messages of a queue. One that cannot be read is reported by itself, the rest is done. A fault of the
 * system is thrown, so that the alarm on errors tells of it at once; all messages come again then.
 */
async function loadUploads(
  invocation: Invocation,
  messages: Extract<IngestEvent, { kind: 'uploads' }>['messages'],
): Promise<SQSBatchResponse> {
  const { job, log, parts } = invocation;
  const source = parts.sources?.find(({ name }) => name === job)?.value;
  const { wanted, ignored, unreadable } = parseUploads(messages, source?.place);
  for (const each of ignored) log.info('an upload is not for this source', each);
  for (const each of unreadable) {
    log.error('a message about uploads cannot be read; it goes to the dead-letter queue', each);
  }
  const failures = unreadable.map(({ messageId }) => ({ itemIdentifier: messageId }));
  if (wanted.length === 0) return { batchItemFailures: failures };
  log.info('files were put into the bucket', { keys: wanted.flatMap(({ keys }) => keys) });
  await withProject(invocation, (open) => loadUnscheduled(invocation, open, 'upload'));
  return { batchItemFailures: failures };
}

async function loadFor(
  event: Started,
  invocation: Invocation,
  open: ProjectAtWork,
): Promise<IngestAnswer> {
  const { job } = invocation;
  const schedule = open.project.sources.get(job)?.schedule;
  const isUnscheduled =
    event.kind === 'run' || (event.kind === 'continue' && event.trigger !== undefined);
  if (schedule === undefined || isUnscheduled) {
    const trigger = event.kind === 'continue' ? (event.trigger ?? 'manual') : 'manual';
    return loadUnscheduled(invocation, open, trigger, event);
  }
  let load: Load | undefined;
  const result = await runOccurrence({
    invocation,
    open,
    schedule,
    firedAt: event.kind === 'schedule' ? event.scheduledTime : undefined,
    run: async (_runs, signal): Promise<JobResult> => {
      load = await loadJob(invocation, open, signal);
      const isStopped = load.goesOnFrom !== undefined && load.outcome.tryAgain !== true;
      if (isStopped) return { kind: 'stopped' };
      await askForRelease(invocation);
      return { kind: 'done', outcome: load.outcome };
    },
  });
  switch (result.kind) {
    case 'nothing-due':
      invocation.log.info('nothing is due', { reason: result.reason });
      return { job, outcome: 'nothing-due', reason: result.reason };
    case 'lost':
      return { job, outcome: 'lost', occurrence: result.occurrence };
    case 'stopped':
      return { ...(await goOn(invocation, load, event)), occurrence: result.occurrence };
    case 'done':
      return { ...answerOf(invocation, load, result.outcome), occurrence: result.occurrence };
  }
}

/** A run by hand or by an upload: nobody else's to take on, but recorded like any other. */
async function loadUnscheduled(
  invocation: Invocation,
  open: ProjectAtWork,
  trigger: 'manual' | 'upload',
  event?: Started,
): Promise<IngestAnswer> {
  const { job } = invocation;
  const { warehouse } = open;
  const { signal } = new AbortController();
  const isOk = ({ outcome }: Load): boolean => outcome.ok;
  const load = await recordRun({ warehouse, job, isOk, trigger }, async () => {
    const loaded = await loadJob(invocation, open, signal);
    const isStopped = loaded.goesOnFrom !== undefined && loaded.outcome.tryAgain !== true;
    if (!isStopped) await askForRelease(invocation);
    return loaded;
  });
  return load.goesOnFrom !== undefined && load.outcome.tryAgain !== true
    ? goOn(invocation, load, event, trigger)
    : answerOf(invocation, load, load.outcome);
}

/**
 * Asked for by every run, as on a laptop, also by one that brought nothing: a release that was lost is
 * made with the next run of any source, and so is what a deployment changed of models and what follows
 * the calendar. Where nothing has changed a release costs seconds and makes none.
 */
async function askForRelease({ environment, job, log }: Invocation): Promise<void> {
  const { releaseFunction } = environment;
  if (releaseFunction === undefined) {
    log.warn('no release is asked for: PLUMBLINE_RELEASE_FUNCTION is not set');
    return;
  }
  await createInvoke(environment.region)(releaseFunction, { kind: 'release', cause: { job } });
  log.info('a release was asked for', { releaseFunction });
}

/** Hands what is left to a new invocation of this function. */
async function goOn(
  invocation: Invocation,
  load: Load | undefined,
  event: Started | undefined,
  trigger?: 'manual' | 'upload',
): Promise<IngestAnswer> {
  const { environment, functionName, job, log } = invocation;
  const from = load?.goesOnFrom;
  const before = event?.kind === 'continue' ? event : undefined;
  if (load?.hasLoaded !== true && from !== undefined && before?.from === from) {
    throw new PlumblineError('function-time', {
      message: `The load stopped at ${from} twice and loaded nothing in between: that one alone takes longer than the function's time limit.`,
    });
  }
  const next: Continuation = {
    kind: 'continue',
    job,
    trigger,
    from,
  };
  await createInvoke(environment.region)(functionName, next);
  log.info('the time limit is near: a new invocation goes on', { from });
  return { job, outcome: 'continues', ...(load && { rows: load.result.rows }) };
}

/** Throws the fault of the system among the errors, which is recorded by now. */
function answerOf({ job }: Invocation, load: Load | undefined, outcome: RunOutcome): IngestAnswer {
  if (outcome.tryAgain === true && load !== undefined) throw faultOf(load);
  return {
    job,
    outcome: outcome.ok ? 'loaded' : 'refused',
    ...(load && { rows: load.result.rows }),
  };
}

function faultOf({ fault }: Load): unknown {
  if (fault === undefined) return new Error('a load failed without an error');
  const { code, message, remedy } = fault;
  // The cast: stored errors have codes of the catalogue.
  return new PlumblineError(code as ErrorCode, { message, remedy });
}
