import { occurrencesBetween } from 'plumbline/runtime';

import type { SchedulePlan } from '../plan/plan.ts';

/** Three weeks late enough that every start date has passed; with a change of the clocks in Europe and America. */
const window = { after: '2031-03-03T00:00:00Z', upTo: '2031-04-01T00:00:00Z' };

/**
 * The longest time, in hours, in which none of the schedules is due; undefined without any schedule,
 * or when weeks can pass. Asked of the calendar and not of the expressions: a guarded schedule fires
 * more often than it runs.
 */
export function longestSilenceHours(schedules: readonly SchedulePlan[]): number | undefined {
  const due = schedules
    .flatMap(({ schedule, zone }) => occurrencesBetween(schedule, { ...window, zone }))
    .map((instant) => Date.parse(instant))
    .sort((a, b) => a - b);
  if (due.length < 2) return undefined;
  let longest = 0;
  let last = Date.parse(window.after);
  for (const each of [...due, Date.parse(window.upTo)]) {
    longest = Math.max(longest, each - last);
    last = each;
  }
  return longest / 3_600_000;
}
