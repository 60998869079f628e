import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const sourceFiles = globSync('aws/src/**/*.ts', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .sort((a, b) => (a < b ? -1 : 1));

/** As in the root: a file imports from its own room and from earlier rows. */
const rows: readonly (readonly string[])[] = [
  ['plan/plan.ts'],
  ['schedule', 'settings', 'price'],
  ['plan'],
  ['proxy', 'handlers', 'cloud'],
  ['bundle'],
  ['stack'],
  ['commands'],
  ['index.ts'],
];

const roomOf = (file: string): string => {
  const path = file.replace(/^aws\/src\//, '');
  return rows.flat().includes(path) ? path : (path.split('/')[0] ?? '');
};
const rowOf = (room: string): number => rows.findIndex((row) => row.includes(room));

interface Import {
  readonly file: string;
  readonly from: string;
}

const imports: readonly Import[] = sourceFiles.flatMap((file) =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, from = '']) => ({
    file,
    from,
  })),
);
const own = imports.flatMap(({ file, from }) =>
  from.startsWith('.')
    ? [{ file, target: normalize(join(dirname(file), from)).replaceAll('\\', '/') }]
    : [],
);

describe('rooms', () => {
  test('every file has a place in the table, and imports point one way', () => {
    expect(sourceFiles.filter((file) => rowOf(roomOf(file)) === -1)).toEqual([]);
    expect(own.length).toBeGreaterThan(50);
    const wrong = own.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      return from !== to && rowOf(to) >= rowOf(from);
    });
    expect(wrong).toEqual([]);
  });

  test('of plumbline they know its public API alone', () => {
    const packages = imports.filter(({ from }) => /^plumbline(?:\/|$)/.test(from));
    expect(packages.length).toBeGreaterThan(20);
    const entries = ['plumbline', 'plumbline/runtime'];
    expect(packages.filter(({ from }) => !entries.includes(from))).toEqual([]);
    expect(own.filter(({ target }) => !target.startsWith('aws/src/'))).toEqual([]);
  });

  test('what runs in a function knows nothing of how it is deployed', () => {
    const known = imports.filter(
      ({ file, from }) =>
        roomOf(file) === 'handlers' && /^(?:aws-cdk|constructs|cdk-nag|esbuild)/.test(from),
    );
    expect(known).toEqual([]);
  });

  test('no file is left that nothing imports', () => {
    const imported = new Set(own.map(({ target }) => target));
    // Bundles begin at the handlers: bundle/entry-of.ts writes what imports them.
    const entries = /^aws\/src\/(?:index|handlers\/(?:[a-z]+-handler|serve-web))\.ts$/;
    expect(sourceFiles.filter((file) => !imported.has(file) && !entries.test(file))).toEqual([]);
  });
});

test('files are at most 400 lines, functions at most 80, comments aside', () => {
  const { stdout, status } = spawnSync(
    join(root, 'node_modules/.bin/oxlint'),
    ['--config', 'test/helpers/sizes.oxlintrc.json', '--format', 'unix', 'aws/src'],
    { cwd: root, encoding: 'utf8' },
  );
  expect([0, 1]).toContain(status);
  expect(stdout.split('\n').filter((line) => line.includes('max-lines'))).toEqual([]);
});

test('what it depends on is pinned, and the root depends on none of it', () => {
  const manifest = z.object({ dependencies: z.record(z.string(), z.string()) });
  const { dependencies } = manifest.parse(JSON.parse(read('aws/package.json')));
  const versions = Object.entries(dependencies);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const rootOnes = manifest.parse(JSON.parse(read('package.json'))).dependencies;
  expect(Object.keys(rootOnes).filter((name) => /aws|cdk|constructs/.test(name))).toEqual([]);
});
