import type pg from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import type { MergeOptions } from './merge.ts';
import { noShares, type Shares } from './result.ts';
import { bigintArray } from './shared-keys.ts';

/** How the rows of `stage` stand to those that hold. */
export interface Standings {
  /** Rows to be inserted. */
  readonly fresh: number;
  /** Rows that older versions of the delivery hold as they are. */
  readonly ownUnchanged: number;
  readonly shares: Shares;
}

/**
 * Joins `stage` with the rows that hold now, into `matched`: `standing` is 'n' where the key is new,
 * 's' where the same row is held, 'o' where ours is other and replaces the one held, 'l' where that one is
 * a later delivery's, 'm' where another delivery holds the same nested row, which moves to this one: it
 * belongs to whom the record around belongs to, and the other may give that up. What older versions of the delivery hold as it is, nearly
 * all of a corrected file, is left out, unless rows are nested in the records or are such rows.
 *
 * A few rows are looked up in the index of the key, so that a small delivery costs the same however
 * large the table is; the planner, which has no statistics of either table yet, would read all of it.
 */
export async function matchRows(options: MergeOptions, key: readonly string[]): Promise<Standings> {
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
  const isOwn = `r._batch_id = any (${bigintArray(older)})`;
  const isSame = 'r._row_hash = s._row_hash and r._flags is not distinct from s._flags';
  // Nearly always there is nothing later, and nothing more to ask.
  const isOutdated =
    later.length === 0
      ? ''
      : ` when r._batch_id = any (${bigintArray(later)})
            or exists (select from plumbline.claim c where c.row_hash = r._row_hash and c.batch_id = any (${bigintArray(later)})) then 'l'`;
  const isComplete = older.length === 0 || options.hasNested || options.parentKey !== undefined;
  const isMoved =
    options.parentKey === undefined ? '' : ` when ${isSame} and (${isOwn}) is not true then 'm'`;
  // "offset 0" keeps the planner from turning the look-up round and reading stage for every row held.
  await client.query(
    `create temp table matched on commit drop as
     select s.ctid as staged, r.ctid as held, coalesce(${isOwn}, false) as own,
            case when r.ctid is null then 'n'${isMoved} when ${isSame} then 's'${isOutdated} else 'o' end::"char" as standing${totals.map((name) => `, r.${quoteIdentifier(name)}`).join('')}
       from stage s left join ${lookUp ? `lateral (${held} and ${match} offset 0) r on true` : `${table} r on ${match} and r._superseded_by is null`}
       ${isComplete ? '' : `where (${isOwn} and ${isSame}) is not true`}`,
  );
  if (lookUp) await client.query('set local enable_seqscan = on');
  return countStandings(client, isComplete);
}

async function countStandings(client: pg.Client, isComplete: boolean): Promise<Standings> {
  const { rows } = await client.query<Record<'fresh' | 'same' | 'other' | 'late' | 'own', string>>(
    `select count(*) filter (where standing in ('n', 'o', 'm')) as fresh,
            count(*) filter (where standing in ('s', 'm') and not own) as same,
            count(*) filter (where standing = 'o' and not own) as other,
            count(*) filter (where standing = 'l') as late,
            ${isComplete ? `count(*) filter (where standing = 's' and own)` : '(select count(*) from stage) - count(*)'} as own
       from matched`,
  );
  const countOf = (name: 'fresh' | 'same' | 'other' | 'late' | 'own'): number =>
    Number(rows[0]?.[name] ?? 0);
  return {
    fresh: countOf('fresh'),
    ownUnchanged: countOf('own'),
    shares: {
      ...noShares,
      unchangedElsewhere: countOf('same'),
      changedElsewhere: countOf('other'),
      outdated: countOf('late'),
    },
  };
}
