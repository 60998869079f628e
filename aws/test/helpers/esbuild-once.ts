import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

import type * as Esbuild from 'esbuild';

/**
 * esbuild that builds the same again only when a file of it has changed. A bundle takes more than a
 * second of a processor, and commands that are tried one after another build the same ones each time.
 */
// The cast: its own file, since its name leads here.
const esbuild = createRequire(import.meta.url)('esbuild/lib/main.js') as typeof Esbuild;

interface Built {
  readonly result: Esbuild.BuildResult;
  readonly files: readonly { readonly path: string; readonly changedMs: number }[];
}

const kept = new Map<string, Built>();

export const build: typeof esbuild.build = async (options: Esbuild.BuildOptions) => {
  const { plugins: _, ...plain } = options;
  const key = JSON.stringify(plain);
  const before = kept.get(key);
  if (before !== undefined && (await isUnchanged(before))) return before.result;
  const result = await esbuild.build(options);
  const paths = Object.keys(result.metafile?.inputs ?? {})
    .filter((path) => !/^[a-z-]+:/.test(path))
    .map((path) => resolve(options.absWorkingDir ?? '', path));
  const found = await Promise.all(paths.map((path) => changedMs(path)));
  const files = paths.flatMap((path, index) => {
    const changed = found[index];
    return changed === undefined ? [] : [{ path, changedMs: changed }];
  });
  kept.set(key, { result, files });
  return result;
};

export const { transform } = esbuild;

async function isUnchanged({ files }: Built): Promise<boolean> {
  const now = await Promise.all(files.map(({ path }) => changedMs(path)));
  return files.every((file, index) => file.changedMs === now[index]);
}

/** Undefined of what is no file, as the entry that was made up. */
const changedMs = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
