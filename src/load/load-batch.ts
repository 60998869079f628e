import { pipeline } from 'node:stream/promises';

import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import type { Contract, Tolerance } from '../contract/contract.ts';
import { matchHeader } from '../contract/match-header.ts';
import { PlumblineError } from '../errors.ts';
import type { LandedDelivery, RecordStream, Source, SourceContext } from '../source/source.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { inTransaction } from '../warehouse/transaction.ts';
import { checkControlTotals, planTotals, summable } from './control-totals.ts';
import { createRowEncoder, type RowEncoder } from './encode-rows.ts';
import { sumOf } from './held-sums.ts';
import { type Merge, mergeByKey, type MergeOptions, supersedeOlder } from './merge.ts';
import { copyColumns, relationName } from './raw-table.ts';
import type { ControlTotal, RowCounts } from './result.ts';
import { saveRejects, saveSegments } from './save-rows.ts';

/** One delivery to load. */
export interface BatchJob {
  readonly sourceName: string;
  readonly source: Source;
  readonly landed: LandedDelivery;
  readonly context: SourceContext;
  readonly batchId: number;
  readonly deliveryId: number;
  /** Where an API source goes on once this is loaded. */
  readonly nextCursor: string | undefined;
  /** Told the number of rows read so far, about ten times a second at most. */
  readonly onRows?: (rows: number) => void;
}

/** What a committed batch came to. */
export interface LoadedBatch {
  readonly batchId: number;
  readonly rows: RowCounts;
  readonly superseded: number;
  readonly totals: Readonly<Record<string, ControlTotal>>;
  /** Labels of the delivery that the contract does not name. */
  readonly extraLabels: readonly string[];
}

/** The delivery as people find it: a file's path, an API's address. */
const whereOf = ({ name, slot }: LandedDelivery): string => (slot.endsWith(name) ? slot : name);

/** Rejects kept in full for a batch; more are counted, and found again by a replay. */
const rejectsMax = 10_000;

