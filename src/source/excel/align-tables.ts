import type { Contract } from '../../contract/contract.ts';
import { foldLabel, labelsOf, matchHeader } from '../../contract/match-header.ts';
import { PlumblineError } from '../../errors.ts';
import { columnLetters } from '../cell-reference.ts';
import type { ExcelFormat } from './excel-options.ts';
import type { SheetTable } from './sheet-table.ts';

/** The columns of a delivery, and where each sheet has them. */
export interface TableLayout {
  /** Labels of all sheets, the sheet's own column last. */
  readonly labels: readonly string[];
  /** For each table and each label but that of the sheet's name, the sheet's column; -1 where it has none. */
  readonly columns: readonly (readonly number[])[];
  /** Hidden columns that have a label, in all sheets. */
  readonly hiddenColumns: number;
}

export interface AlignOptions {
  readonly contract: Contract;
  readonly format: ExcelFormat;
  /** What people call the file. */
  readonly name: string;
}

/**
 * Puts the columns of several sheets beside one another by label: those of the first sheet in its
 * order, then what only others have. Throws `missing-label` and `duplicate-label` naming the sheet
 * that lacks a column of the contract or has it twice, `delivery-rejected` when columns are hidden
 * and the source refuses that.
 */
export function alignTables(tables: readonly SheetTable[], options: AlignOptions): TableLayout {
  const { contract, format, name } = options;
  const shown = tables.map((table) => shownColumns(table, options));
  const keys = new Map<string, number>();
  const labels: string[] = [];
  const places = tables.map((table, index) => {
    const own = shown[index]?.columns ?? [];
    if (tables.length > 1) checkLabels(table, own, options);
    const columnOf = new Map<string, number>();
    for (const column of own) {
      const label = table.labels[column] ?? '';
      const key = uniqueKey(keyOf(label, contract), columnOf);
      columnOf.set(key, column);
      if (keys.has(key)) continue;
      keys.set(key, labels.length);
      labels.push(label);
    }
    return columnOf;
  });
  const columns = places.map((columnOf) => [...keys.keys()].map((key) => columnOf.get(key) ?? -1));
  const hiddenColumns = shown.reduce((sum, each) => sum + each.hiddenCount, 0);
  if (format.sheetColumn === undefined) return { labels, columns, hiddenColumns };
  checkSheetColumn(labels, format.sheetColumn, name);
  return { labels: [...labels, format.sheetColumn], columns, hiddenColumns };
}

/** Columns of a sheet that are read: all, or without those that are hidden. */
function shownColumns(
  { sheet, labels, isHidden }: SheetTable,
  { format, name }: AlignOptions,
): { columns: readonly number[]; hiddenCount: number } {
  const columns = labels.map((_, column) => column);
  const hidden = columns.filter((column) => isHidden(column) && labels[column]?.trim() !== '');
  if (hidden.length === 0 || format.hidden.columns === 'load') {
    return { columns, hiddenCount: hidden.length };
  }
  if (format.hidden.columns === 'skip') {
    return { columns: columns.filter((column) => !isHidden(column)), hiddenCount: hidden.length };
  }
  const list = hidden.map((column) => `${columnLetters(column)} "${labels[column] ?? ''}"`);
  throw new PlumblineError('delivery-rejected', {
    message: `${name}: in sheet '${sheet.name}' ${list.length === 1 ? 'column' : 'columns'} ${list.join(', ')} ${list.length === 1 ? 'is' : 'are'} hidden, and the source refuses hidden columns.`,
    remedy:
      "Ask the sender why; show the columns in Excel, or set hidden: { columns: 'load' } in the source.",
  });
}

/** Every sheet must have the columns of the contract: a transform's are not known. */
function checkLabels(
  { sheet, labels }: SheetTable,
  columns: readonly number[],
  { contract, format, name }: AlignOptions,
): void {
  if (contract.transform !== undefined) return;
  const own = columns.map((column) => labels[column] ?? '');
  const added = format.sheetColumn === undefined ? [] : [format.sheetColumn];
  matchHeader(contract.columns, [...own, ...added], `${name}, sheet '${sheet.name}'`);
}

/** Labels are the same column when the contract says so, or when they read the same. */
function keyOf(label: string, contract: Contract): string {
  const folded = foldLabel(label);
  const found = Object.entries(contract.columns).find(([name, spec]) =>
    labelsOf(name, spec.header).some((each) => foldLabel(each) === folded),
  );
  return found === undefined ? `label ${folded}` : `column ${found[0]}`;
}

/** The second column of one label is another column, as is the second without any. */
function uniqueKey(key: string, taken: ReadonlyMap<string, number>): string {
  let unique = key;
  for (let count = 2; taken.has(unique); count += 1) unique = `${key} ${count}`;
  return unique;
}

function checkSheetColumn(labels: readonly string[], sheetColumn: string, name: string): void {
  const taken = labels.find((label) => foldLabel(label) === foldLabel(sheetColumn));
  if (taken === undefined) return;
  throw new PlumblineError('duplicate-label', {
    message: `${name} has a column labelled "${taken}", which is the label that sheetColumn gives to the sheet's name.`,
    remedy: 'Choose another label for sheetColumn in the source.',
  });
}
