import type { Schedule } from '../contract/schedule.ts';
import { nextOccurrences, previousOccurrence } from './calendar.ts';

/** A source or digest with its schedule. */
export interface ScheduledJob {
  readonly name: string;
  readonly schedule: Schedule;
}

export interface ListedOccurrence {
  readonly job: string;
  /** ISO instant in UTC: `2026-11-23T04:30:00Z`. */
  readonly at: string;
  /** The zone the schedule is meant in. */
  readonly zone: string;
}

/**
 * The next `count` occurrences over all jobs, the one at `from` itself included, in time order;
 * jobs due at one instant come by name.
 */
export function listSchedule(
  jobs: readonly ScheduledJob[],
  options: { readonly from: string; readonly count: number; readonly zone: string },
): ListedOccurrence[] {
  const { from, zone, count } = options;
  return jobs
    .flatMap(({ name, schedule }) =>
      occurrencesFrom(schedule, { from, zone, count }).map((at) => ({ job: name, at, zone })),
    )
    .sort((a, b) => compareText(a.at, b.at) || compareText(a.job, b.job))
    .slice(0, Math.max(count, 0));
}

function occurrencesFrom(
  schedule: Schedule,
  options: { readonly from: string; readonly zone: string; readonly count: number },
): string[] {
  const { from, zone, count } = options;
  const next = nextOccurrences(schedule, { after: from, zone, count });
  const previous = previousOccurrence(schedule, { atOrBefore: from, zone });
  const isAtFrom = previous !== undefined && Date.parse(previous) === Date.parse(from);
  return isAtFrom ? [previous, ...next] : next;
}

/** By code unit: the same order on every machine, and right for instants of one form. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
