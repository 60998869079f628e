/** How a totals row is recognised: `{ where: 'Invoice #', is: 'Total' }`. */
export interface TotalsRow {
  /** Label of the column to look at. */
  readonly where: string;
  /** What stands there in the totals row: one of these texts without regard to case, or a pattern. */
  readonly is: string | RegExp | readonly string[];
  /**
   * A total covers the whole table. A subtotal covers the rows since the subtotal before it that the
   * same entry recognised, so nested levels are an entry each. A carry-over, as at the foot and head
   * of printed pages, covers all rows above it; above the first row it is what came from before.
   * Default `'total'`.
   */
  readonly kind?: 'total' | 'subtotal' | 'carry-over';
  /**
   * Label of a column: the row covers only rows that hold the same there as it does, such as those of
   * one currency. Where its own cell is empty, the first group of the pattern in `is` counts.
   */
  readonly per?: string;
  /** Labels of the columns that it adds up; others, such as a balance, are not compared. Default all. */
  readonly sums?: readonly string[];
}

/** What is wrong with a declared `totalsRow`, as a sentence; undefined when nothing is. */
export function totalsProblem(
  totalsRow: TotalsRow | readonly TotalsRow[] | undefined,
): string | undefined {
  const all = totalsRows(totalsRow);
  for (const [index, each] of all.entries()) {
    const problem = entryProblem(each);
    if (problem !== undefined) return `totalsRow${all.length > 1 ? `[${index}]` : ''}${problem}`;
  }
  const per = [...new Set(all.flatMap((each) => each.per ?? []))];
  return per.length > 1
    ? `totalsRow names ${per.map((label) => `'${label}'`).join(' and ')} in per; rows are told apart by one column.`
    : undefined;
}

const settings: readonly string[] = ['where', 'is', 'kind', 'per', 'sums'];
const kinds: readonly string[] = ['total', 'subtotal', 'carry-over'];

// What no compiler saw may be anything.
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

function entryProblem(entry: TotalsRow): string | undefined {
  if (entry === null || typeof entry !== 'object') {
    return ` is ${JSON.stringify(entry)}; expected { where: 'Invoice', is: 'Total' }.`;
  }
  const { where, is, kind, per, sums } = entry;
  const unknown = Object.keys(entry).find((key) => !settings.includes(key));
  if (unknown !== undefined) {
    return `.${unknown} is none of its settings; expected where, is, kind, per and sums.`;
  }
  if (!isText(where)) {
    return `.where is ${JSON.stringify(where)}; expected the label of a column.`;
  }
  if (kind !== undefined && !kinds.includes(kind)) {
    return `.kind is ${JSON.stringify(kind)}; expected 'total', 'subtotal' or 'carry-over'.`;
  }
  if (per !== undefined && !isText(per)) {
    return `.per is ${JSON.stringify(per)}; expected the label of a column.`;
  }
  if (per !== undefined && kind === 'carry-over') {
    return '.per is for totals and subtotals; a carry-over is of all rows above it.';
  }
  if (sums !== undefined && !(Array.isArray(sums) && sums.every(isText))) {
    return `.sums is ${JSON.stringify(sums)}; expected the labels of columns, as in ['Amount'].`;
  }
  if (is instanceof RegExp) {
    return is.test('') ? `.is is ${String(is)}, which an empty cell matches.` : undefined;
  }
  const texts: readonly unknown[] = Array.isArray(is) ? is : [is];
  return texts.length > 0 && texts.every(isText)
    ? undefined
    : `.is is ${JSON.stringify(is)}; expected a text such as 'Total', several, or a pattern.`;
}

/** The entries of a declared `totalsRow`. */
export const totalsRows = (
  totalsRow: TotalsRow | readonly TotalsRow[] | undefined,
): readonly TotalsRow[] =>
  totalsRow === undefined ? [] : isList(totalsRow) ? totalsRow : [totalsRow];

const isList = (value: TotalsRow | readonly TotalsRow[]): value is readonly TotalsRow[] =>
  Array.isArray(value);
