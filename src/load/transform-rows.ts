import type { CellInput, Columns, RowInput } from '../contract/column.ts';
import type { Transform } from '../contract/contract.ts';
import type { RowFault } from '../contract/row-codes.ts';
import { cellReference } from '../source/cell-reference.ts';
import { CellKind, type RecordChunk } from '../source/source.ts';
import { cellTexts, raggedFault } from './record-cells.ts';

/** A chunk of rows that a transform made, and the record each came from. */
export interface TransformedChunk {
  readonly chunk: RecordChunk;
  /** For each row of the chunk, the index of its record in the chunk before. */
  readonly origins: readonly number[];
  /** Records the transform gave no row for. */
  readonly dropped: number;
}

interface Cells {
  readonly texts: Buffer[];
  readonly kinds: number[];
}

/** A value as a cell: numbers and booleans are canonical, texts are read by the column's marks. */
function pushCell(cells: Cells, value: CellInput): void {
  if (value === null || value === undefined) {
    cells.texts.push(Buffer.alloc(0));
    cells.kinds.push(CellKind.missing);
    return;
  }
  cells.texts.push(Buffer.from(String(value)));
  cells.kinds.push(
    typeof value === 'string'
      ? CellKind.text
      : typeof value === 'boolean'
        ? CellKind.boolean
        : CellKind.number,
  );
}

/**
 * Applies a transform to every record of a chunk. A record that is broken already, or on which the
 * transform throws, becomes a row with a fault.
 */
export function transformRows(
  chunk: RecordChunk,
  options: { labels: readonly string[]; columns: Columns; transform: Transform },
): TransformedChunk {
  const names = Object.keys(options.columns);
  const cells: Cells = { texts: [], kinds: [] };
  const faults = new Map<number, readonly RowFault[]>();
  const origins: number[] = [];
  let dropped = 0;
  const push = (record: number, row: RowInput<Columns>): void => {
    origins.push(record);
    const values = new Map<string, CellInput>(Object.entries(row));
    for (const name of names) pushCell(cells, values.get(name));
  };
  for (let record = 0; record < chunk.count; record += 1) {
    const made = transformRecord(chunk, record, options);
    if ('faults' in made) {
      faults.set(origins.length, made.faults);
      push(record, {});
    } else {
      if (made.rows.length === 0) dropped += 1;
      for (const row of made.rows) push(record, row);
    }
  }
  return {
    chunk: assemble({ cells, width: names.length, origins, from: chunk, faults }),
    origins,
    dropped,
  };
}

function transformRecord(
  chunk: RecordChunk,
  record: number,
  options: { labels: readonly string[]; transform: Transform },
): { rows: readonly RowInput<Columns>[] } | { faults: readonly RowFault[] } {
  const own = chunk.faults?.get(record);
  if (own !== undefined) return { faults: own };
  const count = (chunk.rows[record + 1] ?? 0) - (chunk.rows[record] ?? 0);
  if (count !== options.labels.length)
    return { faults: [raggedFault(chunk, record, options.labels.length)] };
  try {
    const raw = cellTexts(chunk, record, options.labels);
    guardCells(raw, chunk, record);
    const made = options.transform(raw);
    if (made === null || made === undefined) return { rows: [] };
    return { rows: isMany(made) ? made : [made] };
  } catch (error) {
    if (error instanceof UnreadableCell) return { faults: [error.fault] };
    const message = error instanceof Error ? error.message : String(error);
    return {
      faults: [
        {
          code: 'type-error',
          column: null,
          value: null,
          expected: `a row the transform can read; it said: ${message}`,
        },
      ],
    };
  }
}

/** Thrown to a transform that asks for a cell of a workbook which holds no value. */
class UnreadableCell extends Error {
  readonly fault: RowFault;
  constructor(fault: RowFault) {
    super(fault.expected);
    this.fault = fault;
  }
}

/**
 * A transform sees texts: `#N/A` would pass for one. Whoever asks for such a cell breaks off, and the
 * row is rejected; a cell nobody asks for does not matter.
 */
function guardCells(raw: Record<string, string | null>, chunk: RecordChunk, record: number): void {
  const { kinds, sheetColumns } = chunk;
  if (kinds === undefined) return;
  const first = chunk.rows[record] ?? 0;
  for (const [index, label] of Object.keys(raw).entries()) {
    const found = unreadableCell(kinds[first + index] ?? CellKind.text);
    if (found === undefined) continue;
    const column = sheetColumns?.[index] ?? -1;
    const cell = column < 0 ? undefined : cellReference(column, chunk.lines[record] ?? 0);
    const place = { column: label, value: raw[label] ?? null, ...(cell !== undefined && { cell }) };
    Object.defineProperty(raw, label, {
      enumerable: true,
      get: () => {
        throw new UnreadableCell({ ...found, ...place });
      },
    });
  }
}

function unreadableCell(kind: number): Pick<RowFault, 'code' | 'expected'> | undefined {
  if (kind === CellKind.error) {
    return { code: 'formula-error', expected: 'a value; the cell holds a spreadsheet error' };
  }
  if (kind === CellKind.stale) {
    return { code: 'stale-formula', expected: 'a value; the result of the formula is not stored' };
  }
  return kind === CellKind.merged
    ? { code: 'merged-cell', expected: 'a value in a cell of its own; the cell is merged' }
    : undefined;
}

const isMany = (
  made: RowInput<Columns> | readonly RowInput<Columns>[],
): made is readonly RowInput<Columns>[] => Array.isArray(made);

function assemble(parts: {
  cells: Cells;
  width: number;
  origins: readonly number[];
  from: RecordChunk;
  faults: Map<number, readonly RowFault[]>;
}): RecordChunk {
  const { cells, width, origins, from, faults } = parts;
  const bounds = new Int32Array(2 * cells.texts.length);
  let at = 0;
  for (const [index, text] of cells.texts.entries()) {
    bounds[2 * index] = at;
    at += text.length;
    bounds[2 * index + 1] = at;
  }
  return {
    bytes: Buffer.concat(cells.texts),
    cells: bounds,
    kinds: Uint8Array.from(cells.kinds),
    rows: Int32Array.from({ length: origins.length + 1 }, (_, row) => row * width),
    lines: Float64Array.from(origins, (origin) => from.lines[origin] ?? 0),
    count: origins.length,
    sheet: from.sheet,
    faults,
  };
}
