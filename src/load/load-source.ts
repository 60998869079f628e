import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import type pg from 'pg';

import { addNoticed } from '../contract/describe-noticed.ts';
import { PlumblineError } from '../errors.ts';
import {
  bringBack,
  type LandingArchive,
  landingPath,
  removeAbandonedParts,
} from '../landing/land.ts';
import { childName, type Offer, type Source, type SourceContext } from '../source/source.ts';
import { inTransaction } from '../warehouse/transaction.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { moveCursor, readCursor } from './cursor.ts';
import { identify, type PendingBatch, recoverPending, reloadAll } from './delivery.ts';
import { landOffer } from './land-offer.ts';
import { leaveOutHeld } from './leave-out-held.ts';
import { loadBatch, type LoadedBatch } from './load-batch.ts';
import {
  createLoaderSession,
  isPassing,
  type LoaderSession,
  retryPassing,
} from './loader-session.ts';
import { prepareRawTable, relationName } from './raw-table.ts';
import { readLoaded } from './read-loaded.ts';
import { type ReplayRequest, requestReplay } from './request-replay.ts';
import { readingOf, rereadChanged } from './reread.ts';
import {
  addRows,
  addShares,
  type DeliveryResult,
  keptOutOf,
  noRows,
  noShares,
  type SourceResult,
  type StoredError,
} from './result.ts';
import { storedError } from './stored-error.ts';

/** Told while a source loads; for progress lines. */
export type LoadEvent =
  | {
      readonly kind: 'reading';
      readonly source: string;
      readonly delivery: string;
      readonly rows: number;
    }
  | { readonly kind: 'delivery'; readonly source: string; readonly result: DeliveryResult };

export interface LoadSourceOptions {
  readonly name: string;
  readonly source: Source;
  readonly warehouse: Warehouse;
  /** Folder that keeps every delivery. */
  readonly landingDir: string;
  /** Where they are kept when the folder does not last. */
  readonly archive?: LandingArchive;
  readonly context: Omit<SourceContext, 'cursor'>;
  readonly onEvent?: (event: LoadEvent) => void;
  /** Read these again from the landing, and do not ask the source for more. */
  readonly replay?: ReplayRequest;
}

interface Loading extends LoadSourceOptions {
  readonly session: LoaderSession;
}

/** Times a delivery is tried in all before it is failed and someone is told. */
const attemptsMax = 3;

/**
 * Loads everything a source has to deliver, exactly once: what an earlier run left unfinished
 * first, then what is new or corrected. One bad delivery does not stop the next.
 *
 * Never throws for a fault of the source, a delivery or the database: these are in the result.
 */
export async function loadSource(options: LoadSourceOptions): Promise<SourceResult> {
  const started = performance.now();
  const results: DeliveryResult[] = [];
  const errors: StoredError[] = [];
  let goesOnFrom: string | undefined;
  const session = createLoaderSession(options.warehouse);
  try {
    const deliveries = deliver({ ...options, session }, (from) => {
      goesOnFrom = from;
    });
    for await (const result of deliveries) {
      results.push(result);
      if (result.error !== undefined) errors.push(result.error);
      options.onEvent?.({ kind: 'delivery', source: options.name, result });
    }
  } catch (error) {
    if (options.context.signal.aborted) throw error;
    errors.push(storedError(error));
  } finally {
    await session.end();
  }
  const whole = {
    name: options.name,
    deliveries: results.filter((result) => result.outcome !== 'duplicate-file').length,
    duplicateFiles: results.filter((result) => result.outcome === 'duplicate-file').length,
    ...summed(results),
    balanced: errors.length === 0,
    ms: Math.round(performance.now() - started),
    errors,
    goesOnFrom,
  };
  const children = childNames(options).map((name): SourceResult => {
    const loaded = results.map((result) => result.children[name]);
    return {
      ...whole,
      name,
      duplicateFiles: 0,
      ...summed(loaded.filter((each) => each !== undefined)),
      errors: [],
      goesOnFrom: undefined,
      children: [],
    };
  });
  return { ...whole, children };
}

const summed = (
  results: readonly Pick<DeliveryResult, 'rows' | 'shares' | 'totals' | 'noticed'>[],
): Pick<SourceResult, 'rows' | 'shares' | 'keptOut' | 'noticed'> => ({
  rows: results.reduce((sum, { rows }) => addRows(sum, rows), noRows),
  shares: results.reduce((sum, { shares }) => addShares(sum, shares), noShares),
  keptOut: keptOutOf(results),
  noticed: addNoticed(results.map(({ noticed = {} }) => noticed)),
});

const childNames = ({ name, source }: LoadSourceOptions): readonly string[] =>
  Object.keys(source.children ?? {}).map((child) => childName(name, child));

/**
 * Deliveries one after the other, in the order they came: with a key, the later one wins. So a
 * fault of the system ends the run of the source, and the next run goes on from there; a delivery
 * that is refused for its content is passed over. The cursor of an API stays before one that was
 * refused, whatever was loaded behind it, so that it is asked for again.
 */
