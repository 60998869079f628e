import { sliceChunk } from '../chunk.ts';
import { createFooterFilter } from '../footer.ts';
import type { ReadSummary, RecordChunk } from '../source.ts';
import { createTotalsFilter } from '../totals-filter.ts';
import { totalsRows } from '../totals-row.ts';
import type { TableLayout } from './align-tables.ts';
import { createRowArranger } from './arrange-rows.ts';
import type { Book } from './book.ts';
import { addCount, type Counts } from './counts.ts';
import type { ExcelFormat } from './excel-options.ts';
import { createMergeCounter } from './merge-counter.ts';
import type { SheetRows } from './sheet-cells.ts';
import type { SheetTable } from './sheet-table.ts';

export interface TablePlace {
  readonly table: SheetTable;
  /** Which of the layout's tables it is. */
  readonly index: number;
  readonly layout: TableLayout;
  readonly format: ExcelFormat;
  /** What people call the file. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/** The totals that a sheet states, and what was carried in above its first row. */
type Statements = Pick<ReadSummary, 'totals' | 'opening'>;

/** The records of one sheet. */
export interface TableReading {
  readonly chunks: AsyncIterable<RecordChunk>;
  /** After the last chunk: adds what was counted, and returns what the sheet states. */
  readonly finish: (counts: Counts) => Statements;
}

/**
 * Reads the body of a table. Where a delivery has several sheets, the total of each covers its own
 * rows: it is given on as a subtotal.
 */
export function readTable(book: Book, place: TablePlace): TableReading {
  const { table, index, layout, format, name } = place;
  const { firstRow, lastRow: headerRow, labels } = table;
  const columns = layout.columns[index] ?? [];
  const totals = createTotalsFilter(format.totalsRow, layout.labels, name);
  const footer = createFooterFilter(format.footer, name);
  const reading = book.read(table.sheet, {
    width: labels.length,
    headerRow,
    staleFormulas: format.staleFormulas,
  });
  const arranger = createRowArranger({
    sheet: table.sheet.name,
    addsSheet: format.sheetColumn !== undefined,
    columns,
    width: labels.length,
    isSkipped: format.hidden.columns === 'skip' ? reading.isHidden : undefined,
    hiddenRows: format.hidden.rows,
    merges: table.merges ?? [],
    merged: format.merged === 'fill' ? 'fill' : 'reject',
  });
  const merges = table.merges === undefined ? createMergeCounter() : undefined;
  const body = { rows: 0, lastRow: headerRow };

  async function* chunks(): AsyncGenerator<RecordChunk> {
    if (layout.columns.length > 1) yield* beginSections(table, format);
    for await (const chunk of reading.chunks) {
      place.signal.throwIfAborted();
      const below = rowsBelow(chunk, headerRow);
      if (below.count === 0) continue;
      body.lastRow = below.lines[below.count - 1] ?? body.lastRow;
      merges?.see(below);
      const records = arranger.arrange(below);
      body.rows += records.count;
      if (records.count === 0) continue;
      for (const part of footer.split(records)) yield* totals.split(part);
    }
    if (layout.columns.length > 1) {
      const stated = { totals: totals.totals(), opening: totals.opening() };
      yield emptyChunk(table, { level: wholeSheet, line: totals.totalsLine(), ...stated });
    }
  }

  function finish({ skipped, noticed }: Counts): Statements {
    const { hidden } = format;
    const hiddenRows = arranger.hiddenRows();
    const skippedRows = hidden.rows === 'skip' ? hiddenRows : 0;
    addCount(skipped, 'preamble-row', firstRow - 1);
    addCount(skipped, 'header-row', headerRow - firstRow + 1);
    addCount(skipped, 'hidden-row', skippedRows);
    addCount(skipped, 'blank-row', body.lastRow - headerRow - body.rows - skippedRows);
    const taken = totals.skipped();
    addCount(skipped, 'totals-row', taken['totals-row']);
    addCount(skipped, 'carry-over-row', taken['carry-over-row']);
    addCount(skipped, 'footer-row', footer.count());
    if (hidden.rows === 'load') addCount(noticed, 'hidden-row', hiddenRows);
    if (table.sheet.state !== 'visible') addCount(noticed, 'hidden-sheet', body.rows);
    if (format.merged === 'fill') addCount(noticed, 'merged-cell', arranger.mergedRows());
    addCount(noticed, 'merged-cell', merges?.count(reading.merges()) ?? 0);
    addCount(noticed, 'stale-formula', reading.staleRows());
    return { totals: totals.totals(), opening: totals.opening() };
  }
  return { chunks: chunks(), finish };
}

/** The level of a sheet's own total, beside those of the entries of `totalsRow`. */
const wholeSheet = -1;

/** Sections do not reach from one sheet into the next: at each level one begins. */
function* beginSections(table: SheetTable, { totalsRow }: ExcelFormat): Iterable<RecordChunk> {
  for (let level = wholeSheet; level < totalsRows(totalsRow).length; level += 1) {
    yield emptyChunk(table, { level, line: 0, totals: {} });
  }
}

/** No rows, but a statement about those before. */
function emptyChunk(
  { sheet }: SheetTable,
  stated: { readonly level: number; readonly line: number } & Statements,
): RecordChunk {
  return {
    bytes: new Uint8Array(0),
    cells: new Int32Array(0),
    kinds: undefined,
    rows: new Int32Array(1),
    lines: new Float64Array(0),
    count: 0,
    sheet: sheet.name,
    faults: undefined,
    subtotal: { ...stated, sheet: sheet.name },
  };
}

/** The rows of a chunk that stand below row `line`. */
function rowsBelow(chunk: SheetRows, line: number): SheetRows {
  if ((chunk.lines[0] ?? 0) > line) return chunk;
  let from = 0;
  while (from < chunk.count && (chunk.lines[from] ?? 0) <= line) from += 1;
  return {
    ...sliceChunk(chunk, from, chunk.count),
    hidden: chunk.hidden?.subarray(from, chunk.count),
  };
}
