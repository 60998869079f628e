/**
 * Local times and instants by nothing but Intl.DateTimeFormat: the independent computation the
 * calendar is compared with. Slow and simple; instants are milliseconds since 1970.
 */
export interface ZoneOracle {
  /** The instant of a local time by Plumbline's rule. */
  readonly instantOf: (localMs: number) => number;
  /** Instants between two others at which the offset changes, to the minute. */
  readonly transitions: (fromMs: number, toMs: number) => number[];
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export function createZoneOracle(zone: string): ZoneOracle {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const offsets = new Map<number, number>();
  const offsetAt = (instantMs: number): number => {
    const known = offsets.get(instantMs);
    if (known !== undefined) return known;
    // "29/03/2026, 01:30"
    const [day, month, year, hour, minute] = format.format(instantMs).match(/\d+/g) ?? [];
    const localMs = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
    );
    const offset = localMs - instantMs;
    offsets.set(instantMs, offset);
    return offset;
  };

  /** The first minute in (from, to] with another offset than `from`; there is exactly one change. */
  const bisect = (fromMs: number, toMs: number): number => {
    let [before, after] = [fromMs, toMs];
    while (after - before > minuteMs) {
      const middle = before + Math.floor((after - before) / 2 / minuteMs) * minuteMs;
      if (offsetAt(middle) === offsetAt(fromMs)) before = middle;
      else after = middle;
    }
    return after;
  };

  const transitions = (fromMs: number, toMs: number): number[] => {
    const found: number[] = [];
    for (let at = fromMs; at < toMs; at += dayMs) {
      if (offsetAt(at) !== offsetAt(at + dayMs)) found.push(bisect(at, at + dayMs));
    }
    return found;
  };

  const instantOf = (localMs: number): number => {
    // Whole days around the local time, so that few different instants are formatted.
    const dayStart = Math.floor(localMs / dayMs) * dayMs;
    const [before, after] = [offsetAt(dayStart - dayMs), offsetAt(dayStart + 2 * dayMs)];
    const candidates = [localMs - before, localMs - after].filter(
      (instantMs) => before === after || instantMs + offsetAt(instantMs) === localMs,
    );
    if (candidates.length > 0) return Math.min(...candidates);
    return bisect(dayStart - dayMs, dayStart + 2 * dayMs);
  };
  return { instantOf, transitions };
}
