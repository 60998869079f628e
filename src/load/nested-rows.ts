import type pg from 'pg';

import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import type { MergeOptions } from './merge.ts';
import type { RecordFates } from './record-fates.ts';
import { bigintArray } from './shared-keys.ts';

/** Temporary tables of one merge, which the next one of the same transaction makes anew. */
const stagingTables = ['stage', 'set_aside', 'twin', 'matched'];

/**
 * Keeps the keys of the records whose nested rows are now decided by this batch: those the delivery
 * has, and those it took back, but not those of which a later delivery has more to say. Call after
 * their merge, before the staging of the nested rows.
 */
export async function keepParentKeys(
  client: pg.Client,
  merged: Pick<MergeOptions, 'table' | 'contract' | 'batchId' | 'older' | 'later'>,
  fates: RecordFates,
): Promise<void> {
  const { table, contract, batchId, older, later } = merged;
  const key = (contract.key ?? []).map(quoteIdentifier).join(', ');
  if (later.length > 0) await setLaterAside(client, { table, later }, fates);
  await client.query(
    `create temp table parent_key on commit drop as
     select ${key} from stage
      union select ${key} from ${table} where _superseded_by = ${batchId} and _batch_id = any (${bigintArray(older)})`,
  );
  await client.query('analyze parent_key');
}

/** Takes records that a later delivery has too, with the same content or other, out of \`stage\`. */
async function setLaterAside(
  client: pg.Client,
  { table, later }: { readonly table: string; readonly later: readonly number[] },
  fates: RecordFates,
): Promise<void> {
  if (!(await isStaged(client, 'matched'))) return;
  const ids = bigintArray(later);
  const { rows } = await client.query<{ record: string }>(
    `delete from stage s using matched m join ${table} r on r.ctid = m.held
      where m.staged = s.ctid
        and (m.standing = 'l' or r._batch_id = any (${ids})
          or exists (select from plumbline.claim c where c.row_hash = r._row_hash and c.batch_id = any (${ids})))
     returning s._row_number::text as record`,
  );
  for (const { record } of rows) fates.set(Number(record), 'repeated');
}

/**
 * Tells which records nested rows cannot belong to, from the merge of these records: those whose key
 * another one has with other content, and all but the last of those that are alike.
 */
export async function noteTwins(
  client: pg.Client,
  contract: Contract,
  fates: RecordFates,
): Promise<void> {
  if (!(await isStaged(client, 'twin'))) return;
  const { rows } = await client.query<{ record: string; rejected: boolean }>(
    `select _row_number::text as record, not alike and not $1 as rejected
       from twin where nth_last > 1 or not alike and not $1`,
    [contract.sameKey === 'last-wins'],
  );
  for (const { record, rejected } of rows) {
    fates.set(Number(record), rejected ? 'rejected' : 'repeated');
  }
}

/** Whether the merge had need of a temporary table. */
async function isStaged(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('pg_temp.' || $1) is not null as there`,
    [name],
  );
  return rows[0]?.there === true;
}

export async function dropStaging(client: pg.Client): Promise<void> {
  await client.query(
    `drop table if exists ${stagingTables.map((name) => `pg_temp.${name}`).join(', ')}`,
  );
}

/**
 * Supersedes the rows of the records in `parent_key` that this batch lacks: what is nested in a record
 * is replaced as a whole, whichever delivery brought it. A few records are looked up in the index of
 * the key, whose first columns name the record.
 */
export async function supersedeNested(
  { client, table, batchId }: MergeOptions,
  parentKey: Readonly<Record<string, string>>,
): Promise<number> {
  const match = Object.entries(parentKey)
    .map(([child, parent]) => `r.${quoteIdentifier(child)} = p.${quoteIdentifier(parent)}`)
    .join(' and ');
  const { rows } = await client.query<{ few: boolean }>(
    `select (select count(*) from parent_key) < pg_relation_size($1::regclass) / 8192 as few`,
    [table],
  );
  const few = rows[0]?.few === true;
  const held = `select r.ctid from ${table} r where r._superseded_by is null`;
  if (few) await client.query('set local enable_seqscan = off');
  const { rowCount } = await client.query(
    `update ${table} r set _superseded_by = $1
       from (select r.ctid as place from parent_key p ${few ? `cross join lateral (${held} and ${match} offset 0) r` : `join ${table} r on ${match} where r._superseded_by is null`}) own
      where r.ctid = own.place and not exists (select from matched m where m.held = r.ctid)`,
    [batchId],
  );
  if (few) await client.query('set local enable_seqscan = on');
  return rowCount ?? 0;
}
