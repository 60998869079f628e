import { Temporal } from 'temporal-polyfill';

import { CellKind, type CellReader, Outcome, writeInt32, writeSafeInt64 } from './cell.ts';
import type { ColumnSpec } from './column.ts';
import {
  createDateTimeParser,
  dateTokens,
  timeTokens,
  createFields,
  type DateTimeFields,
  daysFrom2000,
  parseIsoDate,
  parseIsoDateTime,
  parseIsoTimeOfDay,
} from './datetime-format.ts';

type DateSpec = Extract<ColumnSpec, { type: 'date' }>;
type TimestampSpec = Extract<ColumnSpec, { type: 'timestamp' }>;
type TimeSpec = Extract<ColumnSpec, { type: 'time' }>;

const dayMs = 86_400_000;
/** 2000-01-01T00:00Z in milliseconds of the Unix epoch. */
const epoch2000Ms = 946_684_800_000;

/** `03/04/2025`, `3.4.25`: day and month can be either, because both are at most 12. */
const eitherWay = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:\D|$)/;

/** An undeclared format: is the text a date with two readings, or none? */
function undeclaredOutcome(bytes: Uint8Array, start: number, end: number): number {
  const match = eitherWay.exec(
    Buffer.from(bytes.subarray(start, Math.min(end, start + 12))).toString('latin1'),
  );
  return match !== null && Number(match[1]) <= 12 && Number(match[2]) <= 12
    ? Outcome.ambiguousDate
    : Outcome.type;
}

const isMidnight = (fields: DateTimeFields): boolean =>
  fields.hour === 0 && fields.minute === 0 && fields.second === 0 && fields.microsecond === 0;

/** A bound such as `'2020-01-01'` as the number that is compared. Throws RangeError when it is none. */
function bound(
  text: string | undefined,
  read: (bytes: Uint8Array) => number | undefined,
  otherwise: number,
): number {
  if (text === undefined) return otherwise;
  const value = read(Buffer.from(text));
  if (value === undefined)
    throw new RangeError(`${text} is not a value of the column's type in ISO form`);
  return value;
}

const within = (value: number, min: number, max: number): number =>
  value < min ? Outcome.min : value > max ? Outcome.max : Outcome.ok;

/** Reads calendar dates. A date with a time of day other than midnight is a type error: nothing is cut off. */
export function createDateReader(spec: DateSpec): CellReader {
  const fields = createFields();
  const iso = (bytes: Uint8Array, start: number, end: number): boolean =>
    end - start === 10
      ? parseIsoDate(bytes, start, end, fields)
      : parseIsoDateTime(bytes, start, end, fields) &&
        isMidnight(fields) &&
        fields.offsetMinutes === undefined;
  const declared =
    spec.format === undefined || spec.format === 'yyyy-MM-dd'
      ? undefined
      : createDateTimeParser(spec.format, dateTokens);
  const days = (bytes: Uint8Array): number | undefined =>
    iso(bytes, 0, bytes.length) ? daysFrom2000(fields.year, fields.month, fields.day) : undefined;
  const min = bound(spec.min, days, -Infinity);
  const max = bound(spec.max, days, Infinity);
  return (bytes, start, end, kind, out) => {
    if (kind === CellKind.number) return Outcome.dateSerial;
    if (kind !== CellKind.text && kind !== CellKind.date) return Outcome.type;
    const text = kind === CellKind.text;
    const fits =
      text && declared !== undefined
        ? declared(bytes, start, end, fields) && isMidnight(fields)
        : iso(bytes, start, end);
    if (!fits)
      return text && spec.format === undefined
        ? undeclaredOutcome(bytes, start, end)
        : Outcome.type;
    const value = daysFrom2000(fields.year, fields.month, fields.day);
    writeInt32(out.bytes, out.at, 4);
    writeInt32(out.bytes, out.at + 4, value);
    out.at += 8;
    return within(value, min, max);
  };
}

/**
 * Milliseconds a zone is ahead of UTC at a local time; in a gap the time after it is meant, in an
 * overlap the first. Remembered by the hour, in which no zone's offset changes twice.
 */
