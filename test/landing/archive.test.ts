import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import type { LandingArchive } from '../../src/landing/land.ts';
import { loadSource } from '../../src/load/load-source.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

/** A machine whose disk is empty at every start, and a folder that stands for the bucket. */
let database: TestDatabase;
let place: string;
let brought: string[];
let archive: LandingArchive;

beforeEach(async () => {
  database = await createDatabase();
  place = await mkdtemp(join(tmpdir(), 'plumbline-archive-'));
  await mkdir(join(place, 'kept'));
  brought = [];
  const kept = (sha256: string): string => join(place, 'kept', sha256);
  archive = {
    keep: ({ sha256, path }) => copyFile(path, kept(sha256)),
    bringBack: async ({ sha256, path }) => {
      brought.push(sha256);
      return copyFile(kept(sha256), path).then(
        () => true,
        () => false,
      );
    },
  };
});

afterEach(async () => {
  await database.drop();
  await rm(place, { recursive: true });
});

async function run(options: { readonly deadline?: string; readonly min?: number } = {}) {
  const landingDir = await mkdtemp(join(place, 'disk-'));
  let seconds = 0;
  const bound = options.min === undefined ? {} : { min: options.min };
  const result = await loadSource({
    name: 'orders',
    source: csv({
      from: folder('*.csv'),
      columns: { id: column.integer({ required: true, ...bound }) },
      key: ['id'],
    }),
    warehouse: database.warehouse,
    landingDir,
    archive,
    context: {
      projectDir: place,
      env: () => undefined,
      zone: 'UTC',
      // A second passes whenever someone looks.
      now: () => new Date(Date.UTC(2026, 0, 1) + 1000 * seconds++).toISOString(),
      signal: new AbortController().signal,
      ...(options.deadline !== undefined && { deadline: options.deadline }),
    },
  });
  return { result, left: await readdir(landingDir) };
}

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(place, name), text);
}

test('the archive keeps every delivery, and the disk is empty after the run', async () => {
  await write('a.csv', 'id\n1\n2\n');
  await write('b.csv', 'id\n3\n');
  const { result, left } = await run();
  expect(result).toMatchObject({ balanced: true, deliveries: 2 });
  expect(left).toEqual([]);
  const kept = await readdir(join(place, 'kept'));
  const texts = await Promise.all(kept.map((name) => readFile(join(place, 'kept', name), 'utf8')));
  expect(texts.sort()).toEqual(['id\n1\n2\n', 'id\n3\n']);
});

test('a new machine knows what was loaded without bringing anything back', async () => {
  await write('a.csv', 'id\n1\n');
  await run();
  expect((await run()).result).toMatchObject({ balanced: true, deliveries: 0 });
  expect(brought).toEqual([]);
});

test('what is to be read again is brought back from the archive', async () => {
  await write('a.csv', 'id\n1\n2\n');
  await run();
  // Another contract reads the same bytes in another way.
  const { result, left } = await run({ min: 2 });
  expect(result).toMatchObject({ deliveries: 1, rows: { read: 2, rejected: 1 } });
  expect(brought).toHaveLength(1);
  expect(left).toEqual([]);
});

test('a delivery that the archive lost is said by its code, and its rows stay', async () => {
  await write('a.csv', 'id\n1\n');
  await run();
  await rm(join(place, 'a.csv'));
  await rm(join(place, 'kept'), { recursive: true });
  const { result } = await run({ min: 0 });
  expect(result).toMatchObject({ balanced: false, errors: [{ code: 'landing-missing' }] });
  const { rows } = await database.warehouse
    .pool('loader')
    .query('select count(*)::int as held from raw.orders where _superseded_by is null');
  expect(rows).toEqual([{ held: 1 }]);
});

test('a run stops between two files at its deadline, and the next ones go on', async () => {
  for (const name of ['a', 'b', 'c']) await write(`${name}.csv`, `id\n${name.charCodeAt(0)}\n`);
  const goesOnFrom: (string | undefined)[] = [];
  for (let runs = 0; runs < 3; runs += 1) {
    const { result } = await run({ deadline: '2026-01-01T00:00:00Z' });
    expect(result.deliveries).toBe(1);
    goesOnFrom.push(result.goesOnFrom);
  }
  expect(goesOnFrom).toEqual(['b.csv', 'c.csv', undefined]);
});
