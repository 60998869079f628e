import type { RecordChunk } from './source.ts';

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
    count: to - from,
    faults: faults.size === 0 ? undefined : faults,
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
