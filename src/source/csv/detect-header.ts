import { type CellLook, lookOf } from './cell-look.ts';
import type { Guess } from './guess.ts';
import type { SampleRecord } from './sample.ts';

/** Where the labels seem to stand. */
export interface HeaderPlace {
  /** As `header.row` counts, from 1. */
  readonly row: number;
  readonly rows: number;
}

const rowsMax = 5;
/** Of the cells of a column, how many must be numbers or dates for it to be one of values. */
const valuesShare = 0.8;

/** What lines that are comments start with; undefined where there are none. */
export function detectComment(records: readonly SampleRecord[]): string | undefined {
  const width = modalWidth(records);
  // Lists that were made to be printed have rules of dashes.
  return ['#', '//', '-----', '====='].find((prefix) => {
    const lines = records.filter(({ cells }) => cells[0]?.startsWith(prefix) === true);
    // A header such as `#,name` has as many cells as its rows.
    return lines.length > 0 && lines.every(({ cells }) => cells.length !== width);
  });
}

/**
 * Where the header is, among records without comments: the first record as wide as the table, if
 * its cells are names. The value is undefined for a table that seems to have none.
 */
export function detectHeader(records: readonly SampleRecord[]): Guess<HeaderPlace | undefined> {
  const width = modalWidth(records);
  const start = records.findIndex(({ cells }) => cells.length === width && !isTitle(cells));
  const table = records.slice(Math.max(0, start)).filter(({ cells }) => cells.length === width);
  const looks = table.slice(0, 100).map(({ cells }) => cells.map(lookOf));
  const [first] = table;
  if (first === undefined) return guess(undefined, 0, 'it holds no records');
  const columns = valueColumns(looks, width);
  const leading = leadingNames(looks, columns);
  const labels = table.slice(0, leading).map(({ cells }) => cells);
  const hasIndex = leading > 0 && isIndexRow(labels, table[leading]?.cells ?? []);
  const rows = Math.min(hasIndex ? leading + 1 : leading, rowsMax, adjoining(table));
  const above =
    start === 0 ? '' : `, below ${start === 1 ? 'one other row' : `${start} other rows`}`;
  const place = { row: first.row, rows: Math.max(1, rows) };
  if (columns.length > 0) {
    const label = first.cells[columns[0] ?? 0]?.trim() ?? '';
    if (rows === 0)
      return guess(undefined, 0.9, `"${label}" in its first row is a value like those below`);
    const why = `${columns.length} of ${width} columns hold numbers or dates below row ${place.row + rows - 1}, and names in it${above}`;
    return guess(place, rows === 1 ? 0.99 : 0.8, why);
  }
  const names = first.cells.map((cell) => cell.trim().toLowerCase());
  const areNames =
    looks[0]?.every((look) => look === 'text') === true && new Set(names).size === names.length;
  const repeats = table
    .slice(1)
    .some(({ cells }) => cells.some((cell, at) => cell.trim().toLowerCase() === names[at]));
  if (!areNames || repeats) return guess(undefined, 0.5, 'its first row does not look like names');
  return guess(
    place,
    table.length > 1 ? 0.8 : 0.6,
    `its first row has ${width} different names${above}`,
  );
}

/**
 * Whether the row below the labels fills just those cells that have none yet: libraries write the name
 * of an index there, below the groups and names of its columns.
 */
export function isIndexRow(
  labels: readonly (readonly string[])[],
  below: readonly string[],
): boolean {
  const isNamed = (column: number): boolean =>
    labels.some((cells) => (cells[column] ?? '').trim() !== '');
  const filled = [...below.entries()].filter(([, cell]) => cell.trim() !== '');
  const width = Math.max(0, ...labels.map((cells) => cells.length));
  return (
    filled.length > 0 &&
    filled.length < width &&
    filled.every(([column, cell]) => !isNamed(column) && lookOf(cell) === 'text')
  );
}

/** How many of some records follow the first without another row between: a header has no gaps. */
function adjoining(records: readonly SampleRecord[]): number {
  const [first] = records;
  const gap = records.findIndex(({ row }, index) => row !== (first?.row ?? 0) + index);
  return gap === -1 ? records.length : gap;
}

/** A title over a table that a spreadsheet padded to its width: `Report of March,,,`. */
function isTitle(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '').length;
  return cells.length > 2 && filled <= Math.max(1, cells.length / 4);
}

const guess = (
  value: HeaderPlace | undefined,
  confidence: number,
  why: string,
): Guess<HeaderPlace | undefined> => ({ value, confidence, why, others: [] });

function modalWidth(records: readonly SampleRecord[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}

const isValue = (look: CellLook | undefined): boolean => look === 'number' || look === 'date';

/** Columns of numbers or dates, by the lower half of the rows: no header reaches there. */
function valueColumns(looks: readonly (readonly CellLook[])[], width: number): number[] {
  const lower = looks.slice(Math.floor(looks.length / 2));
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    const filled = lower.filter((row) => row[column] !== 'empty');
    const values = filled.filter((row) => isValue(row[column]));
    return filled.length > 0 && values.length >= valuesShare * filled.length;
  });
}

/** How many rows from the top have names, not values, where the table has values. */
function leadingNames(looks: readonly (readonly CellLook[])[], columns: readonly number[]): number {
  const isNames = (row: readonly CellLook[]): boolean =>
    columns.some((column) => row[column] === 'text') &&
    !columns.some((column) => isValue(row[column]));
  const below = looks.findIndex((row) => !isNames(row));
  return Math.min(rowsMax, below === -1 ? looks.length : below);
}
