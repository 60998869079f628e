import type { Temporal } from 'temporal-polyfill';

/**
 * The instant a local date and time stand for in a zone. Plumbline's own rule, because schedulers
 * disagree on the two days a year that matter: a time that the clocks skip is the first instant
 * after the gap, a time they show twice is the first of the two.
 */
export function instantOf(local: Temporal.PlainDateTime, zone: string): Temporal.Instant {
  const earlier = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (earlier.toPlainDateTime().equals(local)) return earlier.toInstant();
  // In a gap 'earlier' gives the time shifted to before it; what changes next is the gap itself.
  const transition = earlier.getTimeZoneTransition('next');
  return (transition ?? earlier).toInstant();
}
