import { tmpdir } from 'node:os';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { connectClient } from '../../src/warehouse/connections.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import type { Role } from '../../src/warehouse/warehouse.ts';
import { createDatabase, createEmptyDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  // As the loader prepares a source, and a release makes its models.
  await as('loader', 'create table raw.orders (id int, amount numeric)');
  await as('loader', 'insert into raw.orders values (1, 10)');
  await as('owner', 'create view clean.orders as select * from raw.orders');
  await as('owner', 'create schema marts');
  await as('owner', 'create materialized view marts.total as select sum(amount) from clean.orders');
});
afterAll(() => database.drop());

async function as(role: Role, sql: string): Promise<unknown[]> {
  return (await database.warehouse.pool(role).query(sql)).rows;
}

const denied = /permission denied|must be owner|read-only transaction/;

test('the reader sees clean, the models and the system, as soon as they are there', async () => {
  expect(await as('reader', 'select amount from clean.orders')).toEqual([{ amount: '10' }]);
  expect(await as('reader', 'select sum from marts.total')).toEqual([{ sum: '10' }]);
  expect(await as('reader', 'select count(*) from plumbline.batch')).toEqual([{ count: '0' }]);
});

test.each([
  'select * from raw.orders',
  'insert into clean.orders values (2, 3)',
  'update plumbline.batch set read = 0',
  'create schema mine',
  'create table marts.x (a int)',
  'create temporary table t (a int)',
  'refresh materialized view marts.total',
])('the reader may not: %s', async (sql) => {
  await expect(as('reader', sql)).rejects.toThrow(denied);
});

test('the reader cannot give itself the right to write', async () => {
  const client = await database.warehouse.connect('reader');
  await client.query('set default_transaction_read_only = off');
  await expect(client.query('create table marts.x (a int)')).rejects.toThrow('permission denied');
  await expect(client.query('delete from plumbline.run')).rejects.toThrow('permission denied');
  await client.end();
});

test('a query of the reader is ended after 30 seconds', async () => {
  expect(await as('reader', 'show statement_timeout')).toEqual([{ statement_timeout: '30s' }]);
  expect(await as('owner', 'show statement_timeout')).toEqual([{ statement_timeout: '0' }]);
});

test.each([
  'delete from plumbline.batch',
  'drop table plumbline.batch',
  'create schema mine',
  'create table marts.x (a int)',
  'update plumbline.migration set version = 9',
])('the loader may not: %s', async (sql) => {
  await expect(as('loader', sql)).rejects.toThrow(denied);
});

test('the owner may read and change what the loader made', async () => {
  expect(await as('owner', 'select count(*) from raw.orders')).toEqual([{ count: '1' }]);
  await as('owner', 'alter table raw.orders add column note text');
});

test('opening again changes nothing and runs as the same roles', async () => {
  const again = await openWarehouse({ projectDir: tmpdir(), url: database.url });
  const { rows } = await again.pool('loader').query('select current_user as name');
  expect(rows).toEqual([{ name: 'plumbline_loader' }]);
  await again.close();
});

test('a user that may make no roles does everything itself, and is told so', async () => {
  const empty = await createEmptyDatabase();
  const url = await userOf(empty.url, 'plain', '');
  const warehouse = await openWarehouse({ projectDir: tmpdir(), url });
  expect(warehouse.description).toMatch(/warning: everything runs as plain_\w+, which may not/);
  expect(warehouse.description).not.toContain('pass-word');
  const { rows } = await warehouse.pool('owner').query('select current_user as name');
  expect(rows[0]?.name).toMatch(/^plain_/);
  const reader = warehouse.pool('reader');
  await expect(reader.query('create table public.x (a int)')).rejects.toThrow(denied);
  await warehouse.close();
  await empty.drop();
  await dropUser(url);
});

test('a user that is only a reader can open what is there, and write nothing', async () => {
  const url = new URL(database.url);
  const name = `only_reader${url.pathname.replace('/test', '')}`;
  const admin = await connectClient({ connectionString: database.url }, 'test');
  await admin.query(`create role ${name} login password 'pass-word' in role plumbline_reader`);
  url.username = name;
  url.password = 'pass-word';
  const warehouse = await openWarehouse({ projectDir: tmpdir(), url: url.href });
  const { rows } = await warehouse.pool('reader').query('select amount from clean.orders');
  expect(rows).toEqual([{ amount: '10' }]);
  // Whatever role is asked for, the user's own rights are the limit.
  await expect(warehouse.pool('owner').query('create schema mine')).rejects.toThrow(denied);
  await expect(warehouse.pool('loader').query('select * from raw.orders')).rejects.toThrow(denied);
  await warehouse.close();
  await admin.query(`drop role ${name}`);
  await admin.end();
});

test('eight commands that open an empty database at once all find it ready', async () => {
  const empty = await createEmptyDatabase();
  const warehouses = await Promise.all(
    Array.from({ length: 8 }, () => openWarehouse({ projectDir: tmpdir(), url: empty.url })),
  );
  const counts = await Promise.all(
    warehouses.map((each) => each.pool('reader').query('select count(*) from plumbline.batch')),
  );
  expect(counts.map((each) => each.rows[0]?.count)).toEqual(Array(8).fill('0'));
  await Promise.all(warehouses.map((each) => each.close()));
  await empty.drop();
});

test('an unreachable Postgres is named without its password', async () => {
  const url = 'postgres://someone:pass-word@127.0.0.1:1/numbers';
  const error = await openWarehouse({ projectDir: tmpdir(), url }).catch((each: unknown) => each);
  expect(error).toMatchObject({ code: 'warehouse-unreachable', retryable: true });
  expect(String(error)).toContain('127.0.0.1:1/numbers');
  expect(JSON.stringify(error) + String(error)).not.toContain('pass-word');
});

/** A login of its own that owns the database. */
async function userOf(adminUrl: string, prefix: string, options: string): Promise<string> {
  const url = new URL(adminUrl);
  const name = `${prefix}${url.pathname.replace('/test', '')}`;
  const admin = await connectClient({ connectionString: adminUrl }, 'test');
  await admin.query(`create role ${name} login ${options} password 'pass-word'`);
  await admin.query(`alter database ${url.pathname.slice(1)} owner to ${name}`);
  await admin.end();
  url.username = name;
  url.password = 'pass-word';
  return url.href;
}

async function dropUser(url: string): Promise<void> {
  const admin = await connectClient({ connectionString: database.url }, 'test');
  await admin.query(`drop role ${new URL(url).username}`);
  await admin.end();
}

test.each(['db.example.com:5432/shop', 'canary-secret', 'http://db.example.com'])(
  'what is no address of a Postgres is called so, and not shown: %s',
  async (url) => {
    const opened = openWarehouse({ projectDir: tmpdir(), url });
    await expect(opened).rejects.toMatchObject({
      code: 'warehouse-unreachable',
      message: 'DATABASE_URL is not the address of a Postgres.',
      remedy: expect.stringContaining('postgres://user:password@host:5432/database'),
    });
  },
);
