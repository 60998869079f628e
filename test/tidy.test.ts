import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { commands } from '../src/cli/commands.ts';
import { rowCodes } from '../src/contract/row-codes.ts';
import { errorCodes } from '../src/errors.ts';
import { configSchema } from '../src/project/config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const sourceFiles = globSync('src/**/*.{ts,tsx}', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .sort((a, b) => (a < b ? -1 : 1));

/**
 * The rooms in the order data flows (ARCHITECTURE.md). A file imports from its own room and from
 * earlier rows; rooms of one row do not know each other.
 */
const rows: readonly (readonly string[])[] = [
  ['errors'],
  ['contract'],
  ['source', 'warehouse'],
  ['landing', 'infer', 'access'],
  ['load', 'model'],
  ['trace', 'forecast', 'schedule', 'annotate'],
  ['dashboard'],
  ['web', 'digest'],
  ['project'],
  ['run'],
  ['index'],
  ['cli'],
  ['runtime'],
];

/** `src/load/merge.ts` is in room `load`, `src/errors.ts` is the room `errors`. */
const roomOf = (file: string): string => /^src\/([^/.]+)/.exec(file)?.[1] ?? file;

interface Import {
  readonly file: string;
  readonly target: string;
}

/** Relative imports of every source file, static and dynamic, types included. */
function relativeImports(): readonly Import[] {
  return sourceFiles.flatMap((file) =>
    [...read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => ({
      file,
      target: normalize(join(dirname(file), path)).replaceAll('\\', '/'),
    })),
  );
}

const rowOf = (room: string): number => rows.findIndex((row) => row.includes(room));

describe('rooms', () => {
  test('every folder has a place in the table', () => {
    expect(sourceFiles.filter((file) => rowOf(roomOf(file)) === -1)).toEqual([]);
  });

  test('imports point one way, and siblings do not know each other', () => {
    const imports = relativeImports();
    expect(imports.length).toBeGreaterThan(100);
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      return from !== to && rowOf(to) >= rowOf(from);
    });
    expect(wrong).toEqual([]);
  });

  test('only jobs and the command line know projects; the public entries pass them on', () => {
    const readers = relativeImports().filter(
      ({ file, target }) => roomOf(target) === 'project' && roomOf(file) !== 'project',
    );
    const rooms = new Set(readers.map(({ file }) => roomOf(file)));
    expect([...rooms].filter((room) => !['run', 'cli', 'index', 'runtime'].includes(room))).toEqual(
      [],
    );
  });

  test('names say what a file is about', () => {
    const vague = /(?:^|[/-])(?:utils?|helpers?|common|misc|manager|service)(?:[/.-]|s\.)/;
    const cased = /[A-Z]|_/;
    expect(sourceFiles.filter((file) => vague.test(file) || cased.test(file))).toEqual([]);
  });

  test('no file is left that nothing imports', () => {
    const imported = new Set(relativeImports().map(({ target }) => target));
    const entries = /^src\/(?:index|runtime|cli)\.ts$|^src\/web\/islands\/|\.d\.ts$/;
    expect(sourceFiles.filter((file) => !imported.has(file) && !entries.test(file))).toEqual([]);
  });
});

/** Functions longer than 80 lines, each with why. One that has become shorter must leave the list. */
const longFunctions: Readonly<Record<string, string>> = {
  dashboardPage: 'one page from top to bottom',
  releasePage: 'one page from top to bottom',
  sourcesPage: 'one page from top to bottom',
};

test('files are at most 400 lines, functions at most 80, comments aside', () => {
  const { stdout, status } = spawnSync(
    join(root, 'node_modules/.bin/oxlint'),
    ['--config', 'test/helpers/sizes.oxlintrc.json', '--format', 'unix', 'src'],
    { cwd: root, encoding: 'utf8' },
  );
  expect([0, 1]).toContain(status);
  const found = stdout.split('\n').filter((line) => line.includes('max-lines'));
  const nameOf = (line: string): string => /function `(\w+)`/.exec(line)?.[1] ?? line;
  expect(found.filter((line) => !Object.hasOwn(longFunctions, nameOf(line)))).toEqual([]);
  const long = new Set(found.map((line) => nameOf(line)));
  expect(Object.keys(longFunctions).filter((name) => !long.has(name))).toEqual([]);
});

