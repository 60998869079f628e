import { escapeLiteral } from 'pg';
import type { ClientBase } from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import { sha256 } from './definition-hash.ts';

/** The view in `clean` that shows the rows of a source as of the last release. */
export interface CleanView {
  /** `clean.partner_orders` */
  readonly name: string;
  readonly relation: string;
  readonly sql: string;
  readonly hash: string;
}

/** Columns that Plumbline adds to each raw table and the view passes on. */
const shownMetadata: readonly string[] = ['_batch_id', '_row_number', '_flags', '_loaded_at'];
const metadata: ReadonlySet<string> = new Set([...shownMetadata, '_row_hash', '_superseded_by']);

/**
 * The select of a clean view: the contract's columns, then the metadata. A row holds from the batch
 * that brought it until the batch that superseded it; the horizon is the newest batch released, so
 * what a later batch changed does not show yet.
 */
export function cleanViewSql(options: {
  readonly source: string;
  readonly relation: string;
  readonly columns: readonly string[];
}): string {
  const { source, relation, columns } = options;
  const own = columns.filter((column) => !metadata.has(column));
  const list = [...own, ...shownMetadata].map((column) => quoteIdentifier(column)).join(', ');
  const horizon = `(select batch_id from plumbline.horizon where source = ${escapeLiteral(source)})`;
  return `select ${list} from raw.${quoteIdentifier(relation)}
where _batch_id <= ${horizon} and (_superseded_by is null or _superseded_by > ${horizon})`;
}

/** The clean view of each source that has a raw table; a source never loaded has none yet. */
export async function readCleanViews(
  client: ClientBase,
  sources: ReadonlyMap<string, string>,
): Promise<readonly CleanView[]> {
  const { rows } = await client.query<{ relation: string; oid: string; columns: string[] }>(
    `select c.relname as relation, c.oid::text, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'raw'::regnamespace and c.relname = any ($1)
     group by c.oid, c.relname order by c.relname`,
    [[...sources.keys()]],
  );
  return rows.map(({ relation, oid, columns }) => {
    const sql = cleanViewSql({ source: sources.get(relation) ?? relation, relation, columns });
    // When a contract changes so that rows cannot stay, the raw table is made anew: a view that reads
    // the same names would still be tied to the table set aside.
    return { name: `clean.${relation}`, relation, sql, hash: sha256([oid, sql]) };
  });
}
