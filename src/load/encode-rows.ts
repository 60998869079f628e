import {
  type CellReader,
  CellKind,
  type CellWriter,
  createCellWriter,
  Outcome,
  reserve,
  writeInt32,
  writeSafeInt64,
} from '../contract/cell.ts';
import type { ColumnSpec } from '../contract/column.ts';
import type { Contract } from '../contract/contract.ts';
import { decodeCell } from '../contract/decode-cell.ts';
import { describeOutcome, flagName } from '../contract/describe.ts';
import type { HeaderMatch } from '../contract/match-header.ts';
import { createCellReader } from '../contract/read-cell.ts';
import type { RowFault } from '../contract/row-codes.ts';
import { writeRowHash } from '../contract/row-hash.ts';
import type { RecordChunk } from '../source/source.ts';
import { cellText, cellTexts, raggedFault } from './record-cells.ts';
import { createSums, type Sums } from './sums.ts';
import { transformRows } from './transform-rows.ts';

/** A record that broke the contract, as it is kept. */
export interface Reject {
  readonly rowNumber: number;
  readonly sheet: string | null;
  readonly line: number;
  readonly faults: readonly RowFault[];
  /** The cells as delivered, by label. */
  readonly raw: Readonly<Record<string, string | null>>;
}

/** From `firstRow` on, records stand at `firstLine + (row - firstRow)` of `sheet`. */
export interface Segment {
  readonly firstRow: number;
  readonly sheet: string | null;
  readonly firstLine: number;
}

export interface RowEncoder {
  /** Encodes a chunk as rows of binary COPY. The block is the caller's to keep. */
  readonly encode: (chunk: RecordChunk) => Buffer;
  /** What was encoded so far. */
  readonly state: EncoderState;
}

export interface EncoderState {
  /** Records seen. */
  records: number;
  /** Rows presented to the contract: records, after a transform split or dropped some. */
  read: number;
  accepted: number;
  /** Records that a transform gave no row for. */
  dropped: number;
  rejected: number;
  flagged: number;
  /** The first rejects, up to the cap. */
  readonly rejects: Reject[];
  readonly segments: Segment[];
  /** Sums of the accepted rows, by column of `controlTotals` and `declaredTotals`. */
  readonly acceptedSums: Sums;
  /** Sums of the readable cells of rejected rows, and how many were not readable. */
  readonly rejectedSums: Sums;
}

export interface EncoderOptions {
  readonly contract: Contract;
  readonly labels: readonly string[];
  readonly match: HeaderMatch;
  /** The company's zone, for timestamps that carry none. */
  readonly zone: string;
  readonly batchId: number;
  /** Columns to add up. */
  readonly sums: readonly string[];
  /** Rejects kept in full; the rest are counted. */
  readonly rejectsMax: number;
}

interface EncodedColumn {
  readonly name: string;
  readonly spec: ColumnSpec;
  readonly read: CellReader;
  readonly cell: number;
  /** Index among the sums, or -1. */
  readonly sum: number;
}

const metadataBytes = 12 + 12 + 20;

/**
 * Turns records into rows of Postgres' binary COPY format, each followed by its metadata
 * (`_batch_id`, `_row_number`, `_row_hash`, `_flags`). Rows that break the contract are kept aside.
 *
 * The loop over cells allocates nothing: at a million rows of eleven columns a second, an object a
 * cell would be most of the cost.
 */
