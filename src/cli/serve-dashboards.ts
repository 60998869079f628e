import { PlumblineError } from '../errors.ts';
import type { Project } from '../project/project.ts';
import type { RunningServer } from '../web/server.ts';
import type { OpenProject } from './open-project.ts';
import type { Terminal } from './terminal.ts';

export interface ServeOptions {
  /** Asked for at every request: it may have been read anew. */
  readonly project: () => Project;
  readonly open: Pick<OpenProject, 'env' | 'landingDir' | 'warehouse'>;
  /** This port and no other; default the project's, or the next free one. */
  readonly port: number | undefined;
  readonly terminal: Terminal;
}

/** Ports tried after the project's own before any free one is taken. */
const neighboursMax = 20;

/** Serves the dashboards on this machine. Throws `port-taken` for a port that was asked for. */
export async function serveDashboards(options: ServeOptions): Promise<RunningServer> {
  // Loaded here: what draws charts and pages is of no use to other commands.
  const { createSite } = await import('../run/create-site.ts');
  const { startServer } = await import('../web/server.ts');
  const { terminal, open } = options;
  const app = createSite({
    project: options.project,
    warehouse: open.warehouse,
    deliveries: open,
    onError: (error) => {
      terminal.warn(`A page failed: ${error instanceof Error ? error.message : String(error)}`);
      if (terminal.debug && error instanceof Error) terminal.warn(error.stack ?? '');
    },
  });
  if (options.port !== undefined) return startServer({ app, port: options.port });
  const first = options.project().config.web.port;
  for (const port of portsFrom(first)) {
    try {
      return await startServer({ app, port });
    } catch (error) {
      if (!(error instanceof PlumblineError) || error.code !== 'port-taken') throw error;
    }
  }
  return startServer({ app, port: 0 });
}

function portsFrom(first: number): readonly number[] {
  if (first === 0) return [];
  return Array.from({ length: neighboursMax }, (_, index) => first + index).filter(
    (port) => port <= 65_535,
  );
}
