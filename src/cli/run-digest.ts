import { PlumblineError } from '../errors.ts';
import type { OpenProject } from './open-project.ts';

export interface RunDigestOptions {
  readonly open: OpenProject;
  readonly name: string;
  /** ISO instant the digest is for. */
  readonly occurrence: string;
  /** ISO instant of "now". */
  readonly now: string;
  /** Write it there and send nothing. */
  readonly out?: string;
}

export interface DigestOutcome {
  readonly ok: boolean;
}

export async function runDigest(options: RunDigestOptions): Promise<DigestOutcome> {
  throw new PlumblineError('usage', { message: `Digest ${options.name} cannot be rendered yet.` });
}
