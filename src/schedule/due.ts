import { Temporal } from 'temporal-polyfill';

import type { Schedule } from '../contract/schedule.ts';
import { occurrencesBetween, previousOccurrence } from './calendar.ts';

/**
 * What becomes of occurrences that passed while no worker ran: only the latest is run (default), all
 * of them are, or none.
 */
export type CatchUp = 'latest' | 'all' | 'none';

/** Occurrences of one job run at most after a long pause, the latest ones. */
const caughtUpMax = 100;

export interface DueQuestion {
  readonly schedule: Schedule;
  readonly zone: string;
  readonly now: string;
  readonly catchUp: CatchUp;
  /** The last occurrence that was run, or since when the job is known: later ones are due. */
  readonly after: string;
  /** When this worker began; what passed before it was missed. */
  readonly workerStart: string;
}

/** Occurrences that are to be run now, ascending. */
export function dueOccurrences(question: DueQuestion): string[] {
  const { schedule, zone, now, catchUp, after, workerStart } = question;
  switch (catchUp) {
    case 'all':
      return occurrencesBetween(schedule, { after, upTo: now, zone }).slice(-caughtUpMax);
    case 'latest':
      return latestBetween(after);
    case 'none':
      return latestBetween(later(after, workerStart));
  }

  function latestBetween(start: string): string[] {
    const latest = previousOccurrence(schedule, { atOrBefore: now, zone });
    return latest !== undefined && isAfter(latest, start) ? [latest] : [];
  }
}

export function isAfter(a: string, b: string): boolean {
  return Temporal.Instant.compare(Temporal.Instant.from(a), Temporal.Instant.from(b)) > 0;
}

export function later(a: string, b: string): string {
  return isAfter(a, b) ? a : b;
}
