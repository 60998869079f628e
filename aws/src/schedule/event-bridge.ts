import { clockGaps, occurrencesBetween, parseCron } from 'plumbline/runtime';
import type { Schedule } from 'plumbline/runtime';

import { writeField } from './write-field.ts';

/** An expression of EventBridge Scheduler, meant in the company's zone. */
export interface Firing {
  /**
   * `cron(0 6 ? * MON *)`. EventBridge takes 256 characters; the longest lists of values there can be
   * give fewer than 250: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
   */
  readonly expression: string;
  /** Why not every firing counts; undefined: every one does. */
  readonly guard: string | undefined;
}

/** The fields of an expression, as values; undefined days: any. */
interface Fields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly days:
    | { readonly of: 'month'; readonly list: readonly number[] | 'last' }
    /** 0 is Sunday. */
    | { readonly of: 'week'; readonly list: readonly number[] }
    | { readonly of: 'all' };
  readonly guard?: string;
}

const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const allMonths = Array.from({ length: 12 }, (_, index) => index + 1);
const allDays = Array.from({ length: 31 }, (_, index) => index + 1);

/**
 * The firings that make a schedule happen: together they hit every occurrence that the calendar
 * gives, within a minute. A firing on which nothing is due, or what was due has run, is harmless:
 * the function asks the calendar, and a run is unique for its job and occurrence.
 *
 * Rules of the expressions: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function firingsOf(schedule: Schedule, zone: string): readonly Firing[] {
  const fields = [...fieldsOf(schedule), ...afterGaps(schedule, zone)];
  return fields.map((each) => ({ expression: expressionOf(each), guard: each.guard }));
}

function fieldsOf(schedule: Schedule): readonly Fields[] {
  switch (schedule.kind) {
    case 'daily':
      return [{ ...timeOf(schedule.time), months: allMonths, days: { of: 'all' } }];
    case 'weekly':
      return [weeklyFields(schedule)];
    case 'monthly':
      return monthlyFields(schedule);
    case 'cron':
      return cronFields(schedule.expression);
  }
}

function weeklyFields(schedule: Extract<Schedule, { kind: 'weekly' }>): Fields {
  const { weeks, weekday, startDate, time } = schedule;
  const day = weekday.charAt(0).toUpperCase() + weekday.slice(1);
  const reasons = [
    ...(weeks === 1 ? [] : [`it is due every ${weeks} weeks, and this fires on every ${day}`]),
    ...(startDate === undefined ? [] : [`nothing is due before ${startDate}`]),
  ];
  return {
    ...timeOf(time),
    months: allMonths,
    days: { of: 'week', list: [weekdays.indexOf(weekday)] },
    ...(reasons.length === 0 ? {} : { guard: reasons.join('; ') }),
  };
}

/** A day that a month does not have is its last day: from the 29th on months differ. */
function monthlyFields(schedule: Extract<Schedule, { kind: 'monthly' }>): readonly Fields[] {
  const time = timeOf(schedule.time);
  const { day } = schedule;
  const last = { of: 'month', list: 'last' } as const;
  if (day === 'last' || day === 31) return [{ ...time, months: allMonths, days: last }];
  const exact = { of: 'month', list: [day] } as const;
  if (day < 29) return [{ ...time, months: allMonths, days: exact }];
  const long = allMonths.filter((month) => month !== 2);
  return [
    { ...time, months: long, days: exact },
    { ...time, months: [2], days: last },
  ];
}

function cronFields(expression: string): readonly Fields[] {
  const { minutes, hours, months, daysOfMonth, daysOfWeek, eitherDay } = parseCron(expression);
  const times = { minutes, hours, months };
  const ofMonth = { ...times, days: { of: 'month', list: daysOfMonth } } as const;
  const ofWeek = { ...times, days: { of: 'week', list: daysOfWeek } } as const;
  const anyOfMonth = daysOfMonth.length === 31;
  const anyOfWeek = daysOfWeek.length === 7;
  if (anyOfMonth && anyOfWeek) return [{ ...times, days: { of: 'all' } }];
  if (eitherDay) {
    // Either field may match, and one that matches every day says it all.
    if (anyOfMonth || anyOfWeek) return [{ ...times, days: { of: 'all' } }];
    return [ofMonth, ofWeek];
  }
  if (anyOfWeek) return [ofMonth];
  if (anyOfMonth) return [ofWeek];
  return [{ ...ofWeek, guard: `only days ${daysOfMonth.join(', ')} of the month count` }];
}

function timeOf(time: string): Pick<Fields, 'minutes' | 'hours'> {
  const [hour = '0', minute = '0'] = time.split(':');
  return { minutes: [Number(minute)], hours: [Number(hour)] };
}

/**
 * How far ahead gaps are looked for. Rules of zones rarely change in pattern; those that follow the
 * moon (Africa/Casablanca) wander through the months, and come round in some thirty years.
 */
const gapsWithin = { after: '2025-01-01T00:00:00Z', upTo: '2060-01-01T00:00:00Z' } as const;

/**
 * What EventBridge leaves out: a local time that the clocks skip. It is due at the end of the gap
 * (docs/decisions/0006), so there is a firing at each time of day that a gap ends at, on the
 * weekdays and in the months that gaps fall in; on most of these days nothing is due.
 */
function afterGaps(schedule: Schedule, zone: string): readonly Fields[] {
  const byTime = new Map<string, { months: Set<number>; weekdays: Set<number> }>();
  for (const gap of clockGaps(zone, gapsWithin)) {
    if (!isLostIn(schedule, gap)) continue;
    const end = new Date(`${gap.to}Z`);
    const time = gap.to.slice(11, 16);
    const days = byTime.get(time) ?? { months: new Set(), weekdays: new Set() };
    days.months.add(end.getUTCMonth() + 1);
    days.weekdays.add(end.getUTCDay());
    byTime.set(time, days);
  }
  return [...byTime].map(([time, days]) => ({
    ...timeOf(time),
    months: ascending(days.months),
    days: { of: 'week', list: ascending(days.weekdays) },
    guard: `it counts only where the clocks of ${zone} go forward, past a time that is due`,
  }));
}

/** Whether a gap has a time that is due, and its end is none by itself. */
function isLostIn(
  schedule: Schedule,
  gap: { readonly from: string; readonly to: string },
): boolean {
  // In UTC, which skips nothing, the calendar gives the times as they are written.
  const written = occurrencesBetween(schedule, {
    after: new Date(Date.parse(`${gap.from}Z`) - 1000).toISOString(),
    upTo: `${gap.to}Z`,
    zone: 'UTC',
  });
  return written.length > 0 && Date.parse(written.at(-1) ?? '') !== Date.parse(`${gap.to}Z`);
}

function expressionOf({ minutes, hours, months, days }: Fields): string {
  const [dayOfMonth, dayOfWeek] =
    days.of === 'all'
      ? ['*', '?']
      : days.of === 'week'
        ? ['?', writeField(days.list, [0, 1, 2, 3, 4, 5, 6], weekdayNames)]
        : [days.list === 'last' ? 'L' : writeField(days.list, allDays), '?'];
  const minute = writeField(
    minutes,
    Array.from({ length: 60 }, (_, index) => index),
  );
  const hour = writeField(
    hours,
    Array.from({ length: 24 }, (_, index) => index),
  );
  const month = writeField(months, allMonths);
  return `cron(${minute} ${hour} ${dayOfMonth} ${month} ${dayOfWeek} *)`;
}

function ascending(values: ReadonlySet<number>): readonly number[] {
  return [...values].sort((a, b) => a - b);
}
