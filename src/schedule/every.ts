import type { z } from 'zod';

import type { Schedule, Weekday } from '../contract/schedule.ts';
import { PlumblineError } from '../errors.ts';
import {
  calendarDateSchema,
  dayOfMonthSchema,
  timeOfDaySchema,
  weekdaySchema,
  weeksSchema,
} from './schema.ts';

type Daily = Extract<Schedule, { kind: 'daily' }>;
type Weekly = Extract<Schedule, { kind: 'weekly' }>;
type Monthly = Extract<Schedule, { kind: 'monthly' }>;

/** A schedule as it stands, with the steps that refine it; each step gives a new value. */
export interface DailyBuilder extends Daily {
  /** Time of day `HH:MM`, 24 hours, in the company's zone. Default `'06:00'`. */
  readonly at: (time: string) => DailyBuilder;
}

export interface WeeklyBuilder extends Weekly {
  /** Default `'monday'`. */
  readonly on: (weekday: Weekday) => WeeklyBuilder;
  /** Time of day `HH:MM`, 24 hours, in the company's zone. Default `'06:00'`. */
  readonly at: (time: string) => WeeklyBuilder;
  /**
   * `YYYY-MM-DD`: nothing is due before it, and weeks are counted from the one it lies in (Monday
   * to Sunday). Without it weeks are counted from that of 1970-01-05.
   */
  readonly from: (date: string) => WeeklyBuilder;
}

export interface MonthlyBuilder extends Monthly {
  /** 1 to 31 or `'last'`; in a month that is too short for it, the last day. Default 1. */
  readonly onDay: (day: number | 'last') => MonthlyBuilder;
  /** Time of day `HH:MM`, 24 hours, in the company's zone. Default `'06:00'`. */
  readonly at: (time: string) => MonthlyBuilder;
}

/** When no `at` says otherwise: before people come to work. */
const defaultTime = '06:00';

/**
 * Schedules said as people mean them: `every.day().at('05:30')`,
 * `every.weeks(2).on('monday').at('06:00').from('2026-01-05')`, `every.month().onDay('last')`.
 * Steps may come in any order and be left out; what is built is a plain `Schedule` at every step.
 *
 * @throws PlumblineError `schedule-invalid`, naming the step, the value and what was expected.
 */
export const every = {
  day: (): DailyBuilder => daily({ kind: 'daily', time: defaultTime }),
  /** The same as `weeks(1)`. */
  week: (): WeeklyBuilder => every.weeks(1),
  /** Every so many weeks, 1 to 52. */
  weeks: (weeks: number): WeeklyBuilder =>
    weekly({
      kind: 'weekly',
      weeks: checked(weeksSchema, `every.weeks(${literal(weeks)})`, weeks),
      weekday: 'monday',
      time: defaultTime,
      startDate: undefined,
    }),
  month: (): MonthlyBuilder => monthly({ kind: 'monthly', day: 1, time: defaultTime }),
} as const;

function daily(value: Daily): DailyBuilder {
  return withSteps(value, { at: (time: string) => daily({ ...value, time: timeOfDay(time) }) });
}

function weekly(value: Weekly): WeeklyBuilder {
  return withSteps(value, {
    on: (day: Weekday) =>
      weekly({ ...value, weekday: checked(weekdaySchema, `.on(${literal(day)})`, day) }),
    at: (time: string) => weekly({ ...value, time: timeOfDay(time) }),
    from: (date: string) =>
      weekly({ ...value, startDate: checked(calendarDateSchema, `.from(${literal(date)})`, date) }),
  });
}

function monthly(value: Monthly): MonthlyBuilder {
  return withSteps(value, {
    onDay: (day: number | 'last') =>
      monthly({ ...value, day: checked(dayOfMonthSchema, `.onDay(${literal(day)})`, day) }),
    at: (time: string) => monthly({ ...value, time: timeOfDay(time) }),
  });
}

/** Steps are hidden properties, so that the value prints, compares and serializes as a Schedule. */
function withSteps<V extends Schedule, S extends Record<string, unknown>>(
  value: V,
  steps: S,
): V & S {
  const hidden = Object.entries(steps).map(([name, step]) => [name, { value: step }] as const);
  // defineProperties adds exactly the properties of S; its type cannot say so.
  return Object.freeze(Object.defineProperties({ ...value }, Object.fromEntries(hidden))) as V & S;
}

function timeOfDay(time: string): string {
  return checked(timeOfDaySchema, `.at(${literal(time)})`, time);
}

function checked<T>(schema: z.ZodType<T>, call: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PlumblineError('schedule-invalid', {
    message: `${call}: ${issue?.message ?? 'not understood'}`,
  });
}

/** The argument as a project file spells it. */
function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
