import type pg from 'pg';

import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { type HeldSums, heldSums, sumList, sumOf } from './held-sums.ts';
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
  await matchByKey(options, key);
  // Nested rows belong to whom the record around belongs to.
  const isNested = options.parentKey !== undefined;
  const shared: SharedKeys = { ...options, key };
  const standings = await countStandings(client);
  const { shares } = standings;
  const lost = !isNested && (await keepLostKeys(shared));
  const superseded = await supersedeLacking(options, standings.own);
  const unchanged = await sumOf(client, `matched where standing = 's'`, totals);
  const changed = await byPlace(client, standings.fresh < options.staged / 2, () =>
    client.query(
      `update ${table} r set _superseded_by = $1 from matched m where r.ctid = m.held and m.standing = 'o'`,
      [batchId],
    ),
  );
  const added = await byPlace(client, standings.fresh < options.staged / 2, () =>
    insertStaged(options, {
      from: `matched m join stage s on s.ctid = m.staged where m.standing in ('n', 'o')`,
    }),
  );
  const outdated = shares.outdated === 0 ? [] : [await insertOutdated(options)];
  if (!isNested) await keepClaims(shared, shares.unchangedElsewhere);
  if (lost) await giveBackKeys(shared);
  const changedRows = changed.rowCount ?? 0;
  return {
    ...twins,
    inserted: added.rows - changedRows,
    changed: changedRows,
    unchanged: unchanged.rows + shares.outdated,
    superseded,
    shares,
    held: [added, unchanged, ...outdated, ...aside],
  };
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

/** How many rows of `matched` stand how. */
interface Standings {
  /** Rows to be inserted. */
  readonly fresh: number;
  /** Rows held by older versions of the delivery that this one has too. */
  readonly own: number;
  readonly shares: Shares;
}

async function countStandings(client: pg.Client): Promise<Standings> {
  const { rows } = await client.query<Record<'fresh' | 'own' | 'same' | 'other' | 'late', string>>(
    `select count(*) filter (where standing in ('n', 'o')) as fresh,
            count(*) filter (where own) as own,
            count(*) filter (where standing = 's' and not own) as same,
            count(*) filter (where standing = 'o' and not own) as other,
            count(*) filter (where standing = 'l') as late
       from matched`,
  );
  return {
    fresh: Number(rows[0]?.fresh ?? 0),
    own: Number(rows[0]?.own ?? 0),
    shares: {
      ...noShares,
      unchangedElsewhere: Number(rows[0]?.same ?? 0),
      changedElsewhere: Number(rows[0]?.other ?? 0),
      outdated: Number(rows[0]?.late ?? 0),
    },
  };
}

/**
 * Joins `stage` with the rows that hold now, into `matched`: `standing` is 'n' where the key is new,
 * 's' where the rows are the same, 'o' where ours is other and replaces the one held, 'l' where that
 * one is a later delivery's. A few rows are looked up in the index of the key, so that a small
 * delivery costs the same however large the table is; the planner, which has no statistics of either
 * table yet, would read all of it.
 */
