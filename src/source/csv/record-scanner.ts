import type { RowFault } from '../../contract/row-codes.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** Positions that are none: the buffer ends too early to tell, or the record cannot be parsed. */
const INCOMPLETE = -1;
const UNCLOSED = -2;
const AFTER_QUOTE = -3;

/** Cells held at a time: 16 MiB of offsets. A power of two times the first size of the array. */
const CELLS_MAX = 2 * 1024 * 1024;

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
 */
export class RecordScanner {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #comment: Uint8Array;
  /** A byte above all marks ends no cell, so one comparison settles most bytes. */
  readonly #highestMark: number;
  readonly #keepFirst: number;

  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #whole = false;

  #cells = new Int32Array(16 * 1024);
  #rows = new Int32Array(2 * 1024);
  #lines = new Float64Array(2 * 1024);
  #count = 0;
  #doubled: number[] = [];
  #faults: Map<number, readonly RowFault[]> | undefined;
  /** Length used of the cells, without and with the record being scanned. */
  #filled = 0;
  #filling = 0;

  #line = 1;
  #recordsSeen = 0;
  #blankRows = 0;
  #commentRows = 0;
  /** Line ends inside the record being scanned, and the first cell that holds one. */
  #lineBreaks = 0;
  #brokenCell = -1;

  /**
   * @param keepFirst the first records keep their blanks and comments, because people count every
   *   line when they say in which row the header is.
   */
  constructor(dialect: Dialect, keepFirst: number) {
    this.#delimiter = dialect.delimiter;
    this.#quote = dialect.quote;
    this.#comment = dialect.comment;
    this.#highestMark = Math.max(dialect.delimiter, CR);
    this.#keepFirst = keepFirst;
  }

  get blankRows(): number {
    return this.#blankRows;
  }

  get commentRows(): number {
    return this.#commentRows;
  }

  /** The records of the last window. */
  get records(): ScannedRecords {
    return {
      cells: this.#cells,
      rows: this.#rows,
      lines: this.#lines,
      count: this.#count,
      faults: this.#faults,
      doubled: this.#doubled,
    };
  }

  /** Scans the complete records of a window and returns where they end. */
  scan(window: ByteWindow): number {
    this.#enter(window);
    let position = window.start;
    while (position < this.#end) {
      const skips = this.#recordsSeen >= this.#keepFirst;
      const content = skips ? this.#afterComment(position) : position;
      const after = content === position ? this.#scanRecord(position) : content;
      if (after === INCOMPLETE) {
        this.#forgetDoubled(this.#filled);
        this.#faults?.delete(this.#count);
        break;
      }
      if (content !== position) {
        this.#commentRows += 1;
        this.#lineBreaks = 0;
      } else if (skips && this.#isBlank(position)) {
        this.#blankRows += 1;
      } else {
        this.#keepRecord();
      }
      this.#recordsSeen += 1;
      this.#line += 1 + this.#lineBreaks;
      position = after;
    }
    return position;
  }

  /**
   * Rejects what a window starts with, up to its line end or as far as it goes, and returns where
   * that is. The row has one cell, the first bytes of it.
   */
  rejectLine(window: ByteWindow, expected: string): number {
    this.#enter(window);
    const stop = this.#lineEnd(window.start);
    this.#cells[0] = window.start;
    this.#cells[1] = this.#excerptEnd(window.start, stop);
    this.#filling = 2;
    this.#addFault(window.start, stop, expected);
    this.#keepRecord();
    this.#recordsSeen += 1;
    this.#line += 1;
    return stop;
  }

