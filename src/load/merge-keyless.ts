import type pg from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import { sumOf } from './held-sums.ts';
import { type Merge, type MergeOptions, supersedeOlder } from './merge.ts';
import { copyColumns } from './raw-table.ts';
import type { Reject } from './reject-log.ts';
import { noShares } from './result.ts';

/** Whether rows of a source without a key have to be looked at before they are in its table. */
export const needsStage = ({
  key = [],
  repeatedRows = 'keep',
}: Pick<MergeOptions['contract'], 'key' | 'repeatedRows'>): boolean =>
  key.length > 0 || repeatedRows !== 'keep';

/**
 * Replaces what older versions of the delivery held. Where repeated rows are kept, the rows are in the
 * table already; otherwise they are in `stage`, and only the first of equal ones goes on from there.
 * `repeated` is how many were counted on the way, undefined when there were too many to tell.
 */
export async function mergeKeyless(
  options: MergeOptions,
  repeated: number | undefined,
): Promise<Merge> {
  const { client, table, contract, batchId, totals } = options;
  const superseded = await supersedeOlder(options);
  const isCopied = !needsStage(contract);
  const aside = isCopied || repeated === 0 ? nothingAside : await setRepeatsAside(options);
  if (!isCopied) {
    const columns = copyColumns(contract);
    await client.query(`insert into ${table} (${columns}) select ${columns} from stage`);
  }
  const isRejected = contract.repeatedRows === 'reject';
  const inserted = options.staged - aside.rows;
  const held =
    totals.length === 0
      ? { rows: inserted, sums: [] }
      : await sumOf(client, `${table} where _batch_id = ${batchId}`, totals);
  return {
    inserted,
    changed: 0,
    unchanged: 0,
    duplicate: isRejected ? 0 : aside.rows,
    clashing: isRejected ? aside.rows : 0,
    clashes: aside.rejects,
    clashed: isRejected ? aside.held[0] : undefined,
    superseded,
    shares: { ...noShares, repeated: isCopied ? repeated : 0 },
    held: [held, ...aside.held],
  };
}

interface Aside extends Pick<Merge, 'held'> {
  readonly rows: number;
  readonly rejects: readonly Reject[];
}

const nothingAside: Aside = { rows: 0, rejects: [], held: [] };

/** Takes all but the first of equal rows out of `stage`. */
async function setRepeatsAside(options: MergeOptions): Promise<Aside> {
  const { client, contract, table, totals } = options;
  await client.query(
    `create temp table set_aside (like ${table} including defaults, _first bigint) on commit drop`,
  );
  const columns = copyColumns(contract);
  const { rowCount } = await client.query(
    `with numbered as (
       select ctid as place, row_number() over same as nth, first_value(_row_number) over same as first
         from stage window same as (partition by _row_hash, _flags order by _row_number, ctid)
     ), gone as (
       delete from stage s using numbered n where s.ctid = n.place and n.nth > 1 returning s.*, n.first
     )
     insert into set_aside (${columns}, _first) select ${columns}, first from gone`,
  );
  const rows = rowCount ?? 0;
  if (rows === 0) return nothingAside;
  const rejects = contract.repeatedRows === 'reject' ? await readRepeats(client, options) : [];
  return { rows, rejects, held: [await sumOf(client, 'set_aside', totals)] };
}

/** Repeated rows as rejects, up to the cap. Their raw text is the values as read. */
async function readRepeats(
  client: pg.Client,
  { contract, rejectsMax }: MergeOptions,
): Promise<Reject[]> {
  const names = Object.keys(contract.columns);
  const { rows } = await client.query<{
    row_number: string;
    first: string;
    raw: Record<string, string | null>;
  }>(
    `select _row_number as row_number, _first as first,
            json_build_object(${names.map((name, index) => `$${index + 2}::text, ${quoteIdentifier(name)}::text`).join(', ')}) as raw
       from set_aside order by _row_number limit $1`,
    [rejectsMax, ...names],
  );
  return rows.map((row) => ({
    rowNumber: Number(row.row_number),
    sheet: null,
    line: 0,
    faults: [
      {
        code: 'duplicate-row',
        column: null,
        value: null,
        expected: `no row twice; record ${row.first} is the same`,
      },
    ],
    raw: row.raw,
  }));
}
