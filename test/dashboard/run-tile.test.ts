import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { bar, kpi, line, period, table, top } from '../../src/dashboard/definition.ts';
import type { Tile } from '../../src/dashboard/definition.ts';
import { resolveFilters } from '../../src/dashboard/filters.ts';
import { createQueries } from '../../src/dashboard/query.ts';
import type { Queries } from '../../src/dashboard/query.ts';
import { runTile } from '../../src/dashboard/run-tile.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

let database: TestDatabase;
let queries: Queries;

beforeAll(async () => {
  database = await createDatabase();
  await asOwner(`
    create schema marts;
    create table marts.sales (day date, client text, amount numeric(24, 4));
    -- Four years of months that grow and have a summer, and a current one that has just begun.
    insert into marts.sales
    select month, 'client ' || (n % 12), 1000 + 10 * n + 100 * sin(n / 2.0)::numeric(10, 4)
      from generate_series(date '2022-12-01', date '2026-11-01', '1 month') with ordinality as m (month, n);
    insert into marts.sales values ('2026-10-15', 'huge', 90071992547409931.0001), ('2026-10-15', 'big', 90071992547409930.9999);
    insert into plumbline.release (state, verified, passed, warned, failed, started_at)
    values ('released', true, 1, 0, 0, now());
    grant usage on schema marts to public;
    grant select on all tables in schema marts to public;`);
  queries = createQueries({ pool: database.warehouse.pool('reader'), zone: 'Europe/Vienna' });
});
afterAll(async () => {
  await database.drop();
});

