import { readdirSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';

import { projectFolders } from '../project/folder.ts';

/** Editors write a file in several steps; what follows within this time is one change. */
const quietMs = 200;

export interface WatchOptions {
  readonly dir: string;
  /** Called with one changed path, under the project folder, after things have been quiet. */
  readonly onChange: (path: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Watches what a project is made of, until the signal is aborted: its settings, its own folders and
 * whatever code lies beside them. Data, `node_modules` and hidden folders are not even looked at:
 * they may hold more folders than the system lets one watch, and Postgres writes all the time.
 */
export function watchProject({ dir, onChange, signal }: WatchOptions): void {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const consider = (path: string): void => {
    if (!matters(path)) return;
    clearTimeout(timer);
    timer = setTimeout(() => onChange(path), quietMs);
  };
  const watchFolder = (folder: string): void => {
    const watcher = watch(join(dir, folder), { recursive: true, signal }, (_, name) => {
      if (name !== null) consider(`${folder}/${name.replaceAll('\\', '/')}`);
    });
    // A folder that is removed under its watcher is found again when it comes back.
    const forget = (): void => void watchers.delete(folder);
    watcher.on('error', forget).on('close', forget);
    watchers.set(folder, watcher);
  };
  const watchFolders = (): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const wanted = entry.isDirectory() && !isOutside(entry.name) && !watchers.has(entry.name);
      if (wanted) watchFolder(entry.name);
    }
  };
  const top = watch(dir, { signal }, (_, name) => {
    if (name === null) return;
    watchFolders();
    consider(name);
  });
  // A project folder that disappears is read no more; the project goes on as it was.
  top.on('error', () => undefined);
  watchFolders();
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

function isOutside(folder: string): boolean {
  return folder === 'node_modules' || folder === 'data' || folder.startsWith('.');
}

/** Whether a change of the file, by its path under the project folder, can change the project. */
export function matters(path: string): boolean {
  const [folder = '', ...rest] = path.split('/');
  if (path === '.env') return true;
  if (isOutside(folder) || rest.some((name) => name.startsWith('.'))) return false;
  if (/\.(?:ts|js|mts|mjs|json)$/.test(path)) return true;
  // A folder that came or went with all its files is reported by its own name alone.
  const ofProject = (projectFolders as readonly string[]).includes(folder);
  return ofProject && (path.endsWith('.sql') || !path.includes('.'));
}
