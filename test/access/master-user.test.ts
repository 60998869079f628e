import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { applyAccess } from '../../src/access/apply-access.ts';
import { planAccess } from '../../src/access/plan-access.ts';
import { createScene, declare, model, schemas } from './access-scene.ts';
import type { AccessScene } from './access-scene.ts';

/** As the master user of RDS: may create roles, owns the database, is in Plumbline's roles, no superuser. */
let scene: AccessScene;
let master: pg.Client;
const sales = model('marts.sales', 'select sum(amount) as amount from clean.orders');

beforeEach(async () => {
  scene = await createScene();
  await scene.release([sales]);
});
afterEach(() => scene.end());

async function connectAs(options: string, ownsDatabase: boolean): Promise<pg.Client> {
  const user = scene.name('amaster');
  await scene.admin.query(`create role ${user} login ${options} password 'correct-horse-battery'`);
  if (options.includes('createrole')) {
    await scene.admin.query(`grant plumbline_owner, plumbline_loader, plumbline_reader to ${user}`);
  }
  const database = new URL(scene.url).pathname.slice(1);
  if (ownsDatabase) await scene.admin.query(`alter database ${database} owner to ${user}`);
  return scene.connect('amaster');
}

test('a user that may create roles applies it all, and takes back what it gave', async () => {
  master = await connectAs('createrole', true);
  const access = declare(scene, { bi: ['marts', 'later'], zed: ['clean'] });
  await scene.apply(access, master);
  expect(await scene.plan(access, master)).toEqual([]);
  expect(await scene.plan(access)).toEqual([]);
  await scene.release([sales, model('later.more', 'select 1 as one', 'table')]);
  const bi = await scene.connect('bi');
  expect((await bi.query('select amount::int, one from marts.sales, later.more')).rows).toEqual([
    { amount: 30, one: 1 },
  ]);
  await expect(bi.query('select * from raw.orders')).rejects.toThrow('permission denied');
  await expect(bi.query('create temporary table t ()')).rejects.toThrow(/permission|read-only/);
  await scene.admin.query(`grant usage on schema raw to ${scene.name('bi')};
    grant plumbline_reader to ${scene.name('bi')} granted by plumbline_admin;`);
  await expect(scene.apply(access, master)).rejects.toMatchObject({ code: 'warehouse-refused' });
  await scene.admin.query(`revoke plumbline_reader from ${scene.name('bi')}`);
  await scene.apply(access, master);
  const fewer = declare(scene, { zed: ['clean'] });
  await scene.apply(fewer, master);
  expect(await scene.plan(fewer, master)).toEqual([]);
  await expect(bi.query('select * from marts.sales')).rejects.toThrow('permission denied');
  const zed = await scene.connect('zed');
  expect((await zed.query('select sum(amount)::int from orders')).rows).toEqual([{ sum: 30 }]);
});

test('Plumbline itself goes on working when everybody else is kept out', async () => {
  master = await connectAs('createrole', true);
  await scene.apply(declare(scene, { bi: ['marts'] }), master);
  await scene.admin.query(`create role ${scene.name('loads')} login in role plumbline_loader
    password 'correct-horse-battery'`);
  const loader = await scene.connect('loads');
  await loader.query('create temporary table stage (a int)');
  const { rows } = await loader.query('select count(*)::int from plumbline.batch');
  expect(rows[0]?.count).toBeGreaterThan(0);
});

test('a user that may do little is told so, and nothing is half done', async () => {
  const plain = await connectAs('', false);
  const access = declare(scene, { bi: ['marts'] });
  const changes = await planAccess(plain, access, schemas);
  const notes = changes.notes.join('\n').replaceAll(scene.name('amaster'), 'plain');
  expect(notes).toContain('plain may not create roles, so it cannot make or change users.');
  expect(notes).toMatch(/Database test_\w+ is not plain's: who may connect to it is left as it is/);
  expect(notes).toContain("Schema marts is plumbline_owner's: plain may not give rights on it.");
  const passwords = new Map(changes.withoutPassword.map((user) => [user, 'long-enough-for-all']));
  await expect(applyAccess(plain, changes, passwords)).rejects.toMatchObject({
    code: 'warehouse-refused',
    message: expect.stringContaining('nothing was changed'),
  });
  const { rowCount } = await scene.admin.query('select from pg_roles where rolname = $1', [
    scene.name('bi'),
  ]);
  expect(rowCount).toBe(0);
});
