import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { bringBack, landingPath } from '../landing/land.ts';
import { childName } from '../source/source.ts';
import { inTransaction } from '../warehouse/transaction.ts';
import type { PendingBatch } from './delivery.ts';
import { loadBatch, type LoadedBatch } from './load-batch.ts';
import type { Loading } from './load-options.ts';
import { isPassing } from './loader-session.ts';
import { readLoaded } from './read-loaded.ts';
import { readingOf } from './reread.ts';
import { type DeliveryResult, noRows, noShares, type StoredError } from './result.ts';
import { storedError } from './stored-error.ts';

/** Times a delivery is tried in all before it is failed and someone is told. */
const attemptsMax = 3;

/** The result of a delivery of which nothing was read. */
export const emptyResult = (name: string): Omit<DeliveryResult, 'outcome'> => ({
  name,
  rows: noRows,
  shares: noShares,
  superseded: 0,
  totals: {},
  children: {},
  error: undefined,
});

/**
 * Loads a landed delivery, trying again after faults that may pass, and says what came of it.
 *
 * Throws only when the run was ended; what is wrong is in the result.
 */
export async function loadDelivery(options: Loading, batch: PendingBatch): Promise<DeliveryResult> {
  try {
    return await tryLoading(options, batch);
  } finally {
    await clearAway(options, batch);
  }
}

/** What an archive keeps leaves the folder, which may be on a small disk. */
export async function clearAway(
  { archive, landingDir }: Loading,
  { sha256 }: { readonly sha256: string },
): Promise<void> {
  if (archive !== undefined) await rm(landingPath(landingDir, sha256), { force: true });
}

/**
 * Loads a batch, trying again after faults that may pass: a cut connection, a deadlock, a
 * failover. After a lost acknowledgement the batch's state is read, never guessed.
 */
async function tryLoading(options: Loading, batch: PendingBatch): Promise<DeliveryResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (options.archive !== undefined) {
        await bringBack(options.landingDir, batch, options.archive);
      }
      const loaded = await options.session.use(async (client) => {
        await markLoading(client, batch.batchId, readingOf(options.source, options.context.zone));
        return loadBatch(client, batchJob(options, batch));
      });
      return await loadedResult(options, batch, loaded);
    } catch (error) {
      if (options.context.signal.aborted) throw error;
      if (error instanceof PlumblineError && !error.retryable)
        return {
          ...emptyResult(batch.name),
          outcome: 'rejected',
          ...(await refusedRows(options, batch)),
          error: storedError(error),
        };
      const known = await readOutcome(options, batch);
      if (known !== undefined) return known;
      if (attempt >= attemptsMax || !isPassing(error))
        return {
          ...emptyResult(batch.name),
          outcome: 'failed',
          error: await recordFailure(options, batch, error),
        };
      await wait(100 * 3 ** attempt);
    }
  }
}

const batchJob = (options: Loading, batch: PendingBatch): Parameters<typeof loadBatch>[1] => ({
  sourceName: options.name,
  source: options.source,
  landed: {
    path: landingPath(options.landingDir, batch.sha256),
    name: batch.name,
    slot: batch.slot,
    sizeBytes: batch.sizeBytes,
  },
  context: { ...options.context, cursor: undefined },
  batchId: batch.batchId,
  deliveryId: batch.deliveryId,
  nextCursor: batch.nextCursor,
  onRows: (rows) =>
    options.onEvent?.({ kind: 'reading', source: options.name, delivery: batch.name, rows }),
});

/**
 * Visible to others while the load's own transaction is open, and after it was killed. It need not
 * be on the disk: a server that crashes and forgets it has the batch waiting as before.
 */
async function markLoading(client: pg.Client, batchId: number, reading: string): Promise<void> {
  await inTransaction(client, async () => {
    await client.query('set local synchronous_commit = off');
    await client.query(
      `update plumbline.batch set state = 'loading', attempts = attempts + 1, reading = $2, started_at = clock_timestamp() where id = $1 and state in ('landed', 'loading')`,
      [batchId, reading],
    );
  });
}

async function loadedResult(
  options: Loading,
  batch: PendingBatch,
  loaded: LoadedBatch | undefined,
): Promise<DeliveryResult> {
  if (loaded !== undefined)
    return {
      name: batch.name,
      outcome: 'loaded',
      rows: loaded.rows,
      shares: loaded.shares,
      superseded: loaded.superseded,
      totals: loaded.totals,
      noticed: loaded.noticed,
      children: Object.fromEntries(
        Object.entries(loaded.children).map(([name, child]) => [
          childName(options.name, name),
          child,
        ]),
      ),
      error: undefined,
    };
  return (
    (await readOutcome(options, batch)) ?? { ...emptyResult(batch.name), outcome: 'duplicate-file' }
  );
}

/** The delivery's batch as the database has it, when it is loaded; its id may have moved on. */
async function readOutcome(
  options: Loading,
  batch: PendingBatch,
): Promise<DeliveryResult | undefined> {
  const found = await options.session.retry((client) => readLoaded(client, batch));
  const { [options.name]: own, ...children } = found;
  if (own === undefined) return undefined;
  return { name: batch.name, outcome: 'loaded', ...own, children, error: undefined };
}

/** The rows of a delivery that was refused whole: all that were read are kept out, the good ones too. */
async function refusedRows(
  options: Loading,
  batch: PendingBatch,
): Promise<Pick<DeliveryResult, 'rows'>> {
  const rows = await options.session.retry(async (client) => {
    const found = await client.query<{ read: string }>(
      'select read from plumbline.batch where id = $1',
      [batch.batchId],
    );
    return found.rows;
  });
  const read = Number(rows[0]?.read ?? 0);
  return { rows: { ...noRows, read, rejected: read } };
}

/** After the last attempt: `failed` and why. Otherwise the batch waits in the landing for the next run. */
async function recordFailure(
  options: Loading,
  batch: PendingBatch,
  error: unknown,
): Promise<StoredError> {
  const stored = storedError(error);
  await options.session
    .retry((client) =>
      client.query(
        `update plumbline.batch set state = case when attempts >= $2 then 'failed' else 'landed' end, error = $3, finished_at = clock_timestamp()
        where id = $1 and state in ('landed', 'loading')`,
        [batch.batchId, attemptsMax, JSON.stringify(stored)],
      ),
    )
    .catch(() => undefined);
  return stored;
}
