import type { Schedule } from '../contract/schedule.ts';

/** A schedule in words: `every 2 weeks on Monday at 06:00 from 2026-01-05`. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'daily':
      return `every day at ${schedule.time}`;
    case 'weekly': {
      const weeks = schedule.weeks === 1 ? 'week' : `${schedule.weeks} weeks`;
      const day = schedule.weekday.charAt(0).toUpperCase() + schedule.weekday.slice(1);
      const from = schedule.startDate === undefined ? '' : ` from ${schedule.startDate}`;
      return `every ${weeks} on ${day} at ${schedule.time}${from}`;
    }
    case 'monthly': {
      const day = schedule.day === 'last' ? 'last day' : ordinal(schedule.day);
      return `every month on the ${day} at ${schedule.time}`;
    }
    case 'cron':
      return `cron ${schedule.expression}`;
  }
}

const suffixes = new Map([
  [1, 'st'],
  [2, 'nd'],
  [3, 'rd'],
]);

/** 1st, 2nd, 3rd, 4th, 11th, 21st: for 1 to 31. */
function ordinal(day: number): string {
  const isTeen = day >= 11 && day <= 13;
  return `${day}${(isTeen ? undefined : suffixes.get(day % 10)) ?? 'th'}`;
}
