import { CellKind } from '../../contract/cell.ts';
import type { RowFault } from '../../contract/row-codes.ts';
import type { RecordChunk } from '../source.ts';
import type { ApiField } from './api-fields.ts';
import { hasEscape, jsonKind, scanValue, stringBetween } from './json-bytes.ts';

/** Records in one chunk: enough to make the loader's work per chunk small beside that per row. */
export const recordsPerChunk = 2048;

/** Stands for the start of a cell that is a number and not in the line; the number is in place of its end. */
export const counted = -2;

/** Where the cells of rows are in a line of JSON. */
export interface JsonRows {
  readonly line: Buffer;
  readonly fields: readonly ApiField[];
  readonly count: number;
  /** Cell i is `line[spans[2 * i] .. spans[2 * i + 1])`; -1 where the record lacks it, or `counted`. */
  readonly spans: Int32Array;
  /** Where each row's own record starts in the line. */
  readonly starts: ArrayLike<number>;
  readonly sheet: string;
  /** Each row's position: on the sheet, or in the array it is nested in. */
  readonly lines: Float64Array;
  /** Of nested rows: the record around each, by its position on the sheet. */
  readonly around?: Int32Array;
  /** What is wrong with rows already, by index. */
  readonly faults: Map<number, RowFault[]>;
}

/** Makes a chunk of rows; the cells stay where they are in the line, as digits and texts were received. */
export function jsonChunk(rows: JsonRows): RecordChunk {
  const { line, fields, count, spans, starts, faults } = rows;
  const cells = new Int32Array(count * fields.length * 2);
  const kinds = new Uint8Array(count * fields.length);
  const tail = createTail(line.length);
  const isScalar = fields.some((field) => field.paths.includes('.'));
  for (let row = 0; row < count; row += 1) {
    const start = starts[row] ?? 0;
    if (!isScalar && !faults.has(row) && jsonKind(line, start) !== 'object') {
      addFault(faults, row, notAnObject(line, start));
    }
    for (const [index, field] of fields.entries()) {
      const cell = row * fields.length + index;
      let from = spans[cell * 2] ?? -1;
      let to = spans[cell * 2 + 1] ?? -1;
      if (from === counted) {
        kinds[cell] = CellKind.number;
        from = tail.number(to);
        cells[cell * 2] = from;
        cells[cell * 2 + 1] = from + String(to).length;
        continue;
      }
      if (from < 0) {
        kinds[cell] = CellKind.missing;
        continue;
      }
      kinds[cell] = cellKind(line, from, field);
      if (kinds[cell] === CellKind.missing) continue;
      if (kinds[cell] === CellKind.text) {
        from += 1;
        to -= 1;
        if (hasEscape(line, from, to)) {
          const text = stringBetween(line, from, to);
          const fault = unstorable(field.label, text);
          if (fault !== undefined) addFault(faults, row, fault);
          const bytes = Buffer.from(text);
          from = tail.add(bytes);
          to = from + bytes.length;
        }
      }
      cells[cell * 2] = from;
      cells[cell * 2 + 1] = to;
    }
  }
  return {
    bytes: tail.after(line),
    cells,
    kinds,
    rows: Int32Array.from({ length: count + 1 }, (_, row) => row * fields.length),
    lines: rows.lines,
    around: rows.around,
    count,
    sheet: rows.sheet,
    faults: faults.size === 0 ? undefined : faults,
  };
}

/** Bytes behind the line: texts with escapes are shorter undone, and numbers that nobody sent. */
function createTail(lineBytes: number) {
  const parts: Buffer[] = [];
  const places = new Map<number, number>();
  let end = lineBytes;
  const add = (bytes: Buffer): number => {
    parts.push(bytes);
    end += bytes.length;
    return end - bytes.length;
  };
  return {
    /** Where the bytes stand. */
    add,
    /** Where the digits of a number stand; the same number stands there once. */
    number: (value: number): number => {
      const place = places.get(value) ?? add(Buffer.from(String(value)));
      places.set(value, place);
      return place;
    },
    after: (line: Buffer): Buffer =>
      parts.length === 0 ? line : Buffer.concat([line, ...parts], end),
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

export function addFault(faults: Map<number, RowFault[]>, row: number, fault: RowFault): void {
  const held = faults.get(row);
  if (held === undefined) faults.set(row, [fault]);
  else held.push(fault);
}

/** JSON may escape what no text of Postgres holds. */
function unstorable(column: string, text: string): RowFault | undefined {
  const hasNul = text.includes('\0');
  if (!hasNul && text.isWellFormed()) return undefined;
  return {
    code: 'encoding-error',
    column,
    value: text.toWellFormed().replaceAll('\0', '\ufffd'),
    expected: hasNul ? 'text without NUL characters' : 'text without half of a surrogate pair',
  };
}

function notAnObject(line: Buffer, start: number): RowFault {
  return {
    code: 'format-error',
    column: null,
    value: excerpt(line, start),
    expected: 'a record that is an object',
  };
}

/** The beginning of a value, for people. */
export const excerpt = (line: Buffer, start: number): string =>
  line.toString('utf8', start, Math.min(scanValue(line, start), start + 40));
