import type { LoadEvent } from '../load/load-options.ts';
import { loadSource } from '../load/load-source.ts';
import type { SourceResult } from '../load/result.ts';
import { networkOf } from './network-of.ts';
import type { ProjectAtWork } from './project-at-work.ts';

export interface LoadProjectSourceOptions {
  readonly open: ProjectAtWork;
  /** Of a source of the project, and of no child table. */
  readonly name: string;
  /** ISO instant of "now". */
  readonly now: () => string;
  readonly signal: AbortSignal;
  /** ISO instant after which the source begins nothing new, where it can stop. */
  readonly deadline?: string;
  readonly onEvent?: (event: LoadEvent) => void;
}

/** Loads what one source of a project has to deliver; see `loadSource`. */
export async function loadProjectSource(options: LoadProjectSourceOptions): Promise<SourceResult> {
  const { open, name, now, signal, deadline, onEvent } = options;
  const { project, env, warehouse, landingDir, archive } = open;
  const source = project.sources.get(name);
  if (source === undefined) throw new Error(`source ${name} is not in the project`);
  return loadSource({
    name,
    source,
    warehouse,
    landingDir,
    ...(archive !== undefined && { archive }),
    context: {
      projectDir: project.dir,
      env,
      zone: project.config.zone,
      now,
      signal,
      network: networkOf(env),
      ...(deadline !== undefined && { deadline }),
    },
    ...(onEvent !== undefined && { onEvent }),
  });
}
