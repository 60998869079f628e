import type { Contract } from '../../contract/contract.ts';
import { foldLabel, labelsOf } from '../../contract/match-header.ts';
import type { LandedDelivery, ReadSummary, RecordChunk, RecordStream } from '../source.ts';
import { alignTables } from './align-tables.ts';
import type { Book, BookSheet } from './book.ts';
import { chooseSheets } from './choose-sheets.ts';
import { addCount, type Counts } from './counts.ts';
import type { ExcelFormat } from './excel-options.ts';
import { openBook } from './open-book.ts';
import { readTable } from './read-table.ts';
import { findTable, type SheetTable } from './sheet-table.ts';

/**
 * Reads the sheets meant of a landed workbook, one after the other. Texts, styles and headers are
 * read at once; the file is opened again for the rows, so that nothing stays open when they are
 * never asked for. Throws as `openBook`, `chooseSheets`, `findTable` and `alignTables` do.
 */
export async function readExcel(
  landed: LandedDelivery,
  source: { readonly format: ExcelFormat; readonly contract: Contract },
  signal: AbortSignal,
): Promise<RecordStream> {
  const { name } = landed;
  const { format, contract } = source;
  const book = await openBook(landed);
  const sheets = chooseSheets(book.sheets, format.sheets, { hidden: format.hidden.sheets, name });
  const isWanted = wantedBy(contract);
  const tables: SheetTable[] = [];
  for (const sheet of sheets.read) {
    signal.throwIfAborted();
    tables.push(await findTable({ book, sheet, format, name, isWanted }));
  }
  const layout = alignTables(tables, { contract, format, name });
  let summary: ReadSummary = { skipped: {}, noticed: {}, totals: {} };

  async function* chunks(): AsyncGenerator<RecordChunk> {
    const counts: Counts = { skipped: new Map(), noticed: new Map() };
    let stated: Pick<ReadSummary, 'totals' | 'opening'> = { totals: {} };
    for (const [index, table] of tables.entries()) {
      const reading = readTable(book, { table, index, layout, format, name, signal });
      yield* reading.chunks;
      stated = reading.finish(counts);
    }
    for (const sheet of sheets.skipped) {
      addCount(counts.skipped, 'hidden-sheet', await countRows(book, sheet, signal));
    }
    addCount(counts.noticed, 'hidden-column', layout.hiddenColumns);
    summary = {
      skipped: Object.fromEntries(counts.skipped),
      noticed: Object.fromEntries(counts.noticed),
      ...(tables.length > 1 ? { totals: {} } : stated),
    };
  }
  return { header: layout.labels, chunks: chunks(), summary: () => summary };
}

/** A transform may ask for any label. */
function wantedBy(contract: Contract): (label: string) => boolean {
  if (contract.transform !== undefined) return () => true;
  const wanted = new Set(
    Object.entries(contract.columns).flatMap(([name, spec]) =>
      labelsOf(name, spec.header).map(foldLabel),
    ),
  );
  return (label) => wanted.has(foldLabel(label));
}

/** Rows with content of a sheet that is passed over: what is not read is counted all the same. */
async function countRows(book: Book, sheet: BookSheet, signal: AbortSignal): Promise<number> {
  const reading = book.read(sheet, { width: 0, headerRow: 0, staleFormulas: 'load' });
  let rows = 0;
  for await (const chunk of reading.chunks) {
    signal.throwIfAborted();
    rows += chunk.count;
  }
  return rows;
}
