import type { ClientBase } from 'pg';

import { quoteRelation } from '../warehouse/quote.ts';
import type {
  CheckResult,
  FailedCheck,
  ModelResult,
  ReleaseError,
  ReleaseSummary,
} from './release-result.ts';
import type { Built } from './release-session.ts';

/** The release readers see, as it was recorded. */
export interface PreviousRelease extends ReleaseSummary {
  readonly passed: number;
  readonly warned: number;
  readonly checksHash: string | null;
  /** False when a later one was held: then the next attempt must be recorded, whatever it finds. */
  readonly latest: boolean;
  readonly warnings: readonly FailedCheck[];
  readonly rows: ReadonlyMap<string, number>;
}

interface ReleaseRow {
  readonly id: string;
  readonly at: string;
  readonly verified: boolean;
  readonly passed: number;
  readonly warned: number;
  readonly checksHash: string | null;
  readonly latest: boolean;
}

/** Reads the release that readers see; undefined before the first. */
export async function readPreviousRelease(
  client: ClientBase,
): Promise<PreviousRelease | undefined> {
  const { rows } = await client.query<ReleaseRow>(
    `select id, to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
            verified, passed, warned, checks_hash as "checksHash",
            id = (select max(id) from plumbline.release) as latest
     from plumbline.release where state = 'released' order by release.id desc limit 1`,
  );
  const [release] = rows;
  if (release === undefined) return undefined;
  const warnings = await client.query<Omit<FailedCheck, 'rows'> & { rows: string }>(
    `select name, level, rows, sample from plumbline.check_result
     where release_id = $1 and status <> 'passed' order by name`,
    [release.id],
  );
  const models = await client.query<{ model: string; rows: string }>(
    'select model, rows from plumbline.release_model where release_id = $1 and rows is not null',
    [release.id],
  );
  return {
    ...release,
    id: Number(release.id),
    warnings: warnings.rows.map((check) => ({ ...check, rows: Number(check.rows) })),
    rows: new Map(models.rows.map(({ model, rows }) => [model, Number(rows)])),
  };
}

export interface ReleaseRecord {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly models: readonly ModelResult[];
  readonly checks: readonly CheckResult[];
  readonly checksHash: string;
}

/** Records a release whose checks let it through. */
export async function recordRelease(
  client: ClientBase,
  record: ReleaseRecord,
): Promise<ReleaseSummary> {
  const verified = record.checks.every((check) => check.status === 'passed');
  const id = await insertRelease(client, record, { state: 'released', verified });
  return { id, at: record.finishedAt, verified };
}

/** Records a release that readers will not see, with what held it. */
export async function recordHeldRelease(
  client: ClientBase,
  record: ReleaseRecord,
  error: ReleaseError | undefined,
): Promise<void> {
  await insertRelease(client, record, { state: 'held', verified: false, error });
}

async function insertRelease(
  client: ClientBase,
  record: ReleaseRecord,
  outcome: { state: 'released' | 'held'; verified: boolean; error?: ReleaseError | undefined },
): Promise<number> {
  const { models, checks } = record;
  const count = (status: CheckResult['status']): number =>
    checks.filter((check) => check.status === status).length;
  const { rows } = await client.query<{ id: string }>(
    `insert into plumbline.release
       (state, verified, passed, warned, failed, error, checks_hash, started_at, finished_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [
      outcome.state,
      outcome.verified,
      count('passed'),
      count('warned'),
      count('failed'),
      outcome.error === undefined ? null : JSON.stringify(outcome.error),
      record.checksHash,
      record.startedAt,
      record.finishedAt,
    ],
  );
  const id = rows[0]?.id;
  await client.query(
    `insert into plumbline.release_model (release_id, model, materialization, rows, ms, refreshed)
     select $1, name, materialization, rows, ms, refreshed
     from jsonb_to_recordset($2) as m
       (name text, materialization text, rows bigint, ms double precision, refreshed boolean)`,
    [id, JSON.stringify(models)],
  );
  await client.query(
    `insert into plumbline.check_result (release_id, name, model, level, status, rows, sample, ms)
     select $1, name, model, level, status, rows, sample, ms
     from jsonb_to_recordset($2) as c (name text, model text, level text, status text, rows bigint,
       sample jsonb, ms double precision)`,
    [id, JSON.stringify(checks)],
  );
  return Number(id);
}

/** Records what each model was built from, and forgets those that are gone. */
export async function recordModels(
  client: ClientBase,
  built: ReadonlyMap<string, Built>,
  removed: readonly string[],
): Promise<void> {
  await client.query('delete from plumbline.model where name = any ($1)', [removed]);
  for (const [name, { materialization, hash, dependsOn }] of built) {
    await client.query(
      `insert into plumbline.model (name, materialization, definition_hash, depends_on, columns)
       select $1, $2, $3, $4, coalesce(jsonb_agg(jsonb_build_object(
           'name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum), '[]')
       from pg_attribute where attrelid = to_regclass($5) and attnum > 0 and not attisdropped
       on conflict (name) do update set materialization = excluded.materialization,
         definition_hash = excluded.definition_hash, depends_on = excluded.depends_on,
         columns = excluded.columns, built_at = now()`,
      [
        name,
        materialization,
        hash,
        dependsOn,
        materialization === 'procedure' ? null : quoteRelation(name),
      ],
    );
  }
}
