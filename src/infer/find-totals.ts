import { foldLabel } from '../contract/match-header.ts';
import type { TotalsRow } from '../source/totals-row.ts';
import type { DeclaredColumn } from './check-table.ts';
import { compareSums, type ComparedRow, countOf } from './compare-sums.ts';
import { quote } from './conclusion.ts';
import { findCarried } from './find-carried.ts';
import type { FoundGroups } from './find-groups.ts';
import type { Question } from './inferred.ts';
import { type ColumnSums, statedNumbers, type SumMark } from './running-sums.ts';
import type { SumRow } from './set-aside.ts';
import { textOf, totalsEntry } from './totals-entry.ts';

export interface FoundTotals {
  /** Lines of rows that are rows of the table after all. */
  readonly ordinary: readonly number[];
  /** As a source declares it; empty when there are none. */
  readonly totalsRow: readonly TotalsRow[];
  /** What proves them: `row 128, "Total": 2 of 2 sums are right`. */
  readonly proofs: readonly string[];
  readonly questions: readonly Question[];
}

export interface TotalsOptions {
  readonly columns: readonly DeclaredColumn[];
  readonly labels: readonly string[];
  /** For each row, what stands above it. */
  readonly marks: readonly SumMark[];
  /** The sums of all rows. */
  readonly all: ColumnSums;
  readonly rowCount: number;
  /** Cells that every row of the table fills. */
  readonly alwaysFilled: ReadonlySet<number>;
  /** The column by whose values rows of totals are told apart. */
  readonly findGroups: (rows: readonly SumRow[]) => Promise<FoundGroups | undefined>;
}

/** Which rows that say they are totals or carry-overs are, by our own sums. */
export async function findTotals(
  rows: readonly SumRow[],
  options: TotalsOptions,
): Promise<FoundTotals> {
  const { columns, labels, marks, all } = options;
  const marked = rows.map((row, index) => ({ row, mark: marks[index] ?? { sums: [], last: [] } }));
  const compare = (kind: SumRow['kind'], opening: ColumnSums): readonly ComparedRow[] =>
    compareSums(
      marked.filter(({ row }) => row.kind === kind),
      { columns, labels, all, opening },
    );
  const opening = openingOf(findCarried(compare('carry-over', []), options).carried, columns);
  const { carried, ordinary } = findCarried(compare('carry-over', opening), options);
  const compared = compare('total', opening);
  const counted = compared.filter((each) => isTotal(each, labels));
  const sorted = await sortTotals(counted, options);
  const running = [...carried, ...sorted.running];
  const agreed = sumColumns(sorted.total);
  const entries = [
    ...entryOf(sorted.total, {}, options),
    ...entryOf(sorted.subtotals, { kind: 'subtotal' }, options),
    ...entryOf(running, { kind: 'carry-over' }, { ...options, agreed }),
    ...entryOf(
      sorted.grouped,
      { per: (labels[sorted.groups?.column.cell ?? -1] ?? '').trim() },
      options,
    ),
    ...entryOf(sorted.unclear, { sums: [] }, options),
  ];
  const refused = [...ordinary, ...compared.filter((each) => !counted.includes(each))];
  return {
    ordinary: refused.map(({ row }) => row.line),
    totalsRow: entries,
    proofs: proofsOf(sorted, running, labels),
    questions: [
      ...wrongSums(sorted.total, 'ofAll', options),
      ...wrongSums(sorted.subtotals, 'ofSection', options),
      ...wrongSums(
        running.filter(({ row }) => row.rowsAbove > 0),
        'ofAll',
        options,
      ),
      ...notCompared(carried),
      ...unclearTotals(sorted.unclear),
    ],
  };
}

/** What was carried in above the first row, by column. */
function openingOf(
  carried: readonly ComparedRow[],
  columns: readonly DeclaredColumn[],
): (bigint | undefined)[] {
  const opening: (bigint | undefined)[] = columns.map(() => undefined);
  for (const { row } of carried) {
    if (row.rowsAbove > 0) break;
    for (const [column, value] of statedNumbers(columns, row).entries()) {
      if (value !== undefined) opening[column] = value;
    }
  }
  return opening;
}

/** Some number of it is a sum, or it leaves most else blank, as rows of totals do. */
function isTotal(each: ComparedRow, labels: readonly string[]): boolean {
  const { row, stated } = each;
  const hasLabel = (labels[row.column] ?? '').trim() !== '';
  if (stated.length === 0 || !hasLabel) return false;
  const blank = blankCount(row);
  // Beside its word and its sums a full row has values of its own: it is one of the table.
  if (blank === 0 && row.texts.length > stated.length + 1) return false;
  const sums = stated.filter(({ ofAll, ofSection }) => ofAll || ofSection).length;
  const isProven = sums > 0 && sums * 2 >= stated.length;
  // Nothing stands above it yet, but all rows below are what it adds up.
  if (row.rowsAbove === 0) return isProven;
  // Hardly any cell is blank: a client named Total, unless its numbers are sums beyond coincidence.
  if (isDense(row)) return sums >= 2 && isProven;
  return sums > 0 || (row.texts.length > 3 && blank > 0);
}