function createZoneOffset(zone: string): (localMs: number) => number {
  const quarterHours = new Map<number, number>();
  return (localMs) => {
    const slot = Math.floor(localMs / 900_000);
    const known = quarterHours.get(slot);
    if (known !== undefined) return known;
    const local = Temporal.Instant.fromEpochMilliseconds(slot * 900_000)
      .toZonedDateTimeISO('UTC')
      .toPlainDateTime();
    const offset =
      slot * 900_000 -
      local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
    if (quarterHours.size > 100_000) quarterHours.clear();
    quarterHours.set(slot, offset);
    return offset;
  };
}

/** Reads instants, to the microsecond. Values without an offset are meant in the column's zone. */
export function createTimestampReader(spec: TimestampSpec, companyZone: string): CellReader {
  const fields = createFields();
  const zoneOffset = createZoneOffset(spec.zone ?? companyZone);
  const declared =
    spec.format === undefined ? undefined : createDateTimeParser(spec.format, dateTokens);
  const seconds = (): number => {
    const localMs =
      daysFrom2000(fields.year, fields.month, fields.day) * dayMs +
      fields.hour * 3_600_000 +
      fields.minute * 60_000 +
      fields.second * 1000;
    const ahead =
      fields.offsetMinutes === undefined
        ? zoneOffset(localMs + epoch2000Ms)
        : fields.offsetMinutes * 60_000;
    return (localMs - ahead) / 1000;
  };
  const isoSeconds = (bytes: Uint8Array): number | undefined =>
    parseIsoDateTime(bytes, 0, bytes.length, fields) ? seconds() : undefined;
  const min = bound(spec.min, isoSeconds, -Infinity);
  const max = bound(spec.max, isoSeconds, Infinity);
  return (bytes, start, end, kind, out) => {
    if (kind === CellKind.number) return Outcome.dateSerial;
    if (kind !== CellKind.text && kind !== CellKind.date) return Outcome.type;
    const text = kind === CellKind.text;
    const fits =
      text && declared !== undefined
        ? declared(bytes, start, end, fields)
        : parseIsoDateTime(bytes, start, end, fields);
    if (!fits)
      return text && spec.format === undefined
        ? undeclaredOutcome(bytes, start, end)
        : Outcome.type;
    const value = seconds();
    writeInt32(out.bytes, out.at, 8);
    // Microseconds since 2000 stay below 2^53 until the year 2285; after it they need a bigint.
    const micros = value * 1_000_000 + fields.microsecond;
    if (Number.isSafeInteger(micros)) writeSafeInt64(out.bytes, out.at + 4, micros);
    else
      out.bytes.writeBigInt64BE(
        BigInt(value) * 1_000_000n + BigInt(fields.microsecond),
        out.at + 4,
      );
    out.at += 12;
    return within(value + fields.microsecond / 1_000_000, min, max);
  };
}

/** Reads times of day, to the microsecond. A spreadsheet's time stands on some date, which is dropped. */
export function createTimeReader(spec: TimeSpec): CellReader {
  const fields = createFields();
  const declared =
    spec.format === undefined ? undefined : createDateTimeParser(spec.format, timeTokens);
  const micros = (): number =>
    ((fields.hour * 60 + fields.minute) * 60 + fields.second) * 1_000_000 + fields.microsecond;
  const isoMicros = (bytes: Uint8Array): number | undefined =>
    parseIsoTimeOfDay(bytes, 0, bytes.length, fields) ? micros() : undefined;
  const min = bound(spec.min, isoMicros, -Infinity);
  const max = bound(spec.max, isoMicros, Infinity);
  return (bytes, start, end, kind, out) => {
    if (kind !== CellKind.text && kind !== CellKind.date)
      return kind === CellKind.number ? Outcome.dateSerial : Outcome.type;
    let fits: boolean;
    if (kind === CellKind.date) fits = parseIsoDateTime(bytes, start, end, fields);
    else
      fits =
        declared === undefined
          ? parseIsoTimeOfDay(bytes, start, end, fields)
          : declared(bytes, start, end, fields);
    if (!fits) return Outcome.type;
    const value = micros();
    writeInt32(out.bytes, out.at, 8);
    writeSafeInt64(out.bytes, out.at + 4, value);
    out.at += 12;
    return within(value, min, max);
  };
}
