import { createReadStream } from 'node:fs';

import { CellKind } from '../../contract/cell.ts';
import type { Columns } from '../../contract/column.ts';
import type { RowFault } from '../../contract/row-codes.ts';
import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import type { LandedDelivery, RecordChunk, RecordStream } from '../source.ts';
import { hasEscape, jsonKind, scanArray, scanValue, stringBetween } from './json-bytes.ts';
import {
  followPath,
  compileFields,
  type FieldTree,
  createFieldSpans,
  findFields,
  listNames,
  listPaths,
} from './json-fields.ts';

/** A field of the records that is read: a column of the contract, or one that its transform uses. */
export interface ApiField {
  /** Its label, for the contract and for people: the first of its paths. */
  readonly label: string;
  readonly paths: readonly string[];
  /** Keep the JSON text as it is, whatever it is. */
  readonly json: boolean;
  /** A delivery none of whose records has the field is refused. */
  readonly expected: boolean;
}

/** The fields of a contract's columns in their order, then those only the transform reads. */
export function apiFields(
  columns: Columns,
  options: {
    readonly transformed: boolean;
    readonly extra: readonly string[];
    readonly mayLack: boolean;
  },
): ApiField[] {
  const fields = Object.entries(columns).map(([name, column]): ApiField => {
    const { header = name } = column;
    const paths = typeof header === 'string' ? [header] : header;
    return {
      label: paths[0] ?? name,
      paths,
      json: column.type === 'json',
      // A transform may make the column from others.
      expected: !options.transformed && !options.mayLack,
    };
  });
  const extra = options.extra.map((path): ApiField => ({
    label: path,
    paths: [path],
    json: false,
    expected: !options.mayLack,
  }));
  return [...fields, ...extra];
}

/** Records in one chunk: enough to make the loader's work per chunk small beside that per row. */
const recordsPerChunk = 2048;

/**
 * Reads the landing file of an API window. Throws `source-error` when it is not whole, and
 * `missing-label` at its end when no record had one of the fields expected.
 */
export function readLanded(
  landed: LandedDelivery,
  fields: readonly ApiField[],
  signal: AbortSignal,
): RecordStream {
  return {
    header: fields.map((field) => field.label),
    chunks: readChunks(landed, fields, signal),
    summary: () => ({ skipped: {}, totals: {} }),
  };
}

async function* readChunks(
  landed: LandedDelivery,
  fields: readonly ApiField[],
  signal: AbortSignal,
): AsyncIterable<RecordChunk> {
  const seen = { records: 0, pages: 0, ended: false, sample: Buffer.alloc(0) };
  const presence = fields.map(() => false);
  const tree = compileFields(fields.map((field) => field.paths));
  for await (const line of readLines(landed.path)) {
    signal.throwIfAborted();
    if (seen.ended) throw broken(landed, 'goes on after its end marker');
    if (followPath(line, 0, 'end').found) {
      checkEnd(landed, line, seen);
      seen.ended = true;
      continue;
    }
    seen.pages += 1;
    const records = followPath(line, 0, 'records');
    if (!records.found) throw broken(landed, `has a line ${seen.pages} that is no page`);
    const starts: number[] = [];
    scanArray(line, records.start, (start) => starts.push(start));
    if (seen.records === 0 && starts.length > 0) {
      seen.sample = Buffer.from(line.subarray(records.start, records.end));
    }
    seen.records += starts.length;
    for (let from = 0; from < starts.length; from += recordsPerChunk) {
      yield buildChunk(line, fields, {
        tree,
        starts: starts.slice(from, from + recordsPerChunk),
        firstLine: from + 1,
        sheet: `page ${seen.pages}`,
        presence,
      });
    }
  }
  if (!seen.ended) throw broken(landed, 'has no end marker: it was cut short');
  if (seen.records > 0) refuseAbsentFields(landed, fields, { presence, sample: seen.sample });
}

interface ChunkInput {
  readonly tree: FieldTree;
  /** Where the records start in the line. */
  readonly starts: readonly number[];
  readonly firstLine: number;
  readonly sheet: string;
  /** Set for each field that a record has, null or not. */
  readonly presence: boolean[];
}

