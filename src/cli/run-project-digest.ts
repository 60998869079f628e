import { join } from 'node:path';

import type { DigestResult } from '../digest/run-digest.ts';
import type { OpenProject } from './open-project.ts';

export interface RunProjectDigestOptions {
  readonly open: Pick<OpenProject, 'project' | 'warehouse'>;
  /** A digest of the project. */
  readonly name: string;
  /** ISO instant the mail is for; a recipient gets one for each. */
  readonly occurrence: string;
  readonly now: () => string;
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  /** Absolute path: write the mail there and send nothing. */
  readonly out?: string;
}

/** Makes one digest of a project: sends it, or writes it to the outbox in `.plumbline`. */
export async function runProjectDigest(options: RunProjectDigestOptions): Promise<DigestResult> {
  const { open, name, occurrence, now, signal, warn, out } = options;
  const { dir, config, digests, sources, models, procedures } = open.project;
  const digest = digests.get(name);
  if (digest === undefined) throw new Error(`digest ${name} is not in the project`);
  const { company, locale, currency, zone, mail } = config;
  // Loaded here: what draws pictures and speaks SMTP is of no use to other commands.
  const { runDigest } = await import('../digest/run-digest.ts');
  return runDigest({
    name,
    digest,
    project: { company, locale, currency, zone, sources, models, procedures },
    mail,
    warehouse: open.warehouse,
    outboxDir: join(dir, '.plumbline', 'outbox'),
    occurrence,
    now,
    signal,
    warn,
    ...(out === undefined ? {} : { out }),
  });
}
