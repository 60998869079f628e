import { PlumblineError } from '../../errors.ts';
import type { LandedDelivery } from '../source.ts';
import type { Book, BookSheet, ReadingOptions, SheetReading } from './book.ts';
import type { MergedRange } from './merged-ranges.ts';
import { isEmptyCell, writeOdsCell } from './ods-cell.ts';
import { OdsScanner, repeatedCellsMax, rowsMax, tooManyCells } from './ods-scanner.ts';
import type { SheetRows } from './sheet-cells.ts';
import { createSheetWriter, type SheetWriter } from './sheet-writer.ts';
import { scanPart } from './xml-part.ts';
import { openZipPackage, type ZipPackage } from './zip-package.ts';

const chunkRows = 1000;
const content = 'content.xml';

/**
 * A workbook in OpenDocument (.ods), read as a stream: values are those the file states beside what
 * is shown, so dates are exact. Throws `format-error`, `encrypted-workbook`.
 */
export async function readOdsBook(zip: ZipPackage, landed: LandedDelivery): Promise<Book> {
  const { path, name } = landed;
  await checkKind(zip, name);
  const overview = new OdsScanner();
  for await (const _ of scanPart(zip.read(content), (xml) => overview.step(xml)));
  if (overview.sheets.length === 0) throw noSheets(name, 'a document without sheets');
  const { sheets } = overview;

  async function* readContent(): AsyncGenerator<Buffer> {
    const opened = await openZipPackage(path, name);
    try {
      yield* opened.read(content);
    } finally {
      opened.close();
    }
  }
  const read = (sheet: BookSheet, options: ReadingOptions): SheetReading => {
    const index = sheets.findIndex((each) => each === sheet);
    const scanner = new OdsScanner(index);
    // Dates are texts here: there is no date system.
    const writer = createSheetWriter({ name: sheet.name, width: options.width, date1904: false });
    return {
      chunks: readRows(scanner, writer, readContent()),
      isHidden: (column) =>
        scanner.hiddenColumns.some(([first, last]) => first <= column && column <= last),
      merges: () => scanner.merges,
      staleRows: () => 0,
    };
  };
  const merges = async (sheet: BookSheet): Promise<readonly MergedRange[]> => {
    const reading = new OdsScanner(sheets.findIndex((each) => each === sheet));
    for await (const _ of scanPart(readContent(), (xml) => reading.step(xml))) reading.takeRows();
    return reading.merges;
  };
  return { sheets, read, merges };
}

async function* readRows(
  scanner: OdsScanner,
  writer: SheetWriter,
  blocks: AsyncIterable<Buffer>,
): AsyncGenerator<SheetRows> {
  let repeatedCells = 0;
  for await (const _ of scanPart(blocks, (xml) => scanner.step(xml))) {
    for (const { line, repeat, isHidden, cells } of scanner.takeRows()) {
      const filled = cells.filter((cell) => !isEmptyCell(cell));
      if (filled.length === 0) continue;
      repeatedCells += repeat * filled.reduce((sum, cell) => sum + cell.repeat, 0);
      const isPlain = repeat === 1 && filled.every((cell) => cell.repeat === 1);
      if (isPlain) repeatedCells -= filled.length;
      if (repeatedCells > repeatedCellsMax || line + repeat - 1 > rowsMax) throw tooManyCells();
      for (let count = 0; count < repeat; count += 1) {
        for (const cell of filled) writeOdsCell(writer, cell);
        writer.endRow(line + count, isHidden);
        if (writer.rowCount() >= chunkRows) yield writer.take();
      }
    }
  }
  if (writer.rowCount() > 0) yield writer.take();
}

/** A document's kind is in a part of its own, and what is encrypted in the manifest. */
async function checkKind(zip: ZipPackage, name: string): Promise<void> {
  const kind = await textOf(zip, 'mimetype');
  if (kind !== '' && !kind.includes('opendocument.spreadsheet')) {
    const [, sort = 'document'] = /opendocument\.([\w-]+)/u.exec(kind) ?? [];
    throw noSheets(name, `an OpenDocument ${sort}`);
  }
  const manifest = await textOf(zip, 'META-INF/manifest.xml');
  if (/<(?:\w+:)?encryption-data\b/u.test(manifest)) {
    throw new PlumblineError('encrypted-workbook', {
      message: `${name} is protected by a password.`,
    });
  }
}

async function textOf(zip: ZipPackage, part: string): Promise<string> {
  if (!zip.has(part)) return '';
  const blocks: Buffer[] = [];
  for await (const block of zip.read(part)) blocks.push(block);
  return Buffer.concat(blocks).toString('utf8');
}

const noSheets = (name: string, kind: string): PlumblineError =>
  new PlumblineError('format-error', {
    message: `${name} is ${kind}, not a workbook.`,
    remedy: 'Ask the sender for the table as an Excel workbook (.xlsx) or as .ods.',
  });
