import type pg from 'pg';

import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { type HeldSums, heldSums, sumList, sumOf } from './held-sums.ts';
import { matchRows, type Standings } from './match-rows.ts';
import { supersedeNested } from './nested-rows.ts';
import { copyColumns } from './raw-table.ts';
import type { Reject } from './reject-log.ts';
import { noShares, type Shares } from './result.ts';
import {
  bigintArray,
  giveBackKeys,
  keepClaims,
  keepLostKeys,
  type SharedKeys,
} from './shared-keys.ts';
import type { RelatedBatches } from './slots.ts';
import { noTwins, removeTwins } from './twins.ts';

/** What the rows of a batch became. */
export interface Merge {
  readonly inserted: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly duplicate: number;
  /** Rows rejected because another row of the delivery has their key and other content. */
  readonly clashing: number;
  readonly clashes: readonly Reject[];
  /** What Postgres has of the rows that clash, which is part of `held`. */
  readonly clashed: HeldSums | undefined;
  /** Rows of the delivery's older version that this one lacks. */
  readonly superseded: number;
  readonly shares: Shares;
  /** What Postgres has of the delivery: rows written, held already, and set aside. */
  readonly held: readonly HeldSums[];
}

export interface MergeOptions extends RelatedBatches {
  readonly client: pg.Client;
  readonly sourceName: string;
  readonly deliveryId: number;
  /** Quoted `raw.relation`. */
  readonly table: string;
  readonly contract: Contract;
  readonly batchId: number;
  /** Rows that were copied. */
  readonly staged: number;
  /** False when it is known that no two of them have one key. */
  readonly keysMayRepeat: boolean;
  /** Columns whose sums are control totals. */
  readonly totals: readonly string[];
  readonly rejectsMax: number;
  /** Rows of child tables are nested in the records. */
  readonly hasNested: boolean;
  /** Of a table of nested rows: its columns that name the record around, with those of that record. */
  readonly parentKey: Readonly<Record<string, string>> | undefined;
}

/** Marks all rows of older versions of the delivery as replaced: without a key, all of them are. */
export async function supersedeOlder(
  options: Pick<MergeOptions, 'client' | 'table' | 'batchId' | 'older'>,
): Promise<number> {
  if (options.older.length === 0) return 0;
  const { rowCount } = await options.client.query(
    `update ${options.table} set _superseded_by = $1 where _superseded_by is null and _batch_id = any ($2::bigint[])`,
    [options.batchId, options.older],
  );
  return rowCount ?? 0;
}

/** The merge of rows with a key that were copied straight into the table, where none held. */
export async function countFirst(
  options: Pick<MergeOptions, 'client' | 'table' | 'batchId' | 'staged' | 'totals'>,
): Promise<Merge> {
  const { client, table, batchId, staged, totals } = options;
  return {
    ...noTwins,
    inserted: staged,
    changed: 0,
    unchanged: 0,
    superseded: 0,
    shares: noShares,
    held: [await sumOf(client, `${table} where _batch_id = ${batchId}`, totals)],
  };
}

/**
 * Merges the rows of the temporary table `stage` into the raw table by key: same content and flags is
 * unchanged, other content supersedes, a new key is inserted. Where a later delivery has the key, its
 * row goes on to hold, and ours is kept as one that was superseded from the start. Set-based, in the
 * caller's transaction; the two tables are joined once, and what matches is kept by its place.
 */
export async function mergeByKey(options: MergeOptions): Promise<Merge> {
  const { client, table, contract, batchId, totals } = options;
  const key = (contract.key ?? []).map(quoteIdentifier);
  const { held: aside, ...twins } = options.keysMayRepeat
    ? await removeTwins(options, key)
    : noTwins;
  const current = await client.query(`select from ${table} where _superseded_by is null limit 1`);
  if (current.rowCount === 0) {
    const added = await insertStaged(options, { from: 'stage s' });
    return {
      ...twins,
      inserted: added.rows,
      changed: 0,
      unchanged: 0,
      superseded: 0,
      shares: noShares,
      held: [added, ...aside],
    };
  }
  const standings = await matchRows(options, key);
  const { shares } = standings;
  // Nested rows belong to whom the record around belongs to.
  const isNested = options.parentKey !== undefined;
  const columns = [...Object.keys(contract.columns), '_row_hash', '_flags'].map(quoteIdentifier);
  const shared: SharedKeys = { ...options, key, columns };
  const lost = !isNested && (await keepLostKeys(shared));
  const few = standings.fresh < options.staged / 2;
  const changed = await byPlace(client, few, () =>
    client.query(
      `update ${table} r set _superseded_by = $1 from matched m where r.ctid = m.held and m.standing in ('o', 'm')`,
      [batchId],
    ),
  );
  const kept = await keepOwn(options, { key, standings });
  const elsewhere = isNested ? `standing = 's'` : `standing = 's' and not own`;
  const unchanged = await sumOf(client, `matched where ${elsewhere}`, totals);
  const added = await byPlace(client, few, () =>
    insertStaged(options, {
      from: `matched m join stage s on s.ctid = m.staged where m.standing in ('n', 'o', 'm')`,
    }),
  );
  const outdated = shares.outdated === 0 ? [] : [await insertOutdated(options)];
  if (!isNested) await keepClaims(shared, shares.unchangedElsewhere);
  if (lost) await giveBackKeys(shared);
  const replaced = changed.rowCount ?? 0;
  const moved = isNested ? shares.unchangedElsewhere : 0;
  return {
    ...twins,
    inserted: added.rows - replaced,
    changed: replaced - moved,
    unchanged: kept.held.rows + unchanged.rows + moved + shares.outdated,
    superseded: kept.superseded,
    shares,
    held: [added, kept.held, unchanged, ...outdated, ...aside],
  };
}

