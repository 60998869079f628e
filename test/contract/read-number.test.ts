import fc from 'fast-check';
import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { unscaled } from '../../src/contract/compare-decimals.ts';
import { readCell } from './read.ts';

const us = column.decimal(14, 2, { decimalMark: '.', thousandsMark: ',' });
const german = column.decimal(14, 2, { decimalMark: ',', thousandsMark: '.' });
const typeError = { code: 'type-error' };

test('every decimal that fits is stored exactly, however many digits it has', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 18 }),
      fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n }),
      (scale, digits) => {
        const text = unscaled(digits, scale);
        expect(readCell(column.decimal(30, scale, { decimalMark: '.' }), text)).toBe(text);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('grouped and marked numbers read as the number they were written from', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 14n) + 1n, max: 10n ** 14n - 1n }),
      fc.constantFrom<[',' | '.' | ' ' | "'", '.' | ',']>(
        [',', '.'],
        ['.', ','],
        [' ', ','],
        ["'", '.'],
      ),
      (digits, [group, mark]) => {
        const plain = unscaled(digits, 2);
        const [whole = '', fraction = ''] = plain.split('.');
        const written = `${whole.replaceAll(/\B(?=(\d{3})+$)/g, group)}${mark}${fraction}`;
        expect(
          readCell(column.decimal(14, 2, { decimalMark: mark, thousandsMark: group }), written),
        ).toBe(plain);
      },
    ),
    { numRuns: 1_000 },
  );
});

const percent = column.decimal(9, 4, { percent: true });
const marked = { decimalMark: ',', thousandsMark: '.' } as const;

test.each([
  ['1,234.50', us, '1234.50'],
  ['1.234,50', german, '1234.50'],
  ['-0,5', german, '-0.50'],
  ['12,50-', german, '-12.50'],
  ['(12.50)', us, '-12.50'],
  ['\u{2212}12.50', us, '-12.50'],
  ['+7', us, '7.00'],
  [' 7 ', us, '7.00'],
  ['\u{A0}7\u{A0}', us, '7.00'],
  ['1 234,5', column.decimal(9, 2, { decimalMark: ',', thousandsMark: ' ' }), '1234.50'],
  ['1\u{202F}234,5', column.decimal(9, 2, { decimalMark: ',', thousandsMark: ' ' }), '1234.50'],
  ['1’234.5', column.decimal(9, 2, { thousandsMark: "'" }), '1234.50'],
  ['€ 12.50', column.decimal(9, 2, { decimalMark: '.', symbols: ['€', 'EUR'] }), '12.50'],
  ['-12.50 EUR', column.decimal(9, 2, { decimalMark: '.', symbols: ['€', 'EUR'] }), '-12.50'],
  ['5\u{202F}€', column.decimal(9, 2, { symbols: ['€'] }), '5.00'],
  ['\u{2009}5\u{FEFF}\u{3000}', us, '5.00'],
  ['1\u{2009}234,5', column.decimal(9, 2, { decimalMark: ',', thousandsMark: ' ' }), '1234.50'],
  ['12.50\u{2212}', us, '-12.50'],
  ['($12.50)', column.decimal(9, 2, { decimalMark: '.', symbols: ['$'] }), '-12.50'],
  ['-$12.50', column.decimal(9, 2, { decimalMark: '.', symbols: ['$'] }), '-12.50'],
  ['$-12.50', column.decimal(9, 2, { decimalMark: '.', symbols: ['$'] }), '-12.50'],
  ['12.50- £', column.decimal(9, 2, { decimalMark: '.', symbols: ['£'] }), '-12.50'],
  ['1.234,50 kr.', column.decimal(9, 2, { ...marked, symbols: ['kr.'] }), '1234.50'],
  ['12,-', column.decimal(9, 2, { ...marked, symbols: [',-'] }), '12.00'],
  ['12 %', percent, '0.1200'],
  ['-12.5%', percent, '-0.1250'],
  ['%7', percent, '0.0700'],
  ['(100 %)', percent, '-1.0000'],
  ['0%', percent, '0.0000'],
  ['12.500', us, '12.50'],
  ['0', us, '0.00'],
  ['-0', us, '0.00'],
  ['.5', us, '0.50'],
  ['5.', us, '5.00'],
])('%j is %#', (text, spec, expected) => {
  expect(readCell(spec, text)).toBe(expected);
});

