import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Model, Procedure } from '../../src/model/model.ts';
import { parseCheckFile } from '../../src/model/parse-check-file.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import { parseProcedure } from '../../src/model/parse-procedure.ts';
import type { ReleaseOptions } from '../../src/model/release.ts';
import { runRelease } from '../../src/model/release.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { createRawTable } from '../helpers/raw-table.ts';
import type { RawTable } from '../helpers/raw-table.ts';

let database: TestDatabase;
let client: pg.Client;
let orders: RawTable;

beforeEach(async () => {
  database = await createDatabase();
  client = await database.warehouse.connect('owner');
  orders = await createRawTable(client, 'partner-orders', {
    id: 'bigint',
    client: 'text',
    day: 'date',
    amount: 'numeric(12,2)',
  });
  await orders.load([
    [1, 'Ada', '2026-01-01', '10.10'],
    [2, 'Bob', '2026-01-01', '20.20'],
    [3, 'Ada', '2026-01-02', '30.30'],
  ]);
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

function model(relation: string, sql: string, frontMatter = ''): Model {
  const place = { file: `models/marts/${relation}.sql`, schema: 'marts', relation };
  return parseModel(`/*---\n${frontMatter}\n---*/\n${sql}`, place);
}
const daily = (
  sql = 'select day, client, sum(amount) as revenue from clean.partner_orders group by 1, 2',
) => model('daily', sql, 'materialize: materialized view\nkey: [day, client]');
const byClient = model(
  'by_client',
  'select client, sum(revenue) as revenue from marts.daily group by 1',
);
const totals = model(
  'totals',
  'select sum(revenue) as revenue from marts.by_client',
  'materialize: table',
);

const release = (models: readonly Model[], more: Partial<ReleaseOptions> = {}) =>
  runRelease({
    client,
    models,
    procedures: [],
    checks: [],
    sources: ['partner-orders'],
    now: () => '2026-11-02T06:00:00.000Z',
    ...more,
  });
async function read(sql: string): Promise<readonly (readonly unknown[])[]> {
  const pool = database.warehouse.pool('reader');
  return (await pool.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
}
const refreshedOf = (result: Awaited<ReturnType<typeof runRelease>>) =>
  result.models.flatMap((each) => (each.refreshed ? [each.name] : []));

describe('a release', () => {
  test('builds every model once, in order, and readers may read them', async () => {
    const result = await release([totals, byClient, daily()]);
    expect(result).toMatchObject({
      released: true,
      release: { id: 1, at: '2026-11-02T06:00:00.000Z', verified: true },
      models: [
        { name: 'marts.daily', materialization: 'materialized view', rows: 3, refreshed: true },
        { name: 'marts.by_client', materialization: 'view', rows: 2, refreshed: true },
        { name: 'marts.totals', materialization: 'table', rows: 1, refreshed: true },
      ],
    });
    expect(await read('select revenue from marts.totals')).toEqual([['60.60']]);
    expect(await read('select client, revenue from marts.by_client order by 1')).toEqual([
      ['Ada', '40.40'],
      ['Bob', '20.20'],
    ]);
  });

  test('shows what was loaded only when it is made', async () => {
    await release([daily()]);
    await orders.load([[4, 'Cid', '2026-01-03', '5']]);
    await orders.load([[1, 'Ada', '2026-01-01', '11.11']], { supersede: 'id = 1' });
    expect(await read('select count(*), sum(amount) from clean.partner_orders')).toEqual([
      ['3', '60.60'],
    ]);
    await release([daily()]);
    expect(await read('select count(*), sum(amount) from clean.partner_orders')).toEqual([
      ['4', '66.61'],
    ]);
    expect(await read('select sum(revenue) from marts.daily')).toEqual([['66.61']]);
  });

  test('of nothing new is the one before', async () => {
    const models = [totals, byClient, daily()];
    const first = await release(models);
    const again = await release(models);
    expect(again.release).toEqual(first.release);
    expect(again.models.map(({ name, rows, refreshed }) => ({ name, rows, refreshed }))).toEqual([
      { name: 'marts.daily', rows: 3, refreshed: false },
      { name: 'marts.by_client', rows: 2, refreshed: false },
      { name: 'marts.totals', rows: 1, refreshed: false },
    ]);
    expect(await read('select count(*) from plumbline.release')).toEqual([['1']]);
    const forced = await release(models, { force: true });
    expect(forced.release?.id).toBe(2);
    expect(refreshedOf(forced)).toHaveLength(3);
  });

  test('leaves alone what no change reaches', async () => {
    const clients = await createRawTable(client, 'clients', { name: 'text' });
    await clients.load([['Ada']]);
    const models = [
      daily(),
      byClient,
      model('people', 'select name from clean.clients', 'materialize: table'),
    ];
    const sources = ['partner-orders', 'clients'];
    await release(models, { sources });
    await clients.load([['Bob']]);
    expect(refreshedOf(await release(models, { sources }))).toEqual(['marts.people']);
    await orders.load([[4, 'Cid', '2026-01-03', '5']]);
    expect(refreshedOf(await release(models, { sources }))).toEqual([
      'marts.daily',
      'marts.by_client',
    ]);
    // A delivery that brought nothing new makes no release.
    await clients.load([]);
    expect((await release(models, { sources })).release?.id).toBe(3);
  });

  test('follows a changed definition, and not a changed layout', async () => {
    const models = [daily(), byClient, totals];
    await release(models);
    const sameButLayout = daily(`-- By day
      select day, client, SUM(amount) as revenue
      from clean.partner_orders group by 1, 2`);
    expect(refreshedOf(await release([sameButLayout, byClient, totals]))).toEqual([]);
    const doubled = daily(
      'select day, client, 2 * sum(amount) as revenue, count(*) as orders from clean.partner_orders group by 1, 2',
    );
    const result = await release([doubled, byClient, totals]);
    expect(refreshedOf(result)).toEqual(['marts.daily', 'marts.by_client', 'marts.totals']);
    expect(await read('select revenue from marts.totals')).toEqual([['121.20']]);
    expect(await read('select sum(orders) from marts.daily')).toEqual([['3']]);
    expect(await read(`select count(*) from pg_namespace where nspname like '\\_next%'`)).toEqual([
      ['0'],
    ]);
  });

  test('changes a model from one materialization to another', async () => {
    const sql = 'select client, sum(amount) as revenue from clean.partner_orders group by 1';
    const as = (materialize: string) =>
      model('clients', sql, `materialize: ${materialize}\nkey: client`);
    const report = model(
      'report',
      'select max(revenue) as best from marts.clients',
      'materialize: materialized view',
    );
    const forms = [
      'view',
      'table',
      'materialized view',
      'view',
      'materialized view',
      'table',
      'view',
    ];
    for (const form of forms) {
      await release([as(form), report]);
      expect(await read('select best from marts.report')).toEqual([['40.40']]);
    }
  });

  test('drops what the project has no more, and nothing else', async () => {
    await client.query('create schema marts; create table marts.by_hand as select 1 as one');
    await release([daily(), byClient, totals]);
    await release([daily()]);
    const left = await read(
      `select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v', 'm') order by 1`,
    );
    expect(left).toEqual([['by_hand'], ['daily']]);
    expect(await read('select name from plumbline.model order by 1')).toEqual([
      ['clean.partner_orders'],
      ['marts.daily'],
    ]);
  });

  test('follows new columns of a source through all models', async () => {
    const models = [
      model('wide', 'select * from clean.partner_orders'),
      model('count', 'select count(*) as n from marts.wide'),
    ];
    await release(models);
    await client.query('alter table raw.partner_orders add column note text');
    await release(models);
    expect(await read('select note, n from marts.wide, marts.count limit 1')).toEqual([
      [null, '3'],
    ]);
    const columns = await read(
      `select attname from pg_attribute where attrelid = 'clean.partner_orders'::regclass and attnum > 0 order by attnum`,
    );
    expect(columns.flat()).toEqual([
      'id',
      'client',
      'day',
      'amount',
      'note',
      '_batch_id',
      '_row_number',
      '_flags',
      '_loaded_at',
    ]);
  });

  test('keeps rights that were given on a relation it replaces', async () => {
    await release([byClient, daily()]);
    await client.query('grant select on marts.daily to public');
    await release([
      byClient,
      daily(
        'select day, client, sum(amount) as revenue, 1 as n from clean.partner_orders group by 1, 2',
      ),
    ]);
    expect(await read(`select has_table_privilege('public', 'marts.daily', 'select')`)).toEqual([
      [true],
    ]);
  });
});

describe('a release is held', () => {
  test('when a check of level error finds rows; the one before goes on serving', async () => {
    const models = [daily(), byClient];
    const checks = [
      parseCheckFile(`select * from marts.daily where revenue < 0`, {
        file: 'checks/positive.sql',
        name: 'positive',
      }),
    ];
    const first = await release(models, { checks });
    await orders.load([[4, 'Bad', '2026-01-03', '-5.50']]);
    const held = await release(models, { checks });
    expect(held).toMatchObject({
      released: false,
      release: first.release,
      checks: {
        passed: 0,
        warned: 0,
        failed: [
          {
            name: 'positive',
            level: 'error',
            rows: 1,
            sample: [{ day: '2026-01-03', client: 'Bad', revenue: '-5.50' }],
          },
        ],
      },
    });
    expect(held.error).toBeUndefined();
    expect(await read('select sum(revenue) from marts.daily')).toEqual([['60.60']]);
    expect(await read('select sum(amount) from clean.partner_orders')).toEqual([['60.60']]);
    expect(await read('select state, verified, failed from plumbline.release order by id')).toEqual(
      [
        ['released', true, 0],
        ['held', false, 1],
      ],
    );
    expect(
      await read(`select status, sample ->> 0 from plumbline.check_result where release_id = 2`),
    ).toEqual([['failed', '{"day": "2026-01-03", "client": "Bad", "revenue": "-5.50"}']]);
    // Once the row is corrected the next attempt goes through, with both batches.
    await orders.load([[4, 'Bad', '2026-01-03', '5.50']], { supersede: 'id = 4' });
    expect((await release(models, { checks })).release?.id).toBe(3);
    expect(await read('select sum(revenue) from marts.daily')).toEqual([['66.10']]);
  });

  test('and let through, unverified, when only a warning was raised', async () => {
    const warning = model(
      'm',
      'select amount from clean.partner_orders',
      'checks:\n  - accepted_range: { column: amount, max: 20 }\n    level: warn',
    );
    const result = await release([warning]);
    expect(result).toMatchObject({
      released: true,
      release: { verified: false },
      checks: { passed: 0, warned: 1, failed: [{ level: 'warn', rows: 2 }] },
    });
    expect((await release([warning])).checks).toEqual(result.checks);
  });

  test('when SQL fails, with the place in its file', async () => {
    await release([daily()]);
    const broken = model(
      'broken',
      "select 'ä😀' as x,\n  amuont from marts.daily join clean.partner_orders using (day)",
    );
    const held = await release([
      daily(
        'select day, client, sum(amount) as revenue, 1 as n from clean.partner_orders group by 1, 2',
      ),
      broken,
    ]);
    expect(held.released).toBe(false);
    expect(held.error?.code).toBe('model-failed');
    expect(held.error?.message).toBe(
      'model marts.broken (models/marts/broken.sql:5:3): column "amuont" does not exist. Perhaps you meant to reference the column "partner_orders.amount".',
    );
    expect(
      await read('select error ->> $$code$$ from plumbline.release where state = $$held$$'),
    ).toEqual([['model-failed']]);
    expect(await read('select sum(revenue) from marts.daily')).toEqual([['60.60']]);
  });

  test.each([
    [
      'a key that is none',
      daily(
        'select day, client, amount as revenue from clean.partner_orders union all select day, client, amount from clean.partner_orders',
      ),
      'key of marts.daily',
    ],
    [
      'a division by zero',
      model('m', 'select 1 / (id - id) as n from clean.partner_orders', 'materialize: table'),
      'division by zero',
    ],
    [
      'a check of a column that is not there',
      model('m', 'select 1 as n', 'checks:\n  - not_null: m'),
      'check marts.m: not_null(m) (models/marts/m.sql:3): column r.m does not exist',
    ],
    [
      'a relation that is not Plumbline’s',
      model('by_hand', 'select 1 as n'),
      'marts.by_hand is there already and was not made by Plumbline',
    ],
    [
      'a source never loaded',
      model('m', 'select * from clean.tax'),
      'reads clean.tax, and nothing has been loaded for that source yet',
    ],
  ])('for %s', async (_, wrong, message) => {
    await client.query('create schema marts; create table marts.by_hand as select 1 as one');
    const held = await release([wrong], { sources: ['partner-orders', 'tax'] });
    expect(held).toMatchObject({ released: false, release: undefined });
    expect(held.error?.message).toContain(message);
  });

  test('when someone else’s view stands on what must be replaced', async () => {
    await release([daily()]);
    await client.query(
      'create schema private; create view private.mine as select * from marts.daily',
    );
    const held = await release([
      daily(
        'select day, client, sum(amount) as revenue, 1 as n from clean.partner_orders group by 1, 2',
      ),
    ]);
    expect(held.error).toMatchObject({ code: 'relation-in-use' });
    expect(held.error?.message).toContain(
      'view private.mine depends on materialized view marts.daily',
    );
    expect(await read('select count(*) from marts.daily')).toEqual([['3']]);
    // Without a new definition nothing needs replacing.
    await orders.load([[4, 'Cid', '2026-01-03', '5']]);
    expect((await release([daily()])).released).toBe(true);
    expect(await read('select count(*) from marts.daily')).toEqual([['4']]);
  });

  test('and the next attempt is recorded, although nothing changed since the last release', async () => {
    await release([daily()]);
    expect((await release([daily(), model('m', 'select nothing')])).released).toBe(false);
    const after = await release([daily()]);
    expect(after.release?.id).toBe(3);
    expect(refreshedOf(after)).toEqual([]);
  });
});

describe('time', () => {
  test('changes what reads the clock, and what reads that', async () => {
    const models = [
      model('recent', 'select * from clean.partner_orders where day <= current_date'),
      model('recent_count', 'select count(*) as n from marts.recent', 'materialize: table'),
      daily(),
    ];
    await release(models);
    expect(refreshedOf(await release(models))).toEqual(['marts.recent_count']);
  });

  test('is read in the zone of the company', async () => {
    const models = [
      model('m', "select '2026-01-01T23:30Z'::timestamptz::date as day", 'materialize: table'),
    ];
    await release(models, { zone: 'Europe/Berlin' });
    expect(await read('select day from marts.m')).toEqual([['2026-01-02']]);
  });
});

describe('a procedure', () => {
  const closed: Procedure = parseProcedure(
    `/*---
reads: [marts.daily]
writes: [marts.closed]
---*/
create or replace procedure marts.close_month() language plpgsql as $$
begin
  create table if not exists marts.closed (month date primary key, revenue numeric, calls int);
  insert into marts.closed select date_trunc('month', day), sum(revenue), 1 from marts.daily group by 1
  on conflict (month) do update set revenue = excluded.revenue, calls = marts.closed.calls + 1;
end $$`,
    { file: 'procedures/close_month.sql', name: 'close_month' },
  );
  const report = model('report', 'select * from marts.closed');
  const procedures = [closed];

  test('is called between what it reads and what reads it, when something it reads has changed', async () => {
    const models = [daily(), report];
    const first = await release(models, { procedures });
    expect(first.procedures).toMatchObject([{ name: 'marts.close_month', called: true }]);
    expect(await read('select revenue, calls from marts.report')).toEqual([['60.60', 1]]);
    expect((await release(models, { procedures })).procedures).toMatchObject([{ called: false }]);
    await orders.load([[4, 'Cid', '2026-01-03', '5']]);
    await release(models, { procedures });
    expect(await read('select revenue, calls from marts.report')).toEqual([['65.60', 2]]);
  });

  test('sees a model whose definition has changed in this very release', async () => {
    const models = [daily(), model('over_daily', 'select count(*) as n from marts.daily'), report];
    await release(models, { procedures });
    const doubled = daily(
      'select day, client, 2 * sum(amount) as revenue, 1 as n from clean.partner_orders group by 1, 2',
    );
    await release([doubled, ...models.slice(1)], { procedures });
    expect(await read('select revenue from marts.report')).toEqual([['121.20']]);
    expect(await read('select n from marts.over_daily')).toEqual([['3']]);
  });

  test('that fails holds the release, and one that is gone is dropped', async () => {
    await release([daily(), report], { procedures });
    const failing = { ...closed, sql: closed.sql.replace('sum(revenue)', 'sum(nothing)') };
    const held = await release([daily(), report], { procedures: [failing] });
    expect(held.error?.message).toContain(
      'procedure marts.close_month (procedures/close_month.sql:5): column "nothing" does not exist',
    );
    expect(await read('select revenue from marts.report')).toEqual([['60.60']]);
    await release([daily()]);
    expect(await read(`select to_regprocedure('marts.close_month()')`)).toEqual([[null]]);
    // The table is the procedure's own and is kept.
    expect(await read('select count(*) from marts.closed')).toEqual([['1']]);
  });
});
