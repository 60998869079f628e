import type { Contract } from '../contract/contract.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { rowCodes, type RowFault } from '../contract/row-codes.ts';
import type { CellMark } from './marks.ts';

/** A row that was kept out, as `plumbline.reject` has it. */
export interface KeptReject {
  /** Position in the delivery, from 1. */
  readonly recordNumber: number;
  readonly sheet: string | null;
  /** Line of a text file, row of a sheet. */
  readonly line: number;
  readonly faults: readonly RowFault[];
}

/** Where the columns of a contract stand in a delivery, as far as they can be found. */
export interface DeliveredColumns {
  readonly labels: readonly string[];
  /** Index of the cell of a contract's column, or of a label; undefined when it is none of the delivery. */
  readonly cellOf: (name: string) => number | undefined;
  /** Cells of the contract's columns, and of its key. */
  readonly cells: readonly number[];
  readonly key: readonly number[];
}

/** Unlike the loader's match this never throws: a delivery may have been refused for its header, and a transform has names of its own. */
export function findColumns(contract: Contract, labels: readonly string[]): DeliveredColumns {
  const folded = labels.map(foldLabel);
  const byName = new Map<string, number>();
  for (const [name, spec] of Object.entries(contract.columns)) {
    const wanted = labelsOf(name, spec.header).map(foldLabel);
    const found = folded.findIndex((label) => wanted.includes(label));
    if (found !== -1) byName.set(name, found);
  }
  const cellOf = (name: string): number | undefined => {
    const cell = byName.get(name) ?? folded.indexOf(foldLabel(name));
    return cell === -1 ? undefined : cell;
  };
  const key = (contract.key ?? []).flatMap((name) => byName.get(name) ?? []);
  return { labels, cellOf, cells: [...new Set(byName.values())].sort((a, b) => a - b), key };
}

/** A fault and the cell to go to. */
export interface PlacedFault {
  readonly fault: RowFault;
  readonly cell: number;
  /** False when the fault is the row's, and `cell` only where its comment is. */
  readonly isCell: boolean;
}

/** Finds the cells of a row's faults. Those of the whole row stand at its key, or else at its first cell. */
export function placeFaults(
  faults: readonly RowFault[],
  columns: DeliveredColumns,
): readonly PlacedFault[] {
  const anchor = columns.key[0] ?? columns.cells[0] ?? 0;
  return faults.map((fault) => {
    const named = fault.column === null ? undefined : columns.cellOf(fault.column);
    const cell = named ?? (fault.code === 'extra-cell' ? columns.labels.length : undefined);
    return { fault, cell: cell ?? anchor, isCell: cell !== undefined };
  });
}

/** The cells of a row to colour, by column, with what their comments say. */
export function marksOfRow(
  placed: readonly PlacedFault[],
  columns: DeliveredColumns,
): readonly CellMark[] {
  const notes = new Map<number, string[]>();
  const wrong = new Set<number>();
  for (const { fault, cell, isCell } of placed) {
    notes.set(cell, [...(notes.get(cell) ?? []), noteText(fault, isCell)]);
    if (isCell) wrong.add(cell);
    if (fault.code === 'primary-key') for (const key of columns.key) wrong.add(key);
  }
  const isRow = placed.some(({ isCell, fault }) => !isCell && fault.code !== 'primary-key');
  const cells = new Set([...notes.keys(), ...wrong, ...(isRow ? columns.cells : [])]);
  return [...cells]
    .sort((a, b) => a - b)
    .map((column) => ({
      column,
      tone: wrong.has(column) ? 'cell' : 'row',
      note: notes.get(column)?.join('\n\n'),
    }));
}

const valueCharactersMax = 200;

/** What a comment says: what was expected, what was found, and the code for whoever looks it up. */
function noteText({ code, column, value, expected }: RowFault, isCell: boolean): string {
  const what = isCell || column === null ? '' : ` in ${column}`;
  const whose = isCell ? 'Expected' : `This row: expected${what}`;
  // A warehouse may hold codes of another version.
  const meaning = Object.hasOwn(rowCodes, code) ? `${code}: ${rowCodes[code]}` : code;
  const isNothing = value === null || value === '';
  const found = isNothing ? (isCell ? '\nFound: nothing' : '') : `\nFound: ${clip(value)}`;
  return `${whose} ${expected}.${found}\n${meaning}`;
}

const clip = (text: string): string =>
  text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}…` : text;

/**
 * Where a record is in its delivery, for people: `line 14`, `Payments, row 14`, `page 3, record 2`, and
 * one nested in that `page 3, record 2, element 1`.
 */
export function placeText(
  kind: string,
  { sheet, line }: { readonly sheet: string | null; readonly line: number },
): string {
  const own = sheet === null || sheet === '' ? 'line' : 'row';
  const isNested = / record \d+$/u.test(sheet ?? '');
  const unit = kind !== 'api' ? own : isNested ? 'element' : 'record';
  return sheet === null || sheet === '' ? `${unit} ${line}` : `${sheet}, ${unit} ${line}`;
}
