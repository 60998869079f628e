import type { Dashboard } from '../../src/dashboard/definition.ts';
import {
  bar,
  choice,
  dashboard,
  kpi,
  line,
  period,
  table,
  top,
} from '../../src/dashboard/definition.ts';
import type { Model } from '../../src/model/model.ts';
import { every } from '../../src/schedule/every.ts';
import type { WebProject } from '../../src/web/web-project.ts';
import type { TestDatabase } from '../helpers/database.ts';

/** The moment at which the tests look at the shop, 22 November 2026 in Vienna. */
export const shopNow = '2026-11-22T05:30:00Z';

/** A client whose name is an attack on every layer it passes: HTML, attributes, SQL, CSV. */
export const hostileClient = `=1+1<script>alert(1)</script>"'&amp; \`; drop table clean.orders;--`;

const clients = [
  'Müller Bau GmbH',
  'Société Générale des Eaux',
  'Žabka Polska',
  'Acme Ltd',
  'Ångström AB',
  'Nordwind Logistik',
  'Łódź Tekstil',
  'Café Olé',
  "O'Brien & Sons",
  'Ωmega AE',
  'Small Fry',
  hostileClient,
];

/**
 * A small warehouse as the loader and a release leave it: 3,000 orders over two years in two
 * deliveries, one of them a workbook whose second sheet begins at another line, a few rejects, and
 * one mart.
 */
export async function seedShop(database: TestDatabase): Promise<void> {
  const client = await database.warehouse.connect('owner');
  try {
    await client.query(`
      insert into plumbline.delivery (source, slot, generation, sha256, size_bytes, name, landed_at)
      values ('shop-orders', 'orders-1.xlsx', 1, repeat('a', 64), 123456, 'orders-1.xlsx', '2026-11-21T05:00Z'),
             ('shop-orders', 'orders-2.csv', 1, repeat('b', 64), 98765, 'orders-2.csv', '2026-11-22T05:00Z'),
             ('tax', 'tax.csv', 1, repeat('c', 64), 100, 'tax.csv', '2026-09-01T05:00Z');
      insert into plumbline.batch (id, delivery_id, source, state, read, inserted, rejected, totals, skipped, started_at, finished_at)
      values (1, 1, 'shop-orders', 'loaded', 1502, 1500, 2,
              '{"amount": {"delivered": "760123.4500", "held": "760123.4500", "rejected": "12.00", "declared": "760135.45", "unreadable": 0}}',
              '{"preamble-row": 3}', '2026-11-21T05:00Z', '2026-11-21T05:00:01Z'),
             (2, 2, 'shop-orders', 'loaded', 1500, 1500, 0, '{}', '{}', '2026-11-22T05:00Z', '2026-11-22T05:00:01Z'),
             (3, 3, 'tax', 'failed', 0, 0, 0, '{}', '{}', '2026-09-01T05:00Z', '2026-09-01T05:00:01Z');
      update plumbline.batch set error = '{"code": "source-error", "message": "the file ends in the middle of a row", "remedy": "x"}' where id = 3;
      insert into plumbline.segment values (1, 1, 'Sheet A', 5), (1, 1001, 'Sheet B', 3), (2, 1, null, 2);
      insert into plumbline.horizon values ('shop-orders', 2);
      insert into plumbline.reject values
        (1, 1501, 'Sheet B', 503, '{type-error}', '[{"code": "type-error", "column": "amount", "value": "<b>12,x</b>", "expected": "a decimal"}]', '{"amount": "<b>12,x</b>"}'),
        (1, 1502, 'Sheet B', 504, '{missing-cell}', '[{"code": "missing-cell", "column": "client", "value": null, "expected": "a text"}]', '{"client": ""}');

      create table raw.shop_orders (
        id integer not null, client text not null, region text not null, ordered_on date not null,
        amount numeric(12, 4) not null,
        _batch_id bigint not null, _row_number bigint not null, _row_hash uuid not null,
        _flags text[], _loaded_at timestamptz not null, _superseded_by bigint);`);
    await client.query(
      `insert into raw.shop_orders
       select n, ($1::text[])[1 + floor(12 * power((n * 7919 % 3000) / 3000.0, 1.6))::int], (array['North', 'South', 'West'])[1 + n % 3],
              date '2024-11-23' + (n * 729 / 3000), ((n * 7919) % 100000)::numeric / 100 + 0.0001,
              case when n <= 1500 then 1 else 2 end, case when n <= 1500 then n else n - 1500 end,
              md5(n::text)::uuid, null, '2026-11-22T05:00Z', null
         from generate_series(1, 3000) n`,
      [clients],
    );
    await client.query(`
      create view clean.shop_orders as
        select id, client, region, ordered_on, amount, _batch_id, _row_number, _flags, _loaded_at
          from raw.shop_orders where _superseded_by is null;
      create schema marts;
      create materialized view marts.sales_daily as ${salesDaily.sql};
      insert into plumbline.release (state, verified, passed, warned, failed, started_at, finished_at)
      values ('released', true, 2, 0, 0, '2026-11-22T05:04:00Z', '2026-11-22T05:04:02Z');
      insert into plumbline.release_model values (1, 'marts.sales_daily', 'materialized view', 2000, 12.5, true);
      insert into plumbline.check_result (release_id, name, model, level, status, rows, ms)
      values (1, 'marts.sales_daily: not_null(day)', 'marts.sales_daily', 'error', 'passed', 0, 1.5),
             (1, 'orders_have_clients', null, 'warn', 'passed', 0, 1.5);
      grant usage on schema marts to public;
      grant select on all tables in schema marts, clean to public;`);
  } finally {
    await client.end();
  }
}

