import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { noAccess } from '../../src/access/access.ts';
import type { Access } from '../../src/access/access.ts';
import { applyAccess } from '../../src/access/apply-access.ts';
import { planAccess } from '../../src/access/plan-access.ts';
import { parseProcedure } from '../../src/model/parse-procedure.ts';
import { createScene, declare, model, password, schemas } from './access-scene.ts';
import type { AccessScene } from './access-scene.ts';

let scene: AccessScene;
let access: Access;
const sales = model('marts.sales', 'select sum(amount) as amount from clean.orders');
const costs = model('finance.costs', 'select 7 as cost', 'table');

beforeEach(async () => {
  scene = await createScene();
  access = declare(scene, { bi: ['marts'] });
  await scene.release([sales, costs]);
});
afterEach(() => scene.end());

const read = async (client: pg.Client, sql: string): Promise<unknown> =>
  (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows[0]?.[0];

describe('a user reads its schemas', () => {
  test('and is denied everything else, also when it tries to get around its settings', async () => {
    await scene.apply(access);
    const bi = await scene.connect('bi');
    expect(await read(bi, 'select amount::int from sales')).toBe(30);
    expect(await read(bi, 'show default_transaction_read_only')).toBe('on');
    expect(await read(bi, 'show idle_session_timeout')).toBe('10min');
    await bi.query('set default_transaction_read_only = off');
    for (const statement of [
      'select * from raw.orders',
      'select * from clean.orders',
      'select * from finance.costs',
      'select * from plumbline.batch',
      'select raw from plumbline.reject',
      'insert into marts.sales values (1)',
      'create table marts.mine (a int)',
      'create view marts.mine as select 1',
      'create table public.mine (a int)',
      'create temporary table mine (a int)',
      'create schema mine',
      'drop view marts.sales',
      'alter view marts.sales rename to other',
      'grant select on plumbline.batch to public',
      'set role plumbline_owner',
      'set role plumbline_reader',
      'set session authorization plumbline_owner',
      `create role ${scene.name('mine')}`,
      `alter role ${scene.name('bi')} connection limit 100`,
      `alter role plumbline_owner password 'x'`,
      'select rolpassword from pg_authid',
      `copy marts.sales to program 'true'`,
      `copy (select 1) to '/tmp/plumbline-should-not-be-there'`,
      `select pg_read_file('postgresql.conf')`,
      'select * from pg_statistic',
      'do $$ begin lock table marts.sales in access exclusive mode; end $$',
    ]) {
      await expect(bi.query(statement)).rejects.toThrow(
        /permission denied|must be (?:owner|superuser)|cannot (?:insert|lock)|not allowed/,
      );
    }
  });

  test('after later releases too, with new definitions and new relations', async () => {
    await scene.apply(access);
    const bi = await scene.connect('bi');
    await scene.orders.load([[3, 70]]);
    const changed = model(
      'marts.sales',
      'select sum(amount) as amount, 1 as more from clean.orders',
    );
    const fresh = model('marts.fresh', 'select 5 as five', 'table');
    const view = model('marts.by_id', 'select id from clean.orders', 'materialized view');
    await scene.release([changed, fresh, view, costs]);
    expect(await read(bi, 'select amount::int from sales')).toBe(100);
    expect(await read(bi, 'select five from fresh')).toBe(5);
    expect(await read(bi, 'select count(*)::int from by_id')).toBe(3);
    await expect(bi.query('insert into fresh values (1)')).rejects.toThrow(/permission|read-only/);
    await expect(bi.query('select * from finance.costs')).rejects.toThrow('permission denied');
    expect(await scene.plan(access)).toEqual([]);
  });

  test('that no release has made yet, from the first one on', async () => {
    await scene.apply(declare(scene, { bi: ['later', 'clean'] }));
    const bi = await scene.connect('bi');
    await scene.release([sales, costs, model('later.all', 'select 1 as one')]);
    expect(await read(bi, 'select one from later."all"')).toBe(1);
    expect(await read(bi, 'select sum(amount)::int from orders')).toBe(30);
    await expect(bi.query('select * from raw.orders')).rejects.toThrow('permission denied');
  });

  test('and cannot call procedures, even those that run with the rights of their owner', async () => {
    const close = parseProcedure(
      `/*---\nreads: [marts.sales]\nwrites: [finance.costs]\n---*/\ncreate procedure marts.close() security definer language sql as $$ update finance.costs set cost = 9 $$`,
      { file: 'procedures/close.sql', name: 'close' },
    );
    const released = await scene.release([sales, costs], [close]);
    expect(released).toMatchObject({ released: true });
    await scene.apply(access);
    const bi = await scene.connect('bi');
    await bi.query('set default_transaction_read_only = off');
    await expect(bi.query('call marts.close()')).rejects.toThrow('permission denied');
  });

  test('has no more connections than it may', async () => {
    await scene.apply(access);
    for (let count = 0; count < 3; count += 1) await scene.connect('bi');
    await expect(scene.connect('bi')).rejects.toThrow('too many connections');
  });
});

test('without users nobody else gets in', async () => {
  await scene.admin.query(`create role ${scene.name('other')} login password '${password}'`);
  await (await scene.connect('other')).end();
  const steps = await scene.apply(noAccess);
  expect(steps.join('\n')).toContain('everybody may no longer: connect, temporary');
  expect(steps.join('\n')).toContain(scene.name('other'));
  await expect(scene.connect('other')).rejects.toThrow('permission denied for database');
});

test('applying twice changes nothing the second time', async () => {
  expect((await scene.apply(access)).length).toBeGreaterThan(2);
  expect(await scene.apply(access)).toEqual([]);
  await scene.connect('bi');
});

describe('what is declared no more is taken away', () => {
  test('a schema', async () => {
    await scene.apply(declare(scene, { bi: ['marts', 'finance'] }));
    const bi = await scene.connect('bi');
    expect(await read(bi, 'select cost from finance.costs')).toBe(7);
    await scene.apply(access);
    await expect(bi.query('select cost from finance.costs')).rejects.toThrow('permission denied');
    await scene.release([sales, costs, model('finance.more', 'select 1 as one', 'table')]);
    await expect(bi.query('select one from finance.more')).rejects.toThrow('permission denied');
    expect(await scene.plan(access)).toEqual([]);
  });

  test('a user, whose password does not come back with it', async () => {
    await scene.apply(access);
    const bi = await scene.connect('bi');
    await scene.apply(noAccess);
    await expect(bi.query('select * from marts.sales')).rejects.toThrow('permission denied');
    await expect(scene.connect('bi')).rejects.toThrow(/not permitted to log in|password/);
    expect(await scene.plan(noAccess)).toEqual([]);
    const changes = await planAccess(scene.admin, access, schemas);
    expect(changes.withoutPassword).toEqual([scene.name('bi')]);
    await expect(applyAccess(scene.admin, changes, new Map())).rejects.toMatchObject({
      code: 'usage',
    });
    const fresh = new Map([[scene.name('bi'), 'another-password-of-it']]);
    await applyAccess(scene.admin, changes, fresh);
    await expect(scene.connect('bi')).rejects.toThrow('password authentication failed');
    await scene.connect('bi', 'another-password-of-it');
  });
});

test('what was given by hand is taken away', async () => {
  await scene.apply(declare(scene, { bi: ['marts'], other: ['marts'] }));
  const [bi, other] = [scene.name('bi'), scene.name('other')];
  await scene.admin.query(`
    grant select, insert on raw.orders to ${bi};
    grant usage on schema raw, plumbline to ${bi};
    grant update (amount) on raw.orders to ${bi};
    grant insert on marts.sales to ${bi};
    grant create on schema marts to ${bi};
    grant select on marts.sales to ${bi} with grant option;
    grant temporary, create on database ${new URL(scene.url).pathname.slice(1)} to ${bi};
    grant plumbline_owner to ${bi};
    grant pg_read_all_data to ${bi};
    grant execute on function pg_read_file(text) to ${bi};
    grant usage on language plpgsql to ${bi};
    grant set on parameter log_statement to ${bi};
    alter default privileges for role plumbline_owner grant select on tables to ${bi};
    alter default privileges for role plumbline_owner in schema finance grant all on sequences to ${bi};
    alter role ${bi} createdb createrole bypassrls connection limit 99;
    alter role ${bi} set statement_timeout = 0;
    alter role ${bi} set work_mem = '1GB';
    alter role ${bi} in database ${new URL(scene.url).pathname.slice(1)} set default_transaction_read_only = off;
    select lo_create(4711);
    grant select on large object 4711 to ${bi};
    grant select on all tables in schema finance to public;
    grant usage on schema finance to public;
    set role ${bi};
    grant select on marts.sales to ${other};
    reset role;`);
  const users = declare(scene, { bi: ['marts'], other: ['marts'] });
  const steps = await scene.apply(users);
  const shown = steps.join('\n').replaceAll(bi, 'bi').replaceAll(other, 'other');
  expect(shown.replaceAll(/\btest_\w+/g, 'numbers')).toMatchInlineSnapshot(`
    "everybody may no longer: select on table finance.costs
    everybody may no longer: usage on schema finance
    bi: 3 connections at once; its own settings are set again: statement_timeout, work_mem, default_transaction_read_only
    bi loses the attribute createdb
    bi loses the attribute createrole
    bi loses the attribute bypassrls
    bi is no member of plumbline_owner any more
    bi is no member of pg_read_all_data any more
    bi may no longer: update (amount), insert, select on table raw.orders
    bi may no longer: create, temporary on database numbers
    bi may no longer: select, update, usage on the sequences that plumbline_owner will make in schema finance
    bi may no longer: select on the tables that plumbline_owner will make
    bi may no longer: all on language plpgsql
    bi may no longer: all on large object 4711
    bi may no longer: all on parameter log_statement
    bi may no longer: all on routine pg_catalog.pg_read_file(pg_catalog.text)
    bi may no longer: insert on table marts.sales
    bi may no longer pass on: select on table marts.sales
    bi may no longer: create on schema marts
    bi may no longer: usage on schema plumbline
    bi may no longer: usage on schema raw"
  `);
  expect(await scene.plan(users)).toEqual([]);
  const client = await scene.connect('bi');
  await client.query('set default_transaction_read_only = off');
  expect(await read(client, 'select amount::int from marts.sales')).toBe(30);
  for (const statement of [
    'select * from raw.orders',
    'select * from finance.costs',
    'set role plumbline_owner',
    'insert into marts.sales values (1)',
    `select pg_read_file('postgresql.conf')`,
    'select lo_get(4711)',
    'create temporary table mine (a int)',
  ]) {
    await expect(client.query(statement)).rejects.toThrow(/permission denied|cannot insert/);
  }
  expect(await read(await scene.connect('other'), 'select amount::int from marts.sales')).toBe(30);
});

test('roles of others are left alone', async () => {
  const hers = scene.name('hers');
  await scene.admin.query(`create role ${hers} login; grant select on marts.sales to ${hers}`);
  await scene.apply(access);
  const { rows } = await scene.admin.query(
    `select has_table_privilege($1, 'marts.sales', 'select') as reads, rolcanlogin as login
     from pg_roles where rolname = $1`,
    [hers],
  );
  expect(rows).toEqual([{ reads: true, login: true }]);
  const wanted = declare(scene, { hers: ['marts'] });
  await expect(planAccess(scene.admin, wanted, schemas)).rejects.toMatchObject({
    code: 'access-conflict',
    message: expect.stringContaining('did not make'),
  });
});

test('a user of another database of the same Postgres is not taken over', async () => {
  const other = await createScene();
  const theirs = { allow: [], users: [{ ...access.users[0], name: scene.name('bi') }] };
  // The cast: the user is the one of the other database, whole.
  await scene.apply(access);
  await expect(planAccess(other.admin, theirs as Access, schemas)).rejects.toMatchObject({
    code: 'access-conflict',
    message: expect.stringContaining(new URL(scene.url).pathname.slice(1)),
  });
  await other.apply(noAccess);
  await scene.connect('bi');
  await other.end();
});

test('two applies at once come to the same, and only one password is the one', async () => {
  const changes = await planAccess(scene.admin, access, schemas);
  const second = await scene.another();
  const user = scene.name('bi');
  const results = await Promise.all([
    applyAccess(scene.admin, changes, new Map([[user, 'password-of-the-first']])),
    applyAccess(second, changes, new Map([[user, 'password-of-the-second']])),
  ]);
  const winner = results.findIndex((each) => each.passwordsOf.length === 1);
  expect(results.map((each) => each.passwordsOf.length).toSorted((a, b) => a - b)).toEqual([0, 1]);
  await scene.connect('bi', ['password-of-the-first', 'password-of-the-second'][winner]);
  expect(await scene.plan(access)).toEqual([]);
});

test('nothing is done that was not shown', async () => {
  await scene.apply(access);
  const changes = await planAccess(scene.admin, access, schemas);
  await scene.admin.query(`grant select on finance.costs to ${scene.name('bi')}`);
  await expect(applyAccess(scene.admin, changes, new Map())).rejects.toMatchObject({
    code: 'access-changed',
    message: expect.stringContaining('select on table finance.costs'),
  });
});

test('a password can be exchanged, is in no statement, and must be a strong one', async () => {
  await scene.apply(access);
  const changes = await planAccess(scene.admin, access, schemas);
  const user = scene.name('bi');
  const next = 'the-next-one-of-them';
  const statements: string[] = [];
  const listening = new Proxy(scene.admin, {
    get: (target, key) => {
      if (key !== 'query') return Reflect.get(target, key) as unknown;
      return (text: string, values?: unknown[]) => {
        statements.push(text);
        return target.query(text, values);
      };
    },
  });
  await applyAccess(listening, changes, new Map([[user, next]]));
  expect(statements.join('\n')).toContain('SCRAM-SHA-256$4096:');
  expect(statements.join('\n')).not.toContain(next);
  await scene.connect('bi', next);
  await expect(scene.connect('bi')).rejects.toThrow('password authentication failed');
  for (const weak of ['short', 'with spaces in all of it', 'größe-größe-größe-größe', '']) {
    const applied = applyAccess(scene.admin, changes, new Map([[user, weak]]));
    await expect(applied).rejects.toMatchObject({ code: 'usage' });
    await expect(applied).rejects.not.toThrow(weak === '' ? 'nothing' : weak);
  }
  const stranger = applyAccess(scene.admin, changes, new Map([['plumbline_owner', next]]));
  await expect(stranger).rejects.toMatchObject({ code: 'usage' });
});
