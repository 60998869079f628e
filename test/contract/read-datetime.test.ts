import fc from 'fast-check';
import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { readCell } from './read.ts';

test('every date of the calendar is stored as itself', () => {
  const day = fc
    .integer({ min: Date.UTC(1, 0, 1) / 86_400_000 - 719_000, max: 2_932_896 })
    .map((days) => new Date(days * 86_400_000))
    .filter((date) => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999);
  fc.assert(
    fc.property(day, (date) => {
      const iso = date.toISOString().slice(0, 10);
      expect(readCell(column.date(), iso)).toBe(iso);
      const [year, month, dayOfMonth] = iso.split('-');
      expect(
        readCell(column.date({ format: 'dd.MM.yyyy' }), `${dayOfMonth}.${month}.${year}`),
      ).toBe(iso);
    }),
  );
});

test.each([
  ['31.3.2026', 'd.M.yyyy', '2026-03-31'],
  ['03/31/26', 'MM/dd/yy', '2026-03-31'],
  ['31-Mar-2026', 'dd-MMM-yyyy', '2026-03-31'],
  ['March 31, 2026', 'MMMM d, yyyy', '2026-03-31'],
  ['20260331', 'yyyyMMdd', '2026-03-31'],
  ['2026-02-29', 'yyyy-MM-dd', { code: 'type-error' }],
  ['2024-02-29', 'yyyy-MM-dd', '2024-02-29'],
  ['2026-04-31', 'yyyy-MM-dd', { code: 'type-error' }],
  ['31.03.2026 ', 'dd.MM.yyyy', '2026-03-31'],
  ['31.03.2026x', 'dd.MM.yyyy', { code: 'type-error' }],
  ['1.3.2026', 'dd.MM.yyyy', { code: 'type-error' }],
])('%j as %s', (text, format, expected) => {
  expect(readCell(column.date({ format }), text)).toEqual(expected);
});

test('dates without a declared format are never guessed', () => {
  expect(readCell(column.date(), '03/04/2025')).toEqual({ code: 'ambiguous-date' });
  expect(readCell(column.date(), '25/04/2025')).toEqual({ code: 'type-error' });
  expect(readCell(column.date(), '2025-04-25T00:00:00')).toBe('2025-04-25');
  expect(readCell(column.date(), '2025-04-25T10:00:00')).toEqual({ code: 'type-error' });
  expect(readCell(column.date(), '45000', { kind: 'number' })).toEqual({
    code: 'date-serial-as-number',
  });
  expect(readCell(column.date({ format: 'dd.MM.yyyy' }), '2025-04-25', { kind: 'date' })).toBe(
    '2025-04-25',
  );
});

test.each([
  ['2026-03-31T14:30:00Z', '2026-03-31T14:30:00.000000Z'],
  ['2026-03-31T14:30:00.123456+02:00', '2026-03-31T12:30:00.123456Z'],
  ['2026-03-31 14:30', '2026-03-31T12:30:00.000000Z'],
  ['2026-01-31 14:30:15,5', '2026-01-31T13:30:15.500000Z'],
  ['2026-03-29T02:30:00', '2026-03-29T01:30:00.000000Z'],
  ['2026-10-25T02:30:00', '2026-10-25T00:30:00.000000Z'],
  ['1999-12-31T23:59:59.999999Z', '1999-12-31T23:59:59.999999Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
  ['2026-03-31T14:30:00.1234567Z', { code: 'type-error' }],
  ['2026-03-31T24:00:00Z', { code: 'type-error' }],
  ['2026-03-31T14:30:00+99:00', { code: 'type-error' }],
])('the instant %j', (text, expected) => {
  expect(readCell(column.timestamp(), text, { zone: 'Europe/Berlin' })).toEqual(expected);
});

test('times of day', () => {
  expect(readCell(column.time(), '06:30')).toBe('06:30:00.000000');
  expect(readCell(column.time({ format: 'h:mm a' }), '6:30 pm')).toBe('18:30:00.000000');
  expect(readCell(column.time(), '1899-12-31T06:30:00', { kind: 'date' })).toBe('06:30:00.000000');
  expect(readCell(column.time(), '25:00')).toEqual({ code: 'type-error' });
});

test('bounds of dates and instants', () => {
  expect(readCell(column.date({ min: '2026-01-01' }), '2025-12-31')).toEqual({
    code: 'constraint-error',
  });
  expect(
    readCell(column.timestamp({ max: '2026-01-01T00:00:00Z' }), '2026-01-01T00:00:00.000001Z'),
  ).toEqual({ code: 'constraint-error' });
  expect(() => readCell(column.date({ min: 'soon' }), '2026-01-01')).toThrow(RangeError);
});

test.each([
  [column.date({ format: 'DD.MM.YYYY' }), 'format "DD.MM.YYYY" has "D", which means nothing'],
  [column.timestamp({ format: 'unix' }), 'format "unix" has "u", which means nothing'],
  [column.timestamp({ format: "yyyy-MM-dd'T'HH:mm:ssZ" }), 'has "Z", which means nothing'],
  [column.date({ format: 'MM/yyyy' }), 'format "MM/yyyy" has no "d"'],
  [column.time({ format: 'mm:ss' }), 'format "mm:ss" has no "H"'],
])('a format that cannot be meant is refused before anything is read (%o)', (spec, message) => {
  expect(() => readCell(spec, '2026-01-01')).toThrow(message);
});

test('a format may hold T and what stands in single quotes', () => {
  const spec = column.timestamp({ format: "yyyy-MM-ddTHH:mm' Uhr'XXX" });
  expect(readCell(spec, '2026-01-31T18:30 UhrZ')).toBe('2026-01-31T18:30:00.000000Z');
});
