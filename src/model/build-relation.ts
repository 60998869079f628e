import { escapeLiteral } from 'pg';
import type { ClientBase } from 'pg';

import { quoteIdentifier, quoteRelation } from '../warehouse/quote.ts';
import type { Model } from './model.ts';
import { nextSchema, redirectRelations } from './redirect-relations.ts';
import { namingFailures } from './sql-failure.ts';

/** Relations (`schema.relation`) that are built and not yet where readers see them. */
export type Staged = ReadonlySet<string>;

/** The relation's quoted name where it is now. */
export function stagedName(name: string, staged: Staged): string {
  const dot = name.indexOf('.');
  return staged.has(name)
    ? `${quoteIdentifier(nextSchema(name.slice(0, dot)))}.${quoteIdentifier(name.slice(dot + 1))}`
    : quoteRelation(name);
}

/** Builds the model beside the one readers see, with its index and its comment. */
export async function createModel(client: ClientBase, model: Model, staged: Staged): Promise<void> {
  const next = stagedName(model.name, new Set([model.name]));
  await runModelSql(client, model, { staged, prefix: `create ${model.materialize} ${next} as ` });
  if (model.materialize !== 'view' && model.key.length > 0) {
    const columns = model.key.map((column) => quoteIdentifier(column)).join(', ');
    const sent = { subject: `key of ${model.name}`, file: model.file, line: 1 };
    await namingFailures(sent, '', () =>
      client.query(`create unique index on ${next} (${columns}) nulls not distinct`),
    );
  }
  if (model.description !== undefined) {
    const text = escapeLiteral(model.description);
    await client.query(`comment on ${model.materialize} ${next} is ${text}`);
  }
}

/** Brings a materialized view with a key up to date; readers see the rows before until the commit. */
export async function refreshModel(client: ClientBase, model: Model): Promise<void> {
  const sent = { subject: `model ${model.name}`, file: model.file, line: model.line };
  await namingFailures(sent, '', () =>
    client.query(`refresh materialized view concurrently ${quoteRelation(model.name)}`),
  );
}

/**
 * Exchanges the rows of a table by delete and insert, which readers do not notice before the commit,
 * as they would `truncate`. False, with nothing done, when the select gives other columns than the
 * table has: then it must be replaced.
 */
export async function refillModel(
  client: ClientBase,
  model: Model,
  staged: Staged,
): Promise<boolean> {
  const relation = quoteRelation(model.name);
  const wanted = await runModelSql(client, model, {
    staged,
    prefix: 'select * from (',
    suffix: '\n) q limit 0',
  });
  const present = await client.query(`select * from ${relation} limit 0`);
  if (shapeOf(wanted.fields) !== shapeOf(present.fields)) return false;
  if (!(await hasKey(client, model))) return false;
  await client.query(`delete from ${relation}`);
  await runModelSql(client, model, { staged, prefix: `insert into ${relation} ` });
  return true;
}

async function runModelSql(
  client: ClientBase,
  model: Model,
  how: { readonly staged: Staged; readonly prefix: string; readonly suffix?: string },
) {
  const redirected = redirectRelations(model.sql, how.staged);
  const sent = {
    subject: `model ${model.name}`,
    file: model.file,
    line: model.line,
    original: model.sql,
    redirected,
  };
  return namingFailures(sent, how.prefix, () =>
    client.query(`${how.prefix}${redirected.sql}${how.suffix ?? ''}`),
  );
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

function shapeOf(fields: readonly Field[]): string {
  return JSON.stringify(
    fields.map(({ name, dataTypeID, dataTypeModifier }) => [name, dataTypeID, dataTypeModifier]),
  );
}

/** Whether the table's unique index, or its absence, is the one the model asks for. */
async function hasKey(client: ClientBase, model: Model): Promise<boolean> {
  const { rows } = await client.query<{ columns: string[] }>(
    `select array_agg(a.attname::text order by k.position) as columns
     from pg_index i
     cross join lateral unnest(i.indkey) with ordinality as k (attnum, position)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = $1::regclass and i.indisunique
     group by i.indexrelid`,
    [quoteRelation(model.name)],
  );
  if (model.key.length === 0) return rows.length === 0;
  return rows.some((row) => JSON.stringify(row.columns) === JSON.stringify(model.key));
}
