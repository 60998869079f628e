import { type KeyCandidate, type KeyFinding, watchPairs } from './key-watch.ts';
import type { TableFile } from './table-file.ts';

export interface PairOptions {
  readonly candidates: readonly KeyCandidate[];
  /** Columns that tell rows apart by themselves. */
  readonly singles: readonly KeyFinding[];
  /** Cells of a complete row. */
  readonly width: number;
  /** Lines of rows that are none of the table's. */
  readonly aside: ReadonlySet<number>;
  /** Rows of the table that are looked at. */
  readonly rows: number;
}

/** Pairs of columns that tell rows apart: one more pass, where no column does so by itself. */
export async function findPairs(
  file: TableFile,
  { candidates, singles, width, aside, rows }: PairOptions,
): Promise<readonly KeyFinding[]> {
  const watch = watchPairs(candidates, singles, rows);
  if (watch === undefined) return [];
  let seen = 0;
  const stream = await file.open();
  for await (const chunk of stream.chunks) {
    for (let row = 0; row < chunk.count && seen < rows; row += 1) {
      if (aside.has(chunk.lines[row] ?? 0)) continue;
      seen += 1;
      const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
      if (chunk.faults?.has(row) !== true && count === width) watch.see(chunk, row);
    }
    if (seen >= rows) break;
  }
  return watch.finish(rows);
}
