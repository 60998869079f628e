import { type Dialect, RecordScanner } from './record-scanner.ts';

/** A record of a sample, as texts. */
export interface SampleRecord {
  /** Position among all records, blank ones included, from 1: what `header.row` counts. */
  readonly row: number;
  readonly cells: readonly string[];
  /** By cell: whether it stands in quotes, and may hold any mark. */
  readonly quoted: readonly boolean[];
}

export interface Sample {
  /** Records with content, in order. */
  readonly records: readonly SampleRecord[];
  /** Of these, how many cannot be parsed. */
  readonly broken: number;
  /** Share of the text that the records take: little where a quote stays open. */
  readonly read: number;
}

/** More records make a guess no better. */
const recordsMax = 1_000;

/** Reads the first records of UTF-8 text by a dialect. A record cut at the end is left out, unless the text is whole. */
export function readSample(text: Buffer, whole: boolean, dialect: Dialect): Sample {
  // Keeping blank records makes all of them count, as rows above a header do.
  const scanner = new RecordScanner(dialect, Infinity);
  const end = scanner.scan({ bytes: text, start: 0, end: text.length, whole });
  const { cells, rows, count, faults } = scanner.records;
  const quote = String.fromCharCode(Math.max(0, dialect.quote));
  const records: SampleRecord[] = [];
  for (let row = 0; row < Math.min(count, recordsMax); row += 1) {
    const first = rows[row] ?? 0;
    const indices = Array.from({ length: (rows[row + 1] ?? 0) - first }, (_, at) => first + at);
    const quoted = indices.map((cell) => text[(cells[2 * cell] ?? 0) - 1] === dialect.quote);
    const texts = indices.map((cell, at) => {
      const inner = text.toString('utf8', cells[2 * cell], cells[2 * cell + 1]);
      return quoted[at] === true ? inner.replaceAll(quote + quote, quote) : inner;
    });
    if (texts.some((each) => each.trim() !== '')) {
      records.push({ row: row + 1, cells: texts, quoted });
    }
  }
  return { records, broken: faults?.size ?? 0, read: text.length === 0 ? 1 : end / text.length };
}
