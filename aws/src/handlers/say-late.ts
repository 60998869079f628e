import { countLateSources, systemClock } from 'plumbline/runtime';
import type { ProjectAtWork, Role } from 'plumbline/runtime';

import { faultFields } from './handler-fault.ts';
import type { Invocation } from './invocation.ts';

/**
 * Says how many of the company's sources are late: of all of them, whichever function it is, since the
 * alarm goes by the last number. What the event came to matters more, so no fault of this is thrown.
 */
export async function sayLate(
  { freshness = {}, log }: Invocation,
  { project, warehouse }: Pick<ProjectAtWork, 'project' | 'warehouse'>,
  as: Role,
): Promise<void> {
  try {
    const sources = new Map<string, { readonly freshness: string | undefined }>(project.sources);
    for (const [name, each] of Object.entries(freshness)) sources.set(name, { freshness: each });
    const { zone } = project.config;
    const now = systemClock.now();
    log.metrics({ SourcesLate: await countLateSources(warehouse, { sources, zone, now, as }) });
  } catch (error) {
    log.warn('it is not known how many sources are late', faultFields(error));
  }
}
