import { types } from 'pg';
import type { CustomTypesConfig } from 'pg';

/** Object ids of pg_type whose values pg would turn into a JavaScript Date, an object or a double. */
const oid = {
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  dates: 1182,
  timestamps: 1115,
  timestamptzs: 1185,
  intervals: 1187,
  numerics: 1231,
  texts: 1009,
} as const;

const asText = (value: string): string => value;

/**
 * `2026-03-31 14:30:00.123456+00` as `2026-03-31T14:30:00.123456Z`; sessions run in UTC. Years
 * beyond four digits, BC and infinity stay as Postgres writes them.
 */
function isoInstant(value: string): string {
  return /^\d{4}-\d\d-\d\d [\d:.]+\+00(?::00)?$/.test(value)
    ? value.replace(' ', 'T').replace(/\+00(?::00)?$/, 'Z')
    : value;
}

type Parser = (value: string) => unknown;

// The casts: pg's list of type ids lacks text[], and its parsers are typed as giving anything.
const parserOf = types.getTypeParser as (id: number, format?: string) => Parser;
const parseTextArray = parserOf(oid.texts) as (value: string) => string[];

const parsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [oid.date, asText],
  [oid.time, asText],
  [oid.timestamp, (value: string) => value.replace(' ', 'T')],
  [oid.timestamptz, isoInstant],
  [oid.interval, asText],
  [oid.dates, parseTextArray],
  [oid.timestamps, parseTextArray],
  [oid.timestamptzs, (value: string) => parseTextArray(value).map((item) => isoInstant(item))],
  [oid.intervals, parseTextArray],
  [oid.numerics, parseTextArray],
]);

/**
 * How values come out of a query: int8 and numeric as exact text (pg's default), dates
 * `YYYY-MM-DD`, instants ISO 8601 in UTC with microseconds. A JavaScript Date has no microseconds
 * and moves days between zones, so none appears. Given to each client; the global table of pg is
 * left alone.
 */
export const valueTypes: CustomTypesConfig = {
  // The cast keeps pg's overloads, which tie the format to the argument of the parser.
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : parsers.get(id)) ??
    parserOf(id, format)) as typeof types.getTypeParser,
};
