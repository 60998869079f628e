/**
 * Builds what the sources cannot be run without: the style sheet and the browser's scripts, into
 * `dist/assets/`; and, unless only `--assets` are asked for, the package itself into `dist/` and
 * `@plumbline/aws`, where its sources are, into `aws/dist/`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { compile, optimize } from '@tailwindcss/node';
import { Scanner } from '@tailwindcss/oxide';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const web = join(root, 'src', 'web');
const dist = join(root, 'dist');
const aws = join(root, 'aws');
const assets = join(dist, 'assets');

async function buildStyles(): Promise<string> {
  const source = readFileSync(join(web, 'styles.css'), 'utf8');
  const compiler = await compile(source, { base: web, onDependency: () => undefined });
  const scanner = new Scanner({
    sources: [{ base: web, pattern: '**/*.{ts,tsx}', negated: false }],
  });
  return optimize(compiler.build(scanner.scan()), { minify: true }).code;
}

/** Each island is a file of its own: a page loads what it needs. */
async function buildIslands(): Promise<ReadonlyMap<string, string>> {
  const folder = join(web, 'islands');
  const { outputFiles } = await build({
    entryPoints: readdirSync(folder).map((file) => join(folder, file)),
    bundle: true,
    minify: true,
    write: false,
    outdir: assets,
    format: 'iife',
    target: 'es2022',
  });
  return new Map(outputFiles.map((file) => [basename(file.path), file.text]));
}

/** Files carry a hash of their content in their name, so that a browser may keep them for ever. */
async function buildAssets(): Promise<void> {
  const files = new Map([['styles.css', await buildStyles()], ...(await buildIslands())]);
  mkdirSync(assets, { recursive: true });
  const earlier = readdirSync(assets);
  const names: Record<string, string> = {};
  for (const [name, content] of files) {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
    const extension = extname(name);
    const hashed = `${basename(name, extension)}-${hash}${extension}`;
    names[name] = hashed;
    writeFileSync(join(assets, hashed), content);
  }
  // The list last and the old files after it: a server that starts meanwhile finds a whole set.
  writeFileSync(join(assets, 'manifest.json'), `${JSON.stringify(names, null, 2)}\n`);
  const current = new Set([...Object.values(names), 'manifest.json']);
  for (const name of earlier) if (!current.has(name)) rmSync(join(assets, name));
}

function compilePackage(project: string): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Against the root as it was just built: what is published is what was compiled against. */
function buildAws(): void {
  if (!existsSync(join(aws, 'src'))) return;
  rmSync(join(aws, 'dist'), { recursive: true, force: true });
  compilePackage('aws/tsconfig.build.json');
  // Prices, certificates and templates are read from beside the code that needs them.
  for (const file of globSync('**/*.*', { cwd: join(aws, 'src') })) {
    if (file.endsWith('.ts')) continue;
    cpSync(join(aws, 'src', file), join(aws, 'dist', file));
  }
}

if (!process.argv.includes('--assets')) {
  // What an earlier build left behind would be shipped with this one.
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) {
    if (name !== 'assets') rmSync(join(dist, name), { recursive: true });
  }
  compilePackage('tsconfig.build.json');
  buildAws();
}
await buildAssets();
