import type { MergedRange } from '../source/excel/merged-ranges.ts';
import { type CellMark, joinMarks, type RowMarks } from './marks.ts';

/**
 * Marks moved to where they are seen: of merged cells a program shows the format and comment of the top
 * left one only. `marks` and the result are in the order of rows and columns.
 */
export function moveToMerged(
  marks: readonly RowMarks[],
  ranges: readonly MergedRange[],
): readonly RowMarks[] {
  const rows = new Map(marks.map(({ row, cells }) => [row, [...cells]]));
  let moves = false;
  for (const range of ranges) {
    // Ranges do not overlap: all of them together look at each marked cell once.
    for (let at = firstFrom(marks, range.top); at < marks.length; at += 1) {
      const row = marks[at]?.row ?? Infinity;
      if (row > range.bottom) break;
      const [covered, others] = split(rows.get(row) ?? [], range);
      if (covered.length === 0) continue;
      moves = true;
      rows.set(row, others);
      const moved = covered.map((mark) => ({ ...mark, column: range.left }));
      rows.set(range.top, [...(rows.get(range.top) ?? []), ...moved]);
    }
  }
  if (!moves) return marks;
  return [...rows]
    .filter(([, cells]) => cells.length > 0)
    .sort(([a], [b]) => a - b)
    .map(([row, cells]) => ({ row, cells: inOrder(cells) }));
}

/** The index of the first marks at or below a row. */
function firstFrom(marks: readonly RowMarks[], row: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.row ?? Infinity) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

const split = (
  cells: readonly CellMark[],
  { left, right }: MergedRange,
): readonly [covered: CellMark[], others: CellMark[]] => [
  cells.filter(({ column }) => column >= left && column <= right),
  cells.filter(({ column }) => column < left || column > right),
];

const inOrder = (cells: readonly CellMark[]): readonly CellMark[] =>
  [...Map.groupBy(cells, ({ column }) => column)]
    .sort(([a], [b]) => a - b)
    .map(([column, same]) => (same.length === 1 ? same : [joinMarks(column, same)]))
    .flat();
