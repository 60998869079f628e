import { isUtf8 } from 'node:buffer';

import type { RowFault } from '../../contract/row-codes.ts';
import type { RecordChunk } from '../source.ts';
import type { ByteReader } from './byte-reader.ts';
import { createRecordScanner, type Dialect, type ScannedRecords } from './record-scanner.ts';

const LF = 0x0a;
const CR = 0x0d;
/** U+FFFD: what a decoder leaves where bytes were no text of the encoding. */
const REPLACEMENT = Buffer.from('\ufffd');

export interface TokenizerOptions {
  readonly dialect: Dialect;
  /** The first records keep their blanks and comments (see `createRecordScanner`). */
  readonly keepFirst: number;
  /** The declared encoding when the bytes were decoded from it: then U+FFFD stands for an invalid byte. */
  readonly decodedFrom?: string | undefined;
  /** Bytes read at a time. Default 256 KiB: the block and its offsets stay in the processor's cache. */
  readonly blockBytes?: number | undefined;
  /** A longer record is rejected, so that an open quote cannot fill the memory. Default 16 MiB. */
  readonly recordBytesMax?: number | undefined;
}

/** The records of a CSV file in chunks, in constant memory. */
export interface Tokenizer {
  /** The next chunk that has records; undefined at the end. Reuses the memory of the one before. */
  readonly next: () => Promise<RecordChunk | undefined>;
  readonly blankRows: () => number;
  readonly commentRows: () => number;
}

/**
 * Reads blocks, scans the complete records in them (`createRecordScanner`), and rejects rows whose
 * text Postgres could not hold: invalid UTF-8 and NUL. Memory is one block and its offsets,
 * growing to the longest record up to `recordBytesMax`.
 */
export function createTokenizer(read: ByteReader, options: TokenizerOptions): Tokenizer {
  const scanner = createRecordScanner(options.dialect, options.keepFirst);
  const recordBytesMax = options.recordBytesMax ?? 16 * 1024 * 1024;
  let bytes = Buffer.allocUnsafeSlow(options.blockBytes ?? 256 * 1024);
  /** Bytes `[start, end)` are still to be scanned. */
  let start = 0;
  let end = 0;
  let whole = false;
  /** Inside a line too long to keep: it is passed over to its end. */
  let discarding = false;

  async function fill(): Promise<void> {
    bytes.copyWithin(0, start, end);
    end -= start;
    start = 0;
    while (!whole && end < bytes.length) {
      const length = await read(bytes.subarray(end));
      if (length === 0) whole = true;
      end += length;
    }
  }

  function discard(): void {
    while (start < end && bytes[start] !== LF && bytes[start] !== CR) start += 1;
    if (start === end) return;
    // A CR that ends the buffer waits for the LF that may follow it.
    if (bytes[start] === CR && start + 1 === end && !whole) return;
    start += bytes[start] === CR && bytes[start + 1] === LF && start + 1 < end ? 2 : 1;
    discarding = false;
  }

  /** Makes room for a record longer than the buffer, or rejects the line it begins with. */
  function widen(): void {
    if (bytes.length < recordBytesMax) {
      const wider = Buffer.allocUnsafeSlow(Math.min(bytes.length * 2, recordBytesMax));
      bytes.copy(wider, 0, start, end);
      end -= start;
      start = 0;
      bytes = wider;
      return;
    }
    const expected = `a record of at most ${recordBytesMax} bytes; is a quote left open?`;
    start = scanner.rejectLine({ bytes, start, end, whole }, expected);
    discarding = true;
  }

  async function next(): Promise<RecordChunk | undefined> {
    for (;;) {
      await fill();
      if (discarding) {
        discard();
        continue;
      }
      const from = start;
      start = scanner.scan({ bytes, start, end, whole });
      if (start === from) {
        if (whole) return undefined;
        widen();
        if (!discarding) continue;
      }
      const records = scanner.records();
      if (records.count === 0) continue;
      const faults = addEncodingFaults(bytes.subarray(0, start), records, options.decodedFrom);
      undoubleQuotes(bytes, records, options.dialect.quote);
      return { ...records, bytes, kinds: undefined, sheet: null, faults };
    }
  }

  return { next, blankRows: scanner.blankRows, commentRows: scanner.commentRows };
}

/** Whole blocks are checked natively; rows only when their block fails. */
function addEncodingFaults(
  block: Buffer,
  records: ScannedRecords,
  decodedFrom: string | undefined,
): ScannedRecords['faults'] {
  const hasNul = block.includes(0);
  const isText = decodedFrom === undefined ? isUtf8(block) : block.indexOf(REPLACEMENT) === -1;
  if (isText && !hasNul) return records.faults;
  const faults = new Map(records.faults);
  for (let row = 0; row < records.count; row += 1) {
    const from = records.cells[2 * (records.rows[row] ?? 0)] ?? 0;
    const to = records.cells[2 * (records.rows[row + 1] ?? 0) - 1] ?? 0;
    const bytes = block.subarray(from, to);
    const expected = bytes.includes(0)
      ? 'text without NUL characters'
      : (decodedFrom === undefined ? isUtf8(bytes) : bytes.indexOf(REPLACEMENT) === -1)
        ? undefined
        : `valid ${decodedFrom ?? 'utf-8'}`;
    if (expected === undefined) continue;
    const fault: RowFault = {
      code: 'encoding-error',
      column: null,
      value: bytes.toString('utf8', 0, 200).replaceAll('\0', '\ufffd'),
      expected,
    };
    faults.set(row, [...(faults.get(row) ?? []), fault]);
  }
  return faults;
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
