import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  guessCursorOrder,
  isOverlap,
  laterCursor,
  rewindCursor,
} from '../../../src/source/api/cursor.ts';

describe('laterCursor', () => {
  it.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T09:30:00-01:00', 'instant', '2026-03-01T09:30:00-01:00'],
    [
      '2026-03-01T10:00:00.000001Z',
      '2026-03-01T10:00:00Z',
      'instant',
      '2026-03-01T10:00:00.000001Z',
    ],
    ['2026-03-01T10:00:00.9Z', '2026-03-01T10:00:00.10Z', 'instant', '2026-03-01T10:00:00.9Z'],
    ['2026-03-02', '2026-03-01T23:00:00Z', 'instant', '2026-03-02'],
    ['9', '10', 'number', '10'],
    ['9007199254740993', '9007199254740992', 'number', '9007199254740993'],
    ['-5', '-7', 'number', '-5'],
    ['1.5', '1.45', 'number', '1.5'],
    ['b', 'a', 'text', 'b'],
  ] as const)('of %s and %s by %s is %s', (a, b, order, expected) => {
    expect(laterCursor(a, b, order)).toBe(expected);
    expect(laterCursor(b, a, order)).toBe(expected);
  });

  it('is never moved by a value that is not of the order', () => {
    expect(laterCursor('2026-03-01T10:00:00Z', 'not a date', 'instant')).toBe(
      '2026-03-01T10:00:00Z',
    );
    expect(laterCursor('2026-03-01T10:00:00Z', '2026-02-31T10:00:00Z', 'instant')).toBe(
      '2026-03-01T10:00:00Z',
    );
    expect(laterCursor('12', 'n/a', 'number')).toBe('12');
    expect(laterCursor(undefined, '', 'text')).toBeUndefined();
  });

  it('orders instants as Date does', () => {
    const date = fc.date({
      noInvalidDate: true,
      min: new Date('1900-01-01'),
      max: new Date('2100-01-01'),
    });
    fc.assert(
      fc.property(date, date, (a, b) => {
        const later = laterCursor(a.toISOString(), b.toISOString(), 'instant');
        expect(later).toBe((a < b ? b : a).toISOString());
      }),
    );
  });
});

describe('rewindCursor', () => {
  it.each([
    ['2026-03-01T00:30:00Z', '1 hour', '2026-02-28T23:30:00Z'],
    ['2026-03-01T10:00:00.123456Z', '30 minutes', '2026-03-01T09:30:00.123456Z'],
    ['2026-03-01 10:00:00+02:00', '1 day', '2026-02-28 10:00:00+02:00'],
    ['2026-03-01T10:00:00', '2 hours', '2026-03-01T08:00:00'],
    ['2026-03-01T10:00', '2 hours', '2026-03-01T08:00'],
    ['2026-03-01', '2 days', '2026-02-27'],
    ['2026-03-01', '1 hour', '2026-02-28'],
    ['1969-12-31T23:59:59.5Z', '1 second', '1969-12-31T23:59:58.5Z'],
    ['1000', '100', '900'],
    ['10.50', '1', '9.50'],
    ['9007199254740993', '1', '9007199254740992'],
    ['1', '2.5', '-1.5'],
  ])('moves %s back by %s to %s', (cursor, overlap, expected) => {
    expect(rewindCursor(cursor, overlap)).toBe(expected);
  });

  it.each([
    ['1000', '1 hour'],
    ['2026-03-01T10:00:00Z', '100'],
    ['abc', '1 hour'],
  ])('refuses %s back by %s', (cursor, overlap) => {
    expect(() => rewindCursor(cursor, overlap)).toThrow(RangeError);
  });
});

describe('what a cursor looks like', () => {
  it('tells instants, numbers and texts apart', () => {
    expect(
      ['2026-03-01', '2026-03-01T10:00:00+0100', '20260301', '-1.5', 'abc', '2026-13-01'].map(
        guessCursorOrder,
      ),
    ).toEqual(['instant', 'instant', 'number', 'number', 'text', 'text']);
    expect(['1 hour', '100', 'soon', ''].map(isOverlap)).toEqual([true, true, false, false]);
  });
});
