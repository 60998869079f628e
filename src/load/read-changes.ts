import type pg from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import { type RawTable, relationName } from './raw-table.ts';

/** What a batch did to the rows that held before it. */
export interface Changes {
  /** Rows that are there since; of a source without a key, copies of a row are counted each. */
  readonly added: number;
  /** Keys whose row has other content since. Without a key a changed row is one removed and one added. */
  readonly changed: number;
  readonly removed: number;
  /** Columns with another value in some row, in the table's order, and sums that moved. */
  readonly columns: readonly ColumnChange[];
}

export interface ColumnChange {
  readonly column: string;
  /** Changed rows in which it differs. */
  readonly rows: number;
  /** Of a decimal or integer column: its sum over the rows replaced and over those there since, as exact text. */
  readonly before?: string;
  readonly after?: string;
  readonly difference?: string;
}

/** A row that was added, changed or removed. Values are text as Postgres writes it. */
export interface RowChange {
  readonly kind: 'added' | 'changed' | 'removed';
  /** The columns of the key; empty without one. */
  readonly key: Readonly<Record<string, string | null>>;
  /** Columns that differ; of an added or removed row all, without the key. */
  readonly columns: readonly string[];
  readonly before: Readonly<Record<string, string | null>> | null;
  readonly after: Readonly<Record<string, string | null>> | null;
  /** Where the row stands or stood: batch and record. */
  readonly beforeAt: RowAt | null;
  readonly afterAt: RowAt | null;
}

export interface RowAt {
  readonly batchId: string;
  readonly rowNumber: string;
}

export interface ChangesOptions {
  readonly client: Pick<pg.ClientBase, 'query'>;
  readonly sourceName: string;
  readonly table: RawTable;
  readonly batchId: number;
}

/**
 * The rows a batch replaced beside those it brought, as a common table expression `pair`: with a key
 * joined by it, without one by content, the first copy with the first and so on. Rows that a later
 * delivery has otherwise (superseded from the start) were never seen and are no change.
 */
function pairs({ sourceName, table: { key }, batchId }: ChangesOptions): string {
  const table = `raw.${quoteIdentifier(relationName(sourceName))}`;
  const id = Math.trunc(batchId);
  const keyed = key.length > 0;
  const nth = keyed
    ? ''
    : `, row_number() over (partition by _row_hash, _flags order by _row_number) as nth`;
  const match = keyed
    ? key.map((name) => `b.${quoteIdentifier(name)} = a.${quoteIdentifier(name)}`)
    : [
        'b._row_hash = a._row_hash',
        `coalesce(b._flags::text, '') = coalesce(a._flags::text, '')`,
        'b.nth = a.nth',
      ];
  return `was as (
       select *${nth} from ${table} where _superseded_by = ${id} and _batch_id <> ${id}
     ), now_is as (
       select *${nth} from ${table} where _batch_id = ${id} and _superseded_by is distinct from ${id}
     ), pair as (
       select b as was, a as now_is,
              case when b._batch_id is null then 'added' when a._batch_id is null then 'removed' else 'changed' end as kind
         from was b full join now_is a on ${match.join(' and ')}
        where ${keyed ? '(b._row_hash, b._flags) is distinct from (a._row_hash, a._flags)' : 'b._batch_id is null or a._batch_id is null'}
     )`;
}

const summed = (type: string | undefined): boolean =>
  type === 'bigint' || type?.startsWith('numeric') === true;

/** The columns of the source, without Plumbline's own. */
const ownColumns = ({ table }: ChangesOptions): readonly string[] =>
  [...table.columns.keys()].filter((name) => !metadata.has(name));

const metadata: ReadonlySet<string> = new Set([
  '_batch_id',
  '_row_number',
  '_row_hash',
  '_flags',
  '_loaded_at',
  '_superseded_by',
]);

/** Columns of the key are the same on both sides of a change, and their sum says nothing. */
const contentColumns = (options: ChangesOptions): readonly string[] =>
  ownColumns(options).filter((name) => !options.table.key.includes(name));

/** A row whose values are the same can break another rule. */
const comparedColumns = (options: ChangesOptions): readonly string[] => [
  ...contentColumns(options),
  '_flags',
];

