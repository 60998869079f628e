import { describe, expect, it } from 'vitest';

import { parseDuration } from '../../src/contract/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['1 hour', 3_600_000],
    ['30 minutes', 1_800_000],
    ['2 days', 172_800_000],
    ['1 week', 604_800_000],
    ['45 seconds', 45_000],
    ['0 seconds', 0],
    ['1 day 12 hours', 129_600_000],
    [' 15 Days ', 1_296_000_000],
    ['15days', 1_296_000_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    'hour',
    '1',
    '-1 hour',
    '1.5 hours',
    '1 month',
    '2 years',
    '1 hour or so',
    '1 constructor',
    '99999999999999 weeks',
  ])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  });
});
