import { isUtf8 } from 'node:buffer';

import { CellKind, type CellReader, type CellWriter, Outcome, writeInt32 } from './cell.ts';
import type { ColumnSpec } from './column.ts';
import { isStorableJson } from './storable-json.ts';
import { createWordTable } from './word-table.ts';

type TextSpec = Extract<ColumnSpec, { type: 'text' }>;
type BooleanSpec = Extract<ColumnSpec, { type: 'boolean' }>;
type OneOfSpec = Extract<ColumnSpec, { type: 'one-of' }>;

const decode = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');

/** Copies bytes with their length in front. */
function writeBytes(out: CellWriter, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  writeInt32(out.bytes, out.at, length);
  let at = out.at + 4;
  // A call of `set` costs more than the loop for the short texts that tables are made of.
  if (length < 48)
    for (let index = start; index < end; index += 1) out.bytes[at++] = bytes[index] ?? 0;
  else {
    out.bytes.set(bytes.subarray(start, end), at);
    at += length;
  }
  out.at = at;
}

/** Number of code points of UTF-8 bytes. */
function countCodePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) count += 1;
  return count;
}

/** Reads text. Lengths are counted in code points, as Postgres counts them. */
export function createTextReader(spec: TextSpec): CellReader {
  const min = spec.minLength ?? 0;
  const max = spec.maxLength ?? Infinity;
  // A sticky or global pattern would remember where it stopped in the row before.
  const pattern =
    spec.pattern === undefined
      ? undefined
      : new RegExp(spec.pattern.source, spec.pattern.flags.replace(/[gy]/g, ''));
  const measured = min > 0 || max < Infinity;
  return (bytes, start, end, _kind, out) => {
    writeBytes(out, bytes, start, end);
    if (measured) {
      const length = countCodePoints(bytes, start, end);
      if (length < min) return Outcome.minLength;
      if (length > max) return Outcome.maxLength;
    }
    return pattern !== undefined && !pattern.test(decode(bytes, start, end))
      ? Outcome.pattern
      : Outcome.ok;
  };
}

/** Reads one of the declared texts, spelled as declared. */
export function createOneOfReader(spec: OneOfSpec): CellReader {
  const find = createWordTable(spec.values, { ignoreCase: spec.ignoreCase === true });
  const values = spec.values.map((value) => Buffer.from(value));
  return (bytes, start, end, _kind, out) => {
    const value = values[find(bytes, start, end)];
    if (value === undefined) {
      writeBytes(out, bytes, start, end);
      return Outcome.oneOf;
    }
    writeBytes(out, value, 0, value.length);
    return Outcome.ok;
  };
}

/** Reads booleans; a spreadsheet's or JSON's own true and false are always accepted. */
export function createBooleanReader(spec: BooleanSpec): CellReader {
  const trueValues = spec.trueValues ?? ['true', 'yes', 'y', '1', 't'];
  const falseValues = spec.falseValues ?? ['false', 'no', 'n', '0', 'f'];
  const findOwn = createWordTable(['false', 'true'], { ignoreCase: true });
  const find = createWordTable([...trueValues, ...falseValues], { ignoreCase: true });
  return (bytes, start, end, kind, out) => {
    let value: number;
    if (kind === CellKind.boolean) {
      value = findOwn(bytes, start, end) === 1 ? 1 : 0;
    } else {
      const word = find(bytes, start, end);
      if (word === -1) return Outcome.type;
      value = word < trueValues.length ? 1 : 0;
    }
    writeInt32(out.bytes, out.at, 1);
    out.bytes[out.at + 4] = value;
    out.at += 5;
    return Outcome.ok;
  };
}

/** Reads JSON into jsonb: objects and arrays as they came, text cells as JSON documents. */
export function createJsonReader(): CellReader {
  return (bytes, start, end, kind, out) => {
    if (kind !== CellKind.json && kind !== CellKind.number && kind !== CellKind.boolean) {
      const text = decode(bytes, start, end);
      if (!isJson(text)) return Outcome.type;
    }
    if (!isUtf8(bytes.subarray(start, end)) || !isStorableJson(decode(bytes, start, end)))
      return Outcome.type;
    writeInt32(out.bytes, out.at, end - start + 1);
    out.bytes[out.at + 4] = 1;
    out.bytes.set(bytes.subarray(start, end), out.at + 5);
    out.at += end - start + 5;
    return Outcome.ok;
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