async function asOwner(sql: string): Promise<void> {
  const client = await database.warehouse.connect('owner');
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

const run = (tile: Tile, address = '') =>
  queries.snapshot((snapshot) =>
    runTile(tile, {
      snapshot,
      filters: resolveFilters({ period: period() }, new URLSearchParams(address), {
        today: '2026-11-22',
      }),
    }),
  );

const inPeriod = 'from marts.sales where day between :period_from and :period_to';

describe('kpi', () => {
  test('keeps every digit, compares with the period before and judges by what is better', async () => {
    const data = await run(
      kpi({
        title: 'Costs',
        compare: 'previous period',
        better: 'down',
        sql: `select sum(amount) ${inPeriod}`,
      }),
      'period_from=2026-10-01&period_to=2026-10-31',
    );
    expect(data).toMatchObject({
      kind: 'kpi',
      value: expect.stringMatching(/^1801439850948\d+\.\d{4}$/u),
      comparison: {
        with: 'previous period',
        range: { from: '2026-09-01', to: '2026-09-30' },
        good: false,
      },
    });
  });

  test('nothing before is nothing to compare, not a rise without end', async () => {
    const tile = kpi({
      title: 'x',
      compare: 'previous year',
      sql: `select sum(amount) ${inPeriod}`,
    });
    expect(await run(tile, 'period_from=2022-12-01&period_to=2022-12-31')).toMatchObject({
      value: expect.any(String),
      comparison: { value: null, change: undefined, good: undefined },
    });
    expect(await run(tile, 'period=all')).toMatchObject({ comparison: undefined });
  });

  test('the last point of a sparkline is unfinished when its month is not over', async () => {
    const tile = kpi({
      title: 'x',
      sql: 'select 1',
      sparkline: `select date_trunc('month', day)::date, sum(amount) ${inPeriod} group by 1 order by 1`,
    });
    expect(await run(tile)).toMatchObject({ unfinished: true });
    expect(await run(tile, 'period=last+year')).toMatchObject({ unfinished: false });
  });
});

describe('line and bar', () => {
  const byMonth = (where: string, months?: number) =>
    line({
      title: 'x',
      x: 'month',
      y: 'amount',
      ...(months === undefined ? {} : { forecast: { months } }),
      sql: `select date_trunc('month', day)::date as month, sum(amount) as amount ${inPeriod} and ${where} group by 1 order by 1`,
    });

  test('a month without rows is a gap in its place, and the current month is unfinished', async () => {
    const data = await run(
      byMonth(`day <> '2026-09-01'`),
      'period_from=2026-07-01&period_to=2026-11-22',
    );
    expect(data).toMatchObject({
      grain: 'month',
      unfinished: true,
      points: [
        { x: '2026-07-01' },
        { x: '2026-08-01' },
        { x: '2026-09-01', values: [null] },
        { x: '2026-10-01' },
        { x: '2026-11-01' },
      ],
    });
  });

  test('a forecast is fitted on all months whatever the period, and begins with the unfinished one', async () => {
    const data = await run(byMonth(`client like 'client%'`, 3), 'period=last+3+months');
    expect(data).toMatchObject({
      points: { length: 3 },
      forecast: {
        points: [
          { x: '2026-11-01' },
          { x: '2026-12-01' },
          { x: '2027-01-01' },
          { x: '2027-02-01' },
        ],
      },
      forecastMissing: undefined,
    });
  });

  test.each([
    ['period=last+year', 'true', 'the period ends before today'],
    ['', `day <> '2025-09-01'`, 'there is no value for 2025-09'],
    ['', `day >= '2026-05-01'`, '6 finished months are too few'],
  ])('?%s where %s has no forecast and says why', async (address, where, forecastMissing) => {
    expect(await run(byMonth(where, 3), address)).toMatchObject({
      forecast: undefined,
      forecastMissing,
    });
  });

  test('years are years, names are names', async () => {
    const years = bar({
      title: 'x',
      x: 'year',
      y: 'n',
      sql: `select date_trunc('year', day)::date as year, count(*) as n from marts.sales group by 1 order by 1`,
    });
    expect(await run(years)).toMatchObject({
      grain: 'year',
      unfinished: true,
      points: { length: 5 },
    });
    const names = bar({
      title: 'x',
      x: 'c',
      y: 'n',
      sql: `select 'b' as c, 1 as n union all select 'a', 2`,
    });
    expect(await run(names)).toMatchObject({ grain: undefined, points: [{ x: 'b' }, { x: 'a' }] });
  });
});

describe('top and table', () => {
  test('the largest come first by their exact value, whatever the order of the query', async () => {
    const data = await run(
      top({
        title: 'x',
        n: 3,
        label: 'client',
        value: 'amount',
        sql: `select client, sum(amount) as amount from marts.sales group by 1 order by 2 -- smallest first`,
      }),
    );
    expect(data).toMatchObject({
      items: [
        { label: 'huge', value: '90071992547409931.0001', share: 1 },
        { label: 'big', value: '90071992547409930.9999' },
        { label: expect.stringMatching(/^client/u) },
      ],
    });
  });

  test('a table has its columns in the order asked for, and says when there is more', async () => {
    const data = await run(
      table({
        title: 'x',
        limit: 2,
        columns: { client: { title: 'Who' }, amount: { format: 'money' } },
        sql: 'select amount, day, client from marts.sales order by day;',
      }),
    );
    expect(data).toMatchObject({
      columns: [
        { name: 'client', title: 'Who', kind: 'text' },
        { name: 'amount', title: 'amount', format: 'money', kind: 'number' },
      ],
      rows: { length: 2 },
      truncated: true,
    });
  });
});

describe('what cannot be shown', () => {
  const one = (sql: string) => run(kpi({ title: 'x', sql }));

  test('a column that is not there is named with the nearest', async () => {
    const tile = kpi({ title: 'x', value: 'reveneu', sql: 'select 1 as revenue' });
    await expect(run(tile)).rejects.toMatchObject({
      code: 'query-failed',
      remedy: `Did you mean 'revenue'?`,
    });
  });

  test('wrong SQL says what Postgres said, and in which line', async () => {
    await expect(one('select 1\nfrom nowhere')).rejects.toMatchObject({
      code: 'query-failed',
      message: 'Postgres refused the query: relation "nowhere" does not exist (line 2 of its SQL)',
    });
  });

  test('a query that takes too long is ended', async () => {
    const pool = database.warehouse.pool('reader');
    const impatient = createQueries({ pool, zone: 'UTC', timeoutMs: 100 });
    const slow = impatient.snapshot((snapshot) => snapshot.query('select 1 from pg_sleep(20)'));
    await expect(slow).rejects.toMatchObject({ code: 'query-too-slow' });
  });

  test.each([
    `insert into marts.sales values (null) returning 1`,
    `with gone as (delete from marts.sales returning 1) select count(*) from gone`,
    `select 1; drop table marts.sales`,
    `select 1; commit; drop table marts.sales`,
    `select set_config('transaction_read_only', 'off', false), pg_read_file('/etc/passwd')`,
    `select lo_import('/etc/passwd')`,
  ])('%s is refused', async (sql) => {
    await expect(one(sql)).rejects.toMatchObject({ code: 'query-failed' });
    expect(await one('select count(*) > 0 from marts.sales')).toMatchObject({ value: 't' });
  });

  test('a connection that is cut is the warehouse, not the query; the next page has another', async () => {
    const cut = queries.snapshot((snapshot) => snapshot.query('select 1 from pg_sleep(9)'));
    const refused = cut.then(
      () => undefined,
      (error: unknown) => error,
    );
    const admin = new pg.Client(database.url);
    await admin.connect();
    const terminate = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query like 'fetch forward%' and state = 'active'`;
    await expect.poll(async () => (await admin.query(terminate)).rowCount).toBe(1);
    await admin.end();
    expect(await refused).toMatchObject({ code: 'warehouse-unreachable', retryable: true });
    expect(await one('select 42')).toMatchObject({ value: '42' });
  });

  test('one wrong tile leaves the others of its snapshot alone', async () => {
    await queries.snapshot(async (snapshot) => {
      await expect(snapshot.query('select nonsense')).rejects.toMatchObject({
        code: 'query-failed',
      });
      const { rows } = await snapshot.query('select 42');
      expect(rows).toEqual([['42']]);
    });
  });
});

describe('the cache', () => {
  test('holds while the release does, and not a moment longer', async () => {
    const count = kpi({ title: 'x', sql: `select count(*) from marts.sales where client = 'new'` });
    expect(await run(count)).toMatchObject({ value: '0' });
    await asOwner(`insert into marts.sales values ('2026-11-01', 'new', 1)`);
    // Outside of a release nothing changes: what was read is still what the release holds.
    expect(await run(count)).toMatchObject({ value: '0' });
    await asOwner(
      `insert into plumbline.release (state, verified, passed, warned, failed, started_at)
       values ('held', false, 0, 0, 1, now())`,
    );
    expect(await run(count)).toMatchObject({ value: '0' });
    await asOwner(
      `insert into plumbline.release (state, verified, passed, warned, failed, started_at)
       values ('released', true, 1, 0, 0, now())`,
    );
    expect(await run(count)).toMatchObject({ value: '1' });
  });

  test('a text that reads like another query does not share its result', async () => {
    await queries.snapshot(async (snapshot) => {
      const text = { value: 'a', type: 'text' } as const;
      const first = await snapshot.query('select :x', { x: text });
      const second = await snapshot.query('select :x', { x: { ...text, value: 'b' } });
      expect([first.rows, second.rows]).toEqual([[['a']], [['b']]]);
    });
  });
});
