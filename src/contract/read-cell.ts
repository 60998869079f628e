import { CellKind, type CellReader, Outcome, writeInt32 } from './cell.ts';
import type { ColumnSpec } from './column.ts';
import { createDateReader, createTimeReader, createTimestampReader } from './read-datetime.ts';
import { mayNeedTrim, trim } from './read-digits.ts';
import { createDecimalReader, createIntegerReader } from './read-number.ts';
import {
  createBooleanReader,
  createJsonReader,
  createOneOfReader,
  createTextReader,
} from './read-text.ts';

/** The reader of a column's values, before white space, missing texts and levels are dealt with. */
function createValueReader(spec: ColumnSpec, zone: string): CellReader {
  switch (spec.type) {
    case 'text':
      return createTextReader(spec);
    case 'integer':
      return createIntegerReader(spec);
    case 'decimal':
      return createDecimalReader(spec);
    case 'boolean':
      return createBooleanReader(spec);
    case 'date':
      return createDateReader(spec);
    case 'timestamp':
      return createTimestampReader(spec, zone);
    case 'time':
      return createTimeReader(spec);
    case 'json':
      return createJsonReader();
    case 'one-of':
      return createOneOfReader(spec);
  }
}

/** What is wrong with a cell of a workbook that no column can read. */
function unreadable(kind: number): number {
  if (kind === CellKind.error) return Outcome.formula;
  if (kind === CellKind.stale) return Outcome.stale;
  return kind === CellKind.merged ? Outcome.merged : Outcome.ok;
}

/** Outcomes that a rule of the contract gives after the value was written: level `warn` lets them pass. */
const isRule = (outcome: number): boolean => outcome >= Outcome.min && outcome <= Outcome.oneOf;

const equals = (bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean => {
  if (end - start !== text.length) return false;
  for (let index = 0; index < text.length; index += 1)
    if (bytes[start + index] !== text[index]) return false;
  return true;
};

/**
 * Reads the cells of one column into binary COPY fields. White space around every value but
 * untrimmed text is dropped; an empty cell and the column's `missing` texts are null, which a
 * `required` column refuses. `zone` is meant where a timestamp names none.
 *
 * Throws RangeError when a bound of the column is not a value of its type.
 */
export function createCellReader(spec: ColumnSpec, zone: string): CellReader {
  const readValue = createValueReader(spec, zone);
  const missing = (spec.missing ?? []).map((text) => Buffer.from(text));
  const hasMissing = missing.length > 0;
  const whenMissing =
    spec.required === true
      ? Outcome.missing
      : spec.required === 'warn'
        ? -Outcome.missing
        : Outcome.ok;
  const warn = spec.level === 'warn';
  const trims = spec.type !== 'text' || spec.trim !== false;
  return (bytes, start, end, kind, out) => {
    if (kind > CellKind.date) {
      const outcome = unreadable(kind);
      if (outcome !== Outcome.ok) return outcome;
    }
    let from = start;
    let to = end;
    // Most cells have no white space around them: ask before calling.
    if (trims && to > from && mayNeedTrim(bytes, from, to)) [from, to] = trim(bytes, from, to);
    const empty =
      kind === CellKind.missing ||
      from === to ||
      (hasMissing && missing.some((text) => equals(bytes, from, to, text)));
    if (empty) {
      writeInt32(out.bytes, out.at, -1);
      out.at += 4;
      out.scaled = 0;
      return whenMissing;
    }
    const outcome = readValue(bytes, from, to, kind, out);
    return warn && isRule(outcome) ? -outcome : outcome;
  };
}
