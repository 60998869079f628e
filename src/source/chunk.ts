import type { RecordChunk } from './source.ts';

/** The record around nested ones, as a part of the page it is on. */
export const recordOnPage = (page: string | null, record: number): string =>
  `${page ?? ''}, record ${record}`;

/** Where a row stands, as it is kept and shown: one nested in a record is counted within that. */
export function placeOf(
  { sheet, lines, around }: RecordChunk,
  row: number,
): { readonly sheet: string | null; readonly line: number } {
  const record = around?.[row];
  return {
    sheet: record === undefined ? sheet : recordOnPage(sheet, record),
    line: lines[row] ?? 0,
  };
}

/** Rows `[from, to)` of a chunk, sharing its memory. */
export function sliceChunk(chunk: RecordChunk, from: number, to: number): RecordChunk {
  const faults = new Map(
    [...(chunk.faults ?? [])]
      .filter(([row]) => row >= from && row < to)
      .map(([row, faults]) => [row - from, faults] as const),
  );
  return {
    ...chunk,
    rows: chunk.rows.subarray(from, to + 1),
    lines: chunk.lines.subarray(from, to),
    around: chunk.around?.subarray(from, to),
    count: to - from,
    faults: faults.size === 0 ? undefined : faults,
    subtotal: undefined,
  };
}

/** Rows from `from` on in memory of their own, which stays when the reader goes on. */
export function copyRows(chunk: RecordChunk, from: number): RecordChunk {
  const rows = sliceChunk(chunk, from, chunk.count);
  const first = rows.rows[0] ?? 0;
  const end = rows.rows[rows.count] ?? 0;
  const cells = rows.cells.slice(2 * first, 2 * end);
  // Cells need not stand in order: those of a merged range may share their bytes.
  const start = cells.reduce((least, at) => Math.min(least, at), rows.bytes.length);
  const stop = cells.reduce((most, at) => Math.max(most, at), start);
  return {
    ...rows,
    // A Buffer's own slice would share the memory.
    bytes: new Uint8Array(rows.bytes.subarray(start, stop)),
    cells: cells.map((at) => at - start),
    kinds: rows.kinds?.slice(first, end),
    rows: rows.rows.slice(0, rows.count + 1).map((cell) => cell - first),
    lines: rows.lines.slice(),
    around: rows.around?.slice(),
  };
}

/** The text of cell `index` of a row; undefined where the row is shorter. */
export function cellText(chunk: RecordChunk, row: number, index: number): string | undefined {
  const cell = (chunk.rows[row] ?? 0) + index;
  if (cell >= (chunk.rows[row + 1] ?? 0)) return undefined;
  const { bytes } = chunk;
  const from = chunk.cells[2 * cell] ?? 0;
  const to = chunk.cells[2 * cell + 1] ?? 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
}

/** The texts of all cells of a row. */
export function rowTexts(chunk: RecordChunk, row: number): string[] {
  const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
  return Array.from({ length: count }, (_, index) => cellText(chunk, row, index) ?? '');
}
