import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Looks a variable up; undefined when it is absent or empty. */
export type Environment = (name: string) => string | undefined;

/**
 * Variables by precedence: those of the process, the project's `.env`, then `others` (what its
 * setup returned). An empty one counts as absent.
 */
export async function readEnvironment(
  projectDir: string,
  options: {
    readonly variables: Readonly<Record<string, string | undefined>>;
    readonly others?: Readonly<Record<string, string>>;
  },
): Promise<Environment> {
  const text = await readFile(join(projectDir, '.env'), 'utf8').catch(() => '');
  const layers = [options.variables, parseEnv(text), options.others ?? {}];
  return (name) => {
    for (const layer of layers) {
      const value = Object.hasOwn(layer, name) ? layer[name] : undefined;
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
}
