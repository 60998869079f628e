import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { quoteIdentifier, quoteRelation } from '../../src/warehouse/quote.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('Postgres reads back exactly the name that was quoted', async () => {
  const client = await database.warehouse.connect('reader');
  const name = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 15 })
    .filter((text) => !text.includes('\0') && text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(name, async (text) => {
      const { fields } = await client.query(`select 1 as ${quoteIdentifier(text)}`);
      expect(fields[0]?.name).toBe(text);
    }),
    { numRuns: 200 },
  );
  await client.end();
});

test('a relation is quoted in both its parts', () => {
  expect(quoteRelation('marts.sales_daily')).toBe('"marts"."sales_daily"');
  expect(quoteRelation('sales')).toBe('"sales"');
  expect(quoteRelation('m".x; drop')).toBe('"m"""."x; drop"');
});

test.each([
  ['an empty name', ''],
  ['NUL', 'a\0b'],
  ['64 bytes', 'a'.repeat(64)],
  ['32 letters of two bytes', 'ä'.repeat(32)],
])('%s is refused rather than cut off', (_, name) => {
  expect(() => quoteIdentifier(name)).toThrow(/cannot name a column or relation/);
});
