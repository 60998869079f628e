import type pg from 'pg';

import type { PendingBatch } from './delivery.ts';
import type { ChildResult, ControlTotal, RowCounts } from './result.ts';

type Counts = Readonly<Record<keyof RowCounts, string>>;

interface Row extends Counts {
  readonly source: string;
  readonly superseded: string;
  readonly unchanged_elsewhere: string;
  readonly outdated: string;
  readonly changed_elsewhere: string;
  readonly repeated: string | null;
  readonly totals: Readonly<Record<string, ControlTotal>>;
}

/**
 * What a delivery came to in each of its tables, by source, as the database has it; nothing when the
 * batch is not loaded. The id of a batch may have moved on.
 */
export async function readLoaded(
  client: pg.Client,
  batch: PendingBatch,
): Promise<Readonly<Record<string, ChildResult>>> {
  const { rows } = await client.query<Row>(
    `select distinct on (source) source, read, inserted, changed, unchanged, duplicate, rejected, flagged, superseded, totals,
            unchanged_elsewhere, outdated, changed_elsewhere, repeated
       from plumbline.batch where delivery_id = $1 and id >= $2 and state in ('loaded', 'superseded')
      order by source, id desc`,
    [batch.deliveryId, batch.batchId],
  );
  return Object.fromEntries(
    rows.map((row) => [
      row.source,
      {
        rows: countsOf(row),
        shares: {
          unchangedElsewhere: Number(row.unchanged_elsewhere),
          outdated: Number(row.outdated),
          changedElsewhere: Number(row.changed_elsewhere),
          repeated: row.repeated === null ? undefined : Number(row.repeated),
        },
        superseded: Number(row.superseded),
        totals: row.totals,
      },
    ]),
  );
}

const countsOf = (counts: Counts): RowCounts => ({
  read: Number(counts.read),
  inserted: Number(counts.inserted),
  changed: Number(counts.changed),
  unchanged: Number(counts.unchanged),
  duplicate: Number(counts.duplicate),
  rejected: Number(counts.rejected),
  flagged: Number(counts.flagged),
});
