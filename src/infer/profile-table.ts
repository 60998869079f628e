import { rowTexts } from '../source/chunk.ts';
import {
  CellKind,
  type ReadSummary,
  type RecordChunk,
  type RecordStream,
} from '../source/source.ts';
import { type ColumnProfile, type ColumnProfiler, createColumnProfiler } from './column-profile.ts';
import { type AsideRow, asideRow, isNote, sumOf, type SumRow } from './set-aside.ts';

/** A table as one pass over it shows it. */
export interface TableProfile {
  readonly labels: readonly string[];
  readonly columns: readonly ColumnProfile[];
  /** Rows of the table, those with the wrong number of cells and broken ones included. */
  readonly rows: number;
  /** Rows that seem to add up others, or to carry their sum on, in order. */
  readonly totals: readonly SumRow[];
  /** Rows below the table that seem to be footnotes. */
  readonly notes: readonly AsideRow[];
  readonly ragged: Oddity;
  readonly broken: Oddity;
  /** The first rows, as texts. */
  readonly head: readonly HeadRow[];
  readonly summary: ReadSummary;
  /** The file has more rows than were looked at. */
  readonly isCut: boolean;
}

export interface HeadRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** How many rows are odd in one way, and which is the first. */
export interface Oddity {
  count: number;
  line: number;
  /** What is wrong with it. */
  what: string;
}

export interface ProfileOptions {
  readonly headRows: number;
  readonly rowsMax: number;
  /** Lines of rows that look like totals and are none. */
  readonly ordinary: ReadonlySet<number>;
  readonly onProgress: (rows: number) => void;
}

const totalsMax = 2_000;
const notesMax = 100;

interface Profiling {
  readonly profilers: readonly ColumnProfiler[];
  readonly head: HeadRow[];
  readonly totals: SumRow[];
  /** Notes so far below all rows. */
  notes: AsideRow[];
  readonly ragged: Oddity;
  readonly broken: Oddity;
  rows: number;
}

/** Reads a table to its end, or to `rowsMax` rows. */
export async function profileTable(
  stream: RecordStream,
  options: ProfileOptions,
): Promise<TableProfile> {
  const { header } = stream;
  const state: Profiling = {
    profilers: header.map(() => createColumnProfiler()),
    head: [],
    totals: [],
    notes: [],
    ragged: { count: 0, line: 0, what: '' },
    broken: { count: 0, line: 0, what: '' },
    rows: 0,
  };
  let isCut = false;
  for await (const chunk of stream.chunks) {
    for (let row = 0; row < chunk.count && !isCut; row += 1) {
      isCut = state.rows >= options.rowsMax;
      if (!isCut) addRow(state, chunk, row, options);
    }
    options.onProgress(state.rows);
    if (isCut) break;
  }
  const { profilers, head, totals, notes, ragged, broken, rows } = state;
  const columns = profilers.map((profiler, index) => profiler.finish(header[index] ?? ''));
  const summary = stream.summary();
  return { labels: header, columns, rows, totals, notes, ragged, broken, head, summary, isCut };
}

function addRow(
  state: Profiling,
  chunk: RecordChunk,
  row: number,
  { headRows, ordinary }: ProfileOptions,
): void {
  const { profilers } = state;
  const line = chunk.lines[row] ?? 0;
  const fault = chunk.faults?.get(row)?.[0];
  const from = chunk.rows[row] ?? 0;
  const width = (chunk.rows[row + 1] ?? 0) - from;
  if (fault === undefined && mayBeAside(chunk, from, width)) {
    const texts = rowTexts(chunk, row);
    const sum = sumOf(texts);
    if (sum !== undefined && state.totals.length < totalsMax && !ordinary.has(line)) {
      const { column, kind } = sum;
      state.totals.push({ ...asideRow(chunk, row, { rowsAbove: state.rows, column }), kind });
      return;
    }
    if (isNote(texts, profilers.length) && state.notes.length < notesMax) {
      const first = texts.findIndex((text) => text.trim() !== '');
      state.notes.push(asideRow(chunk, row, { rowsAbove: state.rows, column: first }));
      return;
    }
  }
  // What a row of the table stands below is no footnote.
  for (const note of state.notes) addTexts(state, note);
  state.notes = [];
  state.rows += 1;
  if (state.head.length < headRows) state.head.push({ line, cells: rowTexts(chunk, row) });
  if (fault !== undefined) {
    count(state.broken, line, `expected ${fault.expected}`);
    return;
  }
  if (width !== profilers.length) {
    count(state.ragged, line, `${width} cells instead of ${profilers.length}`);
    return;
  }
  addCells(profilers, chunk, { from, line });
}

function addCells(
  profilers: readonly ColumnProfiler[],
  { bytes, cells, kinds }: RecordChunk,
  { from, line }: { readonly from: number; readonly line: number },
): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let index = 0; index < profilers.length; index += 1) {
    const cell = from + index;
    const content = text.toString('utf8', cells[2 * cell] ?? 0, cells[2 * cell + 1] ?? 0);
    profilers[index]?.add(content, kinds?.[cell] ?? CellKind.text, line);
  }
}

/** Most rows are told from totals and notes by having a value in each of their first cells. */
function mayBeAside({ cells, bytes }: RecordChunk, from: number, width: number): boolean {
  if (width <= 3) return true;
  for (let cell = from; cell < from + width; cell += 1) {
    const start = cells[2 * cell] ?? 0;
    const end = cells[2 * cell + 1] ?? 0;
    if (start === end || (bytes[start] ?? 0) <= 0x20) return true;
  }
  return false;
}

function addTexts(state: Profiling, { texts, kinds, line }: AsideRow): void {
  state.rows += 1;
  if (texts.length !== state.profilers.length) {
    count(state.ragged, line, `${texts.length} cells instead of ${state.profilers.length}`);
    return;
  }
  for (const [index, text] of texts.entries()) {
    state.profilers[index]?.add(text, kinds[index] ?? CellKind.text, line);
  }
}

function count(oddity: Oddity, line: number, what: string): void {
  oddity.count += 1;
  if (oddity.count > 1) return;
  oddity.line = line;
  oddity.what = what;
}
