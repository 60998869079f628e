import type { RecordChunk } from '../source.ts';
import type { MergedRange } from './merged-ranges.ts';

/** Counts the rows that lie in merged ranges, where these are known only after the rows. */
export interface MergeCounter {
  readonly see: (rows: RecordChunk) => void;
  readonly count: (ranges: readonly MergedRange[]) => number;
}

const rowsMax = 1_048_576;

export function createMergeCounter(): MergeCounter {
  const seen = new Uint8Array(rowsMax + 1);
  return {
    see: ({ lines, count }) => {
      for (let row = 0; row < count; row += 1) seen[lines[row] ?? 0] = 1;
    },
    count: (ranges) => {
      let rows = 0;
      let next = 0;
      for (const { top, bottom } of ranges.toSorted((a, b) => a.top - b.top)) {
        for (next = Math.max(next, top); next <= Math.min(bottom, rowsMax); next += 1) {
          rows += seen[next] ?? 0;
        }
      }
      return rows;
    },
  };
}