const copyHeader = Buffer.from('PGCOPY\n\u{FF}\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const copyTrailer = Buffer.from([0xff, 0xff]);

/**
 * Loads a landed delivery in one transaction: its rows, rejects, control totals, the cursor and
 * the batch's state commit together or not at all.
 *
 * Returns undefined when another loader has loaded the batch meanwhile. Throws PlumblineError when
 * the delivery is refused (`control-total`, `delivery-rejected`, `missing-label`, …), in which case
 * what was found is saved with the batch; whatever else it throws is a fault of the system.
 */
export async function loadBatch(
  client: pg.Client,
  job: BatchJob,
): Promise<LoadedBatch | undefined> {
  // Until the transaction ends this is what was found, for the record of a refused delivery.
  const found: { encoder: RowEncoder | undefined; merge: Merge | undefined } = {
    encoder: undefined,
    merge: undefined,
  };
  try {
    return await inTransaction(client, async () => {
      const batchId = await claimBatch(client, job);
      return batchId === undefined ? undefined : await loadRows(client, { ...job, batchId }, found);
    });
  } catch (error) {
    if (error instanceof PlumblineError && !error.retryable)
      await saveRefusal(client, job, { error, ...found });
    throw error;
  }
}

/**
 * Waits for other loads of the source, then takes the batch; undefined when it is loaded already.
 * Batches of a source commit in the order of their ids, which is what a release goes by: when a
 * later one was faster, this one takes a new number.
 */
async function claimBatch(client: pg.Client, job: BatchJob): Promise<number | undefined> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('plumbline:load:' || $1, 0))`, [
    job.sourceName,
  ]);
  const { rows } = await client.query<{ state: string; overtaken: boolean }>(
    `select b.state, exists (select from plumbline.batch o where o.source = b.source and o.id > b.id and o.state in ('loaded', 'superseded')) as overtaken
       from plumbline.batch b where b.id = $1 for update`,
    [job.batchId],
  );
  const batch = rows[0];
  if (batch === undefined || batch.state === 'loaded' || batch.state === 'superseded')
    return undefined;
  if (!batch.overtaken) return job.batchId;
  const renumbered = await client.query<{ id: string }>(
    `update plumbline.batch set id = nextval('plumbline.batch_id') where id = $1 returning id`,
    [job.batchId],
  );
  return Number(renumbered.rows[0]?.id ?? job.batchId);
}

async function loadRows(
  client: pg.Client,
  job: BatchJob,
  found: { encoder: RowEncoder | undefined; merge: Merge | undefined },
): Promise<LoadedBatch> {
  const { contract } = job.source;
  const table = `raw.${quoteIdentifier(relationName(job.sourceName))}`;
  // Readers name the delivery in their messages: as people find it.
  const shown = { ...job.landed, name: whereOf(job.landed) };
  const stream = await job.source.read(shown, job.context);
  const match =
    contract.transform === undefined
      ? matchHeader(contract.columns, stream.header, whereOf(job.landed))
      : transformedHeader(contract);
  if (contract.extraColumns === 'refuse' && match.extra.length > 0) {
    throw new PlumblineError('delivery-rejected', {
      message: `${whereOf(job.landed)}: the contract does not name ${match.extra.map((label) => `"${label}"`).join(', ')}, and extraColumns is 'refuse'.`,
    });
  }
  const encoder = createRowEncoder({
    contract,
    labels: stream.header,
    match,
    zone: job.context.zone,
    batchId: job.batchId,
    sums: summable(contract),
    rejectsMax,
  });
  found.encoder = encoder;
  const keyed = (contract.key ?? []).length > 0;
  if (keyed) {
    await client.query(`create temp table stage (like ${table} including defaults) on commit drop`);
    await client.query(
      `create temp table set_aside (like ${table} including defaults) on commit drop`,
    );
  }
  const copied = await copyRows(
    client,
    `${keyed ? 'stage' : table} (${copyColumns(contract)})`,
    rowBlocks(stream, encoder, job),
  );
  const { state } = encoder;
  if (copied !== state.accepted) {
    throw new PlumblineError('control-total', {
      message: `${whereOf(job.landed)}: ${state.accepted} rows were sent and Postgres took ${copied}.`,
    });
  }
  const where = whereOf(job.landed);
  const summary = stream.summary();
  const plan = planTotals(contract, { totals: summary.totals, where });
  const older = await olderBatches(client, job);
  const merge = await mergeRows({
    client,
    table,
    contract,
    batchId: job.batchId,
    staged: copied,
    older,
    totals: plan.columns,
    rejectsMax: rejectsMax - state.rejects.length,
  });
  found.merge = merge;
  const rows = countRows(encoder, merge);
  checkTolerance(contract, rows, where);
  const totals = checkControlTotals({ contract, where, plan, state, held: merge.held });
  await forgetEarlierRejects(client, job);
  await saveRejects(client, {
    batchId: job.batchId,
    rejects: [...state.rejects, ...merge.clashes],
    segments: state.segments,
  });
  await saveSegments(client, job.batchId, state.segments);
  await client.query(
    `update plumbline.batch
        set state = 'loaded', read = $2, inserted = $3, changed = $4, unchanged = $5, duplicate = $6, rejected = $7,
            flagged = $8, superseded = $9, skipped = $10, totals = $11, error = null, finished_at = clock_timestamp()
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
      JSON.stringify({
        ...summary.skipped,
        ...(state.dropped > 0 ? { transform: state.dropped } : {}),
      }),
      JSON.stringify(totals),
    ],
  );
  await client.query(
    `update plumbline.batch set state = 'superseded' where id = any ($1::bigint[]) and state = 'loaded'`,
    [older],
  );
  if (job.nextCursor !== undefined) {
    await client.query(
      `insert into plumbline.cursor (source, value, batch_id) values ($1, $2, $3)
       on conflict (source) do update set value = excluded.value, batch_id = excluded.batch_id, moved_at = now()`,
      [job.sourceName, job.nextCursor, job.batchId],
    );
  }
  return {
    batchId: job.batchId,
    rows,
    superseded: merge.superseded,
    totals,
    extraLabels: match.extra,
  };
}

/** Without a key the rows are in the table already, and what older versions held is replaced. */
async function mergeRows(options: MergeOptions): Promise<Merge> {
  const { client, table, contract, batchId, staged, totals } = options;
  if ((contract.key ?? []).length > 0) return mergeByKey(options);
  const superseded = await supersedeOlder(options);
  const held =
    totals.length === 0
      ? { rows: staged, sums: [] }
      : await sumOf(client, `${table} where _batch_id = ${batchId}`, totals);
  return {
    inserted: staged,
    changed: 0,
    unchanged: 0,
    duplicate: 0,
    clashing: 0,
    clashes: [],
    superseded,
    held: [held],
  };
}

