import { foldLabel } from '../contract/match-header.ts';
import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { cellText, sliceChunk } from './chunk.ts';
import { CellKind, type RecordChunk, type StatedTotal } from './source.ts';

/** How a totals row is recognised: `{ where: 'Invoice #', is: 'Total' }`. */
export interface TotalsRow {
  /** Label of the column to look at. */
  readonly where: string;
  /** What stands there in the totals row: one of these texts without regard to case, or a pattern. */
  readonly is: string | RegExp | readonly string[];
  /**
   * A total covers the whole table; of several the last one is it. A subtotal covers the rows since
   * the subtotal before it that the same entry recognised, so nested levels are an entry each.
   * Default `'total'`.
   */
  readonly kind?: 'total' | 'subtotal';
}

/** Takes totals rows out of the records, and remembers what they say. */
export interface TotalsFilter {
  /** The chunk in parts without its totals rows, subtotals on them; the parts share its memory. */
  readonly split: (chunk: RecordChunk) => Iterable<RecordChunk>;
  /** Totals and subtotals rows. */
  readonly count: () => number;
  /** By label, as the last row of kind `'total'` has them. */
  readonly totals: () => Readonly<Record<string, StatedTotal>>;
  /** Line of that row; 0 when there was none. */
  readonly totalsLine: () => number;
}

/** One way a totals row looks, bound to a header. */
interface Matcher {
  readonly column: number;
  readonly kind: 'total' | 'subtotal';
  readonly level: number;
  readonly matches: (text: string) => boolean;
  /** No row is it whose cell starts with another of the ASCII characters; undefined when any may be. */
  readonly firstBytes: ReadonlySet<number> | undefined;
}

/** Throws `missing-label` when the header lacks a column that `totalsRow` looks at. */
export function createTotalsFilter(
  totalsRow: TotalsRow | readonly TotalsRow[] | undefined,
  header: readonly string[],
  name: string,
): TotalsFilter {
  let count = 0;
  let totals: Record<string, StatedTotal> = {};
  let totalsLine = 0;
  const matchers = listOf(totalsRow).map((each, level) => createMatcher(each, level, header, name));
  if (matchers.length === 0) {
    return {
      split: (chunk) => [chunk],
      count: () => 0,
      totals: () => totals,
      totalsLine: () => 0,
    };
  }

  function* split(chunk: RecordChunk): Iterable<RecordChunk> {
    let from = 0;
    for (let row = 0; row < chunk.count; row += 1) {
      const found = findMatcher(matchers, chunk, row);
      if (found === undefined) continue;
      count += 1;
      const stated = totalsOf(chunk, row, header, found.column);
      if (found.kind === 'total') {
        totals = stated;
        totalsLine = chunk.lines[row] ?? 0;
        if (row > from) yield sliceChunk(chunk, from, row);
      } else {
        const { sheet } = chunk;
        const line = chunk.lines[row] ?? 0;
        const subtotal = { level: found.level, line, sheet, totals: stated };
        yield { ...sliceChunk(chunk, from, row), subtotal };
      }
      from = row + 1;
    }
    if (from === 0) yield chunk;
    else if (from < chunk.count) yield sliceChunk(chunk, from, chunk.count);
  }
  return { split, count: () => count, totals: () => totals, totalsLine: () => totalsLine };
}

/** What is wrong with a declared `totalsRow`, as a sentence; undefined when nothing is. */
export function totalsProblem(
  totalsRow: TotalsRow | readonly TotalsRow[] | undefined,
): string | undefined {
  const all = listOf(totalsRow);
  for (const [index, each] of all.entries()) {
    const problem = entryProblem(each);
    if (problem !== undefined) return `totalsRow${all.length > 1 ? `[${index}]` : ''}${problem}`;
  }
  return undefined;
}

