import type { RecordStream } from '../source/source.ts';

/** The sheet's column, from 0, of a cell of a record. */
export type SheetColumnOf = (sheet: string, cell: number) => number;

/**
 * Where each sheet has the cells of its records: a source may read several sheets with their columns
 * in another order, or leave hidden ones out. Reads until the first records of all `sheets` have come.
 */
export async function readSheetColumns(
  stream: RecordStream,
  sheets: ReadonlySet<string>,
): Promise<SheetColumnOf> {
  const found = new Map<string, readonly number[]>();
  for await (const { sheet, sheetColumns, count } of stream.chunks) {
    if (count === 0 || sheet === null || sheetColumns === undefined) continue;
    if (sheets.has(sheet) && !found.has(sheet)) found.set(sheet, sheetColumns);
    if (found.size === sheets.size) break;
  }
  return (sheet, cell) => {
    const columns = found.get(sheet);
    if (columns === undefined) return cell;
    const column = columns[cell];
    if (column !== undefined && column >= 0) return column;
    const used = columns.filter((each) => each >= 0);
    // A cell beyond the header stands beyond its columns; one that no cell stands behind, such as the sheet's name, is shown at the first.
    return cell < columns.length
      ? Math.min(...used, columns.length)
      : Math.max(...used, -1) + 1 + cell - columns.length;
  };
}
