import { PlumblineError } from '../errors.ts';
import type { Project } from '../project/project.ts';
import type { RunningServer } from '../web/server.ts';
import type { WebProject } from '../web/web-project.ts';
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
  const { createApp } = await import('../web/app.ts');
  const { startServer } = await import('../web/server.ts');
  const { terminal, open } = options;
  const { warehouse } = open;
  const app = createApp({
    project: () => webProject(options.project()),
    reader: warehouse.pool('reader'),
    loader: warehouse.pool('loader'),
    now: () => new Date().toISOString(),
    markDelivery: async (id, signal) => {
      const { readRejectedDelivery } = await import('../annotate/read-delivery.ts');
      const { markForSender } = await import('./mark-for-sender.ts');
      const delivery = await readRejectedDelivery(warehouse.pool('reader'), id);
      const project = options.project();
      if (delivery === undefined || !project.sources.has(delivery.source)) return undefined;
      return markForSender({ ...open, project }, delivery, signal);
    },
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

function webProject(project: Project): WebProject {
  const { config, sources, models, procedures, dashboards, digests } = project;
  const { company, locale, currency, zone } = config;
  return { company, locale, currency, zone, sources, models, procedures, dashboards, digests };
}
