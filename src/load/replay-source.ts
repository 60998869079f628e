import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { childName } from '../source/source.ts';
import { findDelivery } from './find-delivery.ts';
import { findReplacement } from './find-version.ts';
import type { LoadSourceOptions } from './load-options.ts';
import { loadSource } from './load-source.ts';
import { readRawTable, relationName } from './raw-table.ts';
import { type Changes, countChanges } from './read-changes.ts';
import type { ReplayRequest } from './request-replay.ts';
import type { SourceResult, StoredError } from './result.ts';

/** How a delivery stands: as it was loaded, or refused, last. */
export interface Standing {
  readonly batchId: number;
  readonly state: 'loaded' | 'superseded' | 'rejected' | 'failed';
  readonly read: number;
  /** Rows of it that the contract accepted; none when it was refused whole. */
  readonly loaded: number;
  readonly rejected: number;
  /** Rejected rows that are kept (10,000 a batch), and these by code; one with two faults counts in both. */
  readonly kept: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly error: StoredError | null;
}

/** What a replay came to for one delivery, in the table of its source and in those of nested records. */
export interface ReplayedDelivery extends ReplayedTable {
  readonly deliveryId: number;
  readonly name: string;
  readonly version: number;
  /** By the name of the child table, such as `orders-lines`. */
  readonly children: Readonly<Record<string, ReplayedTable>>;
}

export interface ReplayedTable {
  /** Null when it had not been read for this table: the table is new, or its source was refused first. */
  readonly before: Standing | null;
  readonly after: Standing;
  /** Rows that were kept out before and are loaded now. */
  readonly accepted: number;
  /** Rows that were loaded before and are kept out now. */
  readonly newlyRejected: number;
  /** What it did to the rows that hold; null when nothing of it was loaded. */
  readonly changes: Pick<Changes, 'added' | 'changed' | 'removed'> | null;
  /** False when the table was made anew, for another type or key: then all its rows were added. */
  readonly comparable: boolean;
}

export interface ReplayResult {
  readonly source: SourceResult;
  readonly deliveries: readonly ReplayedDelivery[];
}

export interface ReplayOptions extends Omit<LoadSourceOptions, 'replay'> {
  /** `'rejected'`: those of which rows were kept out, or all of it; a number, path or name: that one. */
  readonly deliveries: 'rejected' | 'all' | { readonly delivery: string };
}

/**
 * Loads deliveries of a source again from the landing, without asking the source, and says for each
 * what that changed. After a change of the contract all of them are read again.
 *
 * Throws `usage` when there is no such delivery, or when it is a copy or was replaced; what goes
 * wrong with a delivery is in the result.
 */
