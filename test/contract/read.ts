import { CellKind, createCellWriter } from '../../src/contract/cell.ts';
import type { ColumnSpec } from '../../src/contract/column.ts';
import { decodeCell } from '../../src/contract/decode-cell.ts';
import { describeOutcome } from '../../src/contract/describe.ts';
import { createCellReader } from '../../src/contract/read-cell.ts';

/** Reads one cell by a column and gives the value stored, or the code of the reject. */
export function readCell(
  spec: ColumnSpec,
  text: string,
  options: { kind?: keyof typeof CellKind; zone?: string } = {},
): unknown {
  // Bytes on both sides catch a reader that looks beyond its cell.
  const inner = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.from('9-'), inner, Buffer.from('7.')]);
  const out = createCellWriter(2 * inner.length + 64);
  const outcome = createCellReader(spec, options.zone ?? 'UTC')(
    bytes,
    2,
    2 + inner.length,
    CellKind[options.kind ?? 'text'],
    out,
  );
  if (outcome > 0) return { code: describeOutcome(spec, outcome).code };
  const { value, next } = decodeCell(spec.type, out.bytes, 0);
  if (next !== out.at) throw new Error(`wrote ${out.at} bytes, of which ${next} are the value`);
  return value;
}
