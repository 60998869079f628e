import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { awsProjectFiles } from '../../aws/test/helpers/aws-project.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** An empty folder into which the package is installed, as a user does it. */
let home: string;
let packed: readonly string[];

/** Runs a program of npm with the Node of this test, and without what its npm has set. */
async function run(program: string, args: readonly string[], cwd = home): Promise<string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE_OPTIONS$|^DATABASE_URL$|^SMTP_URL$|^VITEST/i.test(name),
  );
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const env = { ...Object.fromEntries(inherited), PATH: path };
  const { stdout } = await execute(program, [...args], { cwd, env, maxBuffer: 50_000_000 });
  return stdout;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'plumbline-pack-'));
  // A copy is built, so that other tests keep the assets they are reading.
  const checkout = join(home, 'checkout');
  const kept = ['src', 'sql', 'bin', 'docs', 'scripts', 'package.json', 'tsconfig.json', 'aws'];
  for (const name of [
    ...kept,
    'tsconfig.build.json',
    ...globSync('*.md', { cwd: root }),
    'LICENSE',
  ]) {
    cpSync(join(root, name), join(checkout, name), {
      recursive: true,
      force: true,
      filter: (path) => !/[\\/]aws[\\/](?:dist|node_modules|test)$/.test(path),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const output = await run('npm', ['pack', '--json', '--pack-destination', home], checkout);
  // The build writes to standard output too, before npm's own JSON.
  const described: unknown = JSON.parse(output.slice(output.search(/^[[{]\s*$/m)));
  packed = fileNames(described);
  const [archive = ''] = globSync('*.tgz', { cwd: home });
  for (const name of ['dist', 'package.json']) {
    cpSync(join(checkout, 'aws', name), join(home, 'aws', name), { recursive: true });
  }
  await rm(checkout, { recursive: true });
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${archive}`]);
}, 300_000);
afterAll(() => rm(home, { recursive: true, force: true }));

/** Paths of `npm pack --json`, a list of packages or one by name, depending on npm's age. */
function fileNames(described: unknown): readonly string[] {
  const text = JSON.stringify(described);
  return [...text.matchAll(/"path":"([^"]+)"/g)].map(([, path = '']) => path);
}

test('holds what it needs to run and nothing else', () => {
  expect(packed).toEqual(
    expect.arrayContaining(['bin/plumbline.js', 'dist/cli.js', 'dist/index.d.ts', 'package.json']),
  );
  // Errors and the settings for AWS name pages of it.
  expect(packed).toEqual(expect.arrayContaining(['docs/aws.md', 'docs/aws-settings.md']));
  expect(packed.some((file) => /^sql\/001_\w+\.sql$/.test(file))).toBe(true);
  expect(packed.some((file) => /^dist\/assets\/styles-\w+\.css$/.test(file))).toBe(true);
  expect(
    packed.filter((file) => /^(?:src|test|examples|scripts|node_modules)\//.test(file)),
  ).toEqual([]);
});

test('a new project runs at once', async () => {
  await run('npx', ['plumbline', 'init', 'numbers']);
  const result: unknown = JSON.parse(
    await run('npx', ['plumbline', 'run', '--project', 'numbers', '--json']),
  );
  expect(result).toMatchObject({
    ok: true,
    release: { verified: true },
    sources: [{ name: 'orders', rows: { read: 52, inserted: 50, rejected: 2 }, balanced: true }],
    models: [{ name: 'marts.sales_daily', rows: 50 }],
    checks: { passed: 5, failed: [] },
  });
  const out = join(home, 'mail.eml');
  await run('npx', ['plumbline', 'digest', 'morning-sales', '--project', 'numbers', '--out', out]);
  expect(await readFile(out, 'utf8')).toMatch(/^Subject: /m);
});

test('a bucket needs the AWS client, and says so', async () => {
  const source = `import { column, csv, s3 } from 'plumbline';
export default csv({ from: s3('acme-landing/*.csv'), columns: { id: column.integer() } });
`;
  const file = join(home, 'numbers', 'sources', 'bucket.ts');
  await writeFile(file, source);
  const ran = run('npx', ['plumbline', 'run', 'bucket', '--project', 'numbers', '--json']);
  await expect(ran).rejects.toMatchObject({ stdout: expect.stringContaining('"package-missing"') });
  await expect(ran).rejects.toMatchObject({
    stdout: expect.stringContaining('npm install @aws-sdk/client-s3'),
  });
  await rm(file);
});

test('the files of a new project have types, and a misspelt setting is seen in the editor', async () => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const check = [tsc, '--project', 'numbers'];
  expect(await run(process.execPath, check)).toBe('');
  const wrong =
    "import { defineConfig } from 'plumbline';\ndefineConfig({ compny: 'North Star' });\n";
  await writeFile(join(home, 'numbers', 'wrong.ts'), wrong);
  await expect(run(process.execPath, check)).rejects.toMatchObject({
    stdout: expect.stringContaining('compny'),
  });
});

test('without @plumbline/aws its commands say how to install it', async () => {
  for (const command of [['deploy', '--yes'], ['cost'], ['status', '--aws'], ['init', '--aws']]) {
    const ran = run('npx', ['plumbline', ...command, '--project', 'numbers', '--json']);
    await expect(ran).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/"aws-missing".*npm install @plumbline\/aws@\d/),
    });
  }
  expect(await run('npx', ['plumbline', 'deploy', '--help'])).toContain(
    'plumbline deploy --dry-run',
  );
});

test('an @plumbline/aws of another version is refused by name', async () => {
  const folder = join(home, 'numbers', 'node_modules', '@plumbline', 'aws');
  mkdirSync(folder, { recursive: true });
  const exports = { '.': './i.js', './package.json': './package.json' };
  const description = { name: '@plumbline/aws', version: '9.9.9', type: 'module', exports };
  await writeFile(join(folder, 'package.json'), JSON.stringify(description));
  await writeFile(join(folder, 'i.js'), 'export const commands = {};');
  await expect(run('npx', ['plumbline', 'cost', '--project', 'numbers'])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/error\[aws-version\].*9\.9\.9.*does not fit plumbline/),
  });
  await rm(join(home, 'numbers', 'node_modules'), { recursive: true });
});

test('@plumbline/aws as it is built runs beside the packed plumbline', async () => {
  const modules = join(home, 'node_modules');
  cpSync(join(home, 'aws'), join(modules, '@plumbline', 'aws'), { recursive: true });
  // What npm would install with it, taken from the repository.
  for (const name of globSync(['*', '@*/*'], { cwd: join(root, 'node_modules') })) {
    const target = join(modules, name);
    if (existsSync(target) || name.startsWith('.') || /^@[^/]+$/.test(name)) continue;
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), target);
  }
  for (const [file, content] of Object.entries(awsProjectFiles)) {
    mkdirSync(join(home, 'on-aws', dirname(file)), { recursive: true });
    await writeFile(join(home, 'on-aws', file), content);
  }
  const output = await run('npx', [
    'plumbline',
    'diff',
    '--offline',
    '--project',
    'on-aws',
    '--json',
  ]);
  expect(JSON.parse(output)).toMatchObject({
    ok: true,
    stack: 'plumbline-test-co',
    compared: null,
  });
});
