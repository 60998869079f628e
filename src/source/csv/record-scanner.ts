import type { RowFault } from '../../contract/row-codes.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** Positions that are none: the buffer ends too early to tell, or the record cannot be parsed. */
const INCOMPLETE = -1;
const UNCLOSED = -2;
const AFTER_QUOTE = -3;

/** How much of what could not be parsed is quoted in a fault. */
const EXCERPT_BYTES = 200;

/** The marks of a CSV file, as bytes. */
export interface Dialect {
  readonly delimiter: number;
  /** -1 when the file has no quoting. */
  readonly quote: number;
  /** Records that start with these bytes are comments; empty when there are none. */
  readonly comment: Uint8Array;
}

/** Bytes `[start, end)` of a buffer; `whole` when nothing follows them. */
export interface ByteWindow {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly whole: boolean;
}

/** Offsets of the records of a window, in the layout of `RecordChunk`. Valid until the next window. */
export interface ScannedRecords {
  readonly cells: Int32Array;
  readonly rows: Int32Array;
  readonly lines: Float64Array;
  readonly count: number;
  readonly faults: ReadonlyMap<number, readonly RowFault[]> | undefined;
  /** Offsets into `cells` of the cells whose doubled quotes are still to be undone. */
  readonly doubled: readonly number[];
}

export interface RecordScanner {
  /** Scans the complete records of a window and returns where they end. */
  readonly scan: (window: ByteWindow) => number;
  /** Rejects what a window starts with, up to its line end or as far as it goes; returns where that is. */
  readonly rejectLine: (window: ByteWindow, expected: string) => number;
  readonly records: () => ScannedRecords;
  readonly blankRows: () => number;
  readonly commentRows: () => number;
}

/**
 * Finds records and cells in CSV bytes without copying any. RFC 4180, with LF, CRLF and CR as
 * line ends. Where the RFC is silent: a quote inside an unquoted cell is text; a record without
 * content (an empty line, or nothing but delimiters and blanks) is passed over and counted.
 *
 * A record that cannot be parsed is its first line alone, rejected as `format-error`; scanning
 * goes on with the next line. So one stray quote costs one row and never the rest of the file.
 *
 * This is the hottest loop of the product: every byte of a delivery passes through it. Hence
 * the flat state, and offsets instead of objects.
 *
 * @param keepFirst the first records keep their blanks and comments, because people count every
 *   line when they say in which row the header is.
 */
