import { CellKind, type CellWriter, createCellWriter, reserve } from '../contract/cell.ts';
import type { Contract } from '../contract/contract.ts';
import { flagName } from '../contract/describe.ts';
import type { HeaderMatch } from '../contract/match-header.ts';
import type { RowFault } from '../contract/row-codes.ts';
import type { RecordChunk } from '../source/source.ts';
import { createEncodedColumns, type EncodedColumn } from './encoded-column.ts';
import { createKeySet, type KeySet } from './key-set.ts';
import { raggedFault } from './record-cells.ts';
import { createRejectLog, type RejectLog } from './reject-log.ts';
import { findBrokenRules } from './row-rules.ts';
import { createRowSet, type RowSet } from './row-set.ts';
import { createSums, type Sums } from './sums.ts';
import { transformRows } from './transform-rows.ts';
import { hashOffset, metadataBytes, metadataFields, writeMetadata } from './write-metadata.ts';

/**
 * From `firstRow` on, records stand at `firstLine + (row - firstRow)` of `sheet`. Of nested ones that
 * counts those of the whole page, and `records` says for each record of the page where its own begin.
 */
export interface Segment {
  readonly firstRow: number;
  readonly sheet: string | null;
  readonly firstLine: number;
  readonly records?: number[];
}

export interface RowEncoder {
  /** Encodes a chunk as rows of binary COPY. The block is the caller's, until it is given back. */
  readonly encode: (chunk: RecordChunk) => Buffer;
  /** Gives the last block back: the next chunk is written over it. */
  readonly reuse: () => void;
  /** What was encoded so far. */
  readonly state: Readonly<EncoderState>;
}

export interface EncoderState {
  /** Records seen. */
  records: number;
  /** Rows presented to the contract: records, after a transform split or dropped some. */
  read: number;
  accepted: number;
  /** Accepted rows that broke a rule of level `warn`. */
  flagged: number;
  /** Records that a transform gave no row for. */
  dropped: number;
  readonly segments: Segment[];
  readonly rejects: RejectLog;
  /** Sums of the accepted rows, by column of `EncoderOptions.sums`. */
  readonly acceptedSums: Sums;
  /** Keys of the accepted rows; undefined when the contract has none. */
  readonly keys: KeySet | undefined;
  /** Of a source without a key: its rows, as far as they can be remembered. */
  readonly repeats: RowSet | undefined;
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
  /** Told the position of each record that was rejected. */
  readonly onRejected?: (recordNumber: number) => void;
}

/**
 * What encoding needs to know, and the row at hand. One value, changed from row to row: an object
 * made for each would cost a quarter of the time.
 */
interface Encoding {
  readonly options: EncoderOptions;
  readonly batchId: number;
  readonly columns: readonly EncodedColumn[];
  /** Cells a row must have. */
  readonly width: number;
  readonly state: EncoderState;
  out: CellWriter;
  /** A writer whose block was given back. Fresh memory for each block would cost time and twice the memory. */
  spare: CellWriter | undefined;
  /** Position in the delivery of the record at hand, from 1. */
  recordNumber: number;
  /** Names of the rules of level `warn` that the row at hand broke. */
  flags: string[] | undefined;
  /** Sums of the row at hand, added to the state's once it is accepted. */
  readonly rowSums: Sums;
}

/** A chunk to encode; when a transform made it, with the records its rows came from. */
interface Rows {
  readonly chunk: RecordChunk;
  readonly delivered: RecordChunk;
  readonly origins: readonly number[] | undefined;
}

/**
 * Turns records into rows of Postgres' binary COPY format, each followed by its metadata
 * (`_batch_id`, `_row_number`, `_row_hash`, `_flags`). Rows that break the contract are kept aside.
 *
 * The loop over cells allocates nothing: at a million rows of eleven columns a second, an object a
 * cell would be most of the cost.
 */
export function createRowEncoder(options: EncoderOptions): RowEncoder {
  const { contract, labels, match, zone, sums } = options;
  const columns = createEncodedColumns(contract, { cells: match.cells, sums, zone });
  const keptMax = options.rejectsMax;
  const encoding: Encoding = {
    options,
    batchId: options.batchId,
    columns,
    out: createCellWriter(0),
    spare: undefined,
    recordNumber: 0,
    flags: undefined,
    width: contract.transform === undefined ? labels.length : columns.length,
    state: {
      records: 0,
      read: 0,
      accepted: 0,
      flagged: 0,
      dropped: 0,
      segments: [],
      rejects: createRejectLog(columns, { labels, sums: sums.length, keptMax }),
      acceptedSums: createSums(sums.length),
      keys: keySetOf(contract),
      repeats: (contract.key ?? []).length === 0 ? createRowSet() : undefined,
    },
    rowSums: createSums(sums.length),
  };
  return {
    encode: (chunk) => encode(encoding, chunk),
    reuse: () => {
      encoding.spare = encoding.out;
    },
    state: encoding.state,
  };
}

const noRows = Buffer.alloc(0);

function keySetOf({ columns, key = [] }: Contract): KeySet | undefined {
  const names = Object.keys(columns);
  return key.length === 0 ? undefined : createKeySet(key.map((name) => names.indexOf(name)));
}

function encode(encoding: Encoding, chunk: RecordChunk): Buffer {
  const { state } = encoding;
  if (chunk.count === 0) return noRows;
  noteSegments(state, chunk);
  const block = encodeRows(encoding, transformed(encoding, chunk));
  state.records += chunk.count;
  return block;
}