test.each([
  ['12.345', us],
  ['1,23.50', us],
  ['12,34', us],
  ['1,2345', us],
  ['1.2.3', us],
  ['1e5', us],
  ['1234567890123.00', us],
  ['', column.decimal(9, 2, { required: true })],
  ['--1', us],
  ['-', us],
  ['.', us],
  ['NaN', us],
  ['٣', us],
  ['0x10', us],
  ['1 000', us],
  ['1.23.4', german],
  ['12.34.567', german],
  ['1.234.56', german],
  ['1,234,56', us],
  [',234', us],
  ['1,234,', us],
  ['€', column.decimal(9, 2, { symbols: ['€'] })],
  ['5 USD', column.decimal(9, 2, { symbols: ['EUR'] })],
  ['-5-', us],
  ['(-5)', us],
  ['12', percent],
  ['%', percent],
  ['12 %%', percent],
  ['12.345 %', percent],
])('%j is refused', (text, spec) => {
  expect(readCell(spec, text)).toHaveProperty('code');
});

test('a percentage of a workbook is a fraction already', () => {
  expect(readCell(percent, '0.125', { kind: 'number' })).toBe('0.1250');
  expect(readCell(percent, '1.234 %')).toEqual({ code: 'ambiguous-number' });
});

test('one mark cannot be for decimals and thousands', () => {
  expect(() => readCell(column.decimal(9, 2, { thousandsMark: '.' }), '1.234')).toThrow(
    'thousandsMark "." is the decimal mark too; declare decimalMark ","',
  );
});

test('a number with two readings is refused unless its marks are declared', () => {
  const undeclared = column.decimal(12, 3);
  expect(readCell(undeclared, '1.234')).toEqual({ code: 'ambiguous-number' });
  expect(readCell(undeclared, '-12,345')).toEqual({ code: 'ambiguous-number' });
  expect(readCell(undeclared, '0.234')).toBe('0.234');
  expect(readCell(undeclared, '1234.567')).toBe('1234.567');
  expect(readCell(undeclared, '12.50')).toBe('12.500');
  expect(readCell(column.decimal(12, 3, { decimalMark: '.' }), '1.234')).toBe('1.234');
  expect(readCell(german, '1.234')).toBe('1234.00');
  expect(readCell(undeclared, '1.234', { kind: 'number' })).toBe('1.234');
});

test('spreadsheet and JSON numbers are canonical whatever the marks are', () => {
  expect(readCell(german, '1234.5', { kind: 'number' })).toBe('1234.50');
  expect(readCell(german, '1.5e3', { kind: 'number' })).toBe('1500.00');
  expect(readCell(column.decimal(30, 9), '2.5E-7', { kind: 'number' })).toBe('0.000000250');
  expect(readCell(column.decimal(30, 2), '1e21', { kind: 'number' })).toBe(
    '1000000000000000000000.00',
  );
  expect(readCell(column.integer(), '5.0', { kind: 'number' })).toBe(5n);
  expect(readCell(column.integer(), '5.5', { kind: 'number' })).toEqual(typeError);
});

test('bounds are exact and include themselves', () => {
  const spec = column.decimal(30, 2, {
    decimalMark: '.',
    min: '0.01',
    max: '99999999999999999999.99',
  });
  expect(readCell(spec, '0.01')).toBe('0.01');
  expect(readCell(spec, '0.00')).toEqual({ code: 'constraint-error' });
  expect(readCell(spec, '99999999999999999999.99')).toBe('99999999999999999999.99');
  expect(readCell(spec, '100000000000000000000.00')).toEqual({ code: 'constraint-error' });
});

test('many decimals are exact where a double would lose one', () => {
  for (const text of ['0.999999999999999', '0.123456789012345', '-0.900000000000001']) {
    expect(readCell(column.decimal(20, 15, { decimalMark: '.' }), text)).toBe(text);
  }
});

test('integers reach from one end of 64 bits to the other', () => {
  for (const value of [0n, -1n, 2n ** 31n, -(2n ** 32n), 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    expect(readCell(column.integer(), String(value))).toBe(value);
  }
  expect(readCell(column.integer(), String(2n ** 63n))).toEqual(typeError);
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(readCell(column.integer(), String(value))).toBe(value);
    }),
  );
});