export function createRecordScanner(dialect: Dialect, keepFirst: number): RecordScanner {
  const { delimiter, quote, comment } = dialect;
  // A byte above all marks ends no cell, so one comparison settles most bytes.
  const highestMark = Math.max(delimiter, CR);

  let bytes: Uint8Array = new Uint8Array(0);
  let end = 0;
  let whole = false;

  let cells = new Int32Array(16 * 1024);
  let rows = new Int32Array(2 * 1024);
  let lines = new Float64Array(2 * 1024);
  let count = 0;
  let doubled: number[] = [];
  let faults: Map<number, readonly RowFault[]> | undefined;
  /** Length used of `cells`, without and with the record being scanned. */
  let filled = 0;
  let filling = 0;

  let line = 1;
  let recordsSeen = 0;
  let blankRows = 0;
  let commentRows = 0;
  /** Line ends inside the record being scanned, and the first cell that holds one. */
  let lineBreaks = 0;
  let brokenCell = -1;

  function enter(window: ByteWindow): void {
    ({ bytes, end, whole } = window);
    count = 0;
    filled = 0;
    doubled = [];
    faults = undefined;
  }

  function lineEnd(from: number): number {
    let position = from;
    while (position < end && bytes[position] !== LF && bytes[position] !== CR) position += 1;
    return position;
  }

  /** Position after a line end. At the end of the buffer, a CR may still have its LF to come. */
  function afterLineEnd(position: number): number {
    if (position === end) return whole ? end : INCOMPLETE;
    if (bytes[position] === LF) return position + 1;
    if (position + 1 === end) return whole ? end : INCOMPLETE;
    return bytes[position + 1] === LF ? position + 2 : position + 1;
  }

  function closingQuote(from: number, cell: number): number {
    const block = bytes;
    const stop = end;
    let position = from;
    while (position < stop) {
      const byte = block[position];
      if (byte === quote) {
        if (position + 1 === stop || block[position + 1] !== quote) return position;
        if (doubled.at(-1) !== cell) doubled.push(cell);
        position += 1;
      } else if (byte === LF || (byte === CR && block[position + 1] !== LF)) {
        lineBreaks += 1;
        if (brokenCell === -1) brokenCell = cell;
      }
      position += 1;
    }
    return whole ? UNCLOSED : INCOMPLETE;
  }

  /** Fills a cell that opens with a quote at `from`; returns the position after it. */
  function quotedCell(from: number, cell: number): number {
    cells[cell] = from + 1;
    const close = closingQuote(from + 1, cell);
    if (close < 0) return close;
    cells[cell + 1] = close;
    const next = bytes[close + 1];
    const ends = close + 1 === end || next === delimiter || next === LF || next === CR;
    return ends ? close + 1 : AFTER_QUOTE;
  }

  /** Fills the cells of the record at `from`; returns the position after it. */
  function scanRecord(from: number): number {
    const block = bytes;
    const stop = end;
    let position = from;
    let cell = filled;
    lineBreaks = 0;
    brokenCell = -1;
    for (;;) {
      if (cell + 2 > cells.length) cells = doubledInt32(cells);
      if (position < stop && block[position] === quote) {
        const after = quotedCell(position, cell);
        if (after === INCOMPLETE) return INCOMPLETE;
        if (after < 0) return rejectRecord(brokenCell === -1 ? cell : brokenCell, after);
        position = after;
      } else {
        cells[cell] = position;
        while (position < stop) {
          const byte = block[position] ?? 0;
          if (byte <= highestMark && (byte === delimiter || byte === LF || byte === CR)) break;
          position += 1;
        }
        cells[cell + 1] = position;
      }
      cell += 2;
      if (position === stop || block[position] !== delimiter) break;
      position += 1;
    }
    filling = cell;
    return afterLineEnd(position);
  }

  /** Ends a record that cannot be parsed with the line where its quoted cell `cell` opens. */
  function rejectRecord(cell: number, reason: number): number {
    const opening = (cells[cell] ?? 0) - 1;
    const stop = lineEnd(opening);
    while ((doubled.at(-1) ?? -1) >= cell) doubled.pop();
    lineBreaks = 0;
    cells[cell] = opening;
    cells[cell + 1] = stop;
    filling = cell + 2;
    addFault(
      opening,
      stop,
      reason === UNCLOSED
        ? `a closing quote for the quote opened in line ${line}`
        : `a delimiter or the end of the line after the closing quote of the cell in line ${line}`,
    );
    return afterLineEnd(stop);
  }

  function addFault(from: number, to: number, expected: string): void {
    const excerpt = bytes.subarray(from, Math.min(to, from + EXCERPT_BYTES));
    const value = Buffer.from(excerpt).toString();
    faults ??= new Map();
    faults.set(count, [{ code: 'format-error', column: null, value, expected }]);
  }

  /** True when the record at `from` has no content; most records show theirs in the first byte. */
  function isBlank(from: number): boolean {
    const first = bytes[from] ?? SPACE;
    if (first > SPACE && first !== delimiter && first !== quote) return false;
    for (let cell = filled; cell < filling; cell += 2) {
      const to = cells[cell + 1] ?? 0;
      for (let position = cells[cell] ?? 0; position < to; position += 1) {
        if (bytes[position] !== SPACE && bytes[position] !== TAB) return false;
      }
    }
    return true;
  }

  /** Position after the comment at `from`, or `from` when it is none. */
  function afterComment(from: number): number {
    if (comment.length === 0) return from;
    for (let index = 0; index < comment.length; index += 1) {
      if (from + index === end) return whole ? from : INCOMPLETE;
      if (bytes[from + index] !== comment[index]) return from;
    }
    return afterLineEnd(lineEnd(from));
  }

  function keepRecord(): void {
    if (count + 2 > rows.length) rows = doubledInt32(rows);
    if (count + 1 > lines.length) lines = doubledFloat64(lines);
    rows[count] = filled / 2;
    lines[count] = line;
    filled = filling;
    count += 1;
    rows[count] = filled / 2;
  }

  function scan(window: ByteWindow): number {
    enter(window);
    let position = window.start;
    while (position < end) {
      const skips = recordsSeen >= keepFirst;
      const content = skips ? afterComment(position) : position;
      const after = content === position ? scanRecord(position) : content;
      if (after === INCOMPLETE) {
        while ((doubled.at(-1) ?? -1) >= filled) doubled.pop();
        faults?.delete(count);
        break;
      }
      if (content !== position) {
        commentRows += 1;
        lineBreaks = 0;
      } else if (skips && isBlank(position)) {
        blankRows += 1;
      } else {
        keepRecord();
      }
      recordsSeen += 1;
      line += 1 + lineBreaks;
      position = after;
    }
    return position;
  }

  return {
    scan,
    rejectLine: (window, expected) => {
      enter(window);
      const stop = lineEnd(window.start);
      cells[0] = window.start;
      cells[1] = stop;
      filling = 2;
      addFault(window.start, stop, expected);
      keepRecord();
      recordsSeen += 1;
      line += 1;
      return stop;
    },
    records: () => ({ cells, rows, lines, count, faults, doubled }),
    blankRows: () => blankRows,
    commentRows: () => commentRows,
  };
}

function doubledInt32(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function doubledFloat64(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
