import { createCellWriter, Outcome } from '../contract/cell.ts';
import { describeOutcome } from '../contract/describe.ts';
import type { RowFault } from '../contract/row-codes.ts';
import { cellReference } from '../source/cell-reference.ts';
import { placeOf } from '../source/chunk.ts';
import type { RecordChunk } from '../source/source.ts';
import { type EncodedColumn, readInto } from './encoded-column.ts';
import { cellText, cellTexts } from './record-cells.ts';
import { createSums, type Sums } from './sums.ts';

/** A record that broke the contract, as it is kept. */
export interface Reject {
  readonly rowNumber: number;
  readonly sheet: string | null;
  readonly line: number;
  readonly faults: readonly RowFault[];
  /** The cells as delivered, by label. */
  readonly raw: Readonly<Record<string, string | null>>;
}

/** A row as it is encoded, and the record of the delivery it came from. */
export interface RowPlace {
  readonly chunk: RecordChunk;
  readonly row: number;
  /** The same as `chunk` and `row`, unless a transform made the row. */
  readonly delivered: { readonly chunk: RecordChunk; readonly row: number };
  /** Position in the delivery, from 1. */
  readonly recordNumber: number;
}

/** Rows that were kept out. */
export interface RejectLog {
  /** Takes a row with what is wrong; without faults its cells say it themselves. */
  readonly add: (place: RowPlace, faults?: readonly RowFault[]) => void;
  readonly count: () => number;
  /** The first of them, up to the cap. */
  readonly kept: readonly Reject[];
  /** Sums of their readable cells, and how many were not readable. */
  readonly sums: Sums;
}

/** The reference of a workbook's cell; undefined for other deliveries, and for rows that a transform made. */
function referenceOf({ chunk, row, delivered }: RowPlace, index: number): string | undefined {
  const column = chunk === delivered.chunk ? chunk.sheetColumns?.[index] : undefined;
  if (column === undefined || column < 0) return undefined;
  return cellReference(column, chunk.lines[row] ?? 0);
}

/** A value that broke a rule was read all the same: the total its sender states counts it. */
const isReadable = (outcome: number): boolean =>
  outcome <= Outcome.ok || outcome === Outcome.min || outcome === Outcome.max;

export function createRejectLog(
  columns: readonly EncodedColumn[],
  options: { readonly labels: readonly string[]; readonly sums: number; readonly keptMax: number },
): RejectLog {
  const kept: Reject[] = [];
  const sums = createSums(options.sums);
  const scratch = createCellWriter(4096);
  let count = 0;

  /** All faults of a row, for which every cell is read again: encoding stops at the first. */
  const faultsOf = (place: RowPlace): RowFault[] =>
    columns.flatMap((column) => {
      const outcome = readInto(scratch, column, place);
      if (outcome === undefined || outcome <= Outcome.ok) return [];
      const { code, expected } = describeOutcome(column.spec, outcome);
      const value = cellText(place.chunk, place.row, column.cell);
      const cell = referenceOf(place, column.cell);
      return [{ code, column: column.name, value, expected, ...(cell !== undefined && { cell }) }];
    });

  /** A reader knows which cell is wrong, and not which column of the contract it is. */
  const named = (place: RowPlace, { cellIndex, ...fault }: RowFault): RowFault => {
    const isDelivered = place.chunk === place.delivered.chunk;
    const column = isDelivered ? columns.find(({ cell }) => cell === cellIndex) : undefined;
    return column === undefined ? fault : { ...fault, column: column.name };
  };

  /** The sender's own total covers rejected rows too, as far as their cells can be read. */
  const addReadableCells = (place: RowPlace): void => {
    for (const column of columns) {
      if (column.sum < 0) continue;
      const outcome = readInto(scratch, column, place);
      if (outcome === Outcome.missing) continue;
      if (outcome !== undefined && isReadable(outcome)) sums.add(column.sum, scratch);
      else sums.addUnreadable(column.sum);
    }
  };

  const add = (place: RowPlace, faults?: readonly RowFault[]): void => {
    count += 1;
    addReadableCells(place);
    if (kept.length >= options.keptMax) return;
    const { chunk, row } = place.delivered;
    kept.push({
      rowNumber: place.recordNumber,
      ...placeOf(chunk, row),
      faults: faults === undefined ? faultsOf(place) : faults.map((fault) => named(place, fault)),
      raw: cellTexts(chunk, row, options.labels),
    });
  };
  return { add, count: () => count, kept, sums };
}
