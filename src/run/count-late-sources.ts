import { parseDuration } from '../contract/duration.ts';
import { readSourceStates } from '../dashboard/freshness.ts';
import type { FreshnessRule } from '../dashboard/freshness.ts';
import { createQueries } from '../dashboard/query.ts';
import type { Role } from '../warehouse/role.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

export interface LatenessQuestion {
  /** Every source of the company: one that is left out is never late. */
  readonly sources: ReadonlyMap<string, FreshnessRule>;
  readonly zone: string;
  /** ISO instant. */
  readonly now: string;
  /** Needs to read the system's tables. */
  readonly as: Role;
}

/**
 * How many sources are later than their `freshness` allows, to raise an alarm by. One that has never
 * delivered is late once its schedule has been there for as long: a warehouse that was made a minute
 * ago raises none.
 */
export async function countLateSources(
  warehouse: Pick<Warehouse, 'pool'>,
  { sources, zone, now, as }: LatenessQuestion,
): Promise<number> {
  const queries = createQueries({ pool: warehouse.pool(as), zone });
  return queries.snapshot(async (snapshot) => {
    const states = await readSourceStates(snapshot, sources, now);
    const { rows } = await snapshot.system(
      `select name, extract(epoch from since) * 1000 from plumbline.job`,
    );
    const sinceMs = new Map(rows.map(([name, since]) => [name, Number(since)]));
    const isExpected = (name: string): boolean => {
      const freshness = sources.get(name)?.freshness;
      const since = sinceMs.get(name);
      if (freshness === undefined || since === undefined) return false;
      return Date.parse(now) - since > parseDuration(freshness);
    };
    return states.filter(
      ({ name, late, lastDelivery }) => late && (lastDelivery !== undefined || isExpected(name)),
    ).length;
  });
}
