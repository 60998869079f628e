import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { makeCompany, writeCompany } from '../../examples/acme/company/generate.ts';
import { run } from '../../src/cli/preview.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { PlumblineError } from '../../src/errors.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';
import { findFixtures } from '../helpers/fixtures.ts';
import { config, createProjectFolder, type ProjectFolder } from '../helpers/project-folder.ts';
import { handMade } from './hand-made.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const previewJson = z.object({
  rows: z.object({ rows: z.number(), accepted: z.number(), rejected: z.number() }),
  unsure: z.array(z.string()),
  keys: z.array(z.object({ isClear: z.boolean() })),
  columns: z.array(z.object({ name: z.string(), declared: z.string(), sure: z.boolean() })),
  written: z.object({ source: z.string(), file: z.string() }),
});
type Preview = z.infer<typeof previewJson>;

const runJson = z.object({
  sources: z.array(
    z.object({
      name: z.string(),
      rows: z.object({
        read: z.number(),
        inserted: z.number(),
        duplicate: z.number(),
        rejected: z.number(),
      }),
    }),
  ),
});

/** Runs `preview FILE --write NAME` in this process. */
async function preview(file: string, projectDir: string, name: string): Promise<Preview> {
  let out = '';
  const stream = { write: (text: string) => (out += text) };
  const terminal = createTerminal({
    json: true,
    debug: false,
    out: stream,
    err: stream,
    variables: {},
  });
  const options = { write: name, rows: '3' };
  const signal = new AbortController().signal;
  await run({ terminal, args: [file], options, start: projectDir, signal });
  return previewJson.parse(JSON.parse(out));
}

let project: ProjectFolder;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
beforeAll(async () => {
  project = await createProjectFolder({ 'plumbline.config.ts': config });
  database = await createEmptyDatabase();
});
afterAll(async () => {
  await project.remove();
  await database.drop();
});

const plumbline = (...args: string[]) =>
  runPlumbline([...args, '--project', project.dir, '--json'], {
    env: { DATABASE_URL: database.url },
  });

/** A file of every kind with what its first load must come to. */
async function expectLoads(previews: ReadonlyMap<string, Preview>): Promise<void> {
  const files = [...previews.values()].map(({ written }) => join(project.dir, written.file));
  await copyFile(join(root, '.oxfmtrc.json'), join(project.dir, '.oxfmtrc.json'));
  const format = spawnSync(join(root, 'node_modules/.bin/oxfmt'), ['--check', ...files], {
    cwd: project.dir,
    encoding: 'utf8',
  });
  expect(format.stdout + format.stderr).toContain('All matched files use the correct format');
  const check = await plumbline('check');
  expect(check.json()).toMatchObject({ ok: true });
  const loaded = runJson.parse((await plumbline('run')).json()).sources;
  const counts = new Map(loaded.map(({ name, rows }) => [name, rows]));
  const wrong = [...previews].flatMap(([file, { rows, written, keys, unsure }]) => {
    const got = counts.get(written.source);
    if (got === undefined || got.read === 0) {
      // A file that a load refuses whole was announced.
      return rows.rows === 0 || unsure.some((text) => /refuses the file/u.test(text))
        ? []
        : [{ file, got, rows }];
    }
    const hasKey = keys[0]?.isClear === true;
    const isRight =
      got.read === rows.rows &&
      (hasKey || got.rejected === rows.rejected) &&
      got.inserted + got.duplicate + got.rejected === rows.rows;
    return isRight ? [] : [{ file, got, rows }];
  });
  expect(wrong).toEqual([]);
}

