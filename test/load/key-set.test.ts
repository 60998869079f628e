import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createKeySet } from '../../src/load/key-set.ts';

/** Fields in the format of binary COPY; null has the length -1. */
function fieldsOf(values: readonly (string | null)[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const text = Buffer.from(value ?? '');
      const length = Buffer.alloc(4);
      length.writeInt32BE(value === null ? -1 : text.length);
      return Buffer.concat([length, text]);
    }),
  );
}

const field = fc.option(fc.string({ unit: fc.constantFrom('a', 'b', '\0'), maxLength: 3 }));
const row = fc.tuple(field, field, field);

test('knows whether a key came twice, by the fields of the key alone', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 60 }),
      fc.constantFrom([0], [1], [0, 2], [1, 2]),
      (rows, key) => {
        const keys = createKeySet(key);
        for (const each of rows) keys.add(Buffer.concat([Buffer.from('xx'), fieldsOf(each)]), 2);
        const distinct = new Set(rows.map((each) => JSON.stringify(key.map((at) => each[at]))));
        expect(keys.mayRepeat()).toBe(distinct.size < rows.length);
      },
    ),
  );
});

test('remembers each of many keys', () => {
  const keys = createKeySet([0]);
  for (let index = 0; index < 100_000; index += 1) keys.add(fieldsOf([`key ${index}`]), 0);
  expect(keys.mayRepeat()).toBe(false);
  keys.add(fieldsOf(['key 4711']), 0);
  expect(keys.mayRepeat()).toBe(true);
});

test('a long key is taken whole', () => {
  const keys = createKeySet([0, 1]);
  keys.add(fieldsOf(['x'.repeat(5_000), 'a']), 0);
  keys.add(fieldsOf(['x'.repeat(5_000), 'b']), 0);
  expect(keys.mayRepeat()).toBe(false);
});
