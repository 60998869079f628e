import { isUtf8 } from 'node:buffer';

import type { RowFault } from '../../contract/row-codes.ts';
import type { RecordChunk } from '../source.ts';
import type { ByteReader } from './byte-reader.ts';
import {
  type ByteWindow,
  type Dialect,
  RecordScanner,
  type ScannedRecords,
} from './record-scanner.ts';

const LF = 0x0a;
const CR = 0x0d;
/** U+FFFD: what a decoder leaves where bytes were no text of the encoding. */
const REPLACEMENT = Buffer.from('\ufffd');
/** How much of a cell that is no text is quoted in a fault. */
const EXCERPT_BYTES = 200;

export interface TokenizerOptions {
  readonly dialect: Dialect;
  /** The first records keep their blanks and comments (see `RecordScanner`). */
  readonly keepFirst: number;
  /** The declared encoding when the bytes were decoded from it: then U+FFFD stands for an invalid byte. */
  readonly decodedFrom?: string | undefined;
  /** The header's, where it is known: faults then name their cells by it. */
  readonly labels?: readonly string[] | undefined;
  /** Bytes read at a time. Default 256 KiB: the block and its offsets stay in the processor's cache. */
  readonly blockBytes?: number | undefined;
  /** A longer record is rejected, so that an open quote cannot fill the memory. Default 16 MiB. */
  readonly recordBytesMax?: number | undefined;
}

/**
 * The records of a CSV file in chunks, in constant memory. Reads blocks, scans the complete records
 * in them (`RecordScanner`), and rejects rows whose text Postgres could not hold: invalid UTF-8 and
 * NUL. Memory is one block and its offsets, growing to the longest record up to `recordBytesMax`.
 */
export class Tokenizer {
  readonly #read: ByteReader;
  readonly #scanner: RecordScanner;
  readonly #quote: number;
  readonly #decodedFrom: string | undefined;
  readonly #labels: readonly string[];
  readonly #recordBytesMax: number;

  #bytes: Buffer;
  /** Bytes `[start, end)` are still to be scanned. */
  #start = 0;
  #end = 0;
  #whole = false;
  /** Inside a line too long to keep: it is passed over to its end. */
  #discarding = false;

  constructor(read: ByteReader, options: TokenizerOptions) {
    this.#read = read;
    this.#scanner = new RecordScanner(options.dialect, options.keepFirst);
    this.#quote = options.dialect.quote;
    this.#decodedFrom = options.decodedFrom;
    this.#labels = options.labels ?? [];
    this.#recordBytesMax = options.recordBytesMax ?? 16 * 1024 * 1024;
    this.#bytes = Buffer.allocUnsafeSlow(options.blockBytes ?? 256 * 1024);
  }

  get blankRows(): number {
    return this.#scanner.blankRows;
  }

  get commentRows(): number {
    return this.#scanner.commentRows;
  }