export function createRowEncoder(options: EncoderOptions): RowEncoder {
  const { contract, labels, batchId } = options;
  const keys = new Set<string>(contract.key ?? []);
  const columns = Object.entries(contract.columns).map(([name, spec], index): EncodedColumn => ({
    name,
    spec,
    read: createCellReader(keys.has(name) ? { ...spec, required: true } : spec, options.zone),
    cell: options.match.cells[index] ?? -1,
    sum: options.sums.indexOf(name),
  }));
  const state: EncoderState = {
    records: 0,
    read: 0,
    accepted: 0,
    dropped: 0,
    rejected: 0,
    flagged: 0,
    rejects: [],
    segments: [],
    acceptedSums: createSums(options.sums.length),
    rejectedSums: createSums(options.sums.length),
  };
  const rules = contract.rules ?? [];
  const rowSums = createSums(options.sums.length);
  const scratch = createCellWriter(4096);
  const { transform } = contract;
  const width = transform === undefined ? labels.length : columns.length;
  /** Position in the delivery of the record at hand, from 1. */
  let recordNumber = 0;
  /** The chunk as delivered, when a transform made the one at hand. */
  let delivered: { chunk: RecordChunk; origins: readonly number[] } | undefined;

  const reject = (chunk: RecordChunk, row: number, faults: readonly RowFault[]): void => {
    state.rejected += 1;
    addReadableCells(chunk, row);
    if (state.rejects.length >= options.rejectsMax) return;
    state.rejects.push({
      rowNumber: recordNumber,
      sheet: chunk.sheet,
      line: chunk.lines[row] ?? 0,
      faults,
      raw:
        delivered === undefined
          ? cellTexts(chunk, row, labels)
          : cellTexts(delivered.chunk, delivered.origins[row] ?? 0, labels),
    });
  };

  /** The sender's own total covers rejected rows too, as far as their cells can be read. */
  const addReadableCells = (chunk: RecordChunk, row: number): void => {
    for (const column of columns) {
      if (column.sum < 0) continue;
      const outcome = readInto(scratch, chunk, row, column);
      if (outcome === undefined || (outcome > 0 && !isReadable(outcome)))
        state.rejectedSums.addUnreadable(column.sum);
      else if (outcome !== Outcome.missing) state.rejectedSums.add(column.sum, scratch);
    }
  };

  /** All faults of a row, for which every cell is read again: the loop stops at the first. */
  const faultsOf = (chunk: RecordChunk, row: number): RowFault[] =>
    columns.flatMap((column) => {
      const outcome = readInto(scratch, chunk, row, column);
      if (outcome === undefined || outcome <= 0) return [];
      const { code, expected } = describeOutcome(column.spec, outcome);
      return [{ code, column: column.name, value: cellText(chunk, row, column.cell), expected }];
    });

  const encodeRow = (chunk: RecordChunk, row: number, out: CellWriter): void => {
    const first = chunk.rows[row] ?? 0;
    const count = (chunk.rows[row + 1] ?? 0) - first;
    state.read += 1;
    const faults = chunk.faults?.get(row);
    if (faults !== undefined) return reject(chunk, row, faults);
    if (count !== width) return reject(chunk, row, [raggedFault(chunk, row, width)]);
    const rowStart = out.at;
    out.bytes[out.at] = (columns.length + 4) >>> 8;
    out.bytes[out.at + 1] = columns.length + 4;
    out.at += 2;
    let flags: string[] | undefined;
    for (const column of columns) {
      const cell = first + column.cell;
      const kind = chunk.kinds === undefined ? CellKind.text : (chunk.kinds[cell] ?? CellKind.text);
      const outcome = column.read(
        chunk.bytes,
        chunk.cells[2 * cell] ?? 0,
        chunk.cells[2 * cell + 1] ?? 0,
        kind,
        out,
      );
      if (outcome > 0) {
        out.at = rowStart;
        return reject(chunk, row, faultsOf(chunk, row));
      }
      if (outcome < 0) (flags ??= []).push(flagName(column.name, -outcome));
      if (column.sum >= 0) rowSums.set(column.sum, out);
    }
    if (rules.length > 0) {
      const broken = brokenRules(out, rowStart + 2);
      if (broken.faults.length > 0) {
        out.at = rowStart;
        return reject(chunk, row, broken.faults);
      }
      if (broken.flags.length > 0) flags = [...(flags ?? []), ...broken.flags];
    }
    state.acceptedSums.addAll(rowSums);
    state.accepted += 1;
    writeMetadata(out, rowStart + 2, flags);
    return undefined;
  };

  const brokenRules = (out: CellWriter, at: number): { faults: RowFault[]; flags: string[] } => {
    const values: Record<string, unknown> = {};
    let next = at;
    for (const column of columns) {
      const cell = decodeCell(column.spec.type, out.bytes, next);
      values[column.name] = cell.value;
      next = cell.next;
    }
    const faults: RowFault[] = [];
    const flags: string[] = [];
    for (const rule of rules) {
      const thrown = testRule(() => rule.test(values));
      if (thrown === undefined) continue;
      if (rule.level === 'warn') flags.push(rule.name);
      else
        faults.push({
          code: 'constraint-error',
          column: null,
          value: null,
          expected: `${rule.expected ?? rule.name}${thrown}`,
        });
    }
    return { faults, flags };
  };

  const writeMetadata = (
    out: CellWriter,
    dataStart: number,
    flags: readonly string[] | undefined,
  ): void => {
    const dataEnd = out.at;
    const { bytes } = out;
    writeInt32(bytes, dataEnd, 8);
    writeSafeInt64(bytes, dataEnd + 4, batchId);
    writeInt32(bytes, dataEnd + 12, 8);
    writeSafeInt64(bytes, dataEnd + 16, recordNumber);
    writeInt32(bytes, dataEnd + 24, 16);
    writeRowHash(bytes, dataStart, dataEnd, bytes, dataEnd + 28);
    out.at = dataEnd + metadataBytes;
    if (flags === undefined) {
      writeInt32(bytes, out.at, -1);
      out.at += 4;
      return;
    }
    state.flagged += 1;
    writeTextArray(out, flags);
  };

  const encodeChunk = (chunk: RecordChunk): Buffer => {
    const firstCell = chunk.cells[0] ?? 0;
    const cellBytes = (chunk.cells[2 * ((chunk.rows[chunk.count] ?? 1) - 1) + 1] ?? 0) - firstCell;
    const out = createCellWriter(
      Math.ceil(cellBytes * 1.25) + chunk.count * (metadataBytes + 6 + columns.length * 6) + 4096,
    );
    for (let row = 0; row < chunk.count; row += 1) {
      recordNumber =
        state.records + (delivered === undefined ? row : (delivered.origins[row] ?? 0)) + 1;
      const first = chunk.cells[2 * (chunk.rows[row] ?? 0)] ?? 0;
      const last = chunk.cells[2 * ((chunk.rows[row + 1] ?? 1) - 1) + 1] ?? first;
      reserve(out, 2 * Math.max(0, last - first) + columns.length * 64 + metadataBytes + 64);
      encodeRow(chunk, row, out);
    }
    return out.bytes.subarray(0, out.at);
  };

  const encode = (chunk: RecordChunk): Buffer => {
    for (let row = 0; row < chunk.count; row += 1)
      noteSegment(state.segments, chunk, row, state.records + row + 1);
    let made = chunk;
    delivered = undefined;
    if (transform !== undefined) {
      const transformed = transformRows(chunk, { labels, columns: contract.columns, transform });
      state.dropped += transformed.dropped;
      delivered = { chunk, origins: transformed.origins };
      made = transformed.chunk;
    }
    const block = encodeChunk(made);
    state.records += chunk.count;
    return block;
  };
  return { encode, state };
}

