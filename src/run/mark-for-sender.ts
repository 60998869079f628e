import { markDelivery, type MarkedDelivery } from '../annotate/mark-delivery.ts';
import type { RejectedDelivery } from '../annotate/read-delivery.ts';
import { PlumblineError } from '../errors.ts';
import { localTimeFormat } from './local-time.ts';
import type { ProjectAtWork } from './project-at-work.ts';

/** Makes the file for whoever sent a delivery. Throws what `markDelivery` throws, and `usage` for a source the project no longer has. */
export async function markForSender(
  open: ProjectAtWork,
  delivery: RejectedDelivery,
  signal: AbortSignal,
): Promise<MarkedDelivery> {
  const { project, env, landingDir, archive, warehouse } = open;
  const source = project.sources.get(delivery.source);
  if (source === undefined) {
    throw new PlumblineError('usage', { message: `There is no source '${delivery.source}'.` });
  }
  return markDelivery({
    reader: warehouse.pool('reader'),
    delivery,
    source,
    landingDir,
    ...(archive !== undefined && { archive }),
    context: {
      projectDir: project.dir,
      env,
      zone: project.config.zone,
      now: () => new Date().toISOString(),
      signal,
    },
    moment: localTimeFormat(project.config),
  });
}
