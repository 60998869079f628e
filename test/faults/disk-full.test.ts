import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { loadSource } from '../../src/load/load-source.ts';
import type { SourceResult } from '../../src/load/result.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { connectClient } from '../../src/warehouse/connections.ts';
import { createLoadingPlace, type LoadingPlace } from '../load/project.ts';
import { createLoaderProcesses } from './loader-processes.ts';
import { createScene } from './scene.ts';
import { mustEqual, report, seed, sweep } from './sweep.ts';

/** A disk of its own in memory, 8 MB and no more until it is made larger. */
interface SmallDisk {
  readonly dir: string;
  readonly grow: () => void;
  readonly remove: () => void;
}

/** Undefined, having said so, where this process may not mount. */
function createSmallDisk(): SmallDisk | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-small-'));
  const mount = (options: string): void => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'pipe' });
  };
  try {
    mount('size=8m');
  } catch {
    rmdirSync(dir);
    console.log('SKIP: a full disk needs the right to mount one (root with CAP_SYS_ADMIN)');
    return undefined;
  }
  return {
    dir,
    grow: () => mount('remount,size=128m'),
    remove: () => {
      execFileSync('umount', [dir]);
      rmdirSync(dir);
    },
  };
}

const rows = 300_000;
const bigFile = `id,amount,note\n${Array.from({ length: rows }, (_, id) => `${id},${id % 1000}.${String(id % 100).padStart(2, '0')},a note that takes room\n`).join('')}`;
const bigSource = (key: readonly 'id'[]): Source =>
  csv({
    from: folder('data/*.csv'),
    columns: { id: column.integer(), amount: column.decimal(9, 2), note: column.text() },
    controlTotals: ['amount'],
    ...(key.length > 0 && { key }),
  });

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
  await place.write('data/big.csv', bigFile);
});
afterEach(() => place.end());

const load = (landingDir: string, key: readonly 'id'[]): Promise<SourceResult> =>
  loadSource({
    name: 'big',
    source: bigSource(key),
    warehouse: place.warehouse,
    landingDir,
    context: {
      projectDir: place.dir,
      env: () => undefined,
      zone: 'UTC',
      now: () => new Date().toISOString(),
      signal: new AbortController().signal,
    },
  });

const reportOne = (fault: string): Promise<void> =>
  report({ fault, points: 1, seed, found: 0, seconds: 0, places: {} });

const held = () =>
  place.query(
    `select count(*) as rows, sum(amount) as cents, count(distinct id) as ids from raw.big where _superseded_by is null`,
  );
/** Each thousand and each hundred of ids alike. */
const cents = (rows * 999) / 2 + (rows * 99) / 2 / 100;
const whole = [{ rows: String(rows), cents: cents.toFixed(2), ids: String(rows) }];

test('a full disk under the landing: nothing is left behind, and with room the next run loads', async () => {
  const disk = createSmallDisk();
  if (disk === undefined) return;
  try {
    const full = await load(disk.dir, []);
    expect(full).toMatchObject({ balanced: false, rows: { read: 0 } });
    expect(full.errors).toMatchObject([
      { code: 'disk-full', message: expect.stringContaining('big.csv: the disk is full') },
    ]);
    expect(readdirSync(disk.dir)).toEqual([]);
    expect(await place.query('select from plumbline.delivery')).toEqual([]);
    disk.grow();
    expect(await load(disk.dir, [])).toMatchObject({ balanced: true, rows: { inserted: rows } });
    expect(await held()).toEqual(whole);
    await reportOne('disk full under the landing');
  } finally {
    disk.remove();
  }
});

test.each([
  { name: 'without a key', key: [] },
  { name: 'with a key', key: ['id'] as const },
])(
  'a full disk under Postgres ($name): nothing of the delivery is kept, and with room the next run loads',
  async ({ name, key }) => {
    const disk = createSmallDisk();
    if (disk === undefined) return;
    const landing = join(place.dir, 'landing');
    const database = new URL(place.url).pathname.slice(1);
    const admin = await connectClient({ connectionString: place.url }, 'the test server');
    try {
      const { rows: server } = await admin.query<{ dir: string }>(
        `select current_setting('data_directory') as dir`,
      );
      const { uid, gid } = statSync(server[0]?.dir ?? '');
      chownSync(disk.dir, uid, gid);
      await admin.query(`create tablespace small_${database} location '${disk.dir}'`);
      await admin.query(`grant create on tablespace small_${database} to public`);
      await admin.query(
        `alter database ${database} set default_tablespace = small_${database}; alter database ${database} set temp_tablespaces = small_${database}`,
      );
      const full = await load(landing, key);
      expect(full).toMatchObject({ balanced: false, rows: { read: 0 } });
      expect(full.errors).toMatchObject([
        {
          code: 'disk-full',
          message: expect.stringMatching(/disk of Postgres is full.*No space left/),
        },
      ]);
      expect(await held()).toEqual([{ rows: '0', cents: null, ids: '0' }]);
      expect(
        await place.query("select state, error ->> 'code' as code from plumbline.batch"),
      ).toEqual([{ state: 'failed', code: 'disk-full' }]);
      disk.grow();
      expect(await load(landing, key)).toMatchObject({ balanced: true, rows: { inserted: rows } });
      expect(await held()).toEqual(whole);
      await reportOne(`disk full under Postgres, ${name}`);
    } finally {
      await admin.query('drop table if exists raw.big');
      await admin.query(`drop tablespace if exists small_${database}`);
      await admin.end();
      disk.remove();
    }
  },
);

test('files that may not grow (ulimit -f): said by name, nothing is left behind, and the next run loads', async () => {
  const scene = await createScene();
  // 2 KB: less than any delivery.
  const processes = createLoaderProcesses({ under: 'ulimit -f 4' });
  try {
    const hit = await sweep({
      fault: 'file size limit under the landing',
      file: 'test/faults/disk-full.test.ts',
      scene,
      points: { short: 3, full: 3 },
      cycles: 1,
      lanes: 1,
      makeFault: async ({ ground, day }) => {
        const result = await processes.next().run(ground.at(), { release: false });
        const codes = result?.errors.map((error) => error.code) ?? [];
        mustEqual(`day ${day}`, new Set(codes), new Set(['disk-full']));
        return { place: 'landing', where: 'ulimit -f' };
      },
    });
    expect(hit).toBeGreaterThan(0);
  } finally {
    processes.end();
    await scene.remove();
  }
});
