import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { Project } from '../project/project.ts';

/** The name of one source of the project, as given. Throws `usage` for one that is not there. */
export function chooseSource({ sources }: Project, name: string | undefined): string {
  const known = [...sources.keys()];
  if (name !== undefined && sources.has(name)) return name;
  const meant = name === undefined ? undefined : suggest(name, known);
  throw new PlumblineError('usage', {
    message: name === undefined ? 'Say which source.' : `There is no source '${name}'.`,
    remedy:
      meant === undefined
        ? `Sources are ${known.join(', ') || 'none yet'}.`
        : `Did you mean '${meant}'?`,
  });
}