async function matchByKey(options: MergeOptions, key: readonly string[]): Promise<void> {
  const { client, table, totals, staged, older, later } = options;
  const { rows } = await client.query<{ pages: string }>(
    `select pg_relation_size($1::regclass) / 8192 as pages`,
    [table],
  );
  const columns = [
    'r.ctid',
    'r._row_hash',
    'r._flags',
    'r._batch_id',
    ...totals.map((name) => `r.${quoteIdentifier(name)}`),
  ];
  const held = `select ${columns.join(', ')} from ${table} r where r._superseded_by is null`;
  const match = key.map((name) => `r.${name} = s.${name}`).join(' and ');
  const lookUp = staged < 4 * Number(rows[0]?.pages ?? 0);
  if (lookUp) await client.query('set local enable_seqscan = off');
  else await client.query(`analyze stage (${key.join(', ')})`);
  // Nearly always there is nothing later, and nothing more to ask.
  const isOutdated =
    later.length === 0
      ? ''
      : ` when r._batch_id = any (${bigintArray(later)})
            or exists (select from plumbline.claim c where c.row_hash = r._row_hash and c.batch_id = any (${bigintArray(later)})) then 'l'`;
  // "offset 0" keeps the planner from turning the look-up round and reading stage for every row held.
  await client.query(
    `create temp table matched on commit drop as
     select s.ctid as staged, r.ctid as held, r._batch_id = any (${bigintArray(older)}) as own,
            case when r.ctid is null then 'n' when r._row_hash = s._row_hash and r._flags is not distinct from s._flags then 's'${isOutdated}
                 else 'o' end::"char" as standing${totals.map((name) => `, r.${quoteIdentifier(name)}`).join('')}
       from stage s left join ${lookUp ? `lateral (${held} and ${match} offset 0) r on true` : `${table} r on ${match} and r._superseded_by is null`}`,
  );
  if (lookUp) await client.query('set local enable_seqscan = on');
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

/**
 * A corrected file: rows of its older version whose key it no longer has. `own` is how many it has,
 * which nearly always is all of them; to count these is quicker than to look for the others.
 */
async function supersedeLacking(options: MergeOptions, own: number): Promise<number> {
  const { client, table, batchId, older } = options;
  if (options.parentKey !== undefined) return supersedeNested(options, options.parentKey);
  if (older.length === 0) return 0;
  const isOlder = 'r._superseded_by is null and r._batch_id = any ($1::bigint[])';
  const { rows } = await client.query<{ held: string }>(
    `select count(*) as held from ${table} r where ${isOlder}`,
    [older],
  );
  if (Number(rows[0]?.held) === own) return 0;
  const { rowCount } = await client.query(
    `update ${table} r set _superseded_by = $2
      where ${isOlder} and not exists (select from matched m where m.held = r.ctid)`,
    [older, batchId],
  );
  return rowCount ?? 0;
}

type Twins = Pick<Merge, 'duplicate' | 'clashing' | 'clashes' | 'clashed' | 'held'>;

const noTwins: Twins = { duplicate: 0, clashing: 0, clashes: [], clashed: undefined, held: [] };

/**
 * Takes rows with a key that another row of the delivery has out of `stage`. Rows that are alike
 * but for their place are duplicates, of which the first stays. Rows that differ cannot both be
 * right: all are rejected, unless the contract lets the last win.
 */
async function removeTwins(options: MergeOptions, key: readonly string[]): Promise<Twins> {
  const { client, contract, table, totals } = options;
  const keyList = key.join(', ');
  await client.query(
    `create temp table twin on commit drop as
     select s.ctid as place, s._row_number,
            row_number() over earlier as nth, row_number() over later as nth_last,
            min(s._row_hash::text) over whole = max(s._row_hash::text) over whole as alike
       from stage s join (select ${keyList} from stage group by ${keyList} having count(*) > 1) d using (${keyList})
     window whole as (partition by ${keyList}),
            earlier as (partition by ${keyList} order by s._row_number),
            later as (partition by ${keyList} order by s._row_number desc)`,
  );
  const lastWins = contract.sameKey === 'last-wins';
  const repeated = lastWins
    ? '(alike and nth > 1 or not alike and nth_last > 1)'
    : '(alike and nth > 1)';
  const { rows } = await client.query<{ duplicate: string; clashing: string }>(
    `select count(*) filter (where ${repeated}) as duplicate, count(*) filter (where not alike) as clashing from twin`,
  );
  const duplicate = Number(rows[0]?.duplicate ?? 0);
  const clashing = lastWins ? 0 : Number(rows[0]?.clashing ?? 0);
  if (duplicate + clashing === 0) return noTwins;
  const clashes = clashing === 0 ? [] : await readClashes(options);
  await client.query(
    `create temp table set_aside (like ${table} including defaults, _clashes boolean) on commit drop`,
  );
  await client.query(
    `with gone as (
       delete from stage s using twin t where s.ctid = t.place and (${repeated}${lastWins ? '' : ' or not alike'})
       returning s.*, t.alike)
     insert into set_aside (${copyColumns(contract)}, _clashes) select ${copyColumns(contract)}, ${lastWins ? 'false' : 'not alike'} from gone`,
  );
  const repeats = await sumOf(client, 'set_aside where not _clashes', totals);
  const clashed = await sumOf(client, 'set_aside where _clashes', totals);
  return { duplicate, clashing, clashes, clashed, held: [repeats, clashed] };
}

/** Rows that clash, as rejects. Their raw text is the values as read: the delivery's own is in the landing. */
async function readClashes({ client, contract, rejectsMax }: MergeOptions): Promise<Reject[]> {
  const names = Object.keys(contract.columns);
  const { rows } = await client.query<{
    row_number: string;
    rows: string[];
    raw: Record<string, string | null>;
  }>(
    `select s._row_number as row_number,
            array(select o._row_number::text from twin o join stage os on os.ctid = o.place
                   where (${contract.key?.map((name) => `os.${quoteIdentifier(name)}`).join(', ')}) = (${contract.key?.map((name) => `s.${quoteIdentifier(name)}`).join(', ')})
                     and o._row_number <> s._row_number order by o._row_number limit 3) as rows,
            json_build_object(${names.map((name, index) => `$${index + 2}::text, s.${quoteIdentifier(name)}::text`).join(', ')}) as raw
       from stage s join twin t on t.place = s.ctid
      where not t.alike order by s._row_number limit $1`,
    [rejectsMax, ...names],
  );
  const key = (contract.key ?? []).join(', ');
  return rows.map((row) => ({
    rowNumber: Number(row.row_number),
    sheet: null,
    line: 0,
    faults: [
      {
        code: 'primary-key',
        column: contract.key?.length === 1 ? (contract.key[0] ?? null) : null,
        value: (contract.key ?? []).map((name) => row.raw[name]).join(', '),
        expected: `one row for each ${key}; record ${row.rows.join(', ')} has the same and differs`,
      },
    ],
    raw: row.raw,
  }));
}
