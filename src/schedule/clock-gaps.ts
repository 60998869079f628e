import { Temporal } from 'temporal-polyfill';

/** A stretch of local time that the clocks of a zone skip. */
export interface ClockGap {
  /** The first local time that is not shown: `2026-03-29T02:00:00`. */
  readonly from: string;
  /** The first that is shown again: `2026-03-29T03:00:00`. */
  readonly to: string;
  /** The instant at which the clocks go forward, ISO in UTC. */
  readonly at: string;
}

/**
 * Every gap of a zone with `after` < instant ≤ `upTo`, ascending, as far as its rules are known.
 *
 * @param options.after ISO instant with `Z` or an offset, as is `upTo`.
 */
export function clockGaps(
  zone: string,
  options: { readonly after: string; readonly upTo: string },
): readonly ClockGap[] {
  const upTo = Temporal.Instant.from(options.upTo);
  const gaps: ClockGap[] = [];
  let time = Temporal.Instant.from(options.after).toZonedDateTimeISO(zone);
  for (;;) {
    const next = time.getTimeZoneTransition('next');
    if (next === null || Temporal.Instant.compare(next.toInstant(), upTo) > 0) return gaps;
    const before = next.subtract({ nanoseconds: 1 });
    const skipped = next.offsetNanoseconds - before.offsetNanoseconds;
    if (skipped > 0) {
      const to = next.toPlainDateTime();
      const from = to.subtract({ nanoseconds: skipped });
      gaps.push({
        from: from.toString(),
        to: to.toString(),
        at: next.toInstant().toString(),
      });
    }
    time = next;
  }
}
