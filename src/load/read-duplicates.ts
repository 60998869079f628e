import type pg from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import { readRawTable, relationName } from './raw-table.ts';

/** Files and rows that are there more than once, by kind (docs/decisions/0005-duplicates.md). */
export interface DuplicateCounts {
  /** Whole files whose content another path holds: nothing of them was loaded. */
  readonly files: number;
  /** Rows that repeat another of their delivery and were left out. */
  readonly leftOut: number;
  /** Rows rejected because another of their delivery has their key and other content. */
  readonly clashing: number;
  /** Rows rejected because they repeat another of their delivery, as the contract asks. */
  readonly rejected: number;
  /** Without a key: rows equal to an earlier one of their delivery, which are kept. */
  readonly repeated: number;
  /** With a key: rows that another delivery holds. Without: rows equal to one of another delivery, which are kept. */
  readonly elsewhere: number;
  /** Rows that took the place of another delivery's, with other content for the key. */
  readonly replacing: number;
  /** Rows for whose key a later delivery has other content, kept aside. */
  readonly outdated: number;
}

export interface DeliveryDuplicates extends Omit<DuplicateCounts, 'files'> {
  readonly deliveryId: number;
  readonly name: string;
  /** Set for a copy: the delivery that holds its content. */
  readonly copyOf: number | null;
}

export interface SourceDuplicates extends DuplicateCounts {
  readonly source: string;
  /** Deliveries that have any, newest first. */
  readonly deliveries: readonly DeliveryDuplicates[];
}

/**
 * Counts what a source has more than once, in the deliveries as they hold now. Of sources without a
 * key the rows of the table are grouped by content, which takes a second for a million of them.
 */
export async function readDuplicates(
  client: Pick<pg.ClientBase, 'query'>,
  source: string,
): Promise<SourceDuplicates> {
  const deliveries = await readDeliveries(client, source);
  const sum = (of: (delivery: DeliveryDuplicates) => number): number =>
    deliveries.reduce((all, delivery) => all + of(delivery), 0);
  const counts: DuplicateCounts = {
    files: deliveries.filter(({ copyOf }) => copyOf !== null).length,
    leftOut: sum(({ leftOut }) => leftOut),
    clashing: sum(({ clashing }) => clashing),
    rejected: sum(({ rejected }) => rejected),
    repeated: sum(({ repeated }) => repeated),
    elsewhere: sum(({ elsewhere }) => elsewhere),
    replacing: sum(({ replacing }) => replacing),
    outdated: sum(({ outdated }) => outdated),
  };
  return { source, ...counts, ...(await countEqualRows(client, source)), deliveries };
}

async function readDeliveries(
  client: Pick<pg.ClientBase, 'query'>,
  source: string,
): Promise<readonly DeliveryDuplicates[]> {
  const { rows } = await client.query<DeliveryDuplicates>(
    `with kind as (
       select d.id as delivery_id, d.name, d.duplicate_of, b.id as batch_id,
              coalesce(b.duplicate, 0) as left_out, coalesce(b.repeated, 0) as repeated,
              coalesce(b.unchanged_elsewhere, 0) as elsewhere, coalesce(b.changed_elsewhere, 0) as replacing,
              coalesce(b.outdated, 0) as outdated,
              (select count(*) from plumbline.reject r where r.batch_id = b.id and r.codes @> '{primary-key}') as clashing,
              (select count(*) from plumbline.reject r where r.batch_id = b.id and r.codes @> '{duplicate-row}') as rejected
         from plumbline.delivery d
         left join plumbline.batch b on b.delivery_id = d.id and b.source = $1 and b.state = 'loaded'
        where b.id is not null or d.source = $1 and d.duplicate_of is not null
     )
     select delivery_id::float8 as "deliveryId", name, duplicate_of::float8 as "copyOf",
            left_out::float8 as "leftOut", clashing::float8 as clashing, rejected::float8 as rejected,
            repeated::float8 as repeated, elsewhere::float8 as elsewhere, replacing::float8 as replacing,
            outdated::float8 as outdated
       from kind
      where duplicate_of is not null or left_out + clashing + rejected + repeated + elsewhere + replacing + outdated > 0
      order by delivery_id desc`,
    [source],
  );
  return rows;
}

/** Of a source without a key, exactly, as its table has them; nothing for one that has a key or no table. */
async function countEqualRows(
  client: Pick<pg.ClientBase, 'query'>,
  source: string,
): Promise<Partial<Pick<DuplicateCounts, 'repeated' | 'elsewhere'>>> {
  const relation = relationName(source);
  const table = await readRawTable(client, relation);
  if (table === undefined || table.key.length > 0) return {};
  const { rows } = await client.query<{ repeated: number; elsewhere: number }>(
    `select coalesce(sum(copies - batches), 0)::float8 as repeated, coalesce(sum(batches - 1), 0)::float8 as elsewhere
       from (select sum(copies) as copies, count(*) as batches
               from (select _row_hash, _flags, _batch_id, count(*) as copies
                       from raw.${quoteIdentifier(relation)} where _superseded_by is null
                      group by _row_hash, _flags, _batch_id) in_batch
              group by _row_hash, _flags) by_content`,
  );
  return rows[0] ?? {};
}
