import fc from 'fast-check';
import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { unscaled } from '../../src/contract/compare-decimals.ts';
import { readCell } from './read.ts';

// An oracle of its own: regular expressions over whole texts, where the readers go by bytes.

const decimalMarks = ['.', ','] as const;
const groupMarks = ['', ',', '.', ' ', "'"] as const;

/** What a text is under every pair of marks that people use, as hundred-millionths. */
function readings(text: string): Set<bigint> {
  const found = new Set<bigint>();
  const bare = text
    .trim()
    .replace(/^[+-]|-$/u, '')
    .trim();
  const negative = /^-|-$/u.test(text.trim());
  for (const decimal of decimalMarks) {
    for (const group of groupMarks) {
      if (group === decimal) continue;
      const whole = group === '' ? '\\d*' : `(?:\\d{1,3}(?:[${group}]\\d{3})+|\\d*)`;
      const match = new RegExp(`^(${whole})(?:[${decimal}](\\d*))?$`, 'u').exec(bare);
      if (match === null || !/\d/u.test(bare)) continue;
      const [, digits = '', fraction = ''] = match;
      // People group no number that begins with zero.
      if (group !== '' && digits.includes(group) && digits.startsWith('0')) continue;
      const scaled = BigInt(`${digits.replaceAll(/\D/gu, '') || '0'}${fraction.padEnd(8, '0')}`);
      found.add(negative ? -scaled : scaled);
    }
  }
  return found;
}

const numberText = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.constantFrom('0', '1', '23', '456', '7', '.', ',', ' ', "'", '000'), {
          minLength: 1,
          maxLength: 6,
        })
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: fc.stringMatching(/^\d{1,3}[.,]\d{3}$/u) },
  )
  .chain((text) => fc.constantFrom(text, `-${text}`, `${text}-`, ` ${text} `))
  .filter((text) => text.replaceAll(/\D/gu, '').length < 14 && !/[.,]\d{9}/u.test(text));

test('a number with two readings is never loaded where no marks are declared', () => {
  let loaded = 0;
  let ambiguous = 0;
  fc.assert(
    fc.property(numberText, (text) => {
      const all = readings(text);
      const read = readCell(column.decimal(30, 8), text);
      if (typeof read !== 'string') {
        if (all.size > 1) ambiguous += 1;
        return;
      }
      loaded += 1;
      expect({ text, readings: [...all].map((each) => unscaled(each, 8)) }).toEqual({
        text,
        readings: [read],
      });
    }),
    { numRuns: 5_000 },
  );
  // The property says something: both happen often.
  expect(Math.min(loaded, ambiguous)).toBeGreaterThan(100);
});

test('a declared mark makes one reading, and it is the one that is loaded', () => {
  fc.assert(
    fc.property(
      numberText,
      fc.constantFrom(...decimalMarks),
      fc.constantFrom<',' | '.' | ' ' | "'">(',', '.', ' ', "'"),
      (text, decimalMark, thousandsMark) => {
        fc.pre(decimalMark !== thousandsMark);
        const read = readCell(column.decimal(30, 8, { decimalMark, thousandsMark }), text);
        if (typeof read !== 'string') return;
        const bare = text.trim().replaceAll(/^-|-$/gu, '').trim();
        expect(bare).toMatch(
          new RegExp(
            `^(?:\\d{1,3}(?:[${thousandsMark}]\\d{3})+|\\d*)(?:[${decimalMark}]\\d*)?$`,
            'u',
          ),
        );
        const plain = bare.replaceAll(thousandsMark, '').replace(decimalMark, '.');
        const [whole = '', fraction = ''] = plain.split('.');
        const value = BigInt(`${whole || '0'}${fraction.padEnd(8, '0')}`);
        expect(read).toBe(unscaled(/^\s*-|-\s*$/u.test(text) ? -value : value, 8));
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a whole number with a mark has two readings until the thousands mark is declared', () => {
  const ambiguous = { code: 'ambiguous-number' };
  expect(readCell(column.integer(), '5.000')).toEqual(ambiguous);
  expect(readCell(column.integer(), '-12,345')).toEqual(ambiguous);
  expect(readCell(column.integer({ thousandsMark: '.' }), '5.000')).toBe(5000n);
  expect(readCell(column.integer({ thousandsMark: ',' }), '5.000')).toEqual({ code: 'type-error' });
  expect(readCell(column.integer(), '5.5')).toEqual({ code: 'type-error' });
});

const months = ['jan', 'Feb', 'MAR', 'April', 'may'];
const dateText = fc
  .tuple(
    fc.constantFrom('1', '03', '4', '12', '13', '25', '31', '2025', '99', '0', ...months),
    fc.constantFrom('1', '04', '12', '13', '28', '2025', '25', ...months),
    fc.constantFrom('2025', '25', '03', '1', '99', '05'),
    fc.constantFrom('/', '.', '-', ' ', ''),
    fc.constantFrom('', ' 10:00', 'T00:00:00', ' '),
  )
  .map(([a, b, c, mark, time]) => `${[a, b, c].join(mark)}${time}`);

test('a date is never loaded by day and month where no format is declared', () => {
  fc.assert(
    fc.property(dateText, (text) => {
      const read = [column.date(), column.timestamp()].map((spec) => readCell(spec, text));
      // Year, month, day is one reading: with four digits, dashes, and the year first.
      const isLoaded = read.some((each) => typeof each === 'string');
      expect(isLoaded && !/^\d{4}-\d\d-\d\d/u.test(text)).toBe(false);
    }),
    { numRuns: 3_000 },
  );
});

test.each(['03/04/2025', '3.4.2025', '03-04-25', '1/2/99', '12.12.2012', '03/04/2025 10:00'])(
  '%s has two readings',
  (text) => {
    const ambiguous = { code: 'ambiguous-date' };
    expect(readCell(column.date(), text)).toEqual(ambiguous);
    expect(readCell(column.timestamp(), text)).toEqual(ambiguous);
  },
);
