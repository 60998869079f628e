import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { importFile, mistakesOfError, nextVersion, provideModule } from 'plumbline/runtime';
import type { Mistake } from 'plumbline/runtime';

const fileNames = ['plumbline.aws.ts', 'plumbline.aws.js'];

/** What `@plumbline/aws` means in the settings file: the package that reads it, from source or built. */
const ownIndex = new URL(
  import.meta.url.endsWith('.ts') ? '../index.ts' : '../index.js',
  import.meta.url,
).href;

/** A settings file as it was read; `settings` is not checked yet. */
export interface ReadSettings {
  /** Its name; undefined: the project has none. */
  readonly file: string | undefined;
  readonly settings: object | undefined;
  readonly mistakes: readonly Mistake[];
}

/** The name of the settings file of a project; undefined when there is none. */
export async function findSettings(projectDir: string): Promise<string | undefined> {
  for (const name of fileNames) {
    const isThere = await access(join(projectDir, name)).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  return undefined;
}

/** Imports `plumbline.aws.ts`, anew at every call. What it throws becomes a mistake. */
export async function readSettings(projectDir: string): Promise<ReadSettings> {
  const file = await findSettings(projectDir);
  if (file === undefined) return { file, settings: undefined, mistakes: [] };
  provideModule('@plumbline/aws', ownIndex);
  try {
    const module = await importFile(join(projectDir, file), nextVersion());
    const settings = module['default'];
    if (settings !== null && typeof settings === 'object') return { file, settings, mistakes: [] };
    const found = settings === undefined ? 'exports no settings' : 'exports something else';
    const expected = 'export default defineAws({ region: … })';
    return { file, settings: undefined, mistakes: [{ file, message: found, expected }] };
  } catch (error) {
    return { file, settings: undefined, mistakes: mistakesOfError(error, file).map(withName) };
  }
}

/** This package has one name for a settings file to import: whatever is misspelt is meant for it. */
function withName(mistake: Mistake): Mistake {
  const isMisspelt = /'@plumbline\/aws' does not provide an export named/.test(mistake.message);
  return isMisspelt ? { ...mistake, suggestion: 'defineAws' } : mistake;
}
