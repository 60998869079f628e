import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { isStorableJson } from '../../src/contract/storable-json.ts';
import { createDatabase, type TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Whether Postgres itself takes each text. */
async function taken(texts: readonly string[]): Promise<boolean[]> {
  const { rows } = await database.warehouse
    .pool('owner')
    .query<{ taken: boolean }>(
      `select pg_input_is_valid(text, 'jsonb') as taken from unnest($1::text[]) with ordinality t(text, place) order by place`,
      [texts],
    );
  return rows.map((row) => row.taken);
}

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test.each<[string, boolean]>([
  ['{"a": [1, "x", null]}', true],
  [String.raw`"\u0041\ud83d\ude00"`, true],
  [String.raw`"\\u0000 \\ud800"`, true],
  ['"1e99999"', true],
  ['1e16000', true],
  [deep(1_000), true],
  [String.raw`"\u0000"`, false],
  [String.raw`"\\\u0000"`, false],
  [String.raw`"\ud800"`, false],
  [String.raw`"\uDC00"`, false],
  [String.raw`"\ud800\ud800\udc00"`, false],
  [String.raw`"\ud800 \udc00"`, false],
  ['1e200000', false],
  ['[1, -1.5E-20000]', false],
  [`1${'0'.repeat(200_000)}`, false],
  [deep(100_000), false],
])('%#', async (text, isStorable) => {
  expect(isStorableJson(text)).toBe(isStorable);
  // Too deep a text is no input that is not valid: it is a fault of the server.
  expect(await taken([text]).catch(() => [false])).toEqual([isStorable]);
});

test('Postgres takes what is said to be storable', async () => {
  const part = fc.constantFrom(
    String.raw`\u0000`,
    String.raw`\ud800`,
    String.raw`\udc00`,
    String.raw`\u0041`,
    '\\\\',
    '\\"',
    'u0000',
    'ud800',
    'a',
    '1e99999',
    '[',
    '{',
  );
  const textual = fc.array(part, { maxLength: 6 }).map((parts) => `"${parts.join('')}"`);
  const number = fc.constantFrom(
    '1',
    '-0.5',
    '1e5',
    '1E+16000',
    '1e-16000',
    '1e16384',
    '2.5e131073',
    '1e-16384',
  );
  const json = fc
    .array(fc.oneof(textual, number), { maxLength: 4 })
    .map((values) => `{"k": [${values.join(', ')}]}`);
  const texts = fc.sample(json, { numRuns: 2_000, seed: 20_261 });
  const storable = texts.filter(isStorableJson);
  expect(storable.length).toBeGreaterThan(200);
  const answers = await taken(storable);
  expect(storable.filter((_, index) => answers[index] !== true)).toEqual([]);
});