describe('documentation', () => {
  test('every error code, with its exit code and remedy', () => {
    const page = read('docs/errors.md');
    expect(errorCodes.filter((code) => !page.includes(`| \`${code}\` `))).toEqual([]);
  });

  test('every error code is raised somewhere', () => {
    const aws = globSync('aws/src/**/*.ts', { cwd: root });
    const code = [...sourceFiles, ...aws, 'bin/plumbline.js']
      .filter((file) => file !== 'src/errors.ts')
      .map((file) => read(file))
      .join('\n');
    const raised = (each: string): boolean =>
      code.includes(`'${each}'`) || code.includes(`[${each}]`);
    expect(errorCodes.filter((each) => !raised(each))).toEqual([]);
  });

  test('every code of rows', () => {
    const page = read('docs/errors.md');
    expect(Object.keys(rowCodes).filter((code) => !page.includes(`| \`${code}\` `))).toEqual([]);
  });

  test('every key of the settings', () => {
    const page = read('docs/configuration.md');
    const keys = settingKeys(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }));
    expect(keys).toContain('mail.smtp');
    expect(keys.filter((key) => !page.includes(`| \`${key}\` `))).toEqual([]);
  });

  test.each(commands)('command $usage with its options and an example', (command) => {
    const { usage, options = [], examples } = command;
    const name = usage.split(' ')[0] ?? '';
    const sections = read('docs/cli.md').split(/^## /m);
    const section = sections.find((text) => text.startsWith(`\`${name}\``)) ?? '';
    expect(section).toContain(examples[0]);
    for (const { flags } of options) expect(section).toContain(flags.split(' ')[0]);
    expect(examples.every((line) => line.startsWith('plumbline '))).toBe(true);
  });

  test('no mark of a merge is left in a page or a source', () => {
    const files = globSync(['*.md', 'docs/**/*.md', '{src,test}/**/*.{ts,tsx}', 'sql/*.sql'], {
      cwd: root,
    });
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => /^(?:<{7}|>{7}) /m.test(read(file)))).toEqual([]);
  });

  test('links between pages lead somewhere', () => {
    const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], {
      cwd: root,
      exclude: (name) => name === 'node_modules' || name === '.plumbline',
    });
    const files = new Set(
      globSync('**/*.md', { cwd: root, exclude: (name) => name === 'node_modules' }),
    );
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+\.md)/g)]
        .map(([, link = '']) => normalize(join(dirname(page), link)))
        .filter((target) => !files.has(target))
        .map((target) => `${page} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

test('what the package depends on knows nothing of AWS', () => {
  const { dependencies, optionalDependencies = {} } = z
    .object({
      dependencies: z.record(z.string(), z.string()),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    })
    .parse(JSON.parse(read('package.json')));
  const packages = Object.keys({ ...dependencies, ...optionalDependencies });
  expect(packages.filter((name) => /aws|cdk|smithy/.test(name))).toEqual([]);
  const imports = sourceFiles.filter((file) => /from '(?:@aws|@smithy|aws-)/.test(read(file)));
  expect(imports).toEqual([]);
  // The one place that loads an AWS client, when a source reads a bucket; written so that bundlers see it.
  const names = sourceFiles.filter((file) => /'@(?:aws-sdk|smithy)\//.test(read(file)));
  expect(names).toEqual(['src/source/location/s3/aws-driver.ts']);
});

/** `company`, `mail.smtp`: the leaves of an object schema. */
function settingKeys(schema: unknown, path = ''): readonly string[] {
  const properties =
    schema !== null && typeof schema === 'object' && 'properties' in schema
      ? schema.properties
      : undefined;
  if (properties === null || typeof properties !== 'object') return [path];
  return Object.entries(properties).flatMap(([key, value]) =>
    settingKeys(value, path === '' ? key : `${path}.${key}`),
  );
}
