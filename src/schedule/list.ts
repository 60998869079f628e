import { Temporal } from 'temporal-polyfill';

import type { Schedule } from '../contract/schedule.ts';
import { occurrencesAfter } from './calendar.ts';

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
 * The next `count` occurrences over all jobs, one at `from` itself included, in time order; jobs due
 * at one instant come by name.
 *
 * @param options.from ISO instant with `Z` or an offset.
 */
export function listSchedule(
  jobs: readonly ScheduledJob[],
  options: { readonly from: string; readonly count: number; readonly zone: string },
): ListedOccurrence[] {
  const { from, zone, count } = options;
  const justBefore = Temporal.Instant.from(from).subtract({ nanoseconds: 1 });
  const queues = jobs.map(({ name, schedule }) => {
    const occurrences = occurrencesAfter(schedule, justBefore, zone);
    return { job: name, occurrences, next: occurrences.next() };
  });
  const listed: ListedOccurrence[] = [];
  while (listed.length < count) {
    const [first] = queues.filter(({ next }) => next.done !== true).sort(byTimeThenName);
    if (first === undefined || first.next.done === true) break;
    listed.push({ job: first.job, at: first.next.value.toString(), zone });
    first.next = first.occurrences.next();
  }
  return listed;
}

/** What is still to come of a job; its calendar is walked only as far as the list reaches. */
interface Queue {
  readonly job: string;
  readonly next: IteratorResult<Temporal.Instant, void>;
}

function byTimeThenName(a: Queue, b: Queue): number {
  if (a.next.done === true || b.next.done === true) return 0;
  // Names by code unit: the same order on every machine.
  return (
    Temporal.Instant.compare(a.next.value, b.next.value) ||
    (a.job < b.job ? -1 : a.job > b.job ? 1 : 0)
  );
}
