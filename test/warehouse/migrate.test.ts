import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { connectClient } from '../../src/warehouse/connections.ts';
import { isMigrated, migrate, readMigrations } from '../../src/warehouse/migrate.ts';
import type { Migration } from '../../src/warehouse/migrate.ts';
import { createEmptyDatabase } from '../helpers/database.ts';

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

const connect = () => connectClient({ connectionString: database.url }, 'test');

function migration(version: number, sql: string): Migration {
  return { version, name: `step_${version}`, sql, sha256: String(version).repeat(64).slice(0, 64) };
}

test('eight processes that start at once apply every migration once', async () => {
  const migrations = [
    migration(1, 'create table plumbline.log (step int)'),
    migration(2, 'insert into plumbline.log values (2)'),
    migration(3, 'insert into plumbline.log values (3)'),
  ];
  const clients = await Promise.all(Array.from({ length: 8 }, connect));
  const counts = await Promise.all(clients.map((client) => migrate(client, migrations)));
  const { rows } = await (clients[0] ?? (await connect())).query(
    'select array_agg(step order by step) as steps from plumbline.log',
  );
  await Promise.all(clients.map((client) => client.end()));
  expect(rows[0]?.steps).toEqual([2, 3]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
});

test('the migrations of the package apply, and a second start finds nothing to do', async () => {
  const client = await connect();
  const migrations = await readMigrations();
  expect(await isMigrated(client, migrations)).toBe(false);
  expect(await migrate(client, migrations)).toBe(migrations.length);
  expect(await isMigrated(client, migrations)).toBe(true);
  expect(await migrate(client, migrations)).toBe(0);
  await client.end();
});

test('a migration that fails leaves nothing of itself and keeps those before it', async () => {
  const client = await connect();
  const broken = migration(2, 'create table plumbline.half (a int); select 1 / 0');
  await expect(migrate(client, [migration(1, 'select 1'), broken])).rejects.toThrow(
    'division by zero',
  );
  const { rows } = await client.query(
    "select to_regclass('plumbline.half') as half, (select array_agg(version) from plumbline.migration) as versions",
  );
  expect(rows).toEqual([{ half: null, versions: [1] }]);
  await client.end();
});

test('a schema newer than this code is refused with both versions named', async () => {
  const client = await connect();
  await migrate(client, [migration(1, 'select 1'), migration(2, 'select 2')]);
  const older = migrate(client, [migration(1, 'select 1')]);
  await expect(older).rejects.toMatchObject({
    code: 'warehouse-newer',
    message:
      'This warehouse was written by a newer plumbline: it has schema version 2 (step_2), this plumbline knows versions up to 1.',
  });
  await expect(isMigrated(client, [migration(1, 'select 1')])).rejects.toMatchObject({
    code: 'warehouse-newer',
  });
  await client.end();
});

test('a migration edited after it was applied is refused', async () => {
  const client = await connect();
  await migrate(client, [migration(1, 'select 1')]);
  const edited = { ...migration(1, 'select 2'), sha256: 'e'.repeat(64) };
  await expect(migrate(client, [edited])).rejects.toMatchObject({ code: 'migration-changed' });
  await client.end();
});

test('line ends of a checkout do not change a migration, and gaps in the numbers are refused', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-sql-'));
  await writeFile(join(dir, '001_a.sql'), 'select 1;\nselect 2;\n');
  const [unix] = await readMigrations(dir);
  await writeFile(join(dir, '001_a.sql'), 'select 1;\r\nselect 2;\r\n');
  const [windows] = await readMigrations(dir);
  expect(windows?.sha256).toBe(unix?.sha256);
  await writeFile(join(dir, '003_c.sql'), 'select 3');
  await expect(readMigrations(dir)).rejects.toThrow('not numbered');
  await rm(dir, { recursive: true });
});
