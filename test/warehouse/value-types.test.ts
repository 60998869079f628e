import { afterAll, beforeAll, expect, test } from 'vitest';

import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

async function value(sql: string): Promise<unknown> {
  const { rows } = await database.warehouse.pool('reader').query<{ v: unknown }>(`select ${sql} v`);
  return rows[0]?.v;
}

test.each([
  ["date '2026-03-31'", '2026-03-31'],
  ["timestamptz '2026-03-31 14:30:00.123456+02'", '2026-03-31T12:30:00.123456Z'],
  ["timestamptz '2026-03-31 14:30+00'", '2026-03-31T14:30:00Z'],
  ["timestamptz 'infinity'", 'infinity'],
  ["timestamptz '0044-03-15 12:00+00 BC'", '0044-03-15 12:00:00+00 BC'],
  ["timestamp '2026-03-31 14:30'", '2026-03-31T14:30:00'],
  ["time '14:30:00.5'", '14:30:00.5'],
  ['9007199254740993::int8', '9007199254740993'],
  ['12345678901234567890.10::numeric', '12345678901234567890.10'],
  ["interval '1 day 2 hours'", '1 day 02:00:00'],
  ['1.5::float8', 1.5],
  ['42::int4', 42],
  ['true', true],
  ['null::date', null],
  ['\'{"a": [1, "0.10"]}\'::jsonb', { a: [1, '0.10'] }],
])('%s', async (sql, expected) => {
  expect(await value(sql)).toEqual(expected);
});

test.each([
  ['array[0.10, 12345678901234567890.1]::numeric[]', ['0.10', '12345678901234567890.1']],
  ["array[date '2026-03-31', null]", ['2026-03-31', null]],
  ["array[timestamptz '2026-03-31 14:30+00', null]", ['2026-03-31T14:30:00Z', null]],
  ['array[9007199254740993]::int8[]', ['9007199254740993']],
])('%s keeps every digit', async (sql, expected) => {
  expect(await value(sql)).toEqual(expected);
});
