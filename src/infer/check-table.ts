import { createCellWriter, Outcome, reserve } from '../contract/cell.ts';
import type { ColumnSpec } from '../contract/column.ts';
import { describeOutcome } from '../contract/describe.ts';
import { createCellReader } from '../contract/read-cell.ts';
import { cellText } from '../source/chunk.ts';
import { CellKind, type RecordChunk, type RecordStream } from '../source/source.ts';
import type { KeyWatch } from './key-watch.ts';
import type { RunningSums } from './running-sums.ts';

/** A column as it is declared, and where it stands. */
export interface DeclaredColumn {
  readonly name: string;
  readonly spec: ColumnSpec;
  /** Index of its cell in a row. */
  readonly cell: number;
}

/** Cells of a column that its declaration refuses, for one reason. */
export interface Refusal {
  readonly column: string;
  readonly code: string;
  readonly expected: string;
  count: number;
  /** The first. */
  readonly value: string;
  readonly line: number;
}

/** What a load by these declarations would come to. */
export interface TableCheck {
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly refusals: readonly Refusal[];
}

export interface CheckOptions {
  readonly columns: readonly DeclaredColumn[];
  /** Cells of a complete row. */
  readonly width: number;
  /** Lines of rows that are none of the table's. */
  readonly aside: ReadonlySet<number>;
  readonly rowsMax: number;
  readonly zone: string;
  readonly keys: KeyWatch;
  readonly sums: RunningSums;
  readonly onProgress: (rows: number) => void;
}

/**
 * Reads a table as a load would, with the contract's own readers: what is said of a declaration has
 * been tried on every cell.
 */
export async function checkTable(stream: RecordStream, options: CheckOptions): Promise<TableCheck> {
  const { columns, width, aside, rowsMax, zone, keys, sums, onProgress } = options;
  const readers = columns.map(({ spec }) => createCellReader(spec, zone));
  const refusals = new Map<string, Refusal>();
  const out = createCellWriter(64 * 1024);
  let rows = 0;
  let accepted = 0;

  const readCells = (chunk: RecordChunk, row: number): boolean => {
    const { bytes, cells, kinds } = chunk;
    const from = chunk.rows[row] ?? 0;
    let isGood = true;
    for (const [index, column] of columns.entries()) {
      const cell = from + column.cell;
      const start = cells[2 * cell] ?? 0;
      const end = cells[2 * cell + 1] ?? 0;
      out.at = 0;
      reserve(out, 2 * (end - start) + 64);
      const kind = kinds?.[cell] ?? CellKind.text;
      const outcome = readers[index]?.(bytes, start, end, kind, out) ?? Outcome.type;
      if (outcome > Outcome.ok) {
        isGood = false;
        const value = cellText(chunk, row, column.cell) ?? '';
        noteRefusal(refusals, { column, outcome, value, line: chunk.lines[row] ?? 0 });
      } else sums.add(index, out);
    }
    return isGood;
  };

  for await (const chunk of stream.chunks) {
    for (let row = 0; row < chunk.count && rows < rowsMax; row += 1) {
      if (aside.has(chunk.lines[row] ?? 0)) continue;
      sums.pass(rows);
      rows += 1;
      const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
      if (chunk.faults?.has(row) === true || count !== width) continue;
      keys.see(chunk, row);
      if (readCells(chunk, row)) accepted += 1;
    }
    onProgress(rows);
    if (rows >= rowsMax) break;
  }
  sums.pass(rows);
  return { rows, accepted, rejected: rows - accepted, refusals: [...refusals.values()] };
}

function noteRefusal(
  refusals: Map<string, Refusal>,
  seen: {
    readonly column: DeclaredColumn;
    readonly outcome: number;
    readonly value: string;
    readonly line: number;
  },
): void {
  const { column, outcome, value, line } = seen;
  const key = `${column.name} ${outcome}`;
  const known = refusals.get(key);
  if (known !== undefined) {
    known.count += 1;
    return;
  }
  const { code, expected } = describeOutcome(column.spec, outcome);
  refusals.set(key, { column: column.name, code, expected, count: 1, value, line });
}
