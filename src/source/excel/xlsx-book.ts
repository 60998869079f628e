import type { LandedDelivery } from '../source.ts';
import type { Book, BookSheet, ReadingOptions, SheetReading } from './book.ts';
import { readMergedRanges } from './merged-ranges.ts';
import type { SheetRows } from './sheet-cells.ts';
import { SheetScanner } from './sheet-scanner.ts';
import { placed } from './workbook-fault.ts';
import { readWorkbook } from './workbook.ts';
import { scanPart } from './xml-part.ts';
import { openZipPackage, type ZipPackage } from './zip-package.ts';

/** A chunk is given on once it has this many rows; the work around a chunk is then small. */
const chunkRows = 1000;

/** A workbook in Office Open XML (.xlsx, .xlsm), read as a stream. Throws `format-error`. */
export async function readXlsxBook(zip: ZipPackage, landed: LandedDelivery): Promise<Book> {
  const { path, name } = landed;
  const workbook = await readWorkbook(zip, name);
  const partOf = (sheet: BookSheet): string =>
    workbook.sheets.find((each) => each === sheet)?.part ?? '';

  async function* readPart(part: string): AsyncGenerator<Buffer> {
    const opened = await openZipPackage(path, name);
    try {
      yield* opened.read(part);
    } finally {
      opened.close();
    }
  }

  const read = (sheet: BookSheet, options: ReadingOptions): SheetReading => {
    const scanner = new SheetScanner(workbook, sheet.name, options);
    return {
      chunks: readRows(scanner, readPart(partOf(sheet))),
      isHidden: (column) => scanner.isHidden(column),
      merges: () => scanner.merges,
      staleRows: () => scanner.staleRows,
    };
  };
  return {
    sheets: workbook.sheets,
    read,
    merges: (sheet) => readMergedRanges(() => readPart(partOf(sheet))),
  };
}

async function* readRows(
  scanner: SheetScanner,
  blocks: AsyncIterable<Buffer>,
): AsyncGenerator<SheetRows> {
  try {
    for await (const _ of scanPart(blocks, (xml) => scanner.step(xml))) {
      if (scanner.rowCount >= chunkRows) yield scanner.take();
    }
    scanner.finish();
  } catch (error) {
    throw scanner.row === 0 ? error : placed(error, `row ${scanner.row}`);
  }
  if (scanner.rowCount > 0) yield scanner.take();
}