const isDense = (row: SumRow): boolean =>
  row.texts.length > 3 && blankCount(row) < row.texts.length * 0.25;

const blankCount = ({ texts }: SumRow): number => texts.filter((text) => text.trim() === '').length;

/** Rows of totals by what they are of. */
interface SortedTotals {
  /** Of all rows: the last one, and one above the first row. */
  readonly total: readonly ComparedRow[];
  readonly subtotals: readonly ComparedRow[];
  /** Sums that grow from row to row, as carry-overs do. */
  readonly running: readonly ComparedRow[];
  /** Each of the rows with one value in the column of `groups`. */
  readonly grouped: readonly ComparedRow[];
  readonly groups: FoundGroups | undefined;
  /** Several at the end that are no sums of all rows, nor of any that can be told. */
  readonly unclear: readonly ComparedRow[];
}

async function sortTotals(
  counted: readonly ComparedRow[],
  { rowCount, findGroups }: TotalsOptions,
): Promise<SortedTotals> {
  const top = counted.filter(({ row }) => row.rowsAbove === 0);
  const end = counted.filter(({ row }) => row.rowsAbove === rowCount && row.rowsAbove > 0);
  const agreeing = end.findLast((each) => countOf(each, 'ofAll') > 0);
  const lost = end.filter(
    (each) => each !== agreeing && countOf(each, 'ofAll') + countOf(each, 'ofSection') === 0,
  );
  const groups = lost.length === 0 ? undefined : await findGroups(lost.map(({ row }) => row));
  const grouped = groups === undefined ? [] : lost;
  // One that disagrees is the total all the same: a refused file is seen.
  const last = agreeing ?? (groups === undefined && lost.length === 1 ? lost[0] : undefined);
  const unclear = groups === undefined ? lost.filter((each) => each !== last) : [];
  const taken = new Set([...top, ...grouped, ...unclear, last]);
  const sections = counted.filter((each) => !taken.has(each));
  const right = (kind: 'ofAll' | 'ofSection'): number =>
    sections.filter((each) => countOf(each, kind) > 0).length;
  const isRunning = right('ofAll') > right('ofSection');
  const total = last === undefined ? top : [...top, last];
  // Rows of one text cannot be told apart by it: none of them is compared.
  const texts = new Set(total.map(({ row }) => foldLabel(textOf(row))));
  const isMixed = sections.some(({ row }) => texts.has(foldLabel(textOf(row))));
  if (isMixed) {
    const mixed = [...sections, ...total];
    return {
      total: [],
      subtotals: [],
      running: [],
      grouped,
      groups,
      unclear: [...mixed, ...unclear],
    };
  }
  const [subtotals, running] = isRunning ? [[], sections] : [sections, []];
  return { total, subtotals, running, grouped, groups, unclear };
}

/** Columns in which some row states a sum of all rows. */
const sumColumns = (rows: readonly ComparedRow[]): ReadonlySet<number> =>
  new Set(
    rows.flatMap(({ stated }) => stated.flatMap(({ column, ofAll }) => (ofAll ? [column] : []))),
  );

interface EntryOptions extends TotalsOptions {
  /** Columns of which the total agrees, with or without what was carried in. */
  readonly agreed?: ReadonlySet<number>;
}

/** Columns of which nobody who looks at the rows would say that they are sums there. */
function sumsOf(
  rows: readonly ComparedRow[],
  kind: TotalsRow['kind'],
  { columns, labels, agreed }: EntryOptions,
): readonly string[] | undefined {
  const stated = rows.flatMap((row) => row.stated.map((each) => ({ ...each, row: row.row })));
  const isCarried = kind === 'carry-over';
  const isSum = (column: number): boolean => {
    // What comes from before the first row is compared with nothing.
    const own = stated.filter(
      (each) => each.column === column && !(isCarried && each.row.rowsAbove === 0),
    );
    const right = own.filter(({ ofAll, ofSection }) => ofAll || (ofSection && !isCarried)).length;
    if (isCarried && own.length === 0) return agreed?.has(column) === true;
    return isCarried
      ? right > 0 && right * 2 >= own.length
      : right > 0 || own.some(({ isNoSum }) => !isNoSum);
  };
  const all = [...new Set(stated.map(({ column }) => column))].toSorted((a, b) => a - b);
  const sums = all.filter(isSum);
  if (sums.length === all.length) return undefined;
  return sums.map((column) => (labels[columns[column]?.cell ?? -1] ?? '').trim());
}

