import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { compareDecimals } from '../../src/contract/compare-decimals.ts';
import { matchHeader } from '../../src/contract/match-header.ts';
import { writeRowHash } from '../../src/contract/row-hash.ts';
import { readCell } from './read.ts';

test('the row hash is MurmurHash3 x86 128 as published', () => {
  const hash = (text: string): string => {
    const bytes = Buffer.from(`__${text}`);
    const into = Buffer.alloc(16);
    writeRowHash(bytes, 2, bytes.length, into, 0);
    return into.toString('hex');
  };
  expect(hash('')).toBe('00000000000000000000000000000000');
  expect(hash('The quick brown fox jumps over the lazy dog')).toBe(
    '2f1583c3ecee2c675d7bf66ce5e91d2c',
  );
  const lengths = Array.from({ length: 40 }, (_, length) => hash('a'.repeat(length)));
  expect(new Set(lengths).size).toBe(40);
});

test('columns are found by label, whatever their order and case', () => {
  const columns = {
    invoice: column.text({ header: ['Invoice #', 'Invoice'] }),
    amount: column.decimal(9, 2),
  };
  expect(matchHeader(columns, ['AMOUNT', 'note', ' invoice\n# '], 'a.csv')).toEqual({
    cells: [2, 0],
    extra: ['note'],
  });
});

test('a column without a declared label is found by its name, also with spaces in it', () => {
  const columns = { row_id: column.integer(), order_date: column.date() };
  expect(matchHeader(columns, ['Order Date', 'ROW_ID'], 'a.csv').cells).toEqual([1, 0]);
  expect(() => matchHeader(columns, ['Row ID', 'row_id', 'Order Date'], 'a.csv')).toThrow(
    expect.objectContaining({ code: 'duplicate-label' }),
  );
});

test('a missing label names what is there and what was meant', () => {
  const columns = { invoice: column.text({ header: 'Invoice #' }), amount: column.decimal(9, 2) };
  expect(() => matchHeader(columns, ['Invoce #', 'amount'], 'data/a.csv')).toThrow(
    expect.objectContaining({
      code: 'missing-label',
      message: expect.stringMatching(
        /^data\/a\.csv: no column is labelled "Invoice #".*Did you mean "Invoce #"\? Its labels are "Invoce #", "amount"\.$/,
      ),
      remedy: expect.stringContaining('header: "Invoce #"'),
    }),
  );
  expect(() => matchHeader(columns, ['Invoice #', 'amount', 'Amount'], 'a.csv')).toThrow(
    expect.objectContaining({ code: 'duplicate-label' }),
  );
});

test('all missing labels are named at once', () => {
  const columns = {
    one: column.text(),
    two: column.text({ header: 'Zwei' }),
    three: column.text(),
  };
  expect(() => matchHeader(columns, ['three'], 'a.csv')).toThrow(
    'a.csv: no column is labelled "one" (column "one" of the contract). Also, no column is labelled "Zwei" (column "two" of the contract). Its labels are "three".',
  );
});

test('text keeps what was written but for white space around it', () => {
  expect(readCell(column.text(), '  Müller \u{A0}')).toBe('Müller');
  expect(readCell(column.text({ trim: false }), ' a ')).toBe(' a ');
  expect(readCell(column.text(), '   ')).toBeNull();
  expect(readCell(column.text({ missing: ['n/a'] }), 'n/a')).toBeNull();
  expect(readCell(column.text({ maxLength: 2 }), '🙂🙂')).toBe('🙂🙂');
  expect(readCell(column.text({ maxLength: 2 }), '🙂🙂🙂')).toEqual({ code: 'constraint-error' });
  expect(readCell(column.text({ pattern: /^[A-Z]+$/g }), 'ABC')).toBe('ABC');
  expect(readCell(column.text(), '#N/A', { kind: 'error' })).toEqual({ code: 'formula-error' });
});

test('booleans, one-of and JSON', () => {
  expect(readCell(column.boolean(), 'YES')).toBe(true);
  expect(readCell(column.boolean({ falseValues: ['nein'] }), 'Nein')).toBe(false);
  expect(readCell(column.boolean(), 'maybe')).toEqual({ code: 'type-error' });
  expect(readCell(column.oneOf(['Net', 'Gross'], { ignoreCase: true }), 'net')).toBe('Net');
  expect(readCell(column.oneOf(['Net']), 'net')).toEqual({ code: 'constraint-error' });
  expect(readCell(column.json(), '{"a":[1]}')).toEqual({ a: [1] });
  expect(readCell(column.json(), '{a}')).toEqual({ code: 'type-error' });
});

test('decimals compare as numbers, not as texts', () => {
  expect(compareDecimals('10.00', '9.5')).toBe(1);
  expect(compareDecimals('-10', '-9.99')).toBe(-1);
  expect(compareDecimals('1.50', '1.5')).toBe(0);
});
