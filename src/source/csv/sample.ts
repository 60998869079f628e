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

/** Which records are above a table or between its rows, where that is declared. */
export interface TablePlace {
  /** As `header.row`, from 1. */
  readonly headerRow?: number | undefined;
  /** What comments start with. */
  readonly comment?: string | undefined;
}

export interface SampleText {
  /** UTF-8, from the beginning of a file. */
  readonly text: Buffer;
  /** Nothing follows it; otherwise its last record may be cut, and is left out. */
  readonly whole: boolean;
  readonly place: TablePlace;
}

/** Reads the first records of a text, as a delimiter and a quote split it. */
export function readSample(
  { text, whole, place }: SampleText,
  delimiter: string,
  quoteMark: string | null,
): Sample {
  const { headerRow = 1, comment } = place;
  const dialect: Dialect = {
    delimiter: delimiter.charCodeAt(0),
    quote: quoteMark === null ? -1 : quoteMark.charCodeAt(0),
    comment: new Uint8Array(),
  };
  // Keeping blank records makes all of them count, as rows above a header do.
  const scanner = new RecordScanner(dialect, Infinity);
  const end = scanner.scan({ bytes: text, start: 0, end: text.length, whole });
  const { cells, rows, count, faults } = scanner.records;
  const quote = quoteMark ?? '';
  const records: SampleRecord[] = [];
  for (let row = headerRow - 1; row < Math.min(count, recordsMax); row += 1) {
    const first = rows[row] ?? 0;
    const indices = Array.from({ length: (rows[row + 1] ?? 0) - first }, (_, at) => first + at);
    const quoted = indices.map((cell) => text[(cells[2 * cell] ?? 0) - 1] === dialect.quote);
    const texts = indices.map((cell, at) => {
      const inner = text.toString('utf8', cells[2 * cell], cells[2 * cell + 1]);
      return quoted[at] === true ? inner.replaceAll(quote + quote, quote) : inner;
    });
    const isComment = comment !== undefined && texts[0]?.startsWith(comment) === true;
    if (!isComment && texts.some((each) => each.trim() !== '')) {
      records.push({ row: row + 1, cells: texts, quoted });
    }
  }
  return { records, broken: faults?.size ?? 0, read: text.length === 0 ? 1 : end / text.length };
}
