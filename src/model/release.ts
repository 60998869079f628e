import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { lockReleases } from '../warehouse/release-lock.ts';
import { inTransaction, retryTransaction } from '../warehouse/transaction.ts';
import { readCleanViews } from './clean-view.ts';
import { checksHash } from './definition-hash.ts';
import type { Check, Model, Procedure } from './model.ts';
import { moveHorizons } from './move-horizons.ts';
import { orderModels } from './order-models.ts';
import {
  readPreviousRelease,
  recordHeldRelease,
  recordModels,
  recordRelease,
} from './record-release.ts';
import type { PreviousRelease } from './record-release.ts';
import type {
  CheckResult,
  FailedCheck,
  ModelResult,
  ProcedureResult,
  ReleaseError,
  ReleaseEvent,
  ReleaseResult,
} from './release-result.ts';
import { bringUpToDate, callIfDue, ensureCleanView, publishStaged } from './release-session.ts';
import type { ReleaseSession } from './release-session.ts';
import { runCheck } from './run-checks.ts';
import { isConnectionFault } from './sql-failure.ts';
import { readState } from './warehouse-state.ts';

export interface ReleaseOptions {
  /** Acts as the owner and is used for nothing else meanwhile. */
  readonly client: pg.ClientBase;
  readonly models: readonly Model[];
  readonly procedures: readonly Procedure[];
  /** Files of `checks/`; those of models come with them. */
  readonly checks: readonly Check[];
  /** All sources of the project, by name. */
  readonly sources: readonly string[];
  /** ISO instant of "now". */
  readonly now: () => string;
  /** IANA zone in which models and checks read days and hours; default that of the session. */
  readonly zone?: string;
  /** Refresh every model, changed or not. */
  readonly force?: boolean;
  readonly progress?: (event: ReleaseEvent) => void;
}

/** What a release has come to so far; kept outside the transaction, since it may be rolled back. */
interface Outcome {
  readonly startedAt: string;
  readonly models: ModelResult[];
  readonly procedures: ProcedureResult[];
  readonly checks: CheckResult[];
}

/** Rolls the transaction back; the release is then recorded as held. */
class Held extends Error {}

/**
 * Makes what was loaded visible: moves the horizon of each source, brings every model that this
 * changes up to date, runs all checks, and commits it as one transaction. A failed check of level
 * error or SQL that Postgres refuses holds the release: all is rolled back, readers go on seeing the
 * one before, and what went wrong is recorded. Without any change the release before is returned.
 *
 * Two at once queue. Readers are never stopped while models are built; relations whose definition
 * changed are exchanged at the end in milliseconds. A repeatable-read transaction that began before
 * an exchange and first reads the relation after it sees the new one.
 *
 * Throws `project-invalid` for a cycle and `warehouse-unreachable` when the connection breaks: the
 * next release finds out how far this one came, and never guesses.
 */
export async function runRelease(options: ReleaseOptions): Promise<ReleaseResult> {
  const { client, now } = options;
  let outcome: Outcome = emptyOutcome(now());
  try {
    return await retryTransaction(async () => {
      outcome = emptyOutcome(now());
      return inTransaction(client, () => makeRelease(options, outcome));
    });
  } catch (error) {
    if (error instanceof Held) return hold(options, outcome, undefined);
    if (isConnectionFault(error)) throw brokenOff(error);
    if (!(error instanceof PlumblineError) || error.code === 'project-invalid') throw error;
    const { code, message, remedy } = error;
    return hold(options, outcome, { code, message, remedy });
  }
}

function brokenOff(cause: Error): PlumblineError {
  return new PlumblineError('warehouse-unreachable', {
    message: `the connection to Postgres broke during a release: ${cause.message}`,
    retryable: true,
    cause,
  });
}

function emptyOutcome(startedAt: string): Outcome {
  return { startedAt, models: [], procedures: [], checks: [] };
}

async function makeRelease(options: ReleaseOptions, outcome: Outcome): Promise<ReleaseResult> {
  const { client, zone, models, procedures } = options;
  const steps = orderModels(models, procedures);
  await lockReleases(client);
  if (zone !== undefined) await client.query(`select set_config('timezone', $1, true)`, [zone]);
  const previous = await readPreviousRelease(client);
  const session = await openSession(options, previous);
  await createSchemas(session, [...models, ...procedures]);
  for (const step of steps) {
    if (step.kind === 'model') {
      const result = await bringUpToDate(session, step.model);
      outcome.models.push(result);
      options.progress?.({ kind: 'model', ...result });
    } else {
      const result = await callIfDue(session, step.procedure);
      outcome.procedures.push(result);
      options.progress?.({ kind: 'procedure', ...result });
    }
  }
  const removed = removedFrom(options, session);
  const hash = checksHash(allChecks(options));
  if (previous !== undefined && isUnchanged({ options, session, removed, hash, previous })) {
    return unchangedResult(outcome, previous);
  }
  await runChecks(options, session, outcome);
  if (outcome.checks.some((check) => check.status === 'failed')) throw new Held();
  await publishStaged(session, removed);
  await dropProcedures(client, removed);
  await recordModels(client, session.built, removed);
  const release = await recordRelease(client, {
    ...outcome,
    finishedAt: options.now(),
    checksHash: hash,
  });
  return { ...resultOf(outcome), released: true, release };
}

