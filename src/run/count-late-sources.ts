import { readSourceStates } from '../dashboard/freshness.ts';
import { createQueries } from '../dashboard/query.ts';
import type { Role } from '../warehouse/role.ts';
import type { ProjectAtWork } from './project-at-work.ts';

/** How many sources are later than their `freshness` allows; `as` needs to read the system's tables. */
export async function countLateSources(
  { project, warehouse }: Pick<ProjectAtWork, 'project' | 'warehouse'>,
  { now, as }: { readonly now: string; readonly as: Role },
): Promise<number> {
  const queries = createQueries({ pool: warehouse.pool(as), zone: project.config.zone });
  const states = await queries.snapshot((snapshot) =>
    readSourceStates(snapshot, project.sources, now),
  );
  return states.filter(({ late }) => late).length;
}
