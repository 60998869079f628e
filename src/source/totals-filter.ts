import { foldLabel } from '../contract/match-header.ts';
import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { cellText, sliceChunk } from './chunk.ts';
import { CellKind, type RecordChunk, type StatedSubtotal, type StatedTotal } from './source.ts';
import { type TotalsRow, totalsRows } from './totals-row.ts';

/** Takes totals rows out of the records, and remembers what they say. */
export interface TotalsFilter {
  /**
   * The chunk in parts without its totals rows, subtotals and carry-overs on them, each of one group
   * where totals are told apart by a column; the parts share its memory.
   */
  readonly split: (chunk: RecordChunk) => Iterable<RecordChunk>;
  /** Rows taken out, by why they are no rows. */
  readonly skipped: () => Readonly<Record<'totals-row' | 'carry-over-row', number>>;
  /** By label, as the last row of kind `'total'` has them. */
  readonly totals: () => Totals;
  /** Line of that row; 0 when there was none. */
  readonly totalsLine: () => number;
  /** By label, what carry-overs above the first row have; undefined when there were none. */
  readonly opening: () => Totals | undefined;
}

type Totals = Readonly<Record<string, StatedTotal>>;

/** One way a totals row looks, bound to a header. */
interface Matcher {
  readonly column: number;
  readonly kind: 'total' | 'subtotal' | 'carry-over';
  readonly level: number;
  /** What it found of the text, groups of the pattern included; null when the text is another. */
  readonly match: (text: string) => readonly (string | undefined)[] | null;
  /** The column by which the rows that it covers are told apart; -1 when it covers all. */
  readonly per: number;
  /** Columns whose totals count. */
  readonly sums: ReadonlySet<number> | undefined;
  /** No row is it whose cell starts with another of the ASCII characters; undefined when any may be. */
  readonly firstBytes: ReadonlySet<number> | undefined;
}

interface Bound {
  readonly header: readonly string[];
  /** What people call the delivery. */
  readonly name: string;
}

/** Throws `missing-label` when the header lacks a column that `totalsRow` names. */
export function createTotalsFilter(
  totalsRow: TotalsRow | readonly TotalsRow[] | undefined,
  header: readonly string[],
  name: string,
): TotalsFilter {
  const skipped = { 'totals-row': 0, 'carry-over-row': 0 };
  let totals: Totals = {};
  let totalsLine = 0;
  let opening: Totals | undefined;
  let rows = 0;
  const bound = { header, name };
  const matchers = totalsRows(totalsRow).map((each, level) => createMatcher(each, level, bound));
  const per = Math.max(-1, ...matchers.map((matcher) => matcher.per));
  const filter = {
    skipped: () => skipped,
    totals: () => totals,
    totalsLine: () => totalsLine,
    opening: () => opening,
  };
  if (matchers.length === 0) return { ...filter, split: (chunk) => [chunk] };

  /** What the row says to the loader; undefined for what is said at the end, or to nobody. */
  function take(chunk: RecordChunk, row: number, found: Found): StatedSubtotal | undefined {
    const { matcher } = found;
    const { kind, level } = matcher;
    const stated = totalsOf(chunk, row, { header, matcher });
    const line = chunk.lines[row] ?? 0;
    skipped[kind === 'carry-over' ? 'carry-over-row' : 'totals-row'] += 1;
    const { sheet } = chunk;
    if (kind === 'carry-over' && rows === 0) {
      opening = { ...opening, ...stated };
      return undefined;
    }
    if (kind === 'total' && matcher.per === -1) {
      checkSame({ totals, line: totalsLine }, { totals: stated, line }, name);
      totals = { ...totals, ...stated };
      totalsLine = line;
      return undefined;
    }
    return {
      level,
      line,
      sheet,
      totals: stated,
      opening,
      goesOn: kind !== 'subtotal',
      group: matcher.per === -1 ? undefined : groupOf(chunk, row, found),
    };
  }

  function* split(chunk: RecordChunk): Iterable<RecordChunk> {
    let from = 0;
    for (let row = 0; row < chunk.count; row += 1) {
      const found = findMatcher(matchers, chunk, row);
      if (found === undefined) continue;
      rows += row - from;
      const subtotal = take(chunk, row, found);
      const part = sliceChunk(chunk, from, row);
      if (part.count > 0 || subtotal !== undefined) {
        yield* splitGroups(subtotal === undefined ? part : { ...part, subtotal }, per);
      }
      from = row + 1;
    }
    rows += chunk.count - from;
    if (from === 0) yield* splitGroups(chunk, per);
    else if (from < chunk.count) yield* splitGroups(sliceChunk(chunk, from, chunk.count), per);
  }
  return { ...filter, split };
}

