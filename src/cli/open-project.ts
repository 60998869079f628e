import { join } from 'node:path';

import { readEnvironment } from '../project/environment.ts';
import { findProject } from '../project/folder.ts';
import type { Project } from '../project/project.ts';
import { readProject } from '../project/read-project.ts';
import type { ProjectAtWork } from '../run/project-at-work.ts';
import type { Terminal } from './terminal.ts';

/** A project with what it needs around it, up and running. */
export interface OpenProject extends ProjectAtWork {
  /** Stops what was started, the last thing first. */
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  /** The project folder or one below it. */
  readonly start: string;
  readonly terminal: Terminal;
  /** Run the project's own setup: sources will be read. */
  readonly setup: boolean;
  /** Looks at the arguments in the light of the project; throws `usage` before anything is started. */
  readonly admit?: (project: Project) => void;
}

/**
 * Reads the project, starts what its setup starts, opens its warehouse. Throws what each of them
 * throws; whatever had been started by then is stopped again.
 */
export async function openProject(options: OpenOptions): Promise<OpenProject> {
  const { start, terminal, setup, admit } = options;
  const project = await readProject(await findProject(start));
  admit?.(project);
  const { dir, config } = project;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const log = (message: string): void => terminal.print(terminal.paint.faint(message));
    const started = setup ? await config.setup?.({ projectDir: dir, log }) : undefined;
    if (started?.stop !== undefined) closers.push(started.stop);
    const env = await readEnvironment(dir, {
      variables: process.env,
      ...(started?.env === undefined ? {} : { others: started.env }),
    });
    // Loaded here, so that commands which need no warehouse do not wait for the database client.
    const { openWarehouse } = await import('../warehouse/warehouse.ts');
    const warehouse = await openWarehouse({
      projectDir: dir,
      url: config.warehouse.url,
      log: (message) => terminal.progress(message),
    });
    closers.push(() => warehouse.close());
    const warning = /\(warning: (.*)\)$/.exec(warehouse.description)?.[1];
    if (warning !== undefined) terminal.warn(`warning: ${warning}`);
    return { project, env, warehouse, landingDir: join(dir, '.plumbline', 'landing'), close };
  } catch (error) {
    await close();
    throw error;
  }
}
