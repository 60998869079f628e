import type { ClientBase } from 'pg';

/** A row of a raw or clean relation, by its metadata columns; ids travel as decimal text. */
export interface RowPlace {
  readonly batchId: string;
  readonly rowNumber: string;
}

/** Where a row stands in what was delivered. */
export interface RowLocation extends RowPlace {
  readonly deliveryId: string;
  /** The file's name, or the API's URL without secrets. */
  readonly delivery: string;
  /** Sheet of a workbook, page of an API, or record on one; null for a text file. */
  readonly sheet: string | null;
  /** Line of a text file, row of a sheet, index on a page or in a record, from 1; null when not known. */
  readonly line: string | null;
}

/** Finds file, sheet and line of rows; in the order asked for, leaving out rows that are nowhere. */
export async function locateRows(
  client: Pick<ClientBase, 'query'>,
  rows: readonly RowPlace[],
): Promise<readonly RowLocation[]> {
  const { rows: found } = await client.query<RowLocation>(
    `select asked.batch_id::text as "batchId", asked.row_number::text as "rowNumber",
            d.id::text as "deliveryId", d.name as delivery,
            case when s.records is null then s.sheet else s.sheet || ', record ' || n.record end as sheet,
            case when s.records is null then n.line else n.line + 1 - s.records[n.record] end::text as line
     from unnest($1::bigint[], $2::bigint[]) with ordinality as asked (batch_id, row_number, position)
     join plumbline.batch b on b.id = asked.batch_id
     join plumbline.delivery d on d.id = b.delivery_id
     left join lateral (
       select sheet, first_line, first_row, records from plumbline.segment
       where batch_id = asked.batch_id and first_row <= asked.row_number
       order by first_row desc limit 1
     ) s on true
     left join lateral (
       select line, width_bucket(line, s.records::bigint[]) as record
         from (select s.first_line + asked.row_number - s.first_row as line) l
     ) n on true
     order by asked.position`,
    [rows.map((row) => row.batchId), rows.map((row) => row.rowNumber)],
  );
  return found;
}
