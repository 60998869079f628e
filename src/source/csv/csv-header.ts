import { PlumblineError } from '../../errors.ts';
import { rowTexts, sliceChunk } from '../chunk.ts';
import { fillLevels, joinLabels } from '../header.ts';
import type { RecordChunk } from '../source.ts';
import type { CsvFormat } from './csv-options.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The header of a CSV file, taken off its records. */
export interface CsvHeader {
  readonly labels: readonly string[];
  /** What the chunk that held the header holds after it. */
  readonly rest: RecordChunk | undefined;
  readonly preambleRows: number;
  readonly headerRows: number;
}

/** How many records, blank ones included, come up to the header's last row; 0 to take the first with content. */
export function headerDepth(format: CsvFormat): number {
  const { header } = format;
  if (header === undefined || 'names' in header) return 0;
  return header.row + (header.rows ?? 1) - 1;
}

/**
 * Takes the header off. Throws `format-error` when the file ends before it, the header cannot be
 * parsed or is empty, or when it is one cell that another delimiter would split; `encoding-error`
 * when it is not text of the declared encoding.
 */
export async function takeHeader(
  tokenizer: Tokenizer,
  format: CsvFormat,
  name: string,
): Promise<CsvHeader> {
  const { header } = format;
  if (header !== undefined && 'names' in header) {
    return { labels: header.names, rest: undefined, preambleRows: 0, headerRows: 0 };
  }
  const headerRows = header?.rows ?? 1;
  let preambleRows = (header?.row ?? 1) - 1;
  let toSkip = preambleRows;
  const found: string[][] = [];
  for (;;) {
    const chunk = await tokenizer.next();
    if (chunk === undefined) throw noHeader(preambleRows - toSkip + found.length, format, name);
    let row = Math.min(toSkip, chunk.count);
    toSkip -= row;
    while (row < chunk.count && found.length < headerRows) {
      const labels = headerTexts(chunk, row, name);
      row += 1;
      if (header === undefined && isSeparatorHint(labels, format, name)) preambleRows += 1;
      else found.push(labels);
    }
    if (found.length < headerRows) continue;
    const labels = joinedLabels(found, header?.join);
    checkLabels(labels, format, name);
    const rest = row < chunk.count ? sliceChunk(chunk, row, chunk.count) : undefined;
    return { labels, rest, preambleRows, headerRows };
  }
}

function joinedLabels(found: readonly string[][], join: string | undefined): readonly string[] {
  const [only, ...more] = found;
  return only !== undefined && more.length === 0 ? only : joinLabels(fillLevels(found), join);
}

function headerTexts(chunk: RecordChunk, row: number, name: string): string[] {
  const texts = rowTexts(chunk, row);
  const line = chunk.lines[row] ?? 0;
  const fault = chunk.faults?.get(row)?.[0];
  if (fault === undefined) return texts;
  if (fault.code !== 'encoding-error') {
    throw new PlumblineError('format-error', {
      message: `${name}: the header in line ${line} cannot be parsed: expected ${fault.expected}, found ${JSON.stringify(fault.value)}.`,
    });
  }
  const nul = texts.join('').indexOf('\0');
  const guess = nul === -1 ? 'windows-1252' : nul % 2 === 0 ? 'utf-16be' : 'utf-16le';
  const problem =
    nul === -1 ? `is not ${fault.expected}` : 'holds NUL characters, as text in UTF-16 does';
  throw new PlumblineError('encoding-error', {
    message: `${name}: the header in line ${line} ${problem}.`,
    remedy: `Declare the file's encoding in the source; it may be encoding: '${guess}'.`,
  });
}

/** True for the line `sep=;` that Excel writes above the header. */
function isSeparatorHint(labels: readonly string[], format: CsvFormat, name: string): boolean {
  const hint = /^sep=(.?)$/iu.exec(labels.join(format.delimiter).trimEnd());
  if (hint === null) return false;
  const mark = hint[1] === undefined || hint[1] === '' ? '\t' : hint[1];
  if (mark === format.delimiter) return true;
  throw new PlumblineError('format-error', {
    message: `${name} says that its delimiter is ${JSON.stringify(mark)}, and ${JSON.stringify(format.delimiter)} was declared.`,
    remedy: `Set delimiter: ${JSON.stringify(mark)} in the source.`,
  });
}

function checkLabels(labels: readonly string[], format: CsvFormat, name: string): void {
  if (labels.every((label) => label.trim() === '')) {
    throw new PlumblineError('format-error', {
      message: `${name}: the row where the header should be (row ${headerDepth(format)}) is empty.`,
      remedy: 'Correct header.row in the source; it counts every line of the file from 1.',
    });
  }
  const [only] = labels;
  if (labels.length > 1 || only === undefined || format.columnCount < 2) return;
  const other = [',', ';', '\t', '|'].find(
    (mark) => mark !== format.delimiter && only.includes(mark),
  );
  if (other === undefined) return;
  throw new PlumblineError('format-error', {
    message: `${name}: the header is one cell, ${JSON.stringify(only)}, when split at ${JSON.stringify(format.delimiter)}.`,
    remedy: `Set delimiter: ${JSON.stringify(other)} in the source.`,
  });
}

function noHeader(records: number, format: CsvFormat, name: string): PlumblineError {
  return new PlumblineError('format-error', {
    message:
      records === 0
        ? `${name} has no header: it holds no rows.`
        : `${name} has no header: it ends after row ${records}, and the header was expected in row ${headerDepth(format)}.`,
  });
}
