import fc from 'fast-check';
import { expect, test } from 'vitest';

import { canonicalNumber } from '../../../src/source/excel/canonical-number.ts';

function canonical(text: string): string | undefined {
  const bytes = Buffer.alloc(text.length + 64);
  const to = 3 + bytes.write(text, 3);
  const end = canonicalNumber(bytes, 3, to);
  return end === -1 ? undefined : bytes.toString('latin1', 3, end);
}

test.each([
  ['19.989999999999998', '19.99'],
  ['0.30000000000000004', '0.3'],
  ['41.913600000000002', '41.9136'],
  ['1.0', '1'],
  ['1.50', '1.5'],
  ['0.00', '0'],
  ['-0', '0'],
  ['007', '7'],
  ['.5', '0.5'],
  ['5.', '5'],
  [' 7 ', '7'],
  ['1E2', '100'],
  ['1.5E-7', '1.5e-7'],
  ['1e21', '1e21'],
  ['1.23456789012346E+18', '1234567890123460000'],
  // A whole number written out is an identifier more often than a sum: no digit is dropped.
  ['12345678901234567', '12345678901234567'],
])('%s is %s', (text, expected) => {
  expect(canonical(text)).toBe(expected);
});

test.each(['', '-', 'abc', '1,5', '1.2.3', 'NaN', 'Infinity', '0x10', '1e999'])(
  '%j is no number',
  (text) => {
    expect(canonical(text)).toBeUndefined();
  },
);

test('an amount survives being stored as a double', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e13, max: 1e13 }), (cents) => {
      const amount = cents / 100;
      // 17 digits, as Excel writes what a double does not hold exactly.
      expect(canonical(amount.toPrecision(17))).toBe(String(amount));
    }),
    { numRuns: 2_000 },
  );
});
