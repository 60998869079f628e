import { join } from 'node:path';

import { runDigest as runOne } from '../digest/run-digest.ts';
import type { DigestResult } from '../digest/run-digest.ts';
import type { ProjectAtWork } from './project-at-work.ts';

export interface RunDigestOptions {
  readonly open: Pick<ProjectAtWork, 'project' | 'warehouse'>;
  readonly name: string;
  /** ISO instant the digest is for. */
  readonly occurrence: string;
  /** ISO instant of "now". */
  readonly now: () => string;
  /** The company's day it is of, `YYYY-MM-DD`; default the occurrence's. */
  readonly day?: string;
  /** Absolute path: write it there and send nothing. */
  readonly out?: string;
  readonly signal: AbortSignal;
  /** Told of an earlier mail of which nobody knows whether it arrived. */
  readonly warn: (message: string) => void;
}

/** Makes a digest of the project from its last release and sends it, or writes it. */
export async function runDigest(options: RunDigestOptions): Promise<DigestResult> {
  const { open, name, ...rest } = options;
  const { project, warehouse } = open;
  const digest = project.digests.get(name);
  if (digest === undefined) throw new Error(`digest ${name} is not in the project`);
  const { company, locale, currency, zone, mail } = project.config;
  const { sources, models, procedures } = project;
  return runOne({
    ...rest,
    name,
    digest,
    project: { company, locale, currency, zone, sources, models, procedures },
    mail,
    warehouse,
    outboxDir: join(project.dir, '.plumbline', 'outbox'),
  });
}
