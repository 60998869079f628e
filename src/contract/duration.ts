const millisecondsByUnit: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** About 285,000 years: beyond it milliseconds are no longer exact. */
const millisecondsMax = Number.MAX_SAFE_INTEGER;

/**
 * A length of time as people write it, in milliseconds: `'1 hour'`, `'30 minutes'`, `'2 days'`,
 * `'1 day 12 hours'`. Units are seconds, minutes, hours, days (24 hours) and weeks; months and years
 * have no fixed length and are refused. Whole numbers only. Throws a RangeError that says what was
 * expected; whoever knows the place of the text turns it into an error with that place.
 */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+)\s*([a-z]+)/giu)];
  const whole = /^\s*(?:\d+\s*[a-z]+[\s,]*)+$/iu.test(text);
  if (parts.length === 0 || !whole) throw new RangeError(expected(text));
  let total = 0;
  for (const [, count = '', unit = ''] of parts) {
    const singular = unit.toLowerCase().replace(/s$/u, '');
    const milliseconds = Object.hasOwn(millisecondsByUnit, singular)
      ? millisecondsByUnit[singular]
      : undefined;
    if (milliseconds === undefined) throw new RangeError(expected(text));
    total += Number(count) * milliseconds;
  }
  if (total > millisecondsMax) throw new RangeError(`'${text}' is longer than can be counted`);
  return total;
}

function expected(text: string): string {
  return `'${text}' is not a length of time; expected a whole number and seconds, minutes, hours, days or weeks, such as '1 hour' or '15 days'`;
}
