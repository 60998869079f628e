import type pg from 'pg';

import { addNoticed } from '../contract/describe-noticed.ts';
import { PlumblineError } from '../errors.ts';
import { removeAbandonedParts } from '../landing/land.ts';
import { childName, type Offer } from '../source/source.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { moveCursor, readCursor } from './cursor.ts';
import { identify, recoverPending, reloadAll } from './delivery.ts';
import { landOffer } from './land-offer.ts';
import { leaveOutHeld } from './leave-out-held.ts';
import { clearAway, emptyResult, loadDelivery } from './load-delivery.ts';
import type { Loading, LoadSourceOptions } from './load-options.ts';
import { createLoaderSession, retryPassing } from './loader-session.ts';
import { prepareRawTables, relationName } from './raw-table.ts';
import { requestReplay } from './request-replay.ts';
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
      const result = await loadDelivery(options, batch);
      yield result;
      if (result.outcome === 'failed') return;
    }
  }
}

/** The raw tables of the source and of its child tables. When they are made anew, all are filled again. */
async function prepareTables(client: pg.Client, { name, source }: Loading): Promise<void> {
  const children = Object.entries(source.children ?? {}).map(
    ([child, { contract }]) => [relationName(childName(name, child)), contract] as const,
  );
  const tables = new Map([[relationName(name), source.contract], ...children]);
  await prepareRawTables(client, tables, () => reloadAll(client, name));
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
    return await loadDelivery(options, {
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
