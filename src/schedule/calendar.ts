import { Temporal } from 'temporal-polyfill';

import type { Schedule } from '../contract/schedule.ts';
import { parseCron } from './cron.ts';
import { instantOf } from './local-time.ts';
import { weekdays } from './schema.ts';

/** A schedule as the calendar asks it: at which times of day, on which dates. */
interface Rule {
  /** Minutes after midnight, ascending. */
  readonly minutes: readonly number[];
  readonly isDueOn: (date: Temporal.PlainDate) => boolean;
  /** Nothing is due before this date. */
  readonly earliest: Temporal.PlainDate | undefined;
}

/** The Monday weeks are counted from when a schedule names no start. */
const epochMonday = Temporal.PlainDate.from('1970-01-05');

/**
 * Within this many days every schedule is due: 29 February on one weekday returns after 40 years
 * at most (from 2072 to 2112, across 2100, which is no leap year).
 */
const searchDaysMax = 41 * 366;

/** Local dates are searched this much wider than instants ask: zones lie up to a day apart, and one skipped a day. */
const marginDays = 2;

/**
 * The next `count` occurrences strictly after an instant, ascending, as ISO instants in UTC.
 *
 * A local time that the zone skips is due at the first instant after the gap, one that it repeats
 * is due once, the first time; two local times that fall on one instant are one occurrence. So a
 * job every 15 minutes pauses while the clocks repeat an hour.
 *
 * @param options.after ISO instant with `Z` or an offset.
 * @param options.zone IANA zone.
 */
export function nextOccurrences(
  schedule: Schedule,
  options: { readonly after: string; readonly zone: string; readonly count: number },
): string[] {
  const after = Temporal.Instant.from(options.after);
  const found: string[] = [];
  if (options.count < 1) return found;
  for (const instant of occurrencesAfter(schedule, after, options.zone)) {
    found.push(instant.toString());
    if (found.length >= options.count) break;
  }
  return found;
}

/** The latest occurrence at an instant or before it; undefined when the schedule starts later. */
export function previousOccurrence(
  schedule: Schedule,
  options: { readonly atOrBefore: string; readonly zone: string },
): string | undefined {
  const { zone } = options;
  const rule = ruleOf(schedule);
  const limit = Temporal.Instant.from(options.atOrBefore);
  let date = dateIn(zone, limit).add({ days: marginDays });
  for (let days = 0; days < searchDaysMax; days += 1) {
    if (rule.earliest !== undefined && Temporal.PlainDate.compare(date, rule.earliest) < 0) break;
    if (rule.isDueOn(date)) {
      for (const instant of instantsOn(date, rule, zone).reverse()) {
        if (Temporal.Instant.compare(instant, limit) <= 0) return instant.toString();
      }
    }
    date = date.subtract({ days: 1 });
  }
  return undefined;
}

/** All occurrences with `after` < occurrence ≤ `upTo`, ascending. */
export function occurrencesBetween(
  schedule: Schedule,
  options: { readonly after: string; readonly upTo: string; readonly zone: string },
): string[] {
  const after = Temporal.Instant.from(options.after);
  const upTo = Temporal.Instant.from(options.upTo);
  const found: string[] = [];
  for (const instant of occurrencesAfter(schedule, after, options.zone)) {
    if (Temporal.Instant.compare(instant, upTo) > 0) break;
    found.push(instant.toString());
  }
  return found;
}

/**
 * All occurrences strictly after an instant, ascending: walks the calendar as far as it is asked, or
 * until the schedule never comes again.
 */
export function* occurrencesAfter(
  schedule: Schedule,
  after: Temporal.Instant,
  zone: string,
): Generator<Temporal.Instant, void> {
  const rule = ruleOf(schedule);
  let date = dateIn(zone, after).subtract({ days: marginDays });
  if (rule.earliest !== undefined && Temporal.PlainDate.compare(date, rule.earliest) < 0) {
    date = rule.earliest;
  }
  let last = after;
  for (let idleDays = 0; idleDays < searchDaysMax; idleDays += 1) {
    if (rule.isDueOn(date)) {
      for (const instant of instantsOn(date, rule, zone)) {
        // Times in a gap all fall on its end: only the first of equal instants counts.
        if (Temporal.Instant.compare(instant, last) <= 0) continue;
        yield instant;
        last = instant;
        idleDays = 0;
      }
    }
    date = date.add({ days: 1 });
  }
}

function instantsOn(date: Temporal.PlainDate, rule: Rule, zone: string): Temporal.Instant[] {
  return rule.minutes.map((minute) =>
    instantOf(date.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 }), zone),
  );
}

function ruleOf(schedule: Schedule): Rule {
  switch (schedule.kind) {
    case 'daily':
      return { minutes: [minuteOf(schedule.time)], isDueOn: () => true, earliest: undefined };
    case 'weekly':
      return weeklyRule(schedule);
    case 'monthly': {
      const { day } = schedule;
      return {
        minutes: [minuteOf(schedule.time)],
        isDueOn: (date) =>
          date.day === (day === 'last' ? date.daysInMonth : Math.min(day, date.daysInMonth)),
        earliest: undefined,
      };
    }
    case 'cron':
      return cronRule(schedule.expression);
  }
}

function weeklyRule(schedule: Extract<Schedule, { kind: 'weekly' }>): Rule {
  const earliest =
    schedule.startDate === undefined ? undefined : Temporal.PlainDate.from(schedule.startDate);
  const start = earliest ?? epochMonday;
  const firstMonday = start.subtract({ days: start.dayOfWeek - 1 });
  const dayOfWeek = weekdays.indexOf(schedule.weekday) + 1;
  return {
    minutes: [minuteOf(schedule.time)],
    isDueOn: (date) =>
      date.dayOfWeek === dayOfWeek &&
      Math.floor(firstMonday.until(date).days / 7) % schedule.weeks === 0,
    earliest,
  };
}

function cronRule(expression: string): Rule {
  const fields = parseCron(expression);
  const months = new Set(fields.months);
  const daysOfMonth = new Set(fields.daysOfMonth);
  const daysOfWeek = new Set(fields.daysOfWeek);
  return {
    minutes: fields.hours.flatMap((hour) => fields.minutes.map((minute) => hour * 60 + minute)),
    isDueOn: (date) => {
      if (!months.has(date.month)) return false;
      const dayOfMonth = daysOfMonth.has(date.day);
      const dayOfWeek = daysOfWeek.has(date.dayOfWeek % 7);
      return fields.eitherDay ? dayOfMonth || dayOfWeek : dayOfMonth && dayOfWeek;
    },
    earliest: undefined,
  };
}

function minuteOf(time: string): number {
  const [hour, minute] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}

function dateIn(zone: string, instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(zone).toPlainDate();
}
