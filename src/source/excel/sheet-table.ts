import { PlumblineError } from '../../errors.ts';
import { rowTexts } from '../chunk.ts';
import { joinLabels } from '../header.ts';
import type { Book, BookSheet, SheetReading } from './book.ts';
import type { ExcelFormat } from './excel-options.ts';
import { type MergedRange, rangeName, spreadLabels } from './merged-ranges.ts';

/** A table as it stands in a sheet. */
export interface SheetTable {
  readonly sheet: BookSheet;
  /** By the sheet's column, from 0. */
  readonly labels: readonly string[];
  /** The rows of the header, from 1. */
  readonly firstRow: number;
  readonly lastRow: number;
  readonly isHidden: (column: number) => boolean;
  /** Ranges of its body; undefined when they are not asked for before the end. */
  readonly merges: readonly MergedRange[] | undefined;
}

export interface SheetPlace {
  readonly book: Book;
  readonly sheet: BookSheet;
  readonly format: ExcelFormat;
  /** What people call the file. */
  readonly name: string;
  /** Whether a label is that of a column of the contract. */
  readonly isWanted: (label: string) => boolean;
}

/**
 * Finds the header of a sheet. Throws `format-error` when its row is blank or missing,
 * `merged-header` when its cells are merged in a way that leaves more than one reading.
 */
export async function findTable(place: SheetPlace): Promise<SheetTable> {
  const { book, sheet, format } = place;
  const { merged, staleFormulas } = format;
  const rowCount = format.header?.rows ?? 1;
  const reading = book.read(sheet, { width: 0, headerRow: 0, staleFormulas });
  const { levels, firstRow } = await findHeader(place, reading);
  const lastRow = firstRow + rowCount - 1;
  const needed = merged !== 'top-left' || rowCount > 1;
  const ranges = needed ? await book.merges(sheet) : [];
  const spread = rowCount === 1 ? levels : spreadLabels(levels, firstRow, ranges);
  const labels = joinLabels(spread, format.header?.join);
  const { isHidden } = reading;
  if (merged === 'top-left') {
    return { sheet, labels, firstRow, lastRow, isHidden, merges: undefined };
  }
  checkMergedLabels(place, { labels, firstRow, lastRow }, ranges);
  return {
    sheet,
    labels: merged === 'fill' ? fillLabels(labels, lastRow, ranges) : labels,
    firstRow,
    lastRow,
    isHidden,
    merges: ranges.filter((range) => range.top > lastRow),
  };
}

/** The rows of the header as they are written. */
async function findHeader(
  { format, name, sheet }: SheetPlace,
  reading: SheetReading,
): Promise<{ levels: readonly (readonly string[])[]; firstRow: number }> {
  const rowCount = format.header?.rows ?? 1;
  let firstRow = format.header?.row;
  let rowSeen: number | undefined;
  const found = new Map<number, string[]>();
  for await (const chunk of reading.chunks) {
    for (let row = 0; row < chunk.count; row += 1) {
      rowSeen = chunk.lines[row] ?? 0;
      firstRow ??= rowSeen;
      if (rowSeen >= firstRow) found.set(rowSeen, rowTexts(chunk, row));
      if (rowSeen < firstRow + rowCount - 1) continue;
      const levels = Array.from({ length: rowCount }, (_, index) =>
        found.get((firstRow ?? 1) + index),
      );
      const blank = levels.findLastIndex((level) => level === undefined);
      if (blank === -1) return { levels: levels.map((level) => level ?? []), firstRow };
      const [seen] = found.keys();
      throw new PlumblineError('format-error', {
        message: `${name}: row ${firstRow + blank} of sheet '${sheet.name}', where the header should be, is empty; the next row with content is ${seen}.`,
        remedy: "Correct header.row in the source; it is the sheet's row number.",
      });
    }
  }
  throw new PlumblineError('format-error', {
    message:
      rowSeen === undefined
        ? `${name}: sheet '${sheet.name}' has no header: it is empty.`
        : `${name}: sheet '${sheet.name}' has no header: it ends in row ${rowSeen}, and the header was expected in row ${firstRow}.`,
  });
}

interface Labels {
  readonly labels: readonly string[];
  readonly firstRow: number;
  readonly lastRow: number;
}

/** A label that reaches down into the table, or over several columns, could be read in two ways. */
function checkMergedLabels(
  { sheet, name, format, isWanted }: SheetPlace,
  { labels, firstRow, lastRow }: Labels,
  ranges: readonly MergedRange[],
): void {
  for (const range of ranges) {
    const { top, left, bottom, right } = range;
    const label = labels[left]?.trim() ?? '';
    if (top > lastRow || bottom < lastRow || label === '') continue;
    const where = `${name}: in sheet '${sheet.name}' the label "${label}" is merged over ${rangeName(range)}`;
    if (bottom > lastRow && top >= firstRow) {
      throw new PlumblineError('merged-header', {
        message: `${where}, and the header was expected to end in row ${lastRow}.`,
        remedy: `If the labels stand in rows ${firstRow} to ${bottom}, set header: { row: ${firstRow}, rows: ${bottom - firstRow + 1} } in the source.`,
      });
    }
    if (right > left && format.merged === 'reject' && isWanted(label)) {
      throw new PlumblineError('merged-header', {
        message: `${where}: which column it names is not known.`,
      });
    }
  }
}

/** Each column under a merged label gets it. */
function fillLabels(
  labels: readonly string[],
  lastRow: number,
  ranges: readonly MergedRange[],
): readonly string[] {
  const filled = [...labels];
  for (const { top, left, bottom, right } of ranges) {
    if (top <= lastRow && bottom >= lastRow) filled.fill(labels[left] ?? '', left, right + 1);
  }
  return filled.slice(0, labels.length);
}
