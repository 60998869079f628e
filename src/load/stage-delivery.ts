import { access } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import type { Contract } from '../contract/contract.ts';
import { type HeaderMatch, matchHeader } from '../contract/match-header.ts';
import { PlumblineError } from '../errors.ts';
import type { LandedDelivery, ReadSummary, RecordStream } from '../source/source.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { sqlState } from '../warehouse/transaction.ts';
import type { BatchJob } from './batch-job.ts';
import { summable } from './control-totals.ts';
import { createRowEncoder, type RowEncoder } from './encode-rows.ts';
import { needsStage } from './merge-keyless.ts';
import { copyColumns, relationName } from './raw-table.ts';
import { createSectionCheck } from './section-totals.ts';

/** Rejects kept in full for a batch; more are counted, and found again by a replay. */
export const rejectsMax = 10_000;

/** A delivery whose accepted rows Postgres has. */
export interface StagedDelivery {
  readonly encoder: RowEncoder;
  /** They are in the table `stage`, to be merged from there; else in the raw table. */
  readonly isStaged: boolean;
  readonly summary: ReadSummary;
  /** The delivery as people find it. */
  readonly where: string;
}

/** A file's path, an API's address. */
const whereOf = ({ name, slot }: LandedDelivery): string => (slot.endsWith(name) ? slot : name);

/** Told of the encoder before the first row, since what it has seen is wanted also when a load fails. */
type OnEncoder = (encoder: RowEncoder) => void;

/**
 * Reads a landed delivery and copies its accepted rows, in the caller's transaction. Throws
 * PlumblineError for a delivery that cannot be read or does not fit, and faults as they come.
 *
 * Rows that have to be looked at first go to `stage`. Where no row holds yet, only rows of the delivery
 * itself can have one key, which is rare: they are copied straight into the table, whose unique index
 * finds the second of them, and then all is read again and staged. That takes two thirds of the time.
 */
export async function stageDelivery(
  client: pg.Client,
  job: BatchJob,
  onEncoder: OnEncoder,
): Promise<StagedDelivery> {
  const { sourceName, source } = job;
  const table = `raw.${quoteIdentifier(relationName(sourceName))}`;
  const columns = copyColumns(source.contract);
  const straight = `${table} (${columns})`;
  if (!needsStage(source.contract)) {
    return {
      ...(await copyDelivery(client, job, { target: straight, onEncoder })),
      isStaged: false,
    };
  }
  if (await isFirst(client, job, table)) {
    await client.query('savepoint straight');
    try {
      const copied = await copyDelivery(client, job, { target: straight, onEncoder });
      await client.query('release savepoint straight');
      return { ...copied, isStaged: false };
    } catch (error) {
      if (sqlState(error) !== uniqueViolation) throw error;
      await client.query('rollback to savepoint straight');
    }
  }
  await client.query(`create temp table stage (like ${table} including defaults) on commit drop`);
  const target = `stage (${columns})`;
  return { ...(await copyDelivery(client, job, { target, onEncoder })), isStaged: true };
}

const uniqueViolation = '23505';

/** Whether nothing holds that rows with a key could meet. Nested rows, and what nests them, are followed in `stage`. */
async function isFirst(
  client: pg.Client,
  { source, parentKey }: BatchJob,
  table: string,
): Promise<boolean> {
  const hasKey = (source.contract.key ?? []).length > 0;
  if (!hasKey || source.children !== undefined || parentKey !== undefined) return false;
  const held = await client.query(`select from ${table} where _superseded_by is null limit 1`);
  return held.rowCount === 0;
}

async function copyDelivery(
  client: pg.Client,
  job: BatchJob,
  { target, onEncoder }: { readonly target: string; readonly onEncoder: OnEncoder },
): Promise<Omit<StagedDelivery, 'isStaged'>> {
  const { contract } = job.source;
  const where = whereOf(job.landed);
  await requireLanded(job, where);
  // Readers name the delivery in their messages: as people find it.
  const stream = await job.source.read({ ...job.landed, name: where }, job.context);
  const match = matchDelivery(contract, stream.header, where);
  const encoder = createRowEncoder({
    contract,
    labels: stream.header,
    match,
    zone: job.context.zone,
    batchId: job.batchId,
    sums: summable(contract),
    rejectsMax,
    ...(job.onRejected !== undefined && { onRejected: job.onRejected }),
  });
  onEncoder(encoder);
  const copied = await copyRows(client, target, (isSent) =>
    rowBlocks(stream, encoder, { job, where, isSent }),
  );
  if (copied !== encoder.state.accepted) {
    throw new PlumblineError('control-total', {
      message: `${where}: ${encoder.state.accepted} rows were sent and Postgres took ${copied}.`,
    });
  }
  return { encoder, summary: stream.summary(), where };
}

/** Throws `landing-missing` when the kept copy is gone: nothing else can be read again. */
async function requireLanded({ landed, deliveryId }: BatchJob, where: string): Promise<void> {
  try {
    await access(landed.path);
  } catch (cause) {
    throw new PlumblineError('landing-missing', {
      message: `${where}: the copy of delivery ${deliveryId} is not in the landing, where ${landed.path} was expected.`,
      cause,
    });
  }
}

/** Where each column stands; a transform gives rows by the contract's own names. */
function matchDelivery(contract: Contract, labels: readonly string[], where: string): HeaderMatch {
  if (contract.transform !== undefined) {
    return { cells: Object.keys(contract.columns).map((_, index) => index), extra: [] };
  }
  const match = matchHeader(contract.columns, labels, where);
  if (contract.extraColumns === 'refuse' && match.extra.length > 0) {
    const extra = match.extra.map((label) => `"${label}"`).join(', ');
    throw new PlumblineError('delivery-rejected', {
      message: `${where}: the contract does not name ${extra}, and extraColumns is 'refuse'.`,
      remedy: "Name them in the contract, or leave extraColumns: 'refuse' out, then run again.",
    });
  }
  return match;
}

const copyHeader = Buffer.from('PGCOPY\n\u{FF}\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const copyTrailer = Buffer.from([0xff, 0xff]);

async function* rowBlocks(
  stream: RecordStream,
  encoder: RowEncoder,
  { job, where, isSent }: { job: BatchJob; where: string; isSent: () => boolean },
): AsyncGenerator<Buffer> {
  const sections = createSectionCheck(job.source.contract, encoder.state, where);
  yield copyHeader;
  let told = performance.now();
  for await (const chunk of stream.chunks) {
    job.context.signal.throwIfAborted();
    const block = encoder.encode(chunk);
    if (block.length > 0) yield block;
    if (isSent()) encoder.reuse();
    sections.check(chunk);
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
  blocksOf: (isSent: () => boolean) => AsyncIterable<Buffer>,
): Promise<number> {
  const copy = client.query(copyFrom(`copy ${target} from stdin (format binary)`));
  // True once the system has taken every byte: neither the COPY nor the socket holds on to a block.
  const isSent = (): boolean =>
    copy.writableLength === 0 && client.connection.stream.writableLength === 0;
  await pipeline(blocksOf(isSent), copy);
  return copy.rowCount;
}
