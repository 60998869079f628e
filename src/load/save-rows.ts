import type pg from 'pg';

import { recordOnPage } from '../source/chunk.ts';
import type { Segment } from './encode-rows.ts';
import type { Reject } from './reject-log.ts';

/** Where a record stands: the last segment that begins at or before it. */
export function locate(
  segments: readonly Segment[],
  rowNumber: number,
): { sheet: string | null; line: number } {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle]?.firstRow ?? Infinity) <= rowNumber) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low];
  if (segment === undefined) return { sheet: null, line: rowNumber };
  const line = segment.firstLine + (rowNumber - segment.firstRow);
  if (segment.records === undefined) return { sheet: segment.sheet, line };
  const record = segment.records.findLastIndex((begin) => begin <= line) + 1;
  return {
    sheet: recordOnPage(segment.sheet, record),
    line: line + 1 - (segment.records[record - 1] ?? line),
  };
}

const perStatement = 1_000;

/** Keeps rejected rows with their faults and position. */
export async function saveRejects(
  client: pg.Client,
  saved: { batchId: number; rejects: readonly Reject[]; segments: readonly Segment[] },
): Promise<void> {
  for (let from = 0; from < saved.rejects.length; from += perStatement) {
    const rows = saved.rejects.slice(from, from + perStatement).map((reject) => ({
      row_number: reject.rowNumber,
      ...locate(saved.segments, reject.rowNumber),
      codes: [...new Set(reject.faults.map((fault) => fault.code))],
      faults: reject.faults.map((fault) => ({
        ...fault,
        value: fault.value?.replaceAll('\0', '\u{FFFD}') ?? null,
      })),
      raw: reject.raw,
    }));
    await client.query(
      `insert into plumbline.reject (batch_id, row_number, sheet, line, codes, faults, raw)
       select $1, row_number, sheet, line, codes, faults, raw
         from json_to_recordset($2) as r (row_number bigint, sheet text, line bigint, codes text[], faults jsonb, raw json)`,
      [saved.batchId, JSON.stringify(rows)],
    );
  }
}

/** Keeps where the records of a batch stand in their delivery. */
export async function saveSegments(
  client: pg.Client,
  batchId: number,
  segments: readonly Segment[],
): Promise<void> {
  for (let from = 0; from < segments.length; from += 50_000) {
    const part = segments.slice(from, from + 50_000);
    await client.query(
      `insert into plumbline.segment (batch_id, first_row, sheet, first_line, records)
       select $1, first_row, sheet, first_line, records::int[]
         from unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[]) as s (first_row, sheet, first_line, records)`,
      [
        batchId,
        part.map((each) => each.firstRow),
        part.map((each) => each.sheet),
        part.map((each) => each.firstLine),
        // An array of arrays would have to be as wide everywhere.
        part.map(({ records }) => (records === undefined ? null : `{${records.join(',')}}`)),
      ],
    );
  }
}
