import { type CellReader, CellKind, type CellWriter, reserve } from '../contract/cell.ts';
import type { ColumnSpec } from '../contract/column.ts';
import type { Contract } from '../contract/contract.ts';
import { createCellReader } from '../contract/read-cell.ts';
import type { RecordChunk } from '../source/source.ts';

/** A column of the contract, bound to its place in a delivery. */
export interface EncodedColumn {
  readonly name: string;
  readonly spec: ColumnSpec;
  readonly read: CellReader;
  /** Index of its cell in a row. */
  readonly cell: number;
  /** Index among the sums, or -1. */
  readonly sum: number;
}

/** The columns of a contract in its order; those of the key are always required. */
export function createEncodedColumns(
  contract: Contract,
  place: { readonly cells: readonly number[]; readonly sums: readonly string[]; zone: string },
): readonly EncodedColumn[] {
  const keys = new Set<string>(contract.key ?? []);
  return Object.entries(contract.columns).map(([name, spec], index) => ({
    name,
    spec,
    read: createCellReader(keys.has(name) ? { ...spec, required: true } : spec, place.zone),
    cell: place.cells[index] ?? -1,
    sum: place.sums.indexOf(name),
  }));
}

/** Reads one cell of a row, by itself; its Outcome, or undefined when the row is too short to have it. */
export function readInto(
  out: CellWriter,
  column: EncodedColumn,
  at: { readonly chunk: RecordChunk; readonly row: number },
): number | undefined {
  const { chunk, row } = at;
  const cell = (chunk.rows[row] ?? 0) + column.cell;
  if (cell >= (chunk.rows[row + 1] ?? 0)) return undefined;
  const start = chunk.cells[2 * cell] ?? 0;
  const end = chunk.cells[2 * cell + 1] ?? 0;
  out.at = 0;
  reserve(out, 2 * (end - start) + 64);
  return column.read(chunk.bytes, start, end, chunk.kinds?.[cell] ?? CellKind.text, out);
}