/** Reads one cell into the scratch writer; undefined when the row is too short to have it. */
function readInto(
  scratch: CellWriter,
  chunk: RecordChunk,
  row: number,
  column: EncodedColumn,
): number | undefined {
  const cell = (chunk.rows[row] ?? 0) + column.cell;
  if (cell >= (chunk.rows[row + 1] ?? 0)) return undefined;
  const start = chunk.cells[2 * cell] ?? 0;
  const end = chunk.cells[2 * cell + 1] ?? 0;
  scratch.at = 0;
  reserve(scratch, 2 * (end - start) + 64);
  return column.read(chunk.bytes, start, end, chunk.kinds?.[cell] ?? CellKind.text, scratch);
}

/** A value that broke a rule was read all the same: the sender's total counts it. */
const isReadable = (outcome: number): boolean =>
  outcome === Outcome.missing || outcome === Outcome.min || outcome === Outcome.max;

function noteSegment(
  segments: Segment[],
  chunk: RecordChunk,
  row: number,
  rowNumber: number,
): void {
  const line = chunk.lines[row] ?? 0;
  const last = segments.at(-1);
  if (
    last !== undefined &&
    last.sheet === chunk.sheet &&
    line === last.firstLine + (rowNumber - last.firstRow)
  )
    return;
  segments.push({ firstRow: rowNumber, sheet: chunk.sheet, firstLine: line });
}

/** What a rule's failure adds to the message; undefined when the row keeps the rule. */
function testRule(test: () => boolean): string | undefined {
  try {
    return test() ? undefined : '';
  } catch (error) {
    return ` (the rule itself failed: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** A one-dimensional text[] in Postgres' binary form. */
function writeTextArray(out: CellWriter, texts: readonly string[]): void {
  const encoded = texts.map((text) => Buffer.from(text));
  const size = 20 + encoded.reduce((sum, text) => sum + 4 + text.length, 0);
  reserve(out, size + 4);
  const header = [size, 1, 0, 25, encoded.length, 1];
  for (const value of header) {
    writeInt32(out.bytes, out.at, value);
    out.at += 4;
  }
  for (const text of encoded) {
    writeInt32(out.bytes, out.at, text.length);
    out.bytes.set(text, out.at + 4);
    out.at += 4 + text.length;
  }
}
