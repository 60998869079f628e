import { PlumblineError } from '../errors.ts';
import { copyRows, rowTexts, sliceChunk } from './chunk.ts';
import type { RecordChunk } from './source.ts';

/** What stands below the table: its last rows, or all rows from one that starts with a text. */
export type Footer =
  | {
      /** How many rows with content stand below the table, 1 to 100. */
      readonly rows: number;
    }
  | {
      /**
       * The first row below the table: what its first cell with content starts with, without regard
       * to case, or a pattern that this cell matches. At most 100 rows may follow.
       */
      readonly from: string | RegExp;
    };

/** Footnotes are few. Where more rows seem to be some, a row of the table looked like a footnote. */
const rowsMax = 100;

/** Takes the footer off the records. Its memory does not grow with the delivery. */
export interface FooterFilter {
  /** The rows above the footer, as far as that is known; the parts share the chunk's memory. */
  readonly split: (chunk: RecordChunk) => Iterable<RecordChunk>;
  /** Rows of the footer; valid after the last chunk. */
  readonly count: () => number;
}

/** One for each table: a sheet of its own has a footer of its own. */
export function createFooterFilter(footer: Footer | undefined, name: string): FooterFilter {
  if (footer === undefined) return { split: (chunk) => [chunk], count: () => 0 };
  return 'rows' in footer ? createTail(footer.rows) : createFrom(footer.from, name);
}

/** Holds the last rows back: those that no row follows are the footer. */
function createTail(rows: number): FooterFilter {
  let held: RecordChunk[] = [];
  let heldRows = 0;
  function* split(chunk: RecordChunk): Iterable<RecordChunk> {
    const kept: RecordChunk[] = [];
    let free = Math.max(0, heldRows + chunk.count - rows);
    heldRows += chunk.count - free;
    for (const part of [...held, chunk]) {
      const given = Math.min(free, part.count);
      free -= given;
      if (given > 0) yield sliceChunk(part, 0, given);
      if (given === part.count) continue;
      // The chunk's memory is the reader's, which uses it again for the next one.
      kept.push(part === chunk ? copyRows(part, given) : sliceChunk(part, given, part.count));
    }
    held = kept;
  }
  return { split, count: () => heldRows };
}

function createFrom(from: string | RegExp, name: string): FooterFilter {
  const startsFooter = footerTest(from);
  let firstLine: number | undefined;
  let count = 0;
  function* split(chunk: RecordChunk): Iterable<RecordChunk> {
    let start = 0;
    if (firstLine === undefined) {
      while (start < chunk.count && !startsFooter(chunk, start)) start += 1;
      if (start === chunk.count) {
        yield chunk;
        return;
      }
      firstLine = chunk.lines[start] ?? 0;
      if (start > 0) yield sliceChunk(chunk, 0, start);
    }
    count += chunk.count - start;
    if (count > rowsMax) throw tooLong(firstLine, from, name);
  }
  return { split, count: () => count };
}

function footerTest(from: string | RegExp): (chunk: RecordChunk, row: number) => boolean {
  const mark = typeof from === 'string' ? from.toLowerCase() : '';
  // Without the flags that make a pattern remember where it was.
  const pattern =
    typeof from === 'string'
      ? undefined
      : new RegExp(from.source, from.flags.replaceAll(/[gy]/gu, ''));
  return (chunk, row) => {
    if (chunk.faults?.has(row) === true) return false;
    const first =
      rowTexts(chunk, row)
        .find((text) => text.trim() !== '')
        ?.trim() ?? '';
    return pattern === undefined ? first.toLowerCase().startsWith(mark) : pattern.test(first);
  };
}

function tooLong(line: number, from: string | RegExp, name: string): PlumblineError {
  return new PlumblineError('format-error', {
    message: `${name}: the footer, from ${JSON.stringify(String(from))} on in row ${line}, has more than ${rowsMax} rows; a row of the table seems to look like its beginning.`,
    remedy: 'Make footer.from in the source fit the first footnote only.',
  });
}

/** What is wrong with a declared footer, as a sentence; undefined when nothing is. */
export function footerProblem(footer: Footer | undefined): string | undefined {
  if (footer === undefined) return undefined;
  const keys = Object.keys(footer);
  if (keys.length !== 1 || !['rows', 'from'].includes(keys[0] ?? '')) {
    return `footer has ${keys.length === 0 ? 'no settings' : keys.join(' and ')}; expected either rows or from.`;
  }
  if ('rows' in footer) {
    const { rows } = footer;
    return Number.isSafeInteger(rows) && rows >= 1 && rows <= rowsMax
      ? undefined
      : `footer.rows is ${rows}; expected 1 to ${rowsMax}.`;
  }
  const { from } = footer;
  if (from instanceof RegExp) {
    return from.test('') ? `footer.from is ${String(from)}, which every row matches.` : undefined;
  }
  return typeof from === 'string' && from.trim() !== ''
    ? undefined
    : `footer.from is ${JSON.stringify(from)}; expected the text that the first footnote starts with, or a pattern.`;
}