/** Counts what a batch changed, by kind and by column. One pass over the table, however many rows changed. */
export async function countChanges(options: ChangesOptions): Promise<Changes> {
  const columns = comparedColumns(options);
  const list = columns.flatMap((name, index) => {
    const column = quoteIdentifier(name);
    const differs = `count(*) filter (where kind = 'changed' and (was).${column} is distinct from (now_is).${column})::text as d${index}`;
    const type = options.table.columns.get(name);
    if (!summed(type)) return [differs];
    // A sum of nothing has the decimals of its column too.
    const before = `coalesce(sum((was).${column}), 0::${type})`;
    const after = `coalesce(sum((now_is).${column}), 0::${type})`;
    return [
      differs,
      `${before}::text as b${index}`,
      `${after}::text as a${index}`,
      `(${after} - ${before})::text as m${index}`,
    ];
  });
  const { rows } = await options.client.query<Record<string, string>>(
    `with ${pairs(options)}
     select ${['added', 'changed', 'removed'].map((kind) => `count(*) filter (where kind = '${kind}')::text as ${kind}`).join(', ')}
            ${list.map((each) => `, ${each}`).join('')}
       from pair`,
  );
  const row = rows[0] ?? {};
  return {
    added: Number(row['added']),
    changed: Number(row['changed']),
    removed: Number(row['removed']),
    columns: columns
      .map((column, index): ColumnChange => {
        const change = { column, rows: Number(row[`d${index}`]) };
        const [before, after, difference] = [row[`b${index}`], row[`a${index}`], row[`m${index}`]];
        if (before === undefined || after === undefined || difference === undefined) return change;
        return { ...change, before, after, difference };
      })
      .filter(({ rows: count, difference }) => count > 0 || Number(difference ?? 0) !== 0),
  };
}

/** Lists what a batch changed: changed rows first, then removed, then added, each by key or record. */
export async function listChanges(
  options: ChangesOptions,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly RowChange[]> {
  const { client } = options;
  const { key } = options.table;
  const names = [...ownColumns(options), '_flags'];
  const values = (side: string): string =>
    `array[${names.map((name) => `(${side}).${quoteIdentifier(name)}::text`).join(', ')}]`;
  const order = [...key, '_batch_id', '_row_number'].map(
    (name) => `coalesce((now_is).${quoteIdentifier(name)}, (was).${quoteIdentifier(name)})`,
  );
  const { rows } = await client.query<{
    kind: RowChange['kind'];
    before: (string | null)[];
    after: (string | null)[];
    before_batch: string | null;
    before_row: string | null;
    after_batch: string | null;
    after_row: string | null;
  }>(
    `with ${pairs(options)}
     select kind, ${values('was')} as before, ${values('now_is')} as after,
            (was)._batch_id as before_batch, (was)._row_number as before_row,
            (now_is)._batch_id as after_batch, (now_is)._row_number as after_row
       from pair
      order by array_position(array['changed', 'removed', 'added'], kind), ${order.join(', ')}
      limit $1 offset $2`,
    [page.limit, page.offset],
  );
  return rows.map((row): RowChange => {
    const valueIn = (side: readonly (string | null)[], name: string): string | null =>
      side[names.indexOf(name)] ?? null;
    const known = row.kind === 'removed' ? row.before : row.after;
    const columns =
      row.kind === 'changed'
        ? comparedColumns(options).filter(
            (name) => valueIn(row.before, name) !== valueIn(row.after, name),
          )
        : contentColumns(options);
    const side = (values_: readonly (string | null)[]): Record<string, string | null> =>
      Object.fromEntries(columns.map((name) => [name, valueIn(values_, name)]));
    return {
      kind: row.kind,
      key: Object.fromEntries(key.map((name) => [name, valueIn(known, name)])),
      columns,
      before: row.kind === 'added' ? null : side(row.before),
      after: row.kind === 'removed' ? null : side(row.after),
      beforeAt: placeOf(row.before_batch, row.before_row),
      afterAt: placeOf(row.after_batch, row.after_row),
    };
  });
}

const placeOf = (batchId: string | null, rowNumber: string | null): RowAt | null =>
  batchId === null || rowNumber === null ? null : { batchId, rowNumber };
