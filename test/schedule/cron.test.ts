import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PlumblineError } from '../../src/errors.ts';
import { cron, parseCron } from '../../src/schedule/cron.ts';
import type { CronFields } from '../../src/schedule/cron.ts';

describe('cron', () => {
  it('gives a plain schedule with its spaces normalized', () => {
    expect(cron('  0   6 * *\t1-5 ')).toEqual({ kind: 'cron', expression: '0 6 * * 1-5' });
  });

  it.each([
    ['0 6 * * 1-5', { minutes: [0], hours: [6], daysOfWeek: [1, 2, 3, 4, 5] }],
    ['*/20 8-18/5 * * *', { minutes: [0, 20, 40], hours: [8, 13, 18] }],
    ['5,1,5 0 1,15 * *', { minutes: [1, 5], daysOfMonth: [1, 15] }],
    ['0 0 * jan,MAR-may *', { months: [1, 3, 4, 5] }],
    ['0 0 * * Sun', { daysOfWeek: [0] }],
    ['0 0 * * 7', { daysOfWeek: [0] }],
    ['0 0 * * fri-sun', { daysOfWeek: [0, 5, 6] }],
    ['0 0 * * */2', { daysOfWeek: [0, 2, 4, 6] }],
  ])('reads %s', (expression, fields) => {
    expect(parseCron(expression)).toMatchObject(fields);
  });

  it.each([
    ['0 0 1 * 1', true],
    ['0 0 * * 1', false],
    ['0 0 1 * *', false],
    ['0 0 */2 * 1', false],
  ])('knows whether %s is due when either day field matches', (expression, eitherDay) => {
    expect(parseCron(expression).eitherDay).toBe(eitherDay);
  });

  it.each([
    ['61 6 * * *', 'minute has "61"; expected 0 to 59'],
    ['0 24 * * *', 'hour has "24"; expected 0 to 23'],
    ['0 6 0 * *', 'day of month has "0"; expected 1 to 31'],
    ['0 6 * 13 *', 'month has "13"; expected 1 to 12 or jan to dec'],
    ['0 6 * * mo', 'day of week has "mo"; expected 0 to 7 or sun to sat'],
    ['0 6 * * 8', 'day of week has "8"; expected 0 to 7 or sun to sat'],
    ['* * *', 'it has 3 fields; expected five: minute, hour, day of month, month, day of week'],
    [
      '0 0 6 * * 1',
      'it has 6 fields; expected five: minute, hour, day of month, month, day of week',
    ],
    ['', 'it has 0 fields; expected five: minute, hour, day of month, month, day of week'],
    ['@daily', 'it has 1 field; expected five: minute, hour, day of month, month, day of week'],
    ['0 18-8 * * *', 'hour has the range "18-8"; expected the smaller value first'],
    ['5/10 * * * *', 'minute has "5/10"; expected a step over * or a range, e.g. 5-59/10'],
    ['*/0 * * * *', 'minute has the step "/0"; expected a step of 1 to 59'],
    ['*/60 * * * *', 'minute has the step "/60"; expected a step of 1 to 59'],
    ['1--2 * * * *', 'minute has "1--2"; expected a number, a range a-b, * or a step such as */10'],
    ['1,,2 * * * *', 'minute has ""; expected a number, a range a-b, * or a step such as */10'],
    ['0 0 L * *', 'day of month has "L"; expected 1 to 31'],
    [
      '0 0 31 feb,apr *',
      "day of month has 31, which month 2,4 never has; expected a day up to 30, or every.month().onDay('last')",
    ],
  ])('refuses %j, saying where and what', (expression, problem) => {
    expect(() => cron(expression)).toThrow(`cron('${expression}'): ${problem}`);
    expect(() => cron(expression)).toThrow(expect.objectContaining({ code: 'schedule-invalid' }));
  });

  it('accepts 29 February, which comes back', () => {
    expect(() => cron('0 0 29 2 *')).not.toThrow();
  });

  it('either parses or refuses any text, and gives values inside their fields', () => {
    const piece = fc.constantFrom('*', '/', '-', ',', ' ', '0', '7', '59', '31', 'mon', 'feb', 'x');
    const expressions = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(expressions, (expression) => {
        const outcome = attempt(() => parseCron(expression));
        expect(outcome instanceof PlumblineError || isInRange(outcome)).toBe(true);
      }),
    );
  });
});

function attempt(parse: () => CronFields): CronFields | PlumblineError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof PlumblineError) return error;
    throw error;
  }
}

function isInRange(fields: CronFields): boolean {
  const within = (values: readonly number[], min: number, max: number): boolean =>
    values.length > 0 && values.every((value) => value >= min && value <= max);
  return (
    within(fields.minutes, 0, 59) &&
    within(fields.hours, 0, 23) &&
    within(fields.daysOfMonth, 1, 31) &&
    within(fields.months, 1, 12) &&
    within(fields.daysOfWeek, 0, 6)
  );
}
