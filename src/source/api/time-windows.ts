import { Temporal } from 'temporal-polyfill';

import { parseDuration } from '../../contract/duration.ts';
import { PlumblineError } from '../../errors.ts';
import { checkNames, invalidOption } from '../check-options.ts';

/** Spans of time an API is asked for, one after the other. */
export interface WindowOptions {
  /** The parameter that says where a window begins; the beginning belongs to it. */
  readonly from: string;
  /** The parameter that says where it ends; the end belongs to the next one. */
  readonly to: string;
  /** `'6 hours'`, `'1 day'`, `'7 days'`, `'1 month'`: by the calendar of the company's zone. */
  readonly size: string;
  /** Where the first one begins: a day, or an instant with its offset. */
  readonly start: string;
  /** How long after its end a window may still change: it is asked for again until then. Default 0. */
  readonly lag?: string;
  /** How times are sent: as instants in UTC (default), or as days of the company's zone. */
  readonly format?: 'instant' | 'date';
  /** With days: the API counts the day it is given as `to` in. Default false. */
  readonly toIncluded?: boolean;
}

/** One span: half-open, `[begin, end)`. */
export interface TimeWindow {
  /** Its identity, and the cursor from which it is the next: an instant in UTC, or a day. */
  readonly begin: string;
  readonly end: string;
  /** As it is sent. */
  readonly from: string;
  readonly to: string;
  /** It cannot change any more: the cursor may pass it. */
  readonly closed: boolean;
}

const fail = (problem: string): Error => invalidOption('api', `windows.${problem}`);
const units = ['hour', 'day', 'week', 'month', 'year'];

/** Throws `project-invalid`. */
export function checkWindows(options: WindowOptions): void {
  const needed = ['from', 'to', 'size', 'start'];
  checkNames('api() windows', options, [...needed, 'lag', 'format', 'toIncluded']);
  const lacking = needed.find((name) => !Object.hasOwn(options, name));
  if (lacking !== undefined) throw fail(`${lacking} is missing.`);
  const { size, start, lag, format = 'instant', toIncluded } = options;
  const length = parseSize(size);
  if (length === undefined) {
    throw fail(`size is '${size}'; expected a number of ${units.join('s, ')}s, such as '1 day'.`);
  }
  if (format !== 'instant' && format !== 'date') {
    throw fail(`format is '${String(format)}'; expected 'instant' or 'date'.`);
  }
  if (format === 'date' && length.hours > 0) {
    throw fail(`size is '${size}' and format 'date'; expected whole days.`);
  }
  if (toIncluded === true && format !== 'date') {
    throw fail("toIncluded is for format: 'date'; an instant has no next one to leave out.");
  }
  if (parseStart(start, 'UTC') === undefined) {
    throw fail(
      `start is '${start}'; expected a day such as '2024-01-01', or an instant such as '2024-01-01T00:00:00Z'.`,
    );
  }
  try {
    if (lag !== undefined) parseDuration(lag);
  } catch (error) {
    throw fail(`lag ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/**
 * The windows from the cursor to now, the oldest first; the last one is still open. Boundaries are
 * local times of `zone`, so a day has 23, 24 or 25 hours and a month its own length. Throws
 * `source-error` for a cursor that is none of windows.
 */
export function* timeWindows(
  options: WindowOptions,
  at: { readonly cursor: string | undefined; readonly now: string; readonly zone: string },
): Iterable<TimeWindow> {
  const { zone } = at;
  const length = parseSize(options.size) ?? new Temporal.Duration();
  const lagMs = options.lag === undefined ? 0 : parseDuration(options.lag);
  const now = Temporal.Instant.from(at.now);
  let begin = parseStart(at.cursor ?? options.start, zone);
  if (begin === undefined) throw notOurs(at.cursor ?? options.start);
  while (Temporal.Instant.compare(begin.toInstant(), now) < 0) {
    const end: Temporal.ZonedDateTime = begin.add(length);
    const closedAt = end.toInstant().add({ milliseconds: lagMs });
    yield {
      begin: write(begin, options),
      end: write(end, options),
      from: write(begin, options),
      to: write(options.toIncluded === true ? end.subtract({ days: 1 }) : end, options),
      closed: Temporal.Instant.compare(closedAt, now) <= 0,
    };
    begin = end;
  }
}

function write(at: Temporal.ZonedDateTime, { format }: WindowOptions): string {
  return format === 'date' ? at.toPlainDate().toString() : at.toInstant().toString();
}

function parseSize(size: string): Temporal.Duration | undefined {
  const match = /^\s*(\d{1,4})\s*([a-z]+?)s?\s*$/u.exec(size);
  const [, count = '0', unit = ''] = match ?? [];
  if (Number(count) < 1 || !units.includes(unit)) return undefined;
  return Temporal.Duration.from({ [`${unit}s`]: Number(count) });
}

/** A day begins at its first moment in the zone. */
function parseStart(text: string, zone: string): Temporal.ZonedDateTime | undefined {
  try {
    return /^\d{4}-\d\d-\d\d$/u.test(text)
      ? Temporal.PlainDate.from(text).toZonedDateTime(zone)
      : Temporal.Instant.from(text).toZonedDateTimeISO(zone);
  } catch {
    return undefined;
  }
}

function notOurs(cursor: string): PlumblineError {
  return new PlumblineError('source-error', {
    message: `The cursor '${cursor}' is no moment a window can begin at; the source was read by a cursor before it had windows.`,
    remedy:
      "Delete the source's row of plumbline.cursor: the windows then begin at `start`, and what is held already is not loaded again.",
  });
}
