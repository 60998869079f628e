import { createMissingRawTables } from '../load/raw-table.ts';
import type { ReleaseEvent, ReleaseResult } from '../model/release-result.ts';
import { runRelease } from '../model/release.ts';
import type { ProjectAtWork } from './project-at-work.ts';

export interface ReleaseProjectOptions {
  readonly open: Pick<ProjectAtWork, 'project' | 'warehouse'>;
  /** ISO instant of "now". */
  readonly now: () => string;
  readonly onEvent?: (event: ReleaseEvent) => void;
}

/** Refreshes what changed and makes it visible, when its checks pass. */
export async function releaseProject(options: ReleaseProjectOptions): Promise<ReleaseResult> {
  const { project, warehouse } = options.open;
  const client = await warehouse.connect('owner');
  try {
    const contracts = [...project.sources].map(([name, { contract }]) => [name, contract] as const);
    await createMissingRawTables(client, contracts);
    return await runRelease({
      client,
      models: project.models,
      procedures: project.procedures,
      checks: project.checks,
      sources: [...project.sources.keys()],
      zone: project.config.zone,
      now: options.now,
      progress: (event) => options.onEvent?.(event),
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
