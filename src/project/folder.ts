import { access, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { Mistake } from '../errors.ts';

/** A file of a project's folder whose name is a name in the project. */
export interface NamedFile {
  readonly name: string;
  /** Path under the project folder, with forward slashes. */
  readonly file: string;
  /** Absolute path. */
  readonly path: string;
}

/** Folders a project may have, beside whatever else lies in it. */
export const projectFolders = [
  'sources',
  'models',
  'procedures',
  'checks',
  'dashboards',
  'digests',
] as const;
export type ProjectFolder = (typeof projectFolders)[number];

const configNames = ['plumbline.config.ts', 'plumbline.config.js'];

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The name of the settings file in a folder; undefined when it has none. */
export async function findConfig(dir: string): Promise<string | undefined> {
  for (const name of configNames) if (await exists(join(dir, name))) return name;
  return undefined;
}

/** The folder with `plumbline.config.ts`: `start` or the nearest above it. Throws `project-not-found`. */
export async function findProject(start: string): Promise<string> {
  const first = resolve(start);
  for (let dir = first; ; dir = dirname(dir)) {
    if ((await findConfig(dir)) !== undefined) return dir;
    if (dir === dirname(dir)) {
      const what = (await exists(first)) ? 'no plumbline.config.ts' : 'no such folder';
      throw new PlumblineError('project-not-found', {
        message: `There is no project in ${first} or above it: ${what}.`,
      });
    }
  }
}

export interface Listing {
  readonly files: readonly NamedFile[];
  readonly mistakes: readonly Mistake[];
}

/**
 * The files of a folder that count, by name. Those that start with `_` or `.` are the project's own
 * business, as are files of other kinds.
 */
export async function listFolder(
  projectDir: string,
  folder: string,
  extensions: readonly string[],
): Promise<Listing> {
  const names = await readdir(join(projectDir, folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files: NamedFile[] = [];
  const mistakes: Mistake[] = [];
  for (const entry of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    const extension = extensions.find((each) => entry.endsWith(each));
    if (extension === undefined || /^[._]|\.d\.ts$|\.test\.ts$/.test(entry)) continue;
    const file = `${folder}/${entry}`;
    const name = basename(entry, extension);
    const mistake = nameMistake(file, name, extension);
    if (mistake !== undefined) mistakes.push(mistake);
    else if (files.some((other) => other.name === name)) {
      mistakes.push({ file, message: `'${name}' is the name of two files in ${folder}` });
    } else files.push({ name, file, path: join(projectDir, file) });
  }
  return { files, mistakes };
}

/** A file's name becomes that of a relation, a page, a job: what all of them can hold. */
function nameMistake(file: string, name: string, extension: string): Mistake | undefined {
  const sql = extension === '.sql';
  const pattern = sql ? /^[a-z][a-z0-9_]{0,62}$/ : /^[a-z][a-z0-9_-]{0,62}$/;
  if (pattern.test(name)) return undefined;
  const near = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, sql ? '_' : '-')
    .replace(/^[^a-z]+|[^a-z0-9]+$/g, '');
  return {
    file,
    message: 'the file name cannot be a name',
    value: `'${name}'`,
    expected: `small letters, digits${sql ? '' : ', -'} and _, a letter first`,
    ...(pattern.test(near) ? { suggestion: `${near}${extension}` } : {}),
  };
}

/** Folders that look like a misspelt one of a project's: their files would be passed over silently. */
export async function misspeltFolders(projectDir: string): Promise<readonly Mistake[]> {
  const entries = await readdir(projectDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const absent = projectFolders.filter((folder) => !names.includes(folder));
  return names.flatMap((name) => {
    const known = (projectFolders as readonly string[]).includes(name);
    const meant = known ? undefined : suggest(name, absent);
    if (meant === undefined) return [];
    return [{ file: `${name}/`, message: 'the folder is not read', suggestion: `${meant}/` }];
  });
}