async function openSession(
  options: ReleaseOptions,
  previous: PreviousRelease | undefined,
): Promise<ReleaseSession> {
  const { client, models, force = false } = options;
  const horizons = await moveHorizons(client, options.sources);
  // Tables that were just filled have no statistics, and a plan made without them can take minutes.
  for (const relation of horizons.changed) {
    await client.query(`analyze raw.${quoteIdentifier(relation)}`);
  }
  const views = await readCleanViews(client, horizons.sources);
  const there = new Set(views.map((view) => view.name));
  const clean = [...horizons.sources.keys()].map((relation) => `clean.${relation}`);
  const session: ReleaseSession = {
    client,
    state: await readState(client, [...models.map((model) => model.name), ...clean]),
    force,
    rowsBefore: previous?.rows ?? new Map(),
    neverLoaded: new Set(clean.filter((name) => !there.has(name))),
    staged: new Set(),
    replaced: new Set(),
    changed: new Set(Array.from(horizons.changed, (relation) => `clean.${relation}`)),
    drifting: new Set(),
    built: new Map(),
    dropped: new Set(),
  };
  for (const view of views) {
    const stays = horizons.waiting.has(view.relation) && session.state.existing.has(view.name);
    if (!stays) await ensureCleanView(session, view);
  }
  return session;
}

async function createSchemas(
  { client }: ReleaseSession,
  named: readonly { readonly name: string }[],
): Promise<void> {
  const wanted = [...new Set(named.map(({ name }) => name.slice(0, name.indexOf('.'))))];
  const { rows } = await client.query<{ schema: string }>(
    `select schema from unnest($1::text[]) as schema where to_regnamespace(quote_ident(schema)) is null`,
    [wanted],
  );
  for (const { schema } of rows) await client.query(`create schema ${quoteIdentifier(schema)}`);
}

/** Relations and procedures that were built once and are in the project no more. */
function removedFrom(options: ReleaseOptions, session: ReleaseSession): readonly string[] {
  const wanted = new Set([
    ...options.models.map((model) => model.name),
    ...options.procedures.map((procedure) => `${procedure.name}()`),
  ]);
  // The rows of a source outlive it in raw, and so does the view that shows them.
  return [...session.state.recorded.keys()].filter(
    (name) => !wanted.has(name) && !name.startsWith('clean.'),
  );
}

async function dropProcedures(client: pg.ClientBase, removed: readonly string[]): Promise<void> {
  for (const name of removed.filter((each) => each.endsWith('()'))) {
    const dot = name.indexOf('.');
    const quoted = `${quoteIdentifier(name.slice(0, dot))}.${quoteIdentifier(name.slice(dot + 1, -2))}`;
    await client.query(`drop procedure if exists ${quoted}()`);
  }
}

function allChecks({ models, checks }: ReleaseOptions): readonly Check[] {
  return [...models.flatMap((model) => model.checks), ...checks];
}

function isUnchanged(known: {
  readonly options: ReleaseOptions;
  readonly session: ReleaseSession;
  readonly removed: readonly string[];
  readonly hash: string;
  readonly previous: PreviousRelease;
}): boolean {
  const { options, session, removed, hash, previous } = known;
  return (
    options.force !== true &&
    previous.latest &&
    previous.checksHash === hash &&
    session.changed.size === 0 &&
    session.built.size === 0 &&
    removed.length === 0
  );
}

async function runChecks(
  options: ReleaseOptions,
  session: ReleaseSession,
  outcome: Outcome,
): Promise<void> {
  for (const check of allChecks(options)) {
    const result = await runCheck(session.client, check, session.staged);
    outcome.checks.push(result);
    options.progress?.({ kind: 'check', ...result });
  }
}

/** Records a release that is held, in a transaction of its own. */
async function hold(
  options: ReleaseOptions,
  outcome: Outcome,
  error: ReleaseError | undefined,
): Promise<ReleaseResult> {
  const { client, now } = options;
  const serving = await inTransaction(client, async () => {
    const hash = checksHash(allChecks(options));
    await recordHeldRelease(client, { ...outcome, finishedAt: now(), checksHash: hash }, error);
    return readPreviousRelease(client);
  });
  return {
    ...resultOf(outcome),
    released: false,
    release: serving === undefined ? undefined : summaryOf(serving),
    ...(error === undefined ? {} : { error }),
  };
}

function resultOf(outcome: Outcome): Pick<ReleaseResult, 'models' | 'procedures' | 'checks'> {
  const count = (status: CheckResult['status']): number =>
    outcome.checks.filter((check) => check.status === status).length;
  const failed: FailedCheck[] = outcome.checks
    .filter((check) => check.status !== 'passed')
    .map(({ name, level, rows, sample }) => ({ name, level, rows, sample }));
  return {
    models: outcome.models,
    procedures: outcome.procedures,
    checks: { passed: count('passed'), warned: count('warned'), failed },
  };
}

function unchangedResult(outcome: Outcome, previous: PreviousRelease): ReleaseResult {
  const { passed, warned, warnings } = previous;
  return {
    ...resultOf(outcome),
    checks: { passed, warned, failed: warnings },
    released: true,
    release: summaryOf(previous),
  };
}

function summaryOf({ id, at, verified }: PreviousRelease): ReleaseResult['release'] {
  return { id, at, verified };
}