describe('files made by hand', () => {
  test('load by the sources written for them', { timeout: 120_000 }, async () => {
    const previews = new Map<string, Preview>();
    for (const [name, { content, rows, rejected }] of Object.entries(handMade)) {
      const file = join(project.dir, 'hand', name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      const source = `hand-${name.replaceAll(/[^a-z0-9]+/gu, '-')}`;
      const seen = await preview(file, project.dir, source);
      expect.soft({ name, ...seen.rows }).toMatchObject({ name, rows, rejected });
      previews.set(name, seen);
    }
    await expectLoads(previews);
  });
});

/**
 * What the sources of the example have and a file cannot show: patterns of texts (`/^C-\d{4}$/`), an
 * upper bound, a rule over two columns, English names for German labels, columns that may be empty
 * though none was. What the files of a few weeks show more narrowly: a column without thousands yet
 * has no thousands mark, and one with few different texts is one of them.
 */
describe('files of the example company', () => {
  test('load by the sources written for them', { timeout: 120_000 }, async () => {
    const company = makeCompany({ seed: 1, from: '2026-01-01', until: '2026-04-20', scale: 0.3 });
    await writeCompany(project.dir, company);
    const previews = new Map<string, Preview>();
    for (const kind of ['operating-costs', 'partner-orders', 'payments', 'tax']) {
      const files = globSync(`data/${kind}/*.{csv,xlsx}`, { cwd: project.dir }).toSorted();
      const file = files.at(-1) ?? '';
      // Alone in its folder: its source is for all files named alike.
      await mkdir(join(project.dir, 'one', kind), { recursive: true });
      const copy = join(project.dir, 'one', kind, basename(file));
      await copyFile(join(project.dir, file), copy);
      previews.set(file, await preview(copy, project.dir, kind));
    }
    const declared = Object.fromEntries(
      [...previews.values()].map(({ written, columns }) => [
        written.source,
        columns.map((column) => `${column.name}: ${column.declared.replace('column.', '')}`),
      ]),
    );
    expect(declared).toMatchSnapshot();
    await expectLoads(previews);
  });
});

/** Every file is previewed each time; to load every one takes a minute. */
const loadsAll = process.env['ALL_FIXTURES'] === '1';

const kinds = ['.csv', '.xlsx', '.xlsm', '.xls', '.xlsb', '.ods'];

const fixtures = findFixtures();

describe('files of other projects', () => {
  // Skipped and not left early: its snapshot is not obsolete where the files are missing.
  test.skipIf(fixtures === undefined)(
    'are previewed or refused with a code; the sources written load what was said',
    { timeout: 600_000 },
    async () => {
      const folder = fixtures ?? '';
      const files = globSync('**/*', { cwd: folder })
        .filter((file) => kinds.includes(extname(file)))
        .toSorted();
      const previews = new Map<string, Preview>();
      const refused = new Map<string, number>();
      for (const [index, file] of files.entries()) {
        // Other files match a name with a date in it.
        const copy = join(project.dir, 'fixtures', String(index), basename(file));
        await mkdir(dirname(copy), { recursive: true });
        await copyFile(join(folder, file), copy);
        try {
          previews.set(file, await preview(copy, project.dir, `f${index}`));
        } catch (error) {
          if (!(error instanceof PlumblineError) || error.code === 'internal') {
            throw new Error(`${file} is not refused but fails`, { cause: error });
          }
          refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
        }
      }
      console.log(
        `${previews.size} files previewed, refused: ${JSON.stringify(Object.fromEntries(refused))}`,
      );
      expect(previews.size).toBeGreaterThan(files.length / 2);
      const isLoaded = (file: string): boolean =>
        loadsAll || file.startsWith('real/') || file.length % 3 === 0;
      const skipped = [...previews].filter(([file]) => !isLoaded(file));
      for (const [file, { written }] of skipped) {
        await rm(join(project.dir, written.file));
        previews.delete(file);
      }
      await expectLoads(previews);
      const superstore = previews.get('real/superstore.csv');
      expect(superstore?.rows).toMatchObject({ rows: 9994, rejected: 0 });
      expect(superstore?.columns.filter(({ sure }) => !sure)).toEqual([]);
      const source = await readFile(join(project.dir, superstore?.written.file ?? ''), 'utf8');
      // The folder is numbered by how many files come before it.
      expect(source.replace(/fixtures\/\d+/u, 'fixtures/n')).toMatchSnapshot();
    },
  );
});