async function* deliver(
  options: Loading,
  onDeadline: (goesOnFrom: string) => void,
): AsyncGenerator<DeliveryResult> {
  const { name, source, landingDir } = options;
  await removeAbandonedParts(landingDir, Date.parse(options.context.now()));
  await retryPassing(() => asOwner(options.warehouse, (client) => prepareTables(client, options)));
  const reading = readingOf(source, options.context.zone);
  await options.session.retry((client) => rereadChanged(client, name, reading));
  const { replay } = options;
  if (replay !== undefined)
    await options.session.retry((client) => requestReplay(client, name, replay));
  for await (const result of deliverPending(options)) {
    yield result;
    if (result.outcome === 'failed') return;
    if (isPast(options.context)) return onDeadline('what waits in the landing');
  }
  if (replay !== undefined) return;
  const cursor = await options.session.retry((client) => readCursor(client, name));
  let isUnbroken = true;
  let brought = 0;
  const discovered = source.discover({ ...options.context, cursor, onDeadline });
  const offers =
    options.archive === undefined
      ? discovered
      : leaveOutHeld(discovered, { source: name, session: options.session });
  for await (const offer of offers) {
    options.context.signal.throwIfAborted();
    // Something comes of every run, however late it begins.
    if (brought > 0 && isPast(options.context)) return onDeadline(offer.name);
    const result = await deliverOffer(options, offer, isUnbroken);
    if (result === undefined) continue;
    brought += 1;
    yield result;
    if (result.outcome === 'failed') return;
    if (result.outcome === 'rejected') isUnbroken = false;
  }
  // A correction may have given up keys that another delivery has, which is read again.
  yield* deliverPending(options);
}

/** Between two deliveries a run may stop: the next one finds what is not loaded yet. */
const isPast = ({ deadline, now }: Loading['context']): boolean =>
  deadline !== undefined && Date.parse(now()) >= Date.parse(deadline);

/** Loads what waits in the landing, until nothing does: to read one again may ask for another. */
async function* deliverPending(options: Loading): AsyncGenerator<DeliveryResult> {
  const tried = new Set<number>();
  for (;;) {
    const waiting = await options.session.retry((client) => recoverPending(client, options.name));
    const pending = waiting.filter(({ batchId }) => !tried.has(batchId));
    if (pending.length === 0) return;
    for (const batch of pending) {
      tried.add(batch.batchId);
      const result = await loadWithRetries(options, batch);
      yield result;
      if (result.outcome === 'failed') return;
    }
  }
}

/** The raw tables of the source and of its child tables. When one is made anew, all are filled again. */
async function prepareTables(client: pg.Client, { name, source }: Loading): Promise<void> {
  const children = Object.entries(source.children ?? {}).map(
    ([child, { contract }]) => [childName(name, child), contract] as const,
  );
  for (const [table, contract] of [[name, source.contract] as const, ...children]) {
    await prepareRawTable(client, {
      relation: relationName(table),
      contract,
      onRebuilt: () => reloadAll(client, name),
    });
  }
}

/** Lands one offer and loads it unless it is held; undefined when nothing is new. */
async function deliverOffer(
  options: Loading,
  offer: Offer,
  movesCursor: boolean,
): Promise<DeliveryResult | undefined> {
  try {
    const landed = await landOffer({ ...options, offer, source: options.name });
    const nextCursor = movesCursor ? offer.nextCursor?.() : undefined;
    const identity = await options.session.retry((client) =>
      identify(client, options.name, { offer, landed, nextCursor }),
    );
    if (identity.kind !== 'load') await clearAway(options, landed);
    if (identity.kind !== 'load' && nextCursor !== undefined) {
      // What it gives is in the table already; an API need not be asked for it again.
      await options.session.retry((client) =>
        moveCursor(client, { source: options.name, value: nextCursor }),
      );
    }
    if (identity.kind === 'held') return undefined;
    if (identity.kind === 'duplicate-file') {
      return { ...emptyResult(offer.name), outcome: 'duplicate-file' };
    }
    return await loadWithRetries(options, {
      ...identity,
      name: offer.name,
      slot: offer.slot,
      sha256: landed.sha256,
      sizeBytes: landed.sizeBytes,
      nextCursor,
    });
  } catch (error) {
    if (options.context.signal.aborted) throw error;
    const refused = error instanceof PlumblineError && !error.retryable;
    return {
      ...emptyResult(offer.name),
      outcome: refused ? 'rejected' : 'failed',
      error: storedError(error),
    };
  }
}

const emptyResult = (name: string): Omit<DeliveryResult, 'outcome'> => ({
  name,
  rows: noRows,
  shares: noShares,
  superseded: 0,
  totals: {},
  children: {},
  error: undefined,
});

async function loadWithRetries(options: Loading, batch: PendingBatch): Promise<DeliveryResult> {
  try {
    return await tryLoading(options, batch);
  } finally {
    await clearAway(options, batch);
  }
}

/** What an archive keeps leaves the folder, which may be on a small disk. */
async function clearAway(
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

async function asOwner<T>(
  warehouse: Warehouse,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await warehouse.connect('owner');
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
