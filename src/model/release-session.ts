import type { ClientBase } from 'pg';

import { PlumblineError } from '../errors.ts';
import { quoteIdentifier, quoteRelation } from '../warehouse/quote.ts';
import { createModel, refillModel, refreshModel, stagedName } from './build-relation.ts';
import { chooseAction } from './choose-action.ts';
import type { Action } from './choose-action.ts';
import type { CleanView } from './clean-view.ts';
import { modelHash, procedureHash } from './definition-hash.ts';
import { dropOrder } from './drop-order.ts';
import type { Model, Procedure } from './model.ts';
import { publish } from './publish.ts';
import { readsClock } from './reads-clock.ts';
import { nextSchema } from './redirect-relations.ts';
import type { ModelResult, ProcedureResult } from './release-result.ts';
import { namingFailures } from './sql-failure.ts';
import type { WarehouseState } from './warehouse-state.ts';

/** A release in the making: what has been built, replaced and changed so far. */
export interface ReleaseSession {
  readonly client: ClientBase;
  readonly state: WarehouseState;
  /** Refresh everything, changed or not. */
  readonly force: boolean;
  /** Rows of each model at the release before. */
  readonly rowsBefore: ReadonlyMap<string, number>;
  /** Clean views that do not exist because their source was never loaded: `clean.tax`. */
  readonly neverLoaded: ReadonlySet<string>;
  /** Built and not yet where readers see them. */
  readonly staged: Set<string>;
  /** Replaced in this release: views tied to the old relation must be replaced too. */
  readonly replaced: Set<string>;
  /** Having other rows than at the release before. */
  readonly changed: Set<string>;
  /** Views whose rows change by themselves, with the clock or with Plumbline's own tables. */
  readonly drifting: Set<string>;
  /** What has been built, to be recorded. */
  readonly built: Map<string, Built>;
  /** Taken away already, because a procedure had to see what takes their place. */
  readonly dropped: Set<string>;
}

export interface Built {
  readonly materialization: string;
  readonly hash: string;
  readonly dependsOn: readonly string[];
}

/** Makes the clean view of a source, if it is new or its columns have changed. */
export async function ensureCleanView(session: ReleaseSession, view: CleanView): Promise<void> {
  const { client, state, staged, replaced, changed, built } = session;
  const { name, hash, sql } = view;
  if (state.recorded.get(name)?.hash === hash && state.existing.get(name) === 'view') return;
  await createNextSchema(session, 'clean');
  await client.query(`create view ${stagedName(name, new Set([name]))} as ${sql}`);
  staged.add(name);
  replaced.add(name);
  changed.add(name);
  built.set(name, { materialization: 'view', hash, dependsOn: [] });
}

/** Brings one model up to date in the cheapest way that is right. */
export async function bringUpToDate(session: ReleaseSession, model: Model): Promise<ModelResult> {
  const started = performance.now();
  const { name, materialize } = model;
  const action = await perform(session, model);
  const rows = await countRows(session, model, action);
  const refreshed = action !== 'keep';
  const ms = refreshed ? performance.now() - started : 0;
  return { name, materialization: materialize, rows, ms, refreshed };
}

async function perform(session: ReleaseSession, model: Model): Promise<Action> {
  const { client, state, staged, replaced, changed, drifting, built } = session;
  const { name, materialize, dependsOn } = model;
  refuseUnbuildable(session, model);
  const hash = modelHash(model);
  const drifts = readsClock(model.sql) || dependsOn.some((each) => isDrifting(each, drifting));
  if (drifts && materialize === 'view') drifting.add(name);
  let action = chooseAction({
    materialize,
    keyed: model.key.length > 0,
    existing: state.existing.get(name),
    sameDefinition: state.recorded.get(name)?.hash === hash,
    stale:
      session.force ||
      dependsOn.some((each) => changed.has(each)) ||
      (drifts && materialize !== 'view'),
    cutOff: dependsOn.some((each) => replaced.has(each)),
  });
  if (action === 'keep') return action;
  if (action === 'refill' && !(await refillModel(client, model, staged))) action = 'replace';
  if (action === 'refresh') await refreshModel(client, model);
  if (action === 'replace') {
    await createNextSchema(session, model.schema);
    await createModel(client, model, staged);
    staged.add(name);
    replaced.add(name);
  }
  if (materialize !== 'view') await client.query(`analyze ${stagedName(name, staged)}`);
  changed.add(name);
  built.set(name, { materialization: materialize, hash, dependsOn });
  return action;
}