/** A transform gives rows by the contract's own names. */
const transformedHeader = (contract: Contract): ReturnType<typeof matchHeader> => ({
  cells: Object.keys(contract.columns).map((_, index) => index),
  extra: [],
});

async function* rowBlocks(
  stream: RecordStream,
  encoder: RowEncoder,
  job: BatchJob,
): AsyncGenerator<Buffer> {
  yield copyHeader;
  let told = performance.now();
  for await (const chunk of stream.chunks) {
    job.context.signal.throwIfAborted();
    const block = encoder.encode(chunk);
    if (block.length > 0) yield block;
    if (performance.now() - told > 100) {
      told = performance.now();
      job.onRows?.(encoder.state.read);
    }
  }
  yield copyTrailer;
}

/**
 * Streams rows into a table; the number Postgres says it took. When the rows fail, the COPY is
 * destroyed and not ended: ending it would commit the part that arrived.
 */
async function copyRows(
  client: pg.Client,
  target: string,
  blocks: AsyncIterable<Buffer>,
): Promise<number> {
  const copy = client.query(copyFrom(`copy ${target} from stdin (format binary)`));
  await pipeline(blocks, copy);
  return copy.rowCount;
}

/** Batches of older versions of the delivery whose rows may still hold. */
async function olderBatches(client: pg.Client, job: BatchJob): Promise<number[]> {
  const { rows } = await client.query<{ id: string }>(
    `select b.id from plumbline.batch b
       join plumbline.delivery d on d.id = b.delivery_id
       join plumbline.delivery own on own.id = $1 and own.source = d.source and own.slot = d.slot
      where b.id <> $2 and b.state in ('loaded', 'superseded')`,
    [job.deliveryId, job.batchId],
  );
  return rows.map((row) => Number(row.id));
}

function countRows(encoder: RowEncoder, merge: Merge): RowCounts {
  const { state } = encoder;
  return {
    read: state.read,
    inserted: merge.inserted,
    changed: merge.changed,
    unchanged: merge.unchanged,
    duplicate: merge.duplicate,
    rejected: state.rejected + merge.clashing,
    flagged: state.flagged,
  };
}

const rowsAllowed = (tolerance: Tolerance, read: number): number =>
  typeof tolerance.max === 'number'
    ? tolerance.max
    : (Number.parseFloat(tolerance.max) / 100) * read;

/** Whether a delivery is good enough to be loaded at all. */
function checkTolerance(contract: Contract, rows: RowCounts, name: string): void {
  if (
    contract.rejected !== undefined &&
    rows.rejected > rowsAllowed(contract.rejected, rows.read)
  ) {
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: ${rows.rejected} of ${rows.read} rows broke the contract; at most ${contract.rejected.max} may.`,
    });
  }
  const { min = 0, max = Infinity } = contract.rows ?? {};
  if (rows.read < min || rows.read > max) {
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: it has ${rows.read} rows; expected ${max === Infinity ? `at least ${min}` : `${min} to ${max}`}.`,
    });
  }
}

/** What earlier tries of the delivery found wrong is said by this one again, or is no longer so. */
async function forgetEarlierRejects(client: pg.Client, job: BatchJob): Promise<void> {
  await client.query(
    `delete from plumbline.reject where batch_id in (
       select id from plumbline.batch where delivery_id = $1 and id <> $2 and state = 'rejected')`,
    [job.deliveryId, job.batchId],
  );
}

/** Records why a delivery was refused, with the rows that were wrong, in a transaction of its own. */
async function saveRefusal(
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
        rejects: [...encoder.state.rejects, ...(merge?.clashes ?? [])],
        segments: encoder.state.segments,
      });
    }
    await client.query(
      `update plumbline.batch set state = 'rejected', read = $2, rejected = $3, error = $4, finished_at = clock_timestamp()
        where id = $1 and state not in ('loaded', 'superseded')`,
      [
        job.batchId,
        encoder?.state.read ?? 0,
        (encoder?.state.rejected ?? 0) + (merge?.clashing ?? 0),
        JSON.stringify({ code: error.code, message: error.message, remedy: error.remedy }),
      ],
    );
  });
}
