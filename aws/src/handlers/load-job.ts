import { loadProjectSource, PlumblineError } from 'plumbline/runtime';
import type { LoadEvent, ProjectAtWork, RunOutcome, SourceResult } from 'plumbline/runtime';

import type { Invocation } from './invocation.ts';

/** What a load came to, in the words of a handler. */
export interface Load {
  readonly result: SourceResult;
  /** Something in the tables is another than before. */
  readonly hasLoaded: boolean;
  /** What comes next when it stopped before the time limit. */
  readonly goesOnFrom: string | undefined;
  readonly outcome: RunOutcome;
  /** The first fault of the system; what was refused for its content is none. */
  readonly fault: SourceResult['errors'][number] | undefined;
}

/**
 * A load begins nothing new in the last quarter of its time: what it has begun must end in it. So the
 * alarm on duration, at four fifths, means a delivery that took longer than it should.
 * `PLUMBLINE_MARGIN_SECONDS` says otherwise.
 */
const marginShare = 1 / 4;

function marginOf(leftMs: number, open: ProjectAtWork): number {
  const given = Number(open.env('PLUMBLINE_MARGIN_SECONDS') ?? Number.NaN) * 1000;
  return given >= 0 ? given : leftMs * marginShare;
}

/** This long before the limit everything is broken off, so that the run can still be given back. */
const abortMarginMs = 5000;

/**
 * Loads the source until it is through or the time limit comes near. A delivery that was refused is a
 * result; a fault of the system is thrown. When the source refused a secret, the secrets are read
 * anew, and it is tried again if one was changed.
 */
export async function loadJob(
  invocation: Invocation,
  open: ProjectAtWork,
  signal: AbortSignal,
): Promise<Load> {
  const first = await loadOnce(invocation, open, signal);
  if (!wasDenied(first) || !(await invocation.secrets.refresh())) return judged(invocation, first);
  invocation.log.info('the source refused a secret that was changed since; it is tried again');
  const values = await invocation.secrets.values();
  const env = (name: string): string | undefined => values.get(name) ?? open.env(name);
  const second = await loadOnce(invocation, { ...open, env }, signal);
  return judged(invocation, { ...second, hasLoaded: first.hasLoaded || second.hasLoaded });
}

interface Attempt {
  readonly result: SourceResult;
  readonly hasLoaded: boolean;
  /** Messages of deliveries that were refused for their content. */
  readonly refused: ReadonlySet<string>;
}

/** Errors that keep a delivery out and have nothing to do with what is in it: someone must see to them. */
const notOfContent: ReadonlySet<string> = new Set([
  'source-denied',
  'source-unreachable',
  'source-not-found',
  'setting-missing',
  'address-refused',
  'disk-full',
  'archive-failed',
]);

async function loadOnce(
  { job, log, remainingMs }: Invocation,
  open: ProjectAtWork,
  signal: AbortSignal,
): Promise<Attempt> {
  const refused = new Set<string>();
  let hasLoaded = false;
  const onEvent = (event: LoadEvent): void => {
    if (event.kind !== 'delivery') return;
    const { name, outcome, rows, error } = event.result;
    if (outcome === 'duplicate-file') return;
    if (outcome === 'loaded') hasLoaded = true;
    if (outcome === 'rejected' && error !== undefined && !notOfContent.has(error.code))
      refused.add(error.message);
    const say = outcome === 'loaded' ? log.info : log.warn;
    say(`a delivery was ${outcome}`, { delivery: name, rows, ...(error && { error }) });
  };
  const leftMs = remainingMs();
  const limit = AbortSignal.timeout(Math.max(leftMs / 2, leftMs - abortMarginMs));
  const began = Date.now();
  try {
    const result = await loadProjectSource({
      open,
      name: job,
      now: () => new Date().toISOString(),
      deadline: new Date(began + leftMs - marginOf(leftMs, open)).toISOString(),
      signal: AbortSignal.any([signal, limit]),
      onEvent,
    });
    return { result, hasLoaded, refused };
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new PlumblineError('function-time', {
      message: `One delivery takes longer than the ${Math.round(leftMs / 1000)} seconds there were; nothing of it was loaded.`,
      retryable: true,
      cause: error,
    });
  }
}

const wasDenied = ({ result }: Attempt): boolean =>
  result.errors.some(({ code }) => code === 'source-denied');

function judged({ log }: Invocation, attempt: Attempt): Load {
  const { result, hasLoaded, refused } = attempt;
  const { rows, ms, goesOnFrom } = result;
  log.metrics({
    RowsLoaded: rows.inserted + rows.changed,
    RowsRejected: rows.rejected,
    Seconds: ms / 1000,
  });
  log.info('the source was read', {
    deliveries: result.deliveries,
    duplicateFiles: result.duplicateFiles,
    rows,
    seconds: ms / 1000,
    ...(goesOnFrom !== undefined && { goesOnFrom }),
  });
  const fault = result.errors.find(({ message }) => !refused.has(message));
  return {
    result,
    hasLoaded,
    goesOnFrom,
    fault,
    outcome: {
      ok: result.balanced,
      result,
      ...(fault !== undefined && { tryAgain: true }),
    },
  };
}
