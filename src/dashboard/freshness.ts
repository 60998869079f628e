import { Temporal } from 'temporal-polyfill';

import { parseDuration } from '../contract/duration.ts';
import type { Snapshot } from './query.ts';

/** What the warehouse last heard from a source. */
export interface SourceState {
  readonly name: string;
  /** Instant at which the newest loaded delivery arrived; undefined before the first. */
  readonly lastDelivery: string | undefined;
  /** The newest delivery is older than the source's `freshness`, or there is none. */
  readonly late: boolean;
  /** The newest delivery was refused or could not be loaded: its error, in a sentence. */
  readonly failing: string | undefined;
}

/** What freshness needs to know of a source. */
export interface FreshnessRule {
  /** How old the last delivery may be, e.g. `'15 days'`. */
  readonly freshness: string | undefined;
}

/** Reads when each source last delivered, and whether that is late at the given instant. */
export async function readSourceStates(
  snapshot: Snapshot,
  sources: ReadonlyMap<string, FreshnessRule>,
  now: string,
): Promise<readonly SourceState[]> {
  const { rows } = await snapshot.system(
    `select b.source,
            max(d.landed_at) filter (where b.state in ('loaded', 'superseded')),
            (array_agg(b.state order by b.id desc))[1],
            (array_agg(b.error ->> 'message' order by b.id desc))[1]
       from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
      -- Refused when it was read again under a changed contract, it still has the rows it had.
      where b.state <> 'rejected'
         or not exists (select from plumbline.batch o where o.delivery_id = b.delivery_id and o.source = b.source and o.state = 'loaded')
      group by b.source`,
  );
  const known = new Map(rows.map((row) => [row[0], row]));
  return [...sources].map(([name, rule]) => {
    const [, last, state, error] = known.get(name) ?? [];
    const lastDelivery = last ?? undefined;
    const failed = state === 'failed' || state === 'rejected';
    return {
      name,
      lastDelivery,
      late: isLate(lastDelivery, rule.freshness, now),
      failing: failed ? (error ?? `its last delivery is ${state}`) : undefined,
    };
  });
}

function ageMs(instant: string, now: string): number {
  return (
    Temporal.Instant.from(now).epochMilliseconds - Temporal.Instant.from(instant).epochMilliseconds
  );
}

function isLate(last: string | undefined, freshness: string | undefined, now: string): boolean {
  if (freshness === undefined) return false;
  return last === undefined || ageMs(last, now) > parseDuration(freshness);
}
