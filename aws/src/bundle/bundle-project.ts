import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { build } from 'esbuild';
import type { BuildFailure, BuildResult } from 'esbuild';
import { PlumblineError } from 'plumbline/runtime';
import type { Mistake, Project } from 'plumbline/runtime';

import type { Plan } from '../plan/plan.ts';
import type { BuiltCode } from './built-code.ts';
import { mistakesOfBuild, nativeMistakes } from './bundle-mistakes.ts';
import { copyFiles } from './copy-files.ts';
import { entryOf } from './entry-of.ts';
import type { Target } from './entry-of.ts';
import { leaveOut } from './leave-out.ts';
import { nameChunks } from './name-chunks.ts';
import { findOwnFiles } from './own-files.ts';
import { projectPlugin } from './project-plugin.ts';
import { regionCertificates } from './region-certificates.ts';

export interface BundleOptions {
  readonly project: Project;
  readonly plan: Plan;
  /** Absolute path; made, and what an earlier call left in it is removed. */
  readonly outDir: string;
}

/**
 * Builds the code of each function and of the dashboards: a folder each, with `index.mjs`, what is
 * loaded later, and the files that are read as it runs. The same project gives the same bytes,
 * wherever it lies. Source maps are in `outDir/maps`; they are not deployed.
 *
 * Throws `project-invalid` with every file of the project that cannot be bundled.
 */
export async function bundleProject({ project, plan, outDir }: BundleOptions): Promise<BuiltCode> {
  await rm(outDir, { recursive: true, force: true });
  const certificates = regionCertificates(plan.region, new Date());
  const domain = plan.proxy.domain;
  const functions = new Map<string, string>();
  const mistakes: Mistake[] = [];
  const bundle = async (id: string, target: Target, folder: string): Promise<void> => {
    const place = { folder, maps: join(outDir, 'maps', id), certificates };
    mistakes.push(...(await bundleOne(project, { target, domain, ...place })));
  };
  for (const each of plan.functions) {
    const folder = join(outDir, 'functions', each.id);
    await bundle(each.id, each, folder);
    functions.set(each.id, folder);
  }
  const web = join(outDir, 'web');
  await bundle('web', { kind: 'web' }, web);
  if (mistakes.length > 0) throw invalid(mistakes);
  return { functions, web };
}

function invalid(mistakes: readonly Mistake[]): PlumblineError {
  // A file that several functions have is wrong once.
  const once = new Map(mistakes.map((each) => [JSON.stringify(each), each]));
  const message =
    once.size === 1
      ? 'One file of the project cannot be made part of a function.'
      : 'Files of the project cannot be made part of a function.';
  return new PlumblineError('project-invalid', { message, mistakes: [...once.values()] });
}

interface One {
  readonly target: Target;
  readonly domain: string | undefined;
  readonly folder: string;
  readonly maps: string;
  readonly certificates: string;
}

/** CommonJS packages in an ES module: what they expect to be there of itself. */
const banner = [
  "import { createRequire as plumblineRequire } from 'node:module';",
  "import { dirname as plumblineDirname } from 'node:path';",
  "import { fileURLToPath as plumblinePath } from 'node:url';",
  'const require = plumblineRequire(import.meta.url);',
  'const __filename = plumblinePath(import.meta.url);',
  'const __dirname = plumblineDirname(__filename);',
].join('');

/** Writes one folder and gives the mistakes that keep it from being used. */
async function bundleOne(project: Project, one: One): Promise<readonly Mistake[]> {
  const { target, domain, folder, maps, certificates } = one;
  const own = findOwnFiles();
  const mistakes: Mistake[] = [];
  const contents = await entryOf(project, target, { handlersDir: own.handlersDir, domain });
  const result = await build({
    stdin: { contents, resolveDir: project.dir, sourcefile: 'index.ts', loader: 'ts' },
    absWorkingDir: project.dir,
    outdir: folder,
    entryNames: 'index',
    chunkNames: 'chunk-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    // Errors are told apart by their names, in logs and in code.
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    tsconfigRaw: {},
    banner: { js: banner },
    plugins: [
      projectPlugin({ dir: project.dir, own, mistakes }),
      leaveOut({ sql: target.kind === 'ingest' || target.kind === 'migrate' }),
    ],
    logLevel: 'silent',
  }).catch((error: unknown) => {
    if (!isBuildFailure(error)) throw error;
    mistakes.push(...mistakesOfBuild(error));
    return undefined;
  });
  if (result === undefined || mistakes.length > 0) return mistakes;
  // What was looked at and left out again needs nothing beside it.
  const inputs = Object.values(result.metafile.outputs).flatMap((output) =>
    Object.keys(output.inputs),
  );
  const native = nativeMistakes(inputs, fileOfTarget(target));
  if (native.length > 0) return native;
  await writeFiles(result, { folder, maps });
  await writeFile(join(folder, 'rds-ca.pem'), certificates);
  await copyFiles(folder, { own, inputs });
  return [];
}

const fileOfTarget = (target: Target): string =>
  target.kind === 'ingest' ? `sources/${target.job}.ts` : 'sources/';

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

async function writeFiles(
  { outputFiles = [] }: BuildResult,
  { folder, maps }: Pick<One, 'folder' | 'maps'>,
): Promise<void> {
  const files = outputFiles.map(({ path, text }) => ({ name: basename(path), text }));
  await mkdir(folder, { recursive: true });
  await mkdir(maps, { recursive: true });
  for (const { name, text } of nameChunks(files)) {
    await writeFile(join(name.endsWith('.map') ? maps : folder, name), text);
  }
}
