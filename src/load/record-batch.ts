import type pg from 'pg';

import type { PlumblineError } from '../errors.ts';
import type { ReadSummary } from '../source/source.ts';
import { inTransaction } from '../warehouse/transaction.ts';
import type { BatchJob } from './batch-job.ts';
import { moveCursor } from './cursor.ts';
import type { RowEncoder } from './encode-rows.ts';
import type { Merge } from './merge.ts';
import type { ControlTotal, RowCounts } from './result.ts';
import { saveRejects, saveSegments } from './save-rows.ts';

/** What earlier tries of the delivery found wrong is said by this one again, or is no longer so. */
async function forgetEarlierRejects(client: pg.Client, job: BatchJob): Promise<void> {
  await client.query(
    `delete from plumbline.reject where batch_id in (
       select id from plumbline.batch where delivery_id = $1 and id <> $2 and source = $3 and state = 'rejected')`,
    [job.deliveryId, job.batchId, job.sourceName],
  );
}

/** What a loaded batch leaves behind beside its rows. */
export interface LoadedRecord {
  readonly encoder: RowEncoder;
  readonly merge: Merge;
  readonly rows: RowCounts;
  readonly totals: Readonly<Record<string, ControlTotal>>;
  readonly skipped: ReadSummary['skipped'];
  readonly noticed: NonNullable<ReadSummary['noticed']>;
  readonly detected: NonNullable<ReadSummary['detected']>;
  /** Batches of older versions of the delivery, which this one replaces. */
  readonly older: readonly number[];
}

/** Records a batch as loaded, with its rejects and positions, and moves the cursor; in the load's own transaction. */
export async function recordLoaded(
  client: pg.Client,
  job: BatchJob,
  loaded: LoadedRecord,
): Promise<void> {
  const { rows, merge, totals, older } = loaded;
  const { state } = loaded.encoder;
  const rejects = [...state.rejects.kept, ...merge.clashes];
  const skipped =
    state.dropped > 0 ? { ...loaded.skipped, transform: state.dropped } : loaded.skipped;
  await forgetEarlierRejects(client, job);
  await saveRejects(client, { batchId: job.batchId, rejects, segments: state.segments });
  await saveSegments(client, job.batchId, state.segments);
  await client.query(
    `update plumbline.batch
        set state = 'loaded', read = $2, inserted = $3, changed = $4, unchanged = $5, duplicate = $6, rejected = $7,
            flagged = $8, superseded = $9, skipped = $10, totals = $11, error = null, finished_at = clock_timestamp(),
            unchanged_elsewhere = $12, outdated = $13, changed_elsewhere = $14, repeated = $15, noticed = $16,
            detected = $17
      where id = $1`,
    [
      job.batchId,
      rows.read,
      rows.inserted,
      rows.changed,
      rows.unchanged,
      rows.duplicate,
      rows.rejected,
      rows.flagged,
      merge.superseded,
      JSON.stringify(skipped),
      JSON.stringify(totals),
      merge.shares.unchangedElsewhere,
      merge.shares.outdated,
      merge.shares.changedElsewhere,
      merge.shares.repeated ?? null,
      JSON.stringify(loaded.noticed),
      JSON.stringify(loaded.detected),
    ],
  );
  await client.query(
    `update plumbline.batch set state = 'superseded' where id = any ($1::bigint[]) and state = 'loaded'`,
    [older],
  );
  if (job.nextCursor !== undefined) {
    await moveCursor(client, {
      source: job.sourceName,
      value: job.nextCursor,
      batchId: job.batchId,
    });
  }
}

/** Records why a delivery was refused, with the rows that were wrong, in a transaction of its own. */
export async function recordRefused(
  client: pg.Client,
  job: BatchJob,
  found: { error: PlumblineError; encoder: RowEncoder | undefined; merge: Merge | undefined },
): Promise<void> {
  const { error, encoder, merge } = found;
  await inTransaction(client, async () => {
    await forgetEarlierRejects(client, job);
    if (encoder !== undefined) {
      await saveRejects(client, {
        batchId: job.batchId,
        rejects: [...encoder.state.rejects.kept, ...(merge?.clashes ?? [])],
        segments: encoder.state.segments,
      });
    }
    await client.query(
      `update plumbline.batch set state = 'rejected', read = $2, rejected = $3, error = $4, finished_at = clock_timestamp()
        where id = $1 and state not in ('loaded', 'superseded')`,
      [
        job.batchId,
        encoder?.state.read ?? 0,
        (encoder?.state.rejects.count() ?? 0) + (merge?.clashing ?? 0),
        JSON.stringify({ code: error.code, message: error.message, remedy: error.remedy }),
      ],
    );
  });
}

/** The batch of a child table, in the load's own transaction: it is there when it is loaded, or not at all. */
export async function addChildBatch(
  client: pg.Client,
  job: BatchJob,
  state: 'loading' | 'rejected',
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `insert into plumbline.batch (delivery_id, source, state, attempts, reading, started_at)
     select $1, $2, $4, p.attempts, p.reading, clock_timestamp() from plumbline.batch p where p.id = $3
     returning id`,
    [job.deliveryId, job.sourceName, job.batchId, state],
  );
  return Number(rows[0]?.id);
}

/** Records why a child table was refused, which the whole delivery was with it. `job` is that of the child, with the batch of its source. */
export async function recordRefusedChild(
  client: pg.Client,
  job: BatchJob,
  found: Parameters<typeof recordRefused>[2],
): Promise<void> {
  const batchId = await addChildBatch(client, job, 'rejected');
  await recordRefused(client, { ...job, batchId }, found);
}
