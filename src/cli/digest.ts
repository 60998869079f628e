import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { runDigest } from './run-digest.ts';

/** `plumbline digest <name> [--out FILE]` */
export const run: Run = async ({ terminal, args, options, start }) => {
  const name = args[0] ?? '';
  const open = await openProject({
    start,
    terminal,
    setup: false,
    admit: ({ digests }) => {
      if (!digests.has(name)) throw unknownDigest(name, [...digests.keys()]);
    },
  });
  try {
    const now = new Date().toISOString();
    const out = typeof options['out'] === 'string' ? { out: options['out'] } : {};
    const outcome = await runDigest({ open, name, occurrence: now, now, ...out });
    terminal.result(outcome);
    return outcome.ok ? 0 : 1;
  } finally {
    await open.close();
  }
};

function unknownDigest(name: string, known: readonly string[]): PlumblineError {
  const meant = suggest(name, known);
  return new PlumblineError('usage', {
    message: `There is no digest '${name}'.`,
    remedy:
      meant === undefined
        ? `Digests are ${known.join(', ') || 'none yet'}.`
        : `Did you mean '${meant}'?`,
  });
}
