import { foldLabel } from '../contract/match-header.ts';
import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { cellText, sliceChunk } from './chunk.ts';
import { CellKind, type RecordChunk, type StatedTotal } from './source.ts';

/** How a totals row is recognised: `{ where: 'Invoice #', is: 'Total' }`. */
export interface TotalsRow {
  /** Label of the column to look at. */
  readonly where: string;
  /** What stands there in the totals row, without regard to case. */
  readonly is: string;
}

/** Takes totals rows out of the records, and remembers what they say. */
export interface TotalsFilter {
  /** The chunk in parts without its totals rows; the parts share its memory. */
  readonly split: (chunk: RecordChunk) => Iterable<RecordChunk>;
  readonly count: () => number;
  /** By label, as the last totals row has them: subtotals come before the total. */
  readonly totals: () => Readonly<Record<string, StatedTotal>>;
}

/** Throws `missing-label` when the header lacks the column. */
export function createTotalsFilter(
  totalsRow: TotalsRow | undefined,
  header: readonly string[],
  name: string,
): TotalsFilter {
  let count = 0;
  let totals: Record<string, StatedTotal> = {};
  if (totalsRow === undefined) {
    return { split: (chunk) => [chunk], count: () => 0, totals: () => totals };
  }
  const column = header.findIndex((label) => foldLabel(label) === foldLabel(totalsRow.where));
  if (column === -1) throw missingColumn(totalsRow, header, name);
  const mark = foldLabel(totalsRow.is);
  const isTotals = (chunk: RecordChunk, row: number): boolean => {
    const text = cellText(chunk, row, column);
    return text !== undefined && foldLabel(text) === mark;
  };

  function* split(chunk: RecordChunk): Iterable<RecordChunk> {
    let from = 0;
    for (let row = 0; row < chunk.count; row += 1) {
      if (!isTotals(chunk, row)) continue;
      count += 1;
      totals = totalsOf(chunk, row, header, column);
      if (row > from) yield sliceChunk(chunk, from, row);
      from = row + 1;
    }
    if (from === 0) yield chunk;
    else if (from < chunk.count) yield sliceChunk(chunk, from, chunk.count);
  }
  return { split, count: () => count, totals: () => totals };
}

function totalsOf(
  chunk: RecordChunk,
  row: number,
  header: readonly string[],
  column: number,
): Record<string, StatedTotal> {
  const totals: Record<string, StatedTotal> = {};
  for (const [index, label] of header.entries()) {
    const text = cellText(chunk, row, index)?.trim() ?? '';
    const kind = chunk.kinds?.[(chunk.rows[row] ?? 0) + index] ?? CellKind.text;
    const mayBeNumber = kind === CellKind.number || (kind === CellKind.text && /\d/u.test(text));
    if (index !== column && mayBeNumber) totals[label] = { text, kind };
  }
  return totals;
}

function missingColumn(
  totalsRow: TotalsRow,
  header: readonly string[],
  name: string,
): PlumblineError {
  const near = suggest(totalsRow.where, header);
  return new PlumblineError('missing-label', {
    message:
      `${name}: totalsRow looks in column '${totalsRow.where}', and the header has no such label` +
      (near === undefined ? '.' : `; did you mean '${near}'?`),
    remedy: `Name one of the labels in totalsRow.where: ${header.map((label) => `'${label}'`).join(', ')}.`,
  });
}
