import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  formatElapsed,
  formatSerialDate,
  formatSerialTime,
} from '../../../src/source/excel/serial-date.ts';

test.each([
  [1, '1900-01-01'],
  [59, '1900-02-28'],
  [60, '1900-02-29'],
  [61, '1900-03-01'],
  [45_000, '2023-03-15'],
  [45_000.5, '2023-03-15T12:00:00'],
  [42_488.47916666667, '2016-04-28T11:30:00'],
  [0.25, '1900-01-00T06:00:00'],
  [0, '1900-01-00'],
  [45_000.999999999, '2023-03-16'],
  [45_000.000001, '2023-03-15T00:00:00.086'],
  [2_958_465, '9999-12-31'],
])('serial %d is %s', (serial, text) => {
  expect(formatSerialDate(serial, false)).toBe(text);
});

test.each([
  [0, '1904-01-01'],
  [1462, '1908-01-02'],
  [42_000.25, '2018-12-28T06:00:00'],
])('serial %d of 1904 is %s', (serial, text) => {
  expect(formatSerialDate(serial, true)).toBe(text);
});

test.each([-1, 2_958_466, Number.NaN, Number.POSITIVE_INFINITY])('%d is no date', (serial) => {
  expect(formatSerialDate(serial, false)).toBeUndefined();
});

test('every second from March 1900 on is the serial it was made from', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1900, 2, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 }),
      (seconds) => {
        const serial = (seconds * 1000 - Date.UTC(1899, 11, 30)) / 86_400_000;
        const iso = new Date(seconds * 1000).toISOString().slice(0, 19);
        expect(formatSerialDate(serial, false)).toBe(iso.replace('T00:00:00', ''));
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each([
  [1.5625, '37:30:00'],
  [-0.5, '-12:00:00'],
  [0, '00:00:00'],
  [100, '2400:00:00'],
])('%d days have elapsed as %s', (days, text) => {
  expect(formatElapsed(days)).toBe(text);
});

test.each([
  [0, '1899-12-31T00:00:00'],
  [0.25, '1899-12-31T06:00:00'],
  [0.604166666666667, '1899-12-31T14:30:00'],
  [0.999999999999, '1899-12-31T00:00:00'],
])('the time of day %d is %s', (serial, text) => {
  expect(formatSerialTime(serial)).toBe(text);
});