  #enter(window: ByteWindow): void {
    this.#bytes = window.bytes;
    this.#end = window.end;
    this.#whole = window.whole;
    this.#count = 0;
    this.#filled = 0;
    this.#doubled = [];
    this.#faults = undefined;
  }

  /** Fills the cells of the record at `from`; returns the position after it. */
  #scanRecord(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const highestMark = this.#highestMark;
    let position = from;
    let cell = this.#filled;
    this.#lineBreaks = 0;
    this.#brokenCell = -1;
    for (;;) {
      if (cell + 2 > this.#cells.length && !this.#growCells()) {
        // What is scanned already makes room; a record that has too many by itself is rejected.
        return this.#filled > 0 ? INCOMPLETE : this.#rejectWide(from);
      }
      const cells = this.#cells;
      if (position < end && bytes[position] === quote) {
        const after = this.#quotedCell(position, cell);
        if (after === INCOMPLETE) return INCOMPLETE;
        if (after < 0) return this.#rejectRecord(cell, after);
        position = after;
      } else {
        cells[cell] = position;
        while (position < end) {
          const byte = bytes[position] ?? 0;
          if (byte <= highestMark && (byte === delimiter || byte === LF || byte === CR)) break;
          position += 1;
        }
        cells[cell + 1] = position;
      }
      cell += 2;
      if (position === end || bytes[position] !== delimiter) break;
      position += 1;
    }
    this.#filling = cell;
    return this.#afterLineEnd(position);
  }

  /** False when there are as many cells as memory is meant for. */
  #growCells(): boolean {
    if (this.#cells.length >= 2 * CELLS_MAX) return false;
    this.#cells = doubledInt32(this.#cells);
    return true;
  }

  #rejectWide(from: number): number {
    const stop = this.#lineEnd(from);
    this.#forgetDoubled(0);
    this.#lineBreaks = 0;
    this.#cells[0] = from;
    this.#cells[1] = this.#excerptEnd(from, stop);
    this.#filling = 2;
    this.#addFault(from, stop, `a record of at most ${CELLS_MAX} cells`);
    return this.#afterLineEnd(stop);
  }

  /** Fills a cell that opens with a quote at `from`; returns the position after it. */
  #quotedCell(from: number, cell: number): number {
    this.#cells[cell] = from + 1;
    const close = this.#closingQuote(from + 1, cell);
    if (close < 0) return close;
    this.#cells[cell + 1] = close;
    const next = this.#bytes[close + 1];
    const ends = close + 1 === this.#end || next === this.#delimiter || next === LF || next === CR;
    return ends ? close + 1 : AFTER_QUOTE;
  }

  #closingQuote(from: number, cell: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const quote = this.#quote;
    let position = from;
    while (position < end) {
      const byte = bytes[position];
      if (byte === quote) {
        if (position + 1 === end || bytes[position + 1] !== quote) return position;
        if (this.#doubled.at(-1) !== cell) this.#doubled.push(cell);
        position += 1;
      } else if (byte === LF || (byte === CR && bytes[position + 1] !== LF)) {
        this.#lineBreaks += 1;
        if (this.#brokenCell === -1) this.#brokenCell = cell;
      }
      position += 1;
    }
    return this.#whole ? UNCLOSED : INCOMPLETE;
  }

  /** Ends a record whose cell `lastCell` cannot be parsed with its first line. */
  #rejectRecord(lastCell: number, reason: number): number {
    // The first line ends in the first cell that holds a line end, which is a quoted one.
    const cell = this.#brokenCell === -1 ? lastCell : this.#brokenCell;
    const opening = (this.#cells[cell] ?? 0) - 1;
    const stop = this.#lineEnd(opening);
    this.#forgetDoubled(cell);
    this.#lineBreaks = 0;
    this.#cells[cell] = opening;
    this.#cells[cell + 1] = stop;
    this.#filling = cell + 2;
    this.#addFault(
      opening,
      stop,
      reason === UNCLOSED
        ? `a closing quote for the quote opened in line ${this.#line}`
        : `a delimiter or the end of the line after the closing quote of the cell in line ${this.#line}`,
    );
    return this.#afterLineEnd(stop);
  }

  #lineEnd(from: number): number {
    const bytes = this.#bytes;
    let position = from;
    while (position < this.#end && bytes[position] !== LF && bytes[position] !== CR) position += 1;
    return position;
  }

  /** Position after a line end. At the end of the buffer, a CR may still have its LF to come. */
  #afterLineEnd(position: number): number {
    const end = this.#end;
    if (position === end) return this.#whole ? end : INCOMPLETE;
    if (this.#bytes[position] === LF) return position + 1;
    if (position + 1 === end) return this.#whole ? end : INCOMPLETE;
    return this.#bytes[position + 1] === LF ? position + 2 : position + 1;
  }

  /** Position after the comment at `from`, or `from` when it is none. */
  #afterComment(from: number): number {
    if (this.#comment.length === 0) return from;
    for (const [index, byte] of this.#comment.entries()) {
      if (from + index === this.#end) return this.#whole ? from : INCOMPLETE;
      if (this.#bytes[from + index] !== byte) return from;
    }
    return this.#afterLineEnd(this.#lineEnd(from));
  }

  /** True when the record at `from` has no content; most records show theirs in the first byte. */
  #isBlank(from: number): boolean {
    const bytes = this.#bytes;
    const first = bytes[from] ?? SPACE;
    if (first > SPACE && first !== this.#delimiter && first !== this.#quote) return false;
    for (let cell = this.#filled; cell < this.#filling; cell += 2) {
      const to = this.#cells[cell + 1] ?? 0;
      for (let position = this.#cells[cell] ?? 0; position < to; position += 1) {
        if (bytes[position] !== SPACE && bytes[position] !== TAB) return false;
      }
    }
    return true;
  }

  #keepRecord(): void {
    const count = this.#count;
    if (count + 2 > this.#rows.length) this.#rows = doubledInt32(this.#rows);
    if (count + 1 > this.#lines.length) this.#lines = doubledFloat64(this.#lines);
    this.#rows[count] = this.#filled / 2;
    this.#rows[count + 1] = this.#filling / 2;
    this.#lines[count] = this.#line;
    this.#filled = this.#filling;
    this.#count = count + 1;
  }

  #addFault(from: number, to: number, expected: string): void {
    const value = Buffer.from(this.#bytes.subarray(from, this.#excerptEnd(from, to))).toString();
    this.#faults ??= new Map();
    this.#faults.set(this.#count, [{ code: 'format-error', column: null, value, expected }]);
  }

  /** End of the first bytes of a range, never inside a character. */
  #excerptEnd(from: number, to: number): number {
    if (to - from <= EXCERPT_BYTES) return to;
    let end = from + EXCERPT_BYTES;
    while (end > from && ((this.#bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    return end;
  }

  /** Drops the notes on cells from offset `cell` on. */
  #forgetDoubled(cell: number): void {
    while ((this.#doubled.at(-1) ?? -1) >= cell) this.#doubled.pop();
  }
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
