import type { Hono } from 'hono';

import type { Project } from '../project/project.ts';
import { createApp } from '../web/app.ts';
import type { WebProject } from '../web/web-project.ts';
import type { ProjectAtWork } from './project-at-work.ts';

export interface SiteOptions {
  /** Asked for at every request: it may have been read anew. */
  readonly project: () => Project;
  readonly warehouse: ProjectAtWork['warehouse'];
  /**
   * Where the site may read as the loader: rows of `raw` for what a correction changed, and kept
   * deliveries to be marked for their senders. Without it pages say which command does the same.
   */
  readonly deliveries?: Pick<ProjectAtWork, 'env' | 'landingDir' | 'archive'>;
  /** Further host names the pages are reached under, without port. */
  readonly hosts?: readonly string[];
  /** Told of every error that is not the reader's doing. */
  readonly onError: (error: unknown) => void;
}

/** The dashboards and operations pages of a project. Throws `assets-missing`. */
export function createSite(options: SiteOptions): Hono {
  const { warehouse, deliveries, hosts, onError } = options;
  return createApp({
    project: () => webProject(options.project()),
    reader: warehouse.pool('reader'),
    now: () => new Date().toISOString(),
    ...(hosts !== undefined && { hosts }),
    ...(deliveries !== undefined && {
      loader: warehouse.pool('loader'),
      markDelivery: async (id: string, signal: AbortSignal) => {
        // Loaded when it is asked for: most pages never are.
        const { readRejectedDelivery } = await import('../annotate/read-delivery.ts');
        const { markForSender } = await import('./mark-for-sender.ts');
        const delivery = await readRejectedDelivery(warehouse.pool('reader'), id);
        const project = options.project();
        if (delivery === undefined || !project.sources.has(delivery.source)) return undefined;
        return markForSender({ ...deliveries, warehouse, project }, delivery, signal);
      },
    }),
    onError,
  });
}

function webProject(project: Project): WebProject {
  const { config, sources, models, procedures, dashboards, digests } = project;
  const { company, locale, currency, zone } = config;
  return { company, locale, currency, zone, sources, models, procedures, dashboards, digests };
}
