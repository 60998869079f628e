import { PlumblineError } from '../../errors.ts';
import { rowTexts } from '../chunk.ts';
import { joinLabels } from '../header.ts';
import type { RecordChunk } from '../source.ts';
import type { ExcelFormat } from './excel-options.ts';
import { readMergedRanges, spreadGroups } from './merged-labels.ts';
import type { SheetEntry } from './workbook.ts';
import type { ZipPackage } from './zip-package.ts';

/** The header of a sheet and the last row it takes. */
export interface ExcelLabels {
  readonly labels: readonly string[];
  readonly firstRow: number;
  readonly lastRow: number;
}

export interface SheetPlace {
  readonly zip: ZipPackage;
  readonly sheet: SheetEntry;
  readonly format: ExcelFormat;
  /** What people call the file. */
  readonly name: string;
}

/** Finds the header in a sheet's rows. Throws `format-error` when its row is blank or missing. */
export async function findLabels(
  place: SheetPlace,
  chunks: AsyncIterable<RecordChunk>,
): Promise<ExcelLabels> {
  const { header } = place.format;
  const rowCount = header?.rows ?? 1;
  let firstRow = header?.row;
  const found = new Map<number, string[]>();
  let rowSeen: number | undefined;
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.count; row += 1) {
      rowSeen = chunk.lines[row] ?? 0;
      firstRow ??= rowSeen;
      if (rowSeen >= firstRow) found.set(rowSeen, rowTexts(chunk, row));
      if (rowSeen >= firstRow + rowCount - 1) {
        return await labelsOf(place, found, firstRow);
      }
    }
  }
  throw new PlumblineError('format-error', {
    message:
      rowSeen === undefined
        ? `${place.name}: sheet '${place.sheet.name}' has no header: it is empty.`
        : `${place.name}: sheet '${place.sheet.name}' has no header: it ends in row ${rowSeen}, and the header was expected in row ${firstRow}.`,
  });
}

async function labelsOf(
  place: SheetPlace,
  found: ReadonlyMap<number, string[]>,
  firstRow: number,
): Promise<ExcelLabels> {
  const rowCount = place.format.header?.rows ?? 1;
  const lastRow = firstRow + rowCount - 1;
  const levels = Array.from({ length: rowCount }, (_, index) => found.get(firstRow + index));
  const blank = levels.findLastIndex((level) => level === undefined);
  if (blank !== -1) {
    const [seen] = found.keys();
    throw new PlumblineError('format-error', {
      message: `${place.name}: row ${firstRow + blank} of sheet '${place.sheet.name}', where the header should be, is empty; the next row with content is ${seen}.`,
      remedy: "Correct header.row in the source; it is the sheet's row number.",
    });
  }
  const rows = levels.filter((level) => level !== undefined);
  const [only] = rows;
  if (rowCount === 1 && only !== undefined) return { labels: only, firstRow, lastRow };
  const ranges = await readMergedRanges(place.zip.read(place.sheet.part));
  const width = Math.max(...rows.map((level) => level.length));
  const spread = rows.map((level, index) =>
    index === rowCount - 1 ? level : spreadGroups(level, firstRow + index, width, ranges),
  );
  return { labels: joinLabels(spread, place.format.header?.join), firstRow, lastRow };
}
