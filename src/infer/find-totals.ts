import { foldLabel } from '../contract/match-header.ts';
import type { TotalsRow } from '../source/totals-row.ts';
import type { DeclaredColumn } from './check-table.ts';
import { quote } from './conclusion.ts';
import type { Question } from './inferred.ts';
import { statedNumbers } from './running-sums.ts';
import type { AsideRow } from './set-aside.ts';

export interface FoundTotals {
  /** Lines of rows that are rows of the table after all. */
  readonly ordinary: readonly number[];
  /** As a source declares it; empty when there are none. */
  readonly totalsRow: readonly TotalsRow[];
  /** What proves them: `row 128, "Total": 2 of 2 sums are right`. */
  readonly proofs: readonly string[];
  readonly questions: readonly Question[];
}

/** A row of totals compared with the rows it may cover. */
interface Compared {
  readonly row: AsideRow;
  readonly stated: number;
  /** Of the numbers stated, how many are the sums of all rows above, and of those since the last such row. */
  readonly ofAll: number;
  readonly ofSection: number;
  /** The first sum that is another, for people. */
  readonly difference: string;
}

/** Which rows that say they are totals are, by our own sums. */
export function findTotals(
  rows: readonly AsideRow[],
  columns: readonly DeclaredColumn[],
  given: {
    readonly labels: readonly string[];
    /** For each of `rows`, the sums above it. */
    readonly marks: readonly (readonly (bigint | undefined)[])[];
    readonly rowCount: number;
  },
): FoundTotals {
  const compared = compareRows(rows, columns, given.marks);
  const counted = compared.filter((each) => isTotal(each, given.labels));
  const totals = counted.filter(
    ({ row, ofAll, ofSection }) =>
      row.rowsAbove === given.rowCount && (ofAll > 0 || ofSection === 0),
  );
  const last = totals.at(-1);
  const subtotals = counted.filter((each) => each !== last);
  const entries: TotalsRow[] = [];
  if (subtotals.length > 0) entries.push(entryOf(subtotals, 'subtotal', given.labels));
  if (last !== undefined) entries.push(entryOf([last], 'total', given.labels));
  return {
    ordinary: compared.filter((each) => !counted.includes(each)).map(({ row }) => row.line),
    totalsRow: entries,
    proofs: proofsOf(last, subtotals),
    questions: [
      ...questionsOf(last === undefined ? [] : [last], 'ofAll'),
      ...questionsOf(subtotals, 'ofSection'),
    ],
  };
}

/** Some number of it is a sum, or it leaves most else blank, as rows of totals do. */
function isTotal({ row, stated, ofAll, ofSection }: Compared, labels: readonly string[]): boolean {
  const hasLabel = (labels[row.column] ?? '').trim() !== '';
  if (stated === 0 || row.rowsAbove === 0 || !hasLabel) return false;
  const blank = blankCount(row);
  // Beside its word and its sums a full row has values of its own: it is one of the table.
  if (blank === 0 && row.texts.length > stated + 1) return false;
  const matches = Math.max(ofAll, ofSection);
  // Hardly any cell is blank: a client named Total, unless its numbers are sums beyond coincidence.
  if (isDense(row)) return matches >= 2 && matches * 2 >= stated;
  return ofAll + ofSection > 0 || (row.texts.length > 3 && blank > 0);
}

const isDense = (row: AsideRow): boolean =>
  row.texts.length > 3 && blankCount(row) < row.texts.length * 0.25;

const blankCount = ({ texts }: AsideRow): number =>
  texts.filter((text) => text.trim() === '').length;

function compareRows(
  rows: readonly AsideRow[],
  columns: readonly DeclaredColumn[],
  marks: readonly (readonly (bigint | undefined)[])[],
): readonly Compared[] {
  let before: readonly (bigint | undefined)[] = [];
  return rows.map((row, index) => {
    const above = marks[index] ?? [];
    const stated = statedNumbers(columns, row);
    let [ofAll, ofSection, count] = [0, 0, 0];
    let difference = '';
    for (const [column, value] of stated.entries()) {
      const sum = above[column];
      if (value === undefined || sum === undefined) continue;
      count += 1;
      const section = sum - (before[column] ?? 0n);
      if (value === sum) ofAll += 1;
      if (value === section) ofSection += 1;
      const declared = columns[column];
      if (difference === '' && value !== sum && value !== section && declared !== undefined) {
        difference = `it states ${quote(row.texts[declared.cell] ?? '')} in ${declared.name}`;
      }
    }
    // The last sums count from where the row before ended its section.
    before = above;
    return { row, stated: count, ofAll, ofSection, difference };
  });
}

function entryOf(
  rows: readonly Compared[],
  kind: 'total' | 'subtotal',
  labels: readonly string[],
): TotalsRow {
  const texts = [
    ...new Map(
      rows.map(({ row }) => {
        const text = (row.texts[row.column] ?? '').trim();
        return [foldLabel(text), text] as const;
      }),
    ).values(),
  ];
  const [first = ''] = texts;
  const column = rows[0]?.row.column ?? 0;
  const is = texts.length === 1 ? first : texts.length <= 3 ? texts : patternOf(texts);
  const entry = { where: labels[column] ?? '', is };
  return kind === 'subtotal' ? { ...entry, kind } : entry;
}

/** What many texts have in common: the word for a total, first or last. */
function patternOf(texts: readonly string[]): RegExp | readonly string[] {
  const escape = (word: string): string =>
    word.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`);
  const starts = new Set(texts.map((text) => text.split(/\s/u)[0]?.toLowerCase() ?? ''));
  const ends = new Set(texts.map((text) => text.split(/\s/u).at(-1)?.toLowerCase() ?? ''));
  const [start = ''] = starts;
  const [end = ''] = ends;
  if (starts.size === 1) return new RegExp(String.raw`^${escape(start)}\s`, 'i');
  if (ends.size === 1) return new RegExp(String.raw`\s${escape(end)}$`, 'i');
  return texts;
}

function proofsOf(last: Compared | undefined, subtotals: readonly Compared[]): string[] {
  const proofs: string[] = [];
  if (last !== undefined) {
    const { row, ofAll, stated } = last;
    proofs.push(
      `row ${row.line}, ${quote(row.texts[row.column] ?? '')}: ${ofAll} of ${stated} sums agree with the rows above`,
    );
  }
  if (subtotals.length > 0) {
    const right = subtotals.filter(({ stated, ofSection }) => stated === ofSection).length;
    proofs.push(
      `${subtotals.length} subtotals, the first in row ${subtotals[0]?.row.line ?? 0}: ${right} agree with their rows`,
    );
  }
  return proofs;
}

function questionsOf(rows: readonly Compared[], by: 'ofAll' | 'ofSection'): Question[] {
  const wrong = rows.filter((each) => each[by] < each.stated);
  const [first] = wrong;
  if (first === undefined) return [];
  const { row, difference } = first;
  return [
    {
      text: `Row ${row.line} says ${quote(row.texts[row.column] ?? '')}, but ${difference === '' ? 'its numbers are not all sums of the rows above' : `${difference}, which is not the sum of its rows`}. It is declared as a totals row all the same: a load refuses the file (control-total) rather than add it up twice.`,
      readings: [],
    },
  ];
}