/** What older versions of a delivery go on to hold, and how many rows they gave up. */
interface Kept {
  readonly held: HeldSums;
  readonly superseded: number;
}

/**
 * A corrected file: supersedes the rows of its older versions that it does not have like that any more,
 * and counts and adds up what these hold now. By what was joined they hold `ownUnchanged` rows; as many
 * are nearly always there, and then nothing is to be looked for. Where this version has another row that
 * a later delivery's keeps out, the older row goes too: it is the later one's to hold (`giveBackKeys`).
 */
async function keepOwn(
  options: MergeOptions,
  { key, standings }: { readonly key: readonly string[]; readonly standings: Standings },
): Promise<Kept> {
  const { client, table, batchId, older, totals } = options;
  if (options.parentKey !== undefined) {
    const superseded = await supersedeNested(options, options.parentKey);
    return { held: { rows: 0, sums: totals.map(() => '0') }, superseded };
  }
  if (older.length === 0) return { held: { rows: 0, sums: totals.map(() => '0') }, superseded: 0 };
  const isOlder = `_superseded_by is null and _batch_id = any (${bigintArray(older)})`;
  const held = await sumOf(client, `${table} where ${isOlder}`, totals);
  if (held.rows === standings.ownUnchanged) return { held, superseded: 0 };
  const match = key.map((name) => `s.${name} = r.${name}`).join(' and ');
  const isLater =
    standings.shares.outdated === 0
      ? 'false'
      : `exists (select from matched m where m.held = r.ctid and m.standing = 'l')`;
  const { rowCount } = await client.query(
    `update ${table} r set _superseded_by = $1
      where ${isOlder} and (not exists (select from stage s where ${match}) or ${isLater})`,
    [batchId],
  );
  const left = await sumOf(client, `${table} where ${isOlder}`, totals);
  return { held: left, superseded: rowCount ?? 0 };
}

/**
 * Runs a statement that finds rows by the places `matched` has. Where these are few they are looked
 * up one by one; the planner, which does not know that, would read the whole table.
 */
async function byPlace<T>(client: pg.Client, few: boolean, run: () => Promise<T>): Promise<T> {
  if (!few) return await run();
  await client.query('set local enable_hashjoin = off; set local enable_mergejoin = off');
  const result = await run();
  await client.query('set local enable_hashjoin = on; set local enable_mergejoin = on');
  return result;
}

/** Rows that lose to a later delivery from the start: kept, since they hold when that gives them up. */
async function insertOutdated(options: MergeOptions): Promise<HeldSums> {
  return insertStaged(options, {
    superseded: true,
    from: `matched m join stage s on s.ctid = m.staged where m.standing = 'l'`,
  });
}

/** Inserts rows of `stage s`, as `from` selects them, and adds up what Postgres stored of them. */
async function insertStaged(
  { client, table, contract, totals }: MergeOptions,
  { from, superseded }: { readonly from: string; readonly superseded?: true },
): Promise<HeldSums> {
  // A row that is superseded from the start is so by its own batch.
  const columns = `${copyColumns(contract)}${superseded === true ? ', _superseded_by' : ''}`;
  const values = `${copyColumns(contract, 's')}${superseded === true ? ', s._batch_id' : ''}`;
  const insert = `insert into ${table} (${columns}) select ${values} from ${from}`;
  if (totals.length === 0) {
    const { rowCount } = await client.query(insert);
    return { rows: rowCount ?? 0, sums: [] };
  }
  const returned = totals.map(quoteIdentifier).join(', ');
  const { rows } = await client.query<Record<string, string | null>>(
    `with added as (${insert} returning ${returned}) select ${sumList(totals)} from added`,
  );
  return heldSums(rows[0], totals);
}