export async function replaySource(options: ReplayOptions): Promise<ReplayResult> {
  const client = await options.warehouse.connect('loader');
  try {
    const replay = await requestOf(client, options);
    const children = Object.keys(options.source.children ?? {}).map((child) =>
      childName(options.name, child),
    );
    const tables = [options.name, ...children];
    const before = await readAllStandings(client, options.name, tables);
    const source = await loadSource({ ...options, replay });
    const after = await readAllStandings(client, options.name, tables);
    const compareTable = async (table: string, deliveryId: number) => {
      const now = after.get(table)?.get(deliveryId);
      const was = before.get(table)?.get(deliveryId);
      if (now === undefined || (was !== undefined && was.batchId >= now.batchId)) return undefined;
      return compare(client, { source: options.name, table }, { was, now });
    };
    const deliveries: ReplayedDelivery[] = [];
    for (const [deliveryId, { name, version }] of after.get(options.name) ?? []) {
      const own = await compareTable(options.name, deliveryId);
      if (own === undefined || own.before === null) continue;
      const nested: Record<string, ReplayedTable> = {};
      for (const table of children) {
        const compared = await compareTable(table, deliveryId);
        if (compared !== undefined) nested[table] = compared;
      }
      deliveries.push({ deliveryId, name, version, ...own, children: nested });
    }
    return { source, deliveries };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function requestOf(
  client: pg.Client,
  { name, deliveries }: ReplayOptions,
): Promise<ReplayRequest> {
  if (typeof deliveries === 'string') return deliveries;
  const { deliveryId, name: file } = await findDelivery(client, name, deliveries.delivery);
  const { rows } = await client.query<{ copy_of: string | null; replaced_by: string | null }>(
    `select d.duplicate_of::text as copy_of,
            (select max(n.id)::text from plumbline.delivery n
              where n.source = d.source and n.slot = d.slot and n.id > d.id
                and exists (select from plumbline.batch b where b.delivery_id = n.id and b.state = 'loaded')) as replaced_by
       from plumbline.delivery d where d.id = $1`,
    [deliveryId],
  );
  const copyOf = rows[0]?.copy_of ?? null;
  const replacedBy = rows[0]?.replaced_by ?? null;
  const other = copyOf ?? replacedBy;
  if (other === null) return deliveryId;
  throw new PlumblineError('usage', {
    message: `Delivery ${deliveryId} (${file}) ${copyOf === null ? `was replaced by delivery ${other}` : `is a copy of delivery ${other}, and holds no rows of its own`}.`,
    remedy: `Replay that one: --delivery ${other}.`,
  });
}

/** A standing with what is needed to compare it with another. */
interface Known extends Standing {
  readonly deliveryId: number;
  readonly name: string;
  readonly version: number;
  /** As far as they are kept. */
  readonly rejectedRecords: readonly number[];
}

async function readAllStandings(
  client: pg.Client,
  source: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, Known>>> {
  const standings = new Map<string, ReadonlyMap<number, Known>>();
  for (const table of tables) standings.set(table, await readStandings(client, source, table));
  return standings;
}

/** How each delivery of a source that was not replaced stands in one of its tables. */
async function readStandings(
  client: pg.Client,
  source: string,
  table: string,
): Promise<ReadonlyMap<number, Known>> {
  const { rows } = await client.query<Known>(
    `select d.id::float8 as "deliveryId", d.name, d.generation as version, b.id::float8 as "batchId", b.state,
            b.read::float8 as read, b.rejected::float8 as rejected, b.error,
            (select count(*) from plumbline.reject r where r.batch_id = b.id)::float8 as kept,
            case when b.state in ('loaded', 'superseded') then b.read - b.rejected else 0 end::float8 as loaded,
            coalesce((select jsonb_object_agg(code, rows) from (
              select code, count(*) as rows from plumbline.reject r, unnest(r.codes) code
               where r.batch_id = b.id group by code) by_code), '{}') as codes,
            array(select distinct r.row_number::float8 from plumbline.reject r where r.batch_id = b.id) as "rejectedRecords"
       from plumbline.delivery d
       join lateral (
         select * from plumbline.batch b
          where b.delivery_id = d.id and b.source = $2 and b.state not in ('landed', 'loading')
          order by b.id desc limit 1) b on true
      where d.source = $1 and (b.state <> 'superseded' or not exists (
              select from plumbline.delivery n where n.source = d.source and n.slot = d.slot and n.id > d.id))
      order by d.id`,
    [source, table],
  );
  return new Map(rows.map((row) => [row.deliveryId, row]));
}

async function compare(
  client: pg.Client,
  { source, table: name }: { readonly source: string; readonly table: string },
  { was, now }: { readonly was: Known | undefined; readonly now: Known },
): Promise<ReplayedTable> {
  const isLoaded = now.state === 'loaded' || now.state === 'superseded';
  const table = isLoaded ? await readRawTable(client, relationName(name)) : undefined;
  const changes =
    table === undefined
      ? null
      : await countChanges({ client, sourceName: name, table, batchId: now.batchId });
  // All tables of a source are made anew together.
  const replaced = isLoaded
    ? await findReplacement(client, source, String(now.deliveryId))
    : undefined;
  return {
    before: was === undefined ? null : standingOf(was),
    after: standingOf(now),
    ...movedRows(was, now),
    changes:
      changes === null
        ? null
        : { added: changes.added, changed: changes.changed, removed: changes.removed },
    comparable: replaced?.comparable ?? true,
  };
}

function movedRows(
  was: Known | undefined,
  now: Known,
): Pick<ReplayedTable, 'accepted' | 'newlyRejected'> {
  const [refusedBefore, refusedNow] = [was, now].map(
    (one) => one === undefined || one.state === 'rejected' || one.state === 'failed',
  );
  if (refusedNow === true) return { accepted: 0, newlyRejected: 0 };
  if (was === undefined || refusedBefore === true)
    return { accepted: now.loaded, newlyRejected: 0 };
  const isWhole = (one: Known): boolean => one.rejectedRecords.length === one.rejected;
  if (!isWhole(was) || !isWhole(now)) {
    // Not each rejected row is kept, or a record gave several: what is certain is by how many it moved.
    const moved = was.rejected - now.rejected;
    return { accepted: Math.max(0, moved), newlyRejected: Math.max(0, -moved) };
  }
  const [before, after] = [new Set(was.rejectedRecords), new Set(now.rejectedRecords)];
  return {
    accepted: [...before].filter((record) => !after.has(record)).length,
    newlyRejected: [...after].filter((record) => !before.has(record)).length,
  };
}

const standingOf = ({
  batchId,
  state,
  read,
  loaded,
  rejected,
  kept,
  codes,
  error,
}: Known): Standing => ({
  batchId,
  state,
  read,
  loaded,
  rejected,
  kept,
  codes,
  error,
});
