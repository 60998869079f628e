import { createCellWriter, Outcome, reserve } from '../contract/cell.ts';
import { foldLabel } from '../contract/match-header.ts';
import { createCellReader } from '../contract/read-cell.ts';
import { cellText } from '../source/chunk.ts';
import { CellKind, type RecordChunk } from '../source/source.ts';
import type { DeclaredColumn } from './check-table.ts';
import { statedNumbers } from './running-sums.ts';
import { besideTotal, type SumRow } from './set-aside.ts';
import type { TableFile } from './table-file.ts';
import { textOf } from './totals-entry.ts';

/** Totals that are each of the rows with one value in a column, such as one currency. */
export interface FoundGroups {
  /** The column that tells the rows apart. */
  readonly column: DeclaredColumn;
  /** Of all numbers that the rows state, how many are the sums of their groups. */
  readonly right: number;
  readonly stated: number;
}

export interface GroupOptions {
  readonly columns: readonly DeclaredColumn[];
  /** Lines of rows that are none of the table's. */
  readonly aside: ReadonlySet<number>;
  readonly rowsMax: number;
  readonly zone: string;
}

/** A column, and for each row of totals the value there that its rows would have. */
interface Candidate {
  readonly column: DeclaredColumn;
  readonly keys: readonly string[];
  /** By value and declared column. */
  readonly sums: Map<string, bigint[]>;
}

const candidatesMax = 40;

/** Finds the column by whose values rows of totals are told apart: one more pass, for totals that are no sums of all rows. */
export async function findGroups(
  file: TableFile,
  rows: readonly SumRow[],
  options: GroupOptions,
): Promise<FoundGroups | undefined> {
  const { columns, aside, rowsMax, zone } = options;
  const candidates = candidatesOf(rows, columns);
  if (candidates.length === 0) return undefined;
  const add = createAdder(columns, zone);
  const stream = await file.open();
  let seen = 0;
  for await (const chunk of stream.chunks) {
    for (let row = 0; row < chunk.count && seen < rowsMax; row += 1) {
      if (aside.has(chunk.lines[row] ?? 0)) continue;
      seen += 1;
      if (chunk.faults?.has(row) === true) continue;
      for (const { column, sums } of candidates) {
        const group = sums.get(foldLabel(cellText(chunk, row, column.cell) ?? ''));
        if (group !== undefined) add(chunk, row, group);
      }
    }
    if (seen >= rowsMax) break;
  }
  const found = candidates.map((each) => judge(each, rows, columns));
  return found.find((each) => each !== undefined);
}

/** Columns of words in which the rows of totals have a value, or whose value their text may name. */
function candidatesOf(rows: readonly SumRow[], columns: readonly DeclaredColumn[]): Candidate[] {
  const rests = rows.map((row) => foldLabel(besideTotal(textOf(row))?.rest ?? ''));
  const words = columns.filter(({ spec }) => spec.type === 'text' || spec.type === 'one-of');
  const own = words.map((column) => ({
    column,
    keys: rows.map((row) =>
      column.cell === row.column ? '' : foldLabel(row.texts[column.cell] ?? ''),
    ),
  }));
  const named = words.map((column) => ({ column, keys: rests }));
  return [...own, ...named]
    .filter(({ keys }) => keys.every((key) => key !== ''))
    .slice(0, candidatesMax)
    .map((each) => ({
      ...each,
      sums: new Map(each.keys.map((key) => [key, columns.map(() => 0n)])),
    }));
}

/** Adds the numbers of a row to sums by column. */
function createAdder(
  columns: readonly DeclaredColumn[],
  zone: string,
): (chunk: RecordChunk, row: number, sums: bigint[]) => void {
  const summed = columns.flatMap(({ spec, cell }, index) =>
    spec.type === 'decimal' || spec.type === 'integer'
      ? [{ cell, index, read: createCellReader(spec, zone) }]
      : [],
  );
  const out = createCellWriter(64 * 1024);
  return ({ bytes, cells, kinds, rows }, row, sums) => {
    for (const { cell, index, read } of summed) {
      const at = (rows[row] ?? 0) + cell;
      if (at >= (rows[row + 1] ?? 0)) continue;
      const start = cells[2 * at] ?? 0;
      const end = cells[2 * at + 1] ?? 0;
      out.at = 0;
      reserve(out, 2 * (end - start) + 64);
      if (read(bytes, start, end, kinds?.[at] ?? CellKind.text, out) !== Outcome.ok) continue;
      const value = Number.isNaN(out.scaled) ? out.exact : BigInt(out.scaled);
      sums[index] = (sums[index] ?? 0n) + value;
    }
  };
}

/** Every row must state the sum of its own rows at least once, and half of all it states. */
function judge(
  { column, keys, sums }: Candidate,
  rows: readonly SumRow[],
  columns: readonly DeclaredColumn[],
): FoundGroups | undefined {
  let [right, stated] = [0, 0];
  for (const [at, row] of rows.entries()) {
    const group = sums.get(keys[at] ?? '');
    const values = [...statedNumbers(columns, row).entries()].filter(
      ([, value]) => value !== undefined,
    );
    const agreeing = values.filter(([index, value]) => value === group?.[index]).length;
    if (agreeing === 0 || agreeing * 2 < values.length) return undefined;
    right += agreeing;
    stated += values.length;
  }
  return { column, right, stated };
}
