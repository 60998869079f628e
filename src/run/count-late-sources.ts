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

/** How many sources are later than their `freshness` allows. */
export async function countLateSources(
  warehouse: Pick<Warehouse, 'pool'>,
  { sources, zone, now, as }: LatenessQuestion,
): Promise<number> {
  const queries = createQueries({ pool: warehouse.pool(as), zone });
  const states = await queries.snapshot((snapshot) => readSourceStates(snapshot, sources, now));
  return states.filter(({ late }) => late).length;
}
