import { expect, test } from 'vitest';

import { expressionFaults } from '../../../src/stack/checks/cron-faults.ts';

test.each([
  'cron(0 6 ? * MON *)',
  'cron(30 5 * * ? *)',
  'cron(0 7 L * ? *)',
  'cron(0 7 15W * ? *)',
  'cron(0/15 6-18 ? JAN-MAR,12 MON-FRI 2026-2030)',
  'cron(0 0 ? * 6L *)',
  'cron(0 0 ? * 2#1 *)',
  'cron(59 23 31 12 ? 2199)',
  'at(2028-02-29T06:00:00)',
])('%s is one', (expression) => {
  expect(expressionFaults(expression)).toEqual([]);
});

test.each([
  ['cron(0 6 * * MON *)', 'expected ? as day of month'],
  ['cron(0 6 ? * ? *)', 'expected ? as day of month'],
  ['cron(0 6 * * *)', '5 fields'],
  ['cron(0 6 ? * MON * *)', '7 fields'],
  ['cron(60 6 ? * MON *)', "'60' is no minutes; expected 0 to 59"],
  ['cron(0 24 ? * MON *)', "'24' is no hours"],
  ['cron(0 6 32 * ? *)', "'32' is no day of month"],
  ['cron(0 6 ? 13 MON *)', "'13' is no month"],
  ['cron(0 6 ? * 0 *)', "'0' is no day of week"],
  ['cron(0 6 ? * MUN *)', "'MUN' is no day of week"],
  ['cron(0 6 ? * MON 1969)', "'1969' is no year"],
  ['cron(0 6 ? * L, *)', 'is no day of week'],
  ['cron(*/0 6 ? * MON *)', 'is no minutes'],
  ['cron(1-2-3 6 ? * MON *)', 'is no minutes'],
  ['rate(14 days)', 'expected cron(six fields) or at('],
  ['at(2027-02-29T06:00:00)', 'is no date'],
  ['at(2027-02-28T06:00)', 'expected cron'],
  ['0 6 ? * MON *', 'expected cron'],
])('%s is none', (expression, fault) => {
  expect(expressionFaults(expression).join('; ')).toContain(fault);
});
