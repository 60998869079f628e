import { watch } from 'node:fs';

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
 * Watches what a project is made of, until the signal is aborted: its own folders, its settings and
 * whatever code lies beside them. Data, `.plumbline` and `node_modules` are not looked at.
 */
export function watchProject({ dir, onChange, signal }: WatchOptions): void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(dir, { recursive: true, signal }, (_, name) => {
    if (name === null || !matters(name.replaceAll('\\', '/'))) return;
    clearTimeout(timer);
    timer = setTimeout(() => onChange(name), quietMs);
  });
  // A folder that disappears under the watcher ends it; the project is read as it was.
  watcher.on('error', () => undefined);
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

function matters(name: string): boolean {
  const [folder = ''] = name.split('/');
  if (folder === 'node_modules' || folder === 'data' || /(?:^|\/)\.(?!env$)/.test(name))
    return false;
  const ofProject = (projectFolders as readonly string[]).includes(folder);
  return (
    name === '.env' ||
    /\.(?:ts|js|mts|mjs|json)$/.test(name) ||
    (ofProject && name.endsWith('.sql'))
  );
}
