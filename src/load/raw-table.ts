import type pg from 'pg';

import type { ColumnSpec } from '../contract/column.ts';
import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { inTransaction } from '../warehouse/transaction.ts';

/** A source's name as the relation it is loaded into: `partner-orders` is `partner_orders`. */
export const relationName = (source: string): string => source.replaceAll('-', '_');

/** The Postgres type of a column. */
export function sqlType(spec: ColumnSpec): string {
  switch (spec.type) {
    case 'text':
    case 'one-of':
      return 'text';
    case 'integer':
      return 'bigint';
    case 'decimal':
      return `numeric(${spec.precision},${spec.scale})`;
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'date';
    case 'timestamp':
      return 'timestamp with time zone';
    case 'time':
      return 'time without time zone';
    case 'json':
      return 'jsonb';
  }
}

const metadataColumns = `
  _batch_id bigint not null,
  _row_number bigint not null,
  _row_hash uuid not null,
  _flags text[],
  _loaded_at timestamptz not null default now(),
  _superseded_by bigint`;

/** Columns of a COPY, in the order in which rows are encoded; of a table's alias, when one is given. */
export const copyColumns = (contract: Contract, alias?: string): string =>
  [...Object.keys(contract.columns), '_batch_id', '_row_number', '_row_hash', '_flags']
    .map((name) => (alias === undefined ? '' : `${alias}.`) + quoteIdentifier(name))
    .join(', ');

/** A raw table as it is: its columns with their Postgres types, Plumbline's own included, and its key. */
export interface RawTable {
  readonly columns: ReadonlyMap<string, string>;
  readonly key: readonly string[];
}

/** Undefined when the source has never been loaded. */
export async function readRawTable(
  client: Pick<pg.ClientBase, 'query'>,
  relation: string,
): Promise<RawTable | undefined> {
  const columns = await client.query<{ name: string; type: string }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
       from pg_attribute a
      where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
      order by a.attnum`,
    [`raw.${quoteIdentifier(relation)}`],
  );
  if (columns.rows.length === 0) return undefined;
  const key = await client.query<{ name: string }>(
    `select a.attname as name
       from pg_index i
       cross join lateral unnest(i.indkey) with ordinality as k (attnum, position)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = to_regclass($1) and i.indisunique
      order by k.position`,
    [`raw.${quoteIdentifier(relation)}`],
  );
  return {
    columns: new Map(columns.rows.map((row) => [row.name, row.type])),
    key: key.rows.map((row) => row.name),
  };
}

/**
 * Makes the raw tables of a source and of its child tables fit their contracts, which `tables` has by
 * relation. New columns are added. When a column's type or a key changed, the rows cannot be converted
 * without guessing: all of the source's tables are set aside under other names, where the views of the
 * last release go on reading them, and new ones are made, which `onRebuilt` has filled from the landing,
 * in the same transaction. All of them, since a delivery that is refused this time must not leave rows
 * in one of them that belong to rows of another. Safe when two start at once.
 */
export async function prepareRawTables(
  client: pg.Client,
  tables: ReadonlyMap<string, Contract>,
  onRebuilt: () => Promise<void>,
): Promise<void> {
  await inTransaction(client, async () => {
    const found: { relation: string; contract: Contract; existing: RawTable | undefined }[] = [];
    for (const [relation, contract] of tables) {
      await client.query(
        `select pg_advisory_xact_lock(hashtextextended('plumbline:raw:' || $1, 0))`,
        [relation],
      );
      found.push({ relation, contract, existing: await readRawTable(client, relation) });
    }
    const isRebuilt = found.some(
      ({ existing, contract }) => existing !== undefined && !fits(existing, contract),
    );
    for (const { relation, contract, existing } of found) {
      if (existing !== undefined && !isRebuilt) {
        await addColumns(client, { relation, contract, existing });
        continue;
      }
      if (existing !== undefined) await setAside(client, relation);
      await createRawTable(client, relation, contract);
    }
    if (isRebuilt) await onRebuilt();
  });
}

/**
 * Makes the raw tables of sources that have never been loaded, by source name: a model may read a
 * source before its first delivery, and then reads no rows.
 */
export async function createMissingRawTables(
  client: pg.Client,
  contracts: Iterable<readonly [string, Contract]>,
): Promise<void> {
  for (const [source, contract] of contracts) {
    const relation = relationName(source);
    if ((await readRawTable(client, relation)) !== undefined) continue;
    await prepareRawTables(client, new Map([[relation, contract]]), async () => undefined);
  }
}

/** Whether the rows that are there stay as they are under the contract. */
function fits(existing: RawTable, contract: Contract): boolean {
  const key = contract.key ?? [];
  return (
    key.length === existing.key.length &&
    key.every((name, index) => existing.key[index] === name) &&
    Object.entries(contract.columns).every(
      ([name, spec]) => (existing.columns.get(name) ?? sqlType(spec)) === sqlType(spec),
    )
  );
}

async function addColumns(
  client: pg.Client,
  wanted: { relation: string; contract: Contract; existing: RawTable },
): Promise<void> {
  for (const [name, spec] of Object.entries(wanted.contract.columns)) {
    if (wanted.existing.columns.has(name)) continue;
    await client.query(
      `alter table raw.${quoteIdentifier(wanted.relation)} add column ${quoteIdentifier(name)} ${sqlType(spec)}`,
    );
  }
}

async function createRawTable(
  client: pg.Client,
  relation: string,
  contract: Contract,
): Promise<void> {
  const table = `raw.${quoteIdentifier(relation)}`;
  const columns = Object.entries(contract.columns).map(
    ([name, spec]) => `${quoteIdentifier(name)} ${sqlType(spec)}`,
  );
  await client.query(`create table ${table} (${[...columns, metadataColumns].join(', ')})`);
  // Rows of a batch lie together, so a block-range index finds them at next to no cost.
  await client.query(
    `create index on ${table} using brin (_batch_id) with (pages_per_range = 16, autosummarize = on)`,
  );
  if (contract.key !== undefined && contract.key.length > 0) {
    // One current row a key is the database's promise, not ours.
    await client.query(
      `create unique index on ${table} (${contract.key.map(quoteIdentifier).join(', ')}) where _superseded_by is null`,
    );
  }
}

/** Renames the table away; tables set aside before go, unless something still reads them. */
async function setAside(client: pg.Client, relation: string): Promise<void> {
  // Room for the number within the 63 bytes of a name.
  const prefix = `${relation.slice(0, 40)}~`;
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'raw' and c.relkind = 'r' and starts_with(c.relname, $1)
        and not exists (select from pg_depend d where d.refobjid = c.oid and d.deptype = 'n' and d.classid = 'pg_rewrite'::regclass)`,
    [prefix],
  );
  for (const { name } of rows) await client.query(`drop table raw.${quoteIdentifier(name)}`);
  const batch = await client.query<{ id: string }>(
    `select coalesce(max(id), 0)::text as id from plumbline.batch`,
  );
  await client.query(
    `alter table raw.${quoteIdentifier(relation)} rename to ${quoteIdentifier(`${prefix}${batch.rows[0]?.id}`)}`,
  );
}
