import { sliceChunk } from '../chunk.ts';
import type { LandedDelivery, ReadSummary, RecordChunk, RecordStream } from '../source.ts';
import { createTotalsFilter } from '../totals-row.ts';
import { type ExcelLabels, findLabels } from './excel-labels.ts';
import type { ExcelFormat } from './excel-options.ts';
import { findSheet } from './find-sheet.ts';
import { openWorkbook } from './open-workbook.ts';
import { SheetScanner } from './sheet-scanner.ts';
import { readWorkbook, type SheetEntry, type Workbook } from './workbook.ts';
import { scanPart } from './xml-part.ts';
import type { ZipPackage } from './zip-package.ts';

/** A chunk is given on once it has this many rows; the work around a chunk is then small. */
const chunkRows = 1000;

/**
 * Reads one sheet of a landed workbook. Texts, styles and the header are read at once; the file is
 * opened again for the rows, so that nothing stays open when they are never asked for. Throws as
 * `openWorkbook`, `findSheet` and `findLabels` do.
 */
export async function readExcel(
  landed: LandedDelivery,
  format: ExcelFormat,
  signal: AbortSignal,
): Promise<RecordStream> {
  const { name } = landed;
  const zip = await openWorkbook(landed);
  let workbook: Workbook;
  let sheet: SheetEntry;
  let labels: ExcelLabels;
  try {
    workbook = await readWorkbook(zip, name);
    sheet = findSheet(workbook.sheets, format.sheet, name);
    labels = await findLabels({ zip, sheet, format, name }, readSheet(zip, workbook, sheet, 0));
  } finally {
    zip.close();
  }
  const totals = createTotalsFilter(format.totalsRow, labels.labels, name);
  let summary: ReadSummary = { skipped: {}, totals: {} };

  async function* chunks(): AsyncGenerator<RecordChunk> {
    const opened = await openWorkbook(landed);
    let rows = 0;
    let lastRow = labels.lastRow;
    try {
      for await (const chunk of readSheet(opened, workbook, sheet, labels.labels.length)) {
        signal.throwIfAborted();
        const data = below(chunk, labels.lastRow);
        rows += data.count;
        lastRow = data.lines[data.count - 1] ?? lastRow;
        if (data.count > 0) yield* totals.split(data);
      }
    } finally {
      opened.close();
    }
    const counts = {
      'preamble-row': labels.firstRow - 1,
      'header-row': labels.lastRow - labels.firstRow + 1,
      'blank-row': lastRow - labels.lastRow - rows,
      'totals-row': totals.count(),
    };
    summary = {
      skipped: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      totals: totals.totals(),
    };
  }
  return { header: labels.labels, chunks: chunks(), summary: () => summary };
}

/** Rows with content of a sheet, as they are read. */
async function* readSheet(
  zip: ZipPackage,
  workbook: Workbook,
  sheet: SheetEntry,
  width: number,
): AsyncGenerator<RecordChunk> {
  const scanner = new SheetScanner(workbook, sheet.name, width);
  for await (const _ of scanPart(zip.read(sheet.part), (xml) => scanner.step(xml))) {
    if (scanner.rowCount >= chunkRows) yield scanner.take();
  }
  scanner.finish();
  if (scanner.rowCount > 0) yield scanner.take();
}

/** The rows of a chunk that stand below row `line`. */
function below(chunk: RecordChunk, line: number): RecordChunk {
  if ((chunk.lines[0] ?? 0) > line) return chunk;
  let from = 0;
  while (from < chunk.count && (chunk.lines[from] ?? 0) <= line) from += 1;
  return sliceChunk(chunk, from, chunk.count);
}