/** Parts whose rows hold the same in a column, the last with what is stated below the chunk. */
function* splitGroups(chunk: RecordChunk, column: number): Iterable<RecordChunk> {
  if (column === -1 || chunk.count === 0) {
    yield chunk;
    return;
  }
  let from = 0;
  let group = cellText(chunk, 0, column) ?? '';
  for (let row = 1; row < chunk.count; row += 1) {
    const text = cellText(chunk, row, column) ?? '';
    if (text === group) continue;
    yield { ...sliceChunk(chunk, from, row), group: foldLabel(group) };
    from = row;
    group = text;
  }
  const last = sliceChunk(chunk, from, chunk.count);
  yield { ...last, group: foldLabel(group), subtotal: chunk.subtotal };
}

/** Two rows that both say what all rows add up to, and do not say the same, are of some rows each. */
function checkSame(
  before: { readonly totals: Totals; readonly line: number },
  now: { readonly totals: Totals; readonly line: number },
  name: string,
): void {
  for (const [label, { text }] of Object.entries(now.totals)) {
    const other = before.totals[label];
    if (other === undefined || other.text === text) continue;
    throw new PlumblineError('control-total', {
      message: `${name}: row ${before.line} states a total of ${other.text} in "${label}", and row ${now.line} one of ${text}; not both are of all rows.`,
      remedy:
        "Say in totalsRow which rows each is of: per: 'Currency' for those of one currency each, kind: 'subtotal' for the rows since the one before, kind: 'carry-over' for sums that grow from page to page.",
    });
  }
}

function createMatcher(entry: TotalsRow, level: number, bound: Bound): Matcher {
  const { is, kind = 'total', per, sums } = entry;
  const place = {
    column: columnOf(entry.where, 'where', bound),
    level,
    kind,
    per: per === undefined ? -1 : columnOf(per, 'per', bound),
    sums:
      sums === undefined ? undefined : new Set(sums.map((each) => columnOf(each, 'sums', bound))),
  };
  if (is instanceof RegExp) {
    // Without the flags that make a pattern remember where it was.
    const pattern = new RegExp(is.source, is.flags.replaceAll(/[gy]/gu, ''));
    return { ...place, match: (text) => pattern.exec(text.trim()), firstBytes: undefined };
  }
  const texts = new Set((typeof is === 'string' ? [is] : is).map(foldLabel));
  const firstBytes = new Set<number>();
  for (const text of texts) {
    firstBytes.add(text.charCodeAt(0)).add(text.charAt(0).toUpperCase().charCodeAt(0));
  }
  return { ...place, match: (text) => (texts.has(foldLabel(text)) ? [text] : null), firstBytes };
}

function columnOf(label: string, setting: string, { header, name }: Bound): number {
  const column = header.findIndex((each) => foldLabel(each) === foldLabel(label));
  if (column !== -1) return column;
  const near = suggest(label, header);
  throw new PlumblineError('missing-label', {
    message:
      `${name}: totalsRow looks in column '${label}', and the header has no such label` +
      (near === undefined ? '.' : `; did you mean '${near}'?`),
    remedy: `Name one of the labels in totalsRow.${setting}: ${header.map((each) => `'${each}'`).join(', ')}.`,
  });
}

interface Found {
  readonly matcher: Matcher;
  /** The text and the groups of its pattern. */
  readonly groups: readonly (string | undefined)[];
}

/** A row that the reader found broken is no totals row: it is rejected, which is seen. */
function findMatcher(
  matchers: readonly Matcher[],
  chunk: RecordChunk,
  row: number,
): Found | undefined {
  for (const matcher of matchers) {
    if (!mayMatch(matcher, chunk, row)) continue;
    const text = cellText(chunk, row, matcher.column);
    const groups = text === undefined ? null : matcher.match(text);
    if (groups === null) continue;
    return chunk.faults?.has(row) === true ? undefined : { matcher, groups };
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

/** Which rows a totals row covers, by its own cell or by what its pattern took out of its text. */
function groupOf(chunk: RecordChunk, row: number, { matcher, groups }: Found): string {
  const own = matcher.per === matcher.column ? '' : (cellText(chunk, row, matcher.per) ?? '');
  return foldLabel(own.trim() === '' ? (groups[1] ?? '') : own);
}

function totalsOf(
  chunk: RecordChunk,
  row: number,
  { header, matcher }: { readonly header: readonly string[]; readonly matcher: Matcher },
): Totals {
  const { column, per, sums } = matcher;
  const totals: Record<string, StatedTotal> = {};
  for (const [index, label] of header.entries()) {
    const text = cellText(chunk, row, index)?.trim() ?? '';
    const kind = chunk.kinds?.[(chunk.rows[row] ?? 0) + index] ?? CellKind.text;
    // A sum that failed (#REF!) is stated too, and agrees with nothing.
    const mayBeNumber =
      kind === CellKind.number ||
      kind === CellKind.error ||
      (kind === CellKind.text && /\d/u.test(text));
    const isSum = index !== column && index !== per && sums?.has(index) !== false;
    if (isSum && mayBeNumber) totals[label] = { text, kind };
  }
  return totals;
}