function isDrifting(relation: string, drifting: ReadonlySet<string>): boolean {
  return drifting.has(relation) || relation.startsWith('plumbline.');
}

function refuseUnbuildable(session: ReleaseSession, model: Model): void {
  const { state, neverLoaded } = session;
  const subject = `model ${model.name} (${model.file}:${model.line})`;
  const missing = model.dependsOn.find((each) => neverLoaded.has(each));
  if (missing !== undefined) {
    throw new PlumblineError('model-failed', {
      message: `${subject} reads ${missing}, and nothing has been loaded for that source yet`,
      remedy: `Run the source first; see \`plumbline status\`.`,
    });
  }
  if (state.existing.has(model.name) && !state.recorded.has(model.name)) {
    throw new PlumblineError('model-failed', {
      message: `${subject}: ${model.name} is there already and was not made by Plumbline`,
      remedy: `Give the model another name, or drop ${model.name} yourself.`,
    });
  }
}

/**
 * The whole row is counted, so that every column of a view is computed once before readers ask for
 * it: a division by zero shows here, in the release, and not on a page.
 */
async function countRows(session: ReleaseSession, model: Model, action: Action): Promise<number> {
  const known = action === 'keep' ? session.rowsBefore.get(model.name) : undefined;
  if (known !== undefined) return known;
  const relation = stagedName(model.name, session.staged);
  const sent = { subject: `model ${model.name}`, file: model.file, line: model.line };
  const what = model.materialize === 'view' ? 'r.*' : '*';
  const { rows } = await namingFailures(sent, '', () =>
    session.client.query<{ count: string }>(`select count(${what}) from ${relation} r`),
  );
  return Number(rows[0]?.count ?? 0);
}

async function createNextSchema(session: ReleaseSession, schema: string): Promise<void> {
  await session.client.query(`create schema if not exists ${quoteIdentifier(nextSchema(schema))}`);
}

/** Calls a procedure if anything it reads or writes has changed, or its definition. */
export async function callIfDue(
  session: ReleaseSession,
  procedure: Procedure,
): Promise<ProcedureResult> {
  const { client, state, changed, drifting, built } = session;
  const { name, reads, writes, sql, file, line } = procedure;
  const id = `${name}()`;
  const hash = procedureHash(procedure);
  const quoted = `${quoteRelation(name)}()`;
  const found = await client.query<{ exists: boolean }>(
    'select to_regprocedure($1) is not null as exists',
    [quoted],
  );
  const same = found.rows[0]?.exists === true && state.recorded.get(id)?.hash === hash;
  const touched =
    reads.some((each) => changed.has(each) || isDrifting(each, drifting)) ||
    writes.some((each) => changed.has(each));
  if (same && !touched && !session.force) return { name, ms: 0, called: false };
  const started = performance.now();
  // The body names relations as readers do, so what was built aside must be in its place.
  await publishStaged(session, []);
  const sent = { subject: `procedure ${name}`, file, line };
  if (!same) {
    await client.query(`drop procedure if exists ${quoted}`);
    await namingFailures({ ...sent, original: sql }, '', () => client.query(sql));
    // Postgres lets everybody call what is new, and some run with the rights of their owner.
    await client.query(`revoke all on procedure ${quoted} from public`);
  }
  await namingFailures(sent, '', () => client.query(`call ${quoted}`));
  for (const relation of writes) changed.add(relation);
  built.set(id, { materialization: 'procedure', hash, dependsOn: reads });
  return { name, ms: performance.now() - started, called: true };
}

/** Puts what was built aside where readers see it, and takes away what the project no longer has. */
export async function publishStaged(
  session: ReleaseSession,
  removed: readonly string[],
): Promise<void> {
  const { client, state, staged, dropped } = session;
  const drops = dropOrder([...staged, ...removed], state.recorded).flatMap((name) => {
    const kind = state.existing.get(name);
    return kind === undefined || dropped.has(name) ? [] : [{ name, kind }];
  });
  await publish(client, { drops, staged: [...staged] });
  for (const { name } of drops) dropped.add(name);
  staged.clear();
}