function entryOf(
  rows: readonly ComparedRow[],
  settings: Pick<TotalsRow, 'kind' | 'per' | 'sums'>,
  options: EntryOptions,
): TotalsRow[] {
  if (rows.length === 0) return [];
  const sums =
    settings.sums ??
    (settings.per === undefined ? sumsOf(rows, settings.kind, options) : undefined);
  const more = { ...settings, ...(sums === undefined ? {} : { sums }) };
  // Rows with their word in different columns are recognised by different entries.
  const byColumn = Map.groupBy(rows, ({ row }) => row.column);
  return [...byColumn.values()].map((each) =>
    totalsEntry(
      each.map(({ row }) => row),
      options.labels,
      more,
    ),
  );
}

function proofsOf(
  { total, subtotals, grouped, groups }: SortedTotals,
  running: readonly ComparedRow[],
  labels: readonly string[],
): string[] {
  const proofs = total.map((each) => {
    const { row, stated } = each;
    const where = row.rowsAbove === 0 ? 'below' : 'above';
    return `row ${row.line}, ${quote(textOf(row))}: ${countOf(each, 'ofAll')} of ${stated.filter(({ isNoSum }) => !isNoSum).length} sums agree with the rows ${where}`;
  });
  const add = (rows: readonly ComparedRow[], what: string, right: number): void => {
    const [first] = rows;
    if (first === undefined) return;
    proofs.push(
      rows.length === 1
        ? `1 ${what}, in row ${first.row.line}: it ${right === 1 ? 'agrees' : 'does not agree'} with its rows`
        : `${rows.length} ${what}s, the first in row ${first.row.line}: ${right} agree with their rows`,
    );
  };
  const isRight = (each: ComparedRow): boolean =>
    each.stated.every(({ ofSection, isNoSum }) => ofSection || isNoSum) &&
    countOf(each, 'ofSection') > 0;
  add(subtotals, 'subtotal', subtotals.filter(isRight).length);
  const carriedOn = running.filter((each) => each.row.rowsAbove > 0 && countOf(each, 'ofAll') > 0);
  add(carriedOn, 'carry-over', carriedOn.length);
  if (groups !== undefined) {
    const label = labels[groups.column.cell] ?? '';
    proofs.push(
      `${grouped.length} totals, each of the rows with its ${quote(label)}: ${groups.right} of ${groups.stated} sums agree with them`,
    );
  }
  return proofs;
}

function wrongSums(
  rows: readonly ComparedRow[],
  kind: 'ofAll' | 'ofSection',
  { columns }: TotalsOptions,
): Question[] {
  const isWrong = (each: ComparedRow): boolean =>
    each.stated.some((sum) => !sum[kind] && !sum.isNoSum);
  // Carry-overs of which nothing is a sum are balances, which are not compared.
  const wrong = rows.filter(
    (each) =>
      isWrong(each) &&
      (kind === 'ofSection' || each.row.kind === 'total' || countOf(each, kind) > 0),
  );
  const [first] = wrong;
  if (first === undefined) return [];
  const { row, stated } = first;
  const sum = stated.find((each) => !each[kind] && !each.isNoSum);
  const declared = columns[sum?.column ?? -1];
  const what =
    declared === undefined
      ? 'its numbers are not all sums of the rows above'
      : `it states ${quote(row.texts[declared.cell] ?? '')} in ${declared.name}, which is not the sum of its rows`;
  return [
    {
      text: `Row ${row.line} says ${quote(textOf(row))}, but ${what}. It is declared as a totals row all the same: a load refuses the file (control-total) rather than add it up twice.`,
      readings: [],
    },
  ];
}

/** Carry-overs that no sum proves are known by their words alone. */
function notCompared(carried: readonly ComparedRow[]): Question[] {
  const unproven = carried.filter((each) => countOf(each, 'ofAll') === 0);
  const [first] = unproven;
  if (first === undefined) return [];
  const isOne = unproven.length === 1;
  const are = isOne
    ? 'is taken for a balance carried over: it is'
    : `and ${unproven.length - 1} more are taken for balances carried over: they are`;
  return [
    {
      text: `Row ${first.row.line}, ${quote(textOf(first.row))}, ${are} not loaded, and counted, but compared with nothing. If ${isOne ? 'it is a row' : 'they are rows'} of the table, remove the entry from totalsRow.`,
      readings: [],
    },
  ];
}

function unclearTotals(rows: readonly ComparedRow[]): Question[] {
  if (rows.length === 0) return [];
  const named = rows
    .slice(0, 4)
    .map(({ row }) => `row ${row.line}, ${quote(textOf(row))}`)
    .join('; ');
  return [
    {
      text: `${rows.length} rows of totals (${named}) are of different rows, and nothing tells of which. They are not loaded, and counted, but not compared (sums: []). A column that tells them apart can be named with per.`,
      readings: [],
    },
  ];
}
