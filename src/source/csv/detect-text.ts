import { type DeclaredMarks, detectMarks } from './detect-delimiter.ts';
import { detectEncoding, type TextHead } from './detect-encoding.ts';
import { detectComment, detectHeader, type HeaderPlace } from './detect-header.ts';
import { detectNumberMarks, type NumberMarks } from './detect-number-marks.ts';
import type { Guess } from './guess.ts';
import { readSample, type SampleRecord } from './sample.ts';

/** How many bytes of a text are looked at: always the same ones, so that the answer stays. */
export const detectBytes = 256 * 1024;

/** What is known of a text already. */
export interface Declared extends DeclaredMarks {
  readonly encoding?: string | undefined;
}

/** What a text seems to be, with how sure that is. */
export interface DetectedText {
  /** A label of the WHATWG standard, or `'unknown'`. */
  readonly encoding: Guess<string>;
  readonly delimiter: Guess<string>;
  /** Null for a text whose quotes are no quoting. */
  readonly quote: string | null;
  readonly lineEnd: 'LF' | 'CRLF' | 'CR' | 'mixed' | 'none';
  /** Undefined where the table seems to have no header. */
  readonly header: Guess<HeaderPlace | undefined>;
  /** What comment lines start with. */
  readonly comment: string | undefined;
  /** Of all numbers in the table; undefined where none shows its marks. */
  readonly numberMarks: Guess<NumberMarks> | undefined;
  /** The first records with content, comments left out. */
  readonly records: readonly SampleRecord[];
}

/**
 * What a text seems to be by its first bytes (`detectBytes` of them do). What is declared
 * is not asked. Pure: the same bytes always give the same answer.
 */
export function detectText(head: TextHead, declared: Declared = {}): DetectedText {
  const found = guessOf(declared.encoding) ?? detectEncoding(head);
  const text = decodeHead(head.bytes, found.value);
  const marks = detectMarks(text, head.whole, declared);
  const { delimiter, quote } = marks.value;
  const sampled = { text, whole: head.whole, place: declared };
  const { records } = readSample(sampled, delimiter, quote);
  const comment = declared.comment ?? detectComment(records);
  const rows = records.filter(({ cells: [first = ''] }) =>
    comment === undefined ? !/^sep=.?$/u.test(first) : !first.startsWith(comment),
  );
  return {
    encoding: found,
    delimiter: {
      ...marks,
      value: delimiter,
      others: marks.others.map((other) => ({ ...other, value: other.value.delimiter })),
    },
    quote,
    lineEnd: lineEndOf(text),
    header: detectHeader(rows),
    comment,
    numberMarks: detectNumberMarks(rows.flatMap(({ cells }) => cells)),
    records: rows,
  };
}

function guessOf(declared: string | undefined): Guess<string> | undefined {
  if (declared === undefined) return undefined;
  return { value: declared, confidence: 1, why: 'it is declared', others: [] };
}

/** As UTF-8 without byte order mark; by streaming, since a head may end inside a character. */
function decodeHead(bytes: Uint8Array, encoding: string): Buffer {
  const decoder = new TextDecoder(encoding === 'unknown' ? 'windows-1252' : encoding);
  return Buffer.from(decoder.decode(bytes, { stream: true }));
}

function lineEndOf(text: Buffer): DetectedText['lineEnd'] {
  const ends = new Set(text.toString('latin1').match(/\r\n|\r|\n/gu) ?? []);
  const [end] = ends;
  if (end === undefined) return 'none';
  if (ends.size > 1) return 'mixed';
  return end === '\r\n' ? 'CRLF' : end === '\r' ? 'CR' : 'LF';
}
