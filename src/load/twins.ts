import { quoteIdentifier } from '../warehouse/quote.ts';
import { sumOf } from './held-sums.ts';
import type { Merge, MergeOptions } from './merge.ts';
import { copyColumns } from './raw-table.ts';
import type { Reject } from './reject-log.ts';

/** What became of rows that have a key in common. */
export type Twins = Pick<Merge, 'duplicate' | 'clashing' | 'clashes' | 'clashed' | 'held'>;

export const noTwins: Twins = {
  duplicate: 0,
  clashing: 0,
  clashes: [],
  clashed: undefined,
  held: [],
};

/**
 * Takes rows with a key that another row of the delivery has out of `stage`. Rows that are alike
 * but for their place are duplicates, of which the first stays, or the last where others are nested in
 * it, which may have changed in between. Rows that differ cannot both be right: all are rejected, unless
 * the contract lets the last win.
 */
export async function removeTwins(options: MergeOptions, key: readonly string[]): Promise<Twins> {
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
  const alike = options.hasNested ? '(alike and nth_last > 1)' : '(alike and nth > 1)';
  const repeated = lastWins ? `(${alike} or not alike and nth_last > 1)` : alike;
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