function transformed({ options, state }: Encoding, chunk: RecordChunk): Rows {
  const { contract, labels } = options;
  const { columns, transform } = contract;
  if (transform === undefined) return { chunk, delivered: chunk, origins: undefined };
  const made = transformRows(chunk, { labels, columns, transform });
  state.dropped += made.dropped;
  return { chunk: made.chunk, delivered: chunk, origins: made.origins };
}

function encodeRows(encoding: Encoding, rows: Rows): Buffer {
  const { chunk, origins } = rows;
  const { state, columns } = encoding;
  const cellBytes = lastByte(chunk, chunk.count - 1) - (chunk.cells[0] ?? 0);
  const sizeBytes =
    Math.ceil(cellBytes * 1.25) + chunk.count * (metadataBytes + 6 + columns.length * 6) + 4096;
  const out = encoding.spare ?? createCellWriter(sizeBytes);
  out.at = 0;
  encoding.out = out;
  encoding.spare = undefined;
  for (let row = 0; row < chunk.count; row += 1) {
    const first = chunk.cells[2 * (chunk.rows[row] ?? 0)] ?? 0;
    const rowBytes = Math.max(0, lastByte(chunk, row) - first);
    reserve(out, 2 * rowBytes + columns.length * 64 + metadataBytes + 64);
    encoding.recordNumber = state.records + (origins?.[row] ?? row) + 1;
    const start = out.at;
    const faults = encodeRow(encoding, chunk, row);
    if (faults === undefined) continue;
    out.at = start;
    const delivered = { chunk: rows.delivered, row: origins?.[row] ?? row };
    const place = { chunk, row, delivered, recordNumber: encoding.recordNumber };
    state.rejects.add(place, faults === 'cells' ? undefined : faults);
    encoding.options.onRejected?.(encoding.recordNumber);
  }
  return out.bytes.subarray(0, out.at);
}

/** Where the last cell of a row ends. */
const lastByte = (chunk: RecordChunk, row: number): number =>
  chunk.cells[2 * ((chunk.rows[row + 1] ?? 1) - 1) + 1] ?? 0;

/** Encodes one row. What is wrong with it, when it must be taken back: its cells, or what is given. */
function encodeRow(
  encoding: Encoding,
  chunk: RecordChunk,
  row: number,
): readonly RowFault[] | 'cells' | undefined {
  const { state, out, columns, width } = encoding;
  state.read += 1;
  encoding.flags = undefined;
  const faults = chunk.faults?.get(row);
  if (faults !== undefined) return faults;
  const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
  if (count !== width) return [raggedFault(chunk, row, width)];
  const start = out.at;
  if (!encodeCells(encoding, chunk, row)) return 'cells';
  const { rules = [] } = encoding.options.contract;
  if (rules.length > 0) {
    const broken = findBrokenRules({ bytes: out.bytes, at: start + 2, columns }, rules);
    if (broken.faults.length > 0) return broken.faults;
    if (broken.flags.length > 0) encoding.flags = [...(encoding.flags ?? []), ...broken.flags];
  }
  state.acceptedSums.addAll(encoding.rowSums);
  state.keys?.add(out.bytes, start + 2);
  state.accepted += 1;
  if (encoding.flags !== undefined) state.flagged += 1;
  const dataEnd = out.at;
  writeMetadata(out, start + 2, encoding);
  state.repeats?.add(out.bytes, dataEnd + hashOffset);
  return undefined;
}

/** Writes the fields of a row; false at the first cell that the contract refuses. */
function encodeCells(encoding: Encoding, chunk: RecordChunk, row: number): boolean {
  const { columns, rowSums, out } = encoding;
  const { bytes, cells, kinds } = chunk;
  const first = chunk.rows[row] ?? 0;
  const fields = columns.length + metadataFields;
  out.bytes[out.at] = fields >>> 8;
  out.bytes[out.at + 1] = fields;
  out.at += 2;
  for (const column of columns) {
    const cell = first + column.cell;
    const kind = kinds === undefined ? CellKind.text : (kinds[cell] ?? CellKind.text);
    const outcome = column.read(bytes, cells[2 * cell] ?? 0, cells[2 * cell + 1] ?? 0, kind, out);
    if (outcome > 0) return false;
    if (outcome < 0) (encoding.flags ??= []).push(flagName(column.name, -outcome));
    if (column.sum >= 0) rowSums.set(column.sum, out);
  }
  return true;
}

function noteSegments(state: EncoderState, chunk: RecordChunk): void {
  if (chunk.around !== undefined) return noteNested(state, chunk, chunk.around);
  for (let row = 0; row < chunk.count; row += 1) {
    const rowNumber = state.records + row + 1;
    const line = chunk.lines[row] ?? 0;
    const last = state.segments.at(-1);
    const goesOn =
      last !== undefined &&
      last.sheet === chunk.sheet &&
      line === last.firstLine + (rowNumber - last.firstRow);
    if (!goesOn) {
      state.segments.push({ firstRow: rowNumber, sheet: chunk.sheet, firstLine: line });
    }
  }
}

/** A segment a page; one a record would be nearly as many as there are rows. */
function noteNested(
  { segments, records }: EncoderState,
  { sheet, count }: RecordChunk,
  around: Int32Array,
): void {
  const last = segments.at(-1);
  const segment =
    last?.sheet === sheet ? last : { firstRow: records + 1, sheet, firstLine: 1, records: [] };
  if (segment !== last) segments.push(segment);
  const begins = segment.records ?? [];
  for (let row = 0; row < count; row += 1) {
    const line = records + row + 2 - segment.firstRow;
    while (begins.length < (around[row] ?? 0)) begins.push(line);
  }
}