function entryProblem(entry: TotalsRow): string | undefined {
  if (entry === null || typeof entry !== 'object') {
    return ` is ${JSON.stringify(entry)}; expected { where: 'Invoice', is: 'Total' }.`;
  }
  const { where, is, kind } = entry;
  const unknown = Object.keys(entry).find((key) => !['where', 'is', 'kind'].includes(key));
  if (unknown !== undefined) {
    return `.${unknown} is none of its settings; expected where, is and kind.`;
  }
  if (typeof where !== 'string' || where.trim() === '') {
    return `.where is ${JSON.stringify(where)}; expected the label of a column.`;
  }
  if (kind !== undefined && kind !== 'total' && kind !== 'subtotal') {
    return `.kind is ${JSON.stringify(kind)}; expected 'total' or 'subtotal'.`;
  }
  if (is instanceof RegExp) {
    return is.test('') ? `.is is ${String(is)}, which an empty cell matches.` : undefined;
  }
  const texts: readonly unknown[] = Array.isArray(is) ? is : [is];
  return texts.length > 0 && texts.every((text) => typeof text === 'string' && text.trim() !== '')
    ? undefined
    : `.is is ${JSON.stringify(is)}; expected a text such as 'Total', several, or a pattern.`;
}

const listOf = (totalsRow: TotalsRow | readonly TotalsRow[] | undefined): readonly TotalsRow[] =>
  totalsRow === undefined ? [] : isList(totalsRow) ? totalsRow : [totalsRow];

const isList = (value: TotalsRow | readonly TotalsRow[]): value is readonly TotalsRow[] =>
  Array.isArray(value);

function createMatcher(
  entry: TotalsRow,
  level: number,
  header: readonly string[],
  name: string,
): Matcher {
  const column = header.findIndex((label) => foldLabel(label) === foldLabel(entry.where));
  if (column === -1) throw missingColumn(entry, header, name);
  const place = { column, level, kind: entry.kind ?? 'total' } as const;
  const { is } = entry;
  if (is instanceof RegExp) {
    // Without the flags that make a pattern remember where it was.
    const pattern = new RegExp(is.source, is.flags.replaceAll(/[gy]/gu, ''));
    return { ...place, matches: (text) => pattern.test(text.trim()), firstBytes: undefined };
  }
  const texts = new Set((typeof is === 'string' ? [is] : is).map(foldLabel));
  const firstBytes = new Set<number>();
  for (const text of texts) {
    firstBytes.add(text.charCodeAt(0)).add(text.charAt(0).toUpperCase().charCodeAt(0));
  }
  return { ...place, matches: (text) => texts.has(foldLabel(text)), firstBytes };
}

/** A row that the reader found broken is no totals row: it is rejected, which is seen. */
function findMatcher(
  matchers: readonly Matcher[],
  chunk: RecordChunk,
  row: number,
): Matcher | undefined {
  for (const matcher of matchers) {
    if (!mayMatch(matcher, chunk, row)) continue;
    const text = cellText(chunk, row, matcher.column);
    if (text === undefined || !matcher.matches(text)) continue;
    return chunk.faults?.has(row) === true ? undefined : matcher;
  }
  return undefined;
}

/** Settles most rows by one byte: making a text of a cell costs more than reading its row. */
function mayMatch({ column, firstBytes }: Matcher, chunk: RecordChunk, row: number): boolean {
  if (firstBytes === undefined) return true;
  const cell = (chunk.rows[row] ?? 0) + column;
  if (cell >= (chunk.rows[row + 1] ?? 0)) return false;
  const from = chunk.cells[2 * cell] ?? 0;
  if (from === chunk.cells[2 * cell + 1]) return false;
  const first = chunk.bytes[from] ?? 0;
  // White space before the text, and what is no ASCII, is left to folding.
  return first <= 0x20 || first >= 0x80 || firstBytes.has(first);
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
    // A sum that failed (#REF!) is stated too, and agrees with nothing.
    const mayBeNumber =
      kind === CellKind.number ||
      kind === CellKind.error ||
      (kind === CellKind.text && /\d/u.test(text));
    if (index !== column && mayBeNumber) totals[label] = { text, kind };
  }
  return totals;
}

function missingColumn(entry: TotalsRow, header: readonly string[], name: string): PlumblineError {
  const near = suggest(entry.where, header);
  return new PlumblineError('missing-label', {
    message:
      `${name}: totalsRow looks in column '${entry.where}', and the header has no such label` +
      (near === undefined ? '.' : `; did you mean '${near}'?`),
    remedy: `Name one of the labels in totalsRow.where: ${header.map((label) => `'${label}'`).join(', ')}.`,
  });
}
