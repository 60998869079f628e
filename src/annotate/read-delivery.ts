import type pg from 'pg';

import type { RowFault } from '../contract/row-codes.ts';
import type { KeptReject } from './place-faults.ts';

/** Where Plumbline's own tables are read. */
export type Reader = Pick<pg.ClientBase, 'query'>;

/** A delivery of which rows were kept out, with its batch. */
export interface RejectedDelivery {
  readonly deliveryId: number;
  readonly batchId: number;
  readonly source: string;
  readonly name: string;
  /** Path under the location, or API window. */
  readonly slot: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** ISO instant. */
  readonly landedAt: string;
  readonly state: string;
  readonly read: number;
  readonly rejected: number;
  /** How it was read: a hash of the contract and format at that time. */
  readonly reading: string | null;
  /** Why the whole delivery was refused. */
  readonly error: string | null;
}

/**
 * Batches that say how a delivery stands: its newest that was loaded or refused, in each of its tables. Of a slot that was
 * delivered again only the newest delivery, and before it those whose rows still hold.
 */
export const standingBatches = `
  select distinct on (d.id, b.source) b.*
    from plumbline.delivery d
    join plumbline.batch b on b.delivery_id = d.id and b.state in ('loaded', 'rejected')
   where b.state = 'loaded'
      or not exists (select from plumbline.delivery n
                      where n.source = d.source and n.slot = d.slot and n.generation > d.generation)
   order by d.id, b.source, b.id desc`;

const columns = `
  d.id::float8 as "deliveryId", b.id::float8 as "batchId", b.source, d.name, d.slot, d.sha256,
  d.size_bytes::float8 as "sizeBytes",
  to_char(d.landed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "landedAt",
  b.state, b.read::float8 as read, b.rejected::float8 as rejected, b.reading,
  case when b.state = 'rejected' then b.error ->> 'message' end as error`;

/**
 * The deliveries of a source that have rejected rows now, oldest first. Of a slot whose correction was
 * refused the older version, whose rows still hold, has rejects too: only the newest goes back to its sender.
 */
export async function readRejectedDeliveries(
  reader: Reader,
  source: string,
): Promise<readonly RejectedDelivery[]> {
  const { rows } = await reader.query<RejectedDelivery>(
    `select distinct on (d.slot) ${columns}
       from (${standingBatches}) b join plumbline.delivery d on d.id = b.delivery_id
      where b.source = $1 and d.source = $1 and exists (select from plumbline.reject r where r.batch_id = b.id)
      order by d.slot, d.id desc`,
    [source],
  );
  return rows.sort((a, b) => a.deliveryId - b.deliveryId);
}

/** One delivery by its number, whatever has become of it; undefined when none of its rows was rejected. */
export async function readRejectedDelivery(
  reader: Reader,
  deliveryId: number | string,
): Promise<RejectedDelivery | undefined> {
  const { rows } = await reader.query<RejectedDelivery>(
    `select ${columns} from plumbline.delivery d join plumbline.batch b on b.delivery_id = d.id
      where d.id = $1 and b.source = d.source and exists (select from plumbline.reject r where r.batch_id = b.id)
      order by b.id desc limit 1`,
    [deliveryId],
  );
  return rows[0];
}

/** The rejects that were kept of a batch, in the order of its rows. */
export async function readKeptRejects(
  reader: Reader,
  batchId: number,
): Promise<readonly KeptReject[]> {
  const { rows } = await reader.query<{
    recordNumber: number;
    sheet: string | null;
    line: number | null;
    faults: readonly RowFault[];
  }>(
    `select row_number::float8 as "recordNumber", sheet, line::float8 as line, faults
       from plumbline.reject where batch_id = $1 order by row_number`,
    [batchId],
  );
  return rows.map((row) => ({ ...row, line: row.line ?? row.recordNumber }));
}
