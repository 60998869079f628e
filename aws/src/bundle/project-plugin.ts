import { isAbsolute, relative, sep } from 'node:path';

import { transform } from 'esbuild';
import type { Loader, Plugin } from 'esbuild';
import type { Mistake } from 'plumbline/runtime';

import type { OwnFiles } from './own-files.ts';

export interface ProjectPluginOptions {
  /** The project's folder. */
  readonly dir: string;
  readonly own: OwnFiles;
  /** Where mistakes are noted; the build goes on, so that all are found. */
  readonly mistakes: Mistake[];
}

/**
 * Makes `plumbline` mean one copy of it wherever it is imported, finds the packages that only a
 * function needs, and looks through the project's own files for what cannot work where they run.
 */
export function projectPlugin({ dir, own, mistakes }: ProjectPluginOptions): Plugin {
  const fileOf = (path: string): string | undefined => {
    const within = relative(dir, path);
    const isOwn = within.startsWith('..') || isAbsolute(within) || /node_modules/.test(within);
    return isOwn ? undefined : within.split(sep).join('/');
  };
  return {
    name: 'plumbline-project',
    setup: (build) => {
      build.onResolve({ filter: /^plumbline(?:\/runtime)?$/ }, ({ path }) => ({
        path: path === 'plumbline' ? own.index : own.runtime,
        // What a function does not use of it stays out.
        sideEffects: false,
      }));
      build.onResolve({ filter: /^@aws-sdk\/client-s3$/ }, async ({ path, kind, pluginData }) => {
        if (pluginData === resolving) return undefined;
        return build.resolve(path, { kind, resolveDir: own.awsDir, pluginData: resolving });
      });
      // The faster Postgres client of native code is asked for by pg and does without.
      build.onResolve({ filter: /^pg-native$/ }, ({ path }) => ({ path, external: true }));
      build.onResolve({ filter: /^(?:node:)?(?:fs|fs\/promises|child_process)$/ }, (args) => {
        const file = fileOf(args.importer);
        if (file !== undefined && args.namespace === 'file')
          mistakes.push(readsFiles(file, args.path));
        return undefined;
      });
      build.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
        const file = fileOf(path);
        if (file === undefined) return undefined;
        const { readFile } = await import('node:fs/promises');
        const text = await readFile(path, 'utf8');
        const used = await findPlace(text, path.endsWith('ts') ? 'ts' : 'js');
        if (used !== undefined) mistakes.push(readsFiles(file, used));
        return undefined;
      });
    },
  };
}

/** Tells the plugin its own question from those of the build. */
const resolving = Symbol('resolving');

/** A file that asks where it lies wants to read what lies beside it; the bundle lies elsewhere, alone. */
async function findPlace(text: string, loader: Loader): Promise<string | undefined> {
  // Without its comments, which may speak of anything.
  const { code } = await transform(text, { loader, minifyWhitespace: true }).catch(() => ({
    code: '',
  }));
  return /import\.meta\.(?:url|dirname|filename)|\b__(?:dirname|filename)\b/.exec(code)?.[0];
}

const readsFiles = (file: string, value: string): Mistake => ({
  file,
  message: 'reads files at run time, which are not there on AWS',
  value,
  expected: "an import, which is bundled: import rates from './rates.json' with { type: 'json' }",
});