  /** The next chunk that has records; undefined at the end. Reuses the memory of the one before. */
  async next(): Promise<RecordChunk | undefined> {
    for (;;) {
      await this.#fill();
      if (this.#discarding) {
        this.#discard();
        continue;
      }
      const from = this.#start;
      this.#start = this.#scanner.scan(this.#window());
      if (this.#start === from) {
        if (this.#whole) return undefined;
        this.#widen();
        if (!this.#discarding) continue;
      }
      const { records } = this.#scanner;
      if (records.count > 0) return this.#chunkOf(records);
    }
  }

  #window(): ByteWindow {
    return { bytes: this.#bytes, start: this.#start, end: this.#end, whole: this.#whole };
  }

  #chunkOf(records: ScannedRecords): RecordChunk {
    const bytes = this.#bytes;
    const { cells, rows, lines, count } = records;
    const scanned = bytes.subarray(0, this.#start);
    const faults = addEncodingFaults(scanned, records, {
      decodedFrom: this.#decodedFrom,
      labels: this.#labels,
    });
    undoubleQuotes(bytes, records, this.#quote);
    return { bytes, cells, kinds: undefined, rows, lines, count, sheet: null, faults };
  }

  /** Moves what is left to the front and reads on, until the buffer is full or nothing more comes. */
  async #fill(): Promise<void> {
    this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    while (!this.#whole && this.#end < this.#bytes.length) {
      const length = await this.#read(this.#bytes.subarray(this.#end));
      if (length === 0) this.#whole = true;
      this.#end += length;
    }
  }

  #discard(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let position = this.#start;
    while (position < end && bytes[position] !== LF && bytes[position] !== CR) position += 1;
    this.#start = position;
    if (position === end) {
      this.#discarding = !this.#whole;
      return;
    }
    // A CR that ends the buffer waits for the LF that may follow it.
    if (bytes[position] === CR && position + 1 === end && !this.#whole) return;
    const isPair = bytes[position] === CR && position + 1 < end && bytes[position + 1] === LF;
    this.#start = position + (isPair ? 2 : 1);
    this.#discarding = false;
  }

  /** Makes room for a record longer than the buffer, or rejects the line it begins with. */
  #widen(): void {
    if (this.#bytes.length >= this.#recordBytesMax) {
      const expected = `a record of at most ${this.#recordBytesMax} bytes; is a quote left open?`;
      this.#start = this.#scanner.rejectLine(this.#window(), expected);
      this.#discarding = true;
      return;
    }
    const wider = Buffer.allocUnsafeSlow(Math.min(this.#bytes.length * 2, this.#recordBytesMax));
    this.#bytes.copy(wider, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = wider;
  }
}

/** Whole blocks are checked natively; rows only when their block fails. */
function addEncodingFaults(
  block: Buffer,
  records: ScannedRecords,
  { decodedFrom, labels }: { decodedFrom: string | undefined; labels: readonly string[] },
): ScannedRecords['faults'] {
  if (missingText(block, decodedFrom) === undefined) return records.faults;
  const faults = new Map(records.faults);
  for (let row = 0; row < records.count; row += 1) {
    const first = records.rows[row] ?? 0;
    const end = records.rows[row + 1] ?? 0;
    for (let cell = first; cell < end; cell += 1) {
      const bytes = block.subarray(records.cells[2 * cell], records.cells[2 * cell + 1]);
      const missing = missingText(bytes, decodedFrom);
      if (missing === undefined) continue;
      const value = bytes.toString('utf8', 0, EXCERPT_BYTES).replaceAll('\0', '\ufffd');
      const cellIndex = cell - first;
      const label = labels[cellIndex]?.trim() ?? '';
      const place = `cell ${cellIndex + 1} of the row`;
      const expected = `${missing} in ${label === '' ? place : `'${label}' (${place})`}`;
      const fault: RowFault = { code: 'encoding-error', column: null, cellIndex, value, expected };
      faults.set(row, [...(faults.get(row) ?? []), fault]);
    }
  }
  return faults;
}

/** What bytes should be and are not, for Postgres to hold them as text; undefined when they are. */
function missingText(bytes: Buffer, decodedFrom: string | undefined): string | undefined {
  if (bytes.includes(0)) return 'text without NUL characters';
  if (decodedFrom === undefined) return isUtf8(bytes) ? undefined : 'valid utf-8';
  return bytes.includes(REPLACEMENT) ? `valid ${decodedFrom}` : undefined;
}

/** Makes `""` one quote in the cells that have any, in place. */
function undoubleQuotes(bytes: Buffer, records: ScannedRecords, quote: number): void {
  const { cells, doubled } = records;
  for (const cell of doubled) {
    const to = cells[cell + 1] ?? 0;
    let target = cells[cell] ?? 0;
    for (let position = target; position < to; position += 1) {
      const byte = bytes[position] ?? 0;
      bytes[target] = byte;
      target += 1;
      if (byte === quote) position += 1;
    }
    cells[cell + 1] = target;
  }
}