export const salesDaily: Model = {
  name: 'marts.sales_daily',
  schema: 'marts',
  relation: 'sales_daily',
  materialize: 'materialized view',
  key: ['day', 'client', 'region'],
  description: undefined,
  sql: `select o.ordered_on as day, o.client, o.region, sum(o.amount) as revenue, count(*) as orders
          from clean.shop_orders o group by 1, 2, 3`,
  dependsOn: ['clean.shop_orders'],
  checks: [],
  file: 'models/marts/sales_daily.sql',
  line: 1,
};

const inPeriod = `day between :period_from and :period_to and (:region is null or region = :region)`;

export const sales: Dashboard = dashboard({
  title: 'Sales',
  filters: {
    period: period({ default: 'last 12 months' }),
    region: choice({ sql: 'select distinct region from marts.sales_daily order by 1' }),
  },
  rows: [
    [
      kpi({
        title: 'Revenue',
        format: 'money',
        compare: 'previous period',
        sql: `select sum(revenue) as revenue from marts.sales_daily where ${inPeriod}`,
        sparkline: `select date_trunc('month', day)::date, sum(revenue) from marts.sales_daily where ${inPeriod} group by 1 order by 1`,
      }),
      kpi({
        title: 'Orders',
        format: 'integer',
        compare: 'previous year',
        sql: `select sum(orders) as orders from marts.sales_daily where ${inPeriod}`,
        sparkline: `select date_trunc('month', day)::date, sum(orders) from marts.sales_daily where ${inPeriod} group by 1 order by 1`,
      }),
      kpi({
        title: 'Average order',
        format: 'money',
        compare: 'previous period',
        sql: `select sum(revenue) / nullif(sum(orders), 0) as average from marts.sales_daily where ${inPeriod}`,
      }),
      kpi({
        title: 'Share of North',
        format: 'percent',
        better: 'down',
        sql: `select sum(revenue) filter (where region = 'North') / nullif(sum(revenue), 0) as share from marts.sales_daily where ${inPeriod}`,
      }),
    ],
    [
      line({
        title: 'Revenue by month',
        subtitle: 'Monthly, EUR',
        x: 'month',
        y: 'revenue',
        format: 'money',
        forecast: { months: 6 },
        sql: `select date_trunc('month', day)::date as month, sum(revenue) as revenue from marts.sales_daily where ${inPeriod} group by 1 order by 1`,
      }),
    ],
    [
      bar({
        title: 'Orders by year',
        x: 'year',
        y: 'orders',
        format: 'integer',
        sql: `select date_trunc('year', day)::date as year, sum(orders) as orders from marts.sales_daily group by 1 order by 1`,
      }),
      top({
        title: 'Top ten clients',
        n: 10,
        label: 'client',
        value: 'revenue',
        format: 'money',
        sql: `select client, sum(revenue) as revenue from marts.sales_daily where ${inPeriod} group by client -- the rest is the tile's`,
      }),
    ],
    [
      bar({
        title: 'Revenue by client',
        x: 'client',
        y: 'revenue',
        format: 'money',
        sql: `select left(client, 14) as client, sum(revenue) as revenue from marts.sales_daily group by 1 order by 2 desc limit 8`,
      }),
    ],
    [
      table({
        title: 'Latest orders',
        sql: `select id, client, region, ordered_on, amount from clean.shop_orders order by id desc`,
        limit: 12,
        columns: {
          id: { title: 'Order' },
          client: {},
          region: {},
          ordered_on: { title: 'Ordered' },
          amount: { title: 'Amount', format: 'money' },
        },
      }),
      table({ title: 'Broken', sql: 'select client from marts.sales_dayly' }),
    ],
  ],
});

export const shop: WebProject = {
  company: 'Acme Wholesale',
  locale: 'en-GB',
  currency: 'EUR',
  zone: 'Europe/Vienna',
  dashboards: new Map([
    ['sales', sales],
    [
      'tax',
      dashboard({
        title: 'Tax',
        rows: [[kpi({ title: 'Due', sql: 'select count(*) from clean.tax' })]],
      }),
    ],
  ]),
  digests: new Map([
    [
      'morning-costs',
      {
        title: 'Morning costs',
        schedule: every.day().at('08:00'),
        filters: {},
        tiles: [kpi({ title: 'Orders', sql: 'select count(*) from marts.sales_daily' })],
      },
    ],
  ]),
  sources: new Map([
    [
      'shop-orders',
      {
        kind: 'csv',
        description: 'folder data/orders/*',
        contract: { columns: { id: {}, client: {}, region: {}, ordered_on: {}, amount: {} } },
        schedule: every.day().at('06:00'),
        freshness: '2 days',
      },
    ],
    [
      'tax',
      {
        kind: 'csv',
        description: 'folder data/tax.csv',
        contract: { columns: { due: {} } },
        schedule: undefined,
        freshness: '31 days',
      },
    ],
  ]),
  models: [salesDaily],
  procedures: [],
};