function buildChunk(line: Buffer, fields: readonly ApiField[], input: ChunkInput): RecordChunk {
  const { starts, presence, tree } = input;
  const count = starts.length;
  const cells = new Int32Array(count * fields.length * 2);
  const kinds = new Uint8Array(count * fields.length);
  const faults = new Map<number, RowFault[]>();
  const found = createFieldSpans(tree);
  // Texts with escapes are longer raw than undone, so what is undone fits behind the line.
  const undone: Buffer[] = [];
  let end = line.length;
  for (const [row, start] of starts.entries()) {
    if (jsonKind(line, start) !== 'object') faults.set(row, [notAnObject(line, start)]);
    findFields(tree, line, start, found);
    for (const [index, field] of fields.entries()) {
      const cell = row * fields.length + index;
      let from = found.spans[index * 2] ?? -1;
      let to = found.spans[index * 2 + 1] ?? -1;
      if (from < 0) {
        kinds[cell] = CellKind.missing;
        continue;
      }
      presence[index] = true;
      kinds[cell] = cellKind(line, from, field);
      if (kinds[cell] === CellKind.missing) continue;
      if (kinds[cell] === CellKind.text) {
        from += 1;
        to -= 1;
        if (hasEscape(line, from, to)) {
          const text = stringBetween(line, from, to);
          if (!text.isWellFormed()) addFault(faults, row, loneSurrogate(field.label, text));
          const bytes = Buffer.from(text);
          undone.push(bytes);
          from = end;
          end += bytes.length;
          to = end;
        }
      }
      cells[cell * 2] = from;
      cells[cell * 2 + 1] = to;
    }
  }
  return {
    bytes: undone.length === 0 ? line : Buffer.concat([line, ...undone], end),
    cells,
    kinds,
    rows: Int32Array.from({ length: count + 1 }, (_, row) => row * fields.length),
    lines: Float64Array.from({ length: count }, (_, row) => input.firstLine + row),
    count,
    sheet: input.sheet,
    faults: faults.size === 0 ? undefined : faults,
  };
}

function cellKind(line: Buffer, start: number, field: ApiField): number {
  const kind = jsonKind(line, start);
  if (kind === 'null') return CellKind.missing;
  if (field.json) return CellKind.json;
  switch (kind) {
    case 'string':
      return CellKind.text;
    case 'number':
      return CellKind.number;
    case 'boolean':
      return CellKind.boolean;
    default:
      return CellKind.json;
  }
}

function addFault(faults: Map<number, RowFault[]>, row: number, fault: RowFault): void {
  const held = faults.get(row);
  if (held === undefined) faults.set(row, [fault]);
  else held.push(fault);
}

function loneSurrogate(column: string, text: string): RowFault {
  return {
    code: 'encoding-error',
    column,
    value: text.toWellFormed(),
    expected: 'text without half of a surrogate pair',
  };
}

function notAnObject(line: Buffer, start: number): RowFault {
  return {
    code: 'format-error',
    column: null,
    value: line.toString('utf8', start, Math.min(scanValue(line, start), start + 40)),
    expected: 'a record that is an object',
  };
}

/** Lines of a file as buffers; one is held at a time. */
async function* readLines(path: string): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    // A stream without an encoding yields Buffers.
    let rest = part as Buffer;
    for (let at = rest.indexOf(0x0a); at >= 0; at = rest.indexOf(0x0a)) {
      parts.push(rest.subarray(0, at));
      yield parts.length === 1 ? rest.subarray(0, at) : Buffer.concat(parts);
      parts = [];
      rest = rest.subarray(at + 1);
    }
    if (rest.length > 0) parts.push(rest);
  }
  if (parts.length > 0)
    throw new PlumblineError('source-error', {
      message: `The landing file ${path} ends in the middle of a line.`,
    });
}

function checkEnd(
  landed: LandedDelivery,
  line: Buffer,
  seen: { readonly pages: number; readonly records: number },
): void {
  for (const name of ['pages', 'records'] as const) {
    const result = followPath(line, 0, name);
    const said = result.found ? line.toString('latin1', result.start, result.end) : 'nothing';
    if (said !== String(seen[name])) {
      throw broken(landed, `says ${said} ${name} at its end and holds ${seen[name]}`);
    }
  }
}

function broken(landed: LandedDelivery, problem: string): PlumblineError {
  return new PlumblineError('source-error', {
    message: `The landing file of ${landed.name} ${problem}.`,
    remedy: 'Remove the landing file named in the delivery and run again: it is fetched anew.',
  });
}

/** A field that no record has was renamed or misspelt: loading nulls would hide it. */
function refuseAbsentFields(
  landed: LandedDelivery,
  fields: readonly ApiField[],
  { presence, sample }: { presence: readonly boolean[]; sample: Buffer },
): void {
  const absent = fields.filter((field, index) => field.expected && !presence[index]);
  if (absent.length === 0) return;
  let paths: string[] = [];
  scanArray(sample, 0, (start, _end, index) => {
    if (index < 20) paths = [...new Set([...paths, ...listPaths(sample, start)])];
  });
  const problems = absent.map((field) => {
    const meant = suggest(field.label, paths);
    return `'${field.label}'${meant === undefined ? '' : ` (did you mean '${meant}'?)`}`;
  });
  throw new PlumblineError('missing-label', {
    message: `No record of ${landed.name} has ${problems.join(', ')}; the records have ${listNames(paths)}.`,
    remedy:
      "Correct the column's `header` in the source's file; if the API leaves out fields without a value, add absentFields: 'empty'.",
  });
}
