import { standingBatches } from '../annotate/read-delivery.ts';
import { sharedBeginning } from '../annotate/shared-beginning.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** Rejects of one source that have code, column and what was expected in common. */
export interface RejectGroup {
  readonly source: string;
  readonly code: string;
  /** Null when the fault is the row's. */
  readonly column: string | null;
  readonly rows: number;
  readonly expected: string;
  readonly deliveries: readonly AffectedDelivery[];
  readonly examples: readonly RejectExample[];
}

export interface AffectedDelivery {
  readonly id: number;
  readonly name: string;
  /** `loaded` without these rows, or `rejected` whole. */
  readonly state: string;
  /** Of the group's. */
  readonly rows: number;
  /** All rows of the delivery, and those of them that broke the contract. */
  readonly read: number;
  readonly rejected: number;
  /** Rows that broke the contract and are kept, told apart by what was wrong; beyond a limit they are counted only. */
  readonly kept: number;
  /** What these rows hold of each control total, as exact text, and how many cells could not be read. */
  readonly totals: Readonly<
    Record<string, { readonly rejected: string; readonly unreadable: number }>
  >;
}

export interface RejectExample {
  readonly delivery: string;
  readonly sheet: string | null;
  readonly line: number | null;
  /** Of a workbook: `C14`. */
  readonly cell: string | null;
  readonly value: string | null;
  /** Of a nested record: its key, which says whose it is. */
  readonly key: Readonly<Record<string, string | null>> | null;
}

export interface RejectFilter {
  readonly source: string | null;
  readonly code: string | null;
  readonly column: string | null;
  /** Number of a delivery. */
  readonly delivery: number | null;
  /** Examples of each group. */
  readonly limit: number;
  /** By child table: the columns of its key. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** The first of what was expected; `expected` is the last. */
type FoundGroup = RejectGroup & { readonly least: string };

/** A rule may say something else of every row: of more than so many, what they have in common. */
const clausesMax = 8;

/** Of loaded and refused deliveries that no correction has replaced. A row with two faults counts in both. */
export async function readRejects(
  warehouse: Warehouse,
  filter: RejectFilter,
): Promise<readonly RejectGroup[]> {
  const { source, code, column, delivery, limit, keys } = filter;
  const { rows } = await warehouse.pool('reader').query<FoundGroup>(
    `with found as (
       select b.source, b.id as batch, f ->> 'code' as code, f ->> 'column' as "column",
              f ->> 'value' as value, f ->> 'expected' as expected,
              d.id as delivery_id, d.name as delivery, r.sheet, r.line, f ->> 'cell' as cell,
              -- What stands behind the semicolon is of the row: which other one is the same.
              split_part(f ->> 'expected', ';', 1) as clause, r.row_number, r.raw
         from (${standingBatches}) b
         join plumbline.reject r on r.batch_id = b.id
         join plumbline.delivery d on d.id = b.delivery_id
         cross join jsonb_array_elements(r.faults) f
        where ($1::text is null or b.source = $1) and ($3::text is null or f ->> 'code' = $3)
          and ($4::text is null or f ->> 'column' = $4) and ($5::bigint is null or d.id = $5)
     ), spread as (
       select source, code, "column", count(distinct clause) as clauses
         from found group by source, code, "column"
     ), kind as (
       select f.*, case when s.clauses <= ${clausesMax} then f.clause else '' end as kind
         from found f join spread s
           on (s.source, s.code) = (f.source, f.code) and s."column" is not distinct from f."column"
     ), fault as (
       select k.*, row_number() over (
                partition by source, code, "column", kind order by batch desc, row_number
              ) as position
         from kind k
     ), affected as (
       select f.source, f.code, f."column", f.kind, b.id as batch, b.delivery_id, f.delivery as name,
              b.state, count(*) as rows, b.read, b.rejected, b.totals
         from fault f join plumbline.batch b on b.id = f.batch
        group by f.source, f.code, f."column", f.kind, b.id, f.delivery
     )
     select g.source, g.code, g."column", g.rows, g.least, g.expected, g.examples,
            (select jsonb_agg(jsonb_build_object(
                      'id', a.delivery_id, 'name', a.name, 'state', a.state, 'rows', a.rows, 'read', a.read, 'rejected', a.rejected,
                      'kept', (select count(*) from plumbline.reject r where r.batch_id = a.batch),
                      'totals', (select coalesce(jsonb_object_agg(t.key, jsonb_build_object(
                                          'rejected', ((t.value ->> 'rejected')::numeric + coalesce((t.value ->> 'clashing')::numeric, 0))::text,
                                          'unreadable', coalesce(t.value -> 'unreadable', '0'))), '{}')
                                   from jsonb_each(a.totals) t)) order by a.delivery_id desc)
               from affected a
              where (a.source, a.code, a.kind) = (g.source, g.code, g.kind) and a."column" is not distinct from g."column") as deliveries
       from (select source, code, "column", kind, count(*)::int as rows,
                    min(expected collate "C") as least, max(expected collate "C") as expected,
                    coalesce(jsonb_agg(
                      jsonb_build_object('delivery', delivery, 'sheet', sheet, 'line', line, 'cell', cell, 'value', value,
                        'key', (select jsonb_object_agg(k, raw ->> k) from jsonb_array_elements_text($6::jsonb -> source) k))
                      order by position
                    ) filter (where position <= $2), '[]') as examples
               from fault group by source, code, "column", kind) g
      order by g.source, g.rows desc, g.code, g."column", g.kind`,
    [source, limit, code, column, delivery, JSON.stringify(keys)],
  );
  return rows.map(({ least, ...group }) => ({
    ...group,
    expected: sharedBeginning(least, group.expected),
  }));
}
