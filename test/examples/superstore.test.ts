import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Tile } from '../../src/dashboard/definition.ts';
import { resolveFilters } from '../../src/dashboard/filters.ts';
import { createQueries } from '../../src/dashboard/query.ts';
import { runTile } from '../../src/dashboard/run-tile.ts';
import type { TileData } from '../../src/dashboard/tile-data.ts';
import type { Project } from '../../src/project/project.ts';
import { readProject } from '../../src/project/read-project.ts';
import { runProject, type RunResult } from '../../src/run/run-project.ts';
import { createDatabase, type TestDatabase } from '../helpers/database.ts';
import { findFixtures } from '../helpers/fixtures.ts';

/** 9,994 order lines of a retailer as they were exported; not part of the repository. */
const name = 'real/superstore.csv';
const fixtures = findFixtures(name);
const fixture = path.join(fixtures ?? '', name);

/** A project as a user would write it for this file. */
const files = {
  'plumbline.config.ts': `
import { defineConfig } from 'plumbline';
export default defineConfig({ company: 'Superstore', zone: 'America/New_York', locale: 'en-US', currency: 'USD' });
`,
  'sources/orders.ts': `
import { column, csv, every, folder } from 'plumbline';
export default csv({
  from: folder('data/*.csv'),
  columns: {
    row_id: column.integer({ header: 'Row ID', required: true }),
    order_id: column.text({ header: 'Order ID', required: true, pattern: /^[A-Z]{2}-\\d{4}-\\d{6}$/ }),
    ordered_on: column.date({ header: 'Order Date', required: true }),
    shipped_on: column.date({ header: 'Ship Date', required: true }),
    ship_mode: column.oneOf(['Same Day', 'First Class', 'Second Class', 'Standard Class'], { header: 'Ship Mode' }),
    customer_id: column.text({ header: 'Customer ID', required: true }),
    customer: column.text({ header: 'Customer Name', required: true }),
    segment: column.oneOf(['Consumer', 'Corporate', 'Home Office']),
    country: column.text(),
    city: column.text(),
    state: column.text(),
    postal_code: column.text({ header: 'Postal Code' }),
    region: column.oneOf(['North', 'South', 'East', 'West', 'Central'], { required: true }),
    product_id: column.text({ header: 'Product ID', required: true }),
    category: column.text({ required: true }),
    sub_category: column.text({ header: 'Sub-Category' }),
    product: column.text({ header: 'Product Name' }),
    sales: column.decimal(14, 4, { decimalMark: '.', required: true, min: 0 }),
    quantity: column.integer({ required: true, min: 1 }),
    discount: column.decimal(4, 2, { min: 0, max: 1 }),
    profit: column.decimal(14, 4, { decimalMark: '.', required: true }),
  },
  key: ['row_id'],
  rules: [{ name: 'shipped-after-ordered', test: (row) => row.shipped_on >= row.ordered_on }],
  controlTotals: ['sales', 'profit', 'quantity'],
  schedule: every.day().at('06:00'),
});
`,
  'models/marts/sales_monthly.sql': `
/*---
materialize: materialized view
key: [month, region]
checks:
  - not_null: [sales, profit]
  - accepted_range: { column: sales, min: 0 }
---*/
select date_trunc('month', o.ordered_on)::date as month, o.region,
       sum(o.sales) as sales, sum(o.profit) as profit, count(*) as lines
from clean.orders o
group by 1, 2
`,
  'models/marts/customers_daily.sql': `
/*---
materialize: table
key: [day, customer_id]
---*/
select o.ordered_on as day, o.customer_id, o.customer, sum(o.sales) as sales
from clean.orders o
group by 1, 2, 3
`,
  'checks/marts_hold_every_line.sql': `
select from (select count(*) as rows from clean.orders) o, (select sum(lines) as rows from marts.sales_monthly) m
where o.rows <> m.rows
`,
  'dashboards/sales.ts': `
import { dashboard, kpi, line, period, top } from 'plumbline';
export default dashboard({
  title: 'Sales',
  filters: { period: period({ default: 'all' }) },
  rows: [
    [kpi({ title: 'Sales', format: 'money', sql: 'select sum(o.sales) as sales from clean.orders o where o.ordered_on between :period_from and :period_to' })],
    [line({ title: 'Sales by month', x: 'month', y: 'sales', format: 'money', sql: 'select m.month, sum(m.sales) as sales from marts.sales_monthly m where m.month between :period_from and :period_to group by 1 order by 1' })],
    [top({ title: 'Top ten customers', n: 10, label: 'customer', value: 'sales', format: 'money', sql: 'select c.customer, sum(c.sales) as sales from marts.customers_daily c where c.day between :period_from and :period_to group by 1' })],
  ],
});
`,
};

/** A line of the file as another parser reads it. */
type Line = Readonly<Record<string, string>>;

/** Ten thousandths, exactly; the file has four decimals at most. */
function scaled(text: string): bigint {
  const match = /^(-?)(\d*)(?:\.(\d{0,4}))?$/u.exec(text);
  if (match === null) throw new Error(`${text} has more decimals than four, or is no number`);
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = BigInt(`${whole}${fraction.padEnd(4, '0')}`);
  return sign === '-' ? -digits : digits;
}

function sumBy(lines: readonly Line[], column: string, keyOf: (line: Line) => string) {
  const sums = new Map<string, bigint>();
  for (const line of lines) {
    const key = keyOf(line);
    sums.set(key, (sums.get(key) ?? 0n) + scaled(line[column] ?? ''));
  }
  return sums;
}

describe.skipIf(fixtures === undefined)('a project on a real export', () => {
  let dir: string;
  let database: TestDatabase;
  let project: Project;
  let result: RunResult;
  let lines: readonly Line[];

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'plumbline-superstore-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
      await writeFile(path.join(dir, name), text);
    }
    await mkdir(path.join(dir, 'data'));
    await copyFile(fixture, path.join(dir, 'data/superstore.csv'));
    lines = parse<Line>(await readFile(fixture), { columns: true });
    project = await readProject(dir);
    database = await createDatabase();
    result = await runProject({
      open: {
        project,
        warehouse: database.warehouse,
        landingDir: path.join(dir, '.plumbline/landing'),
        env: () => undefined,
      },
      recorded: false,
      now: () => '2018-01-15T12:00:00Z',
      signal: new AbortController().signal,
    });
  });
  afterAll(async () => {
    await database.drop();
    await rm(dir, { recursive: true });
  });

  async function select(sql: string): Promise<Record<string, string>[]> {
    const { rows } = await database.warehouse.pool('reader').query<Record<string, string>>(sql);
    return rows;
  }

  /** A tile of the dashboard over a period, as the page shows it. */
  async function tileOf(title: string, from: string, to: string): Promise<TileData> {
    const dashboard = project.dashboards.get('sales');
    const tile = dashboard?.rows.flat().find((each: Tile) => each.title === title);
    if (dashboard === undefined || tile === undefined) throw new Error(`there is no tile ${title}`);
    const address = new URLSearchParams({ period_from: from, period_to: to });
    const filters = resolveFilters(dashboard.filters, address, { today: '2018-01-15' });
    const queries = createQueries({
      pool: database.warehouse.pool('reader'),
      zone: project.config.zone,
    });
    return queries.snapshot((snapshot) => runTile(tile, { snapshot, filters }));
  }

  it('loads and accounts for every row', async () => {
    expect(result.ok).toBe(true);
    expect(result.sources[0]).toMatchObject({
      balanced: true,
      errors: [],
      rows: { read: lines.length, inserted: lines.length, duplicate: 0, rejected: 0, flagged: 0 },
    });
    const held = await select('select * from clean.orders order by row_id');
    expect(
      held.map((row) => [
        row['row_id'],
        row['order_id'],
        row['ordered_on'],
        row['customer'],
        row['postal_code'],
        row['product'],
        scaled(row['sales'] ?? ''),
        scaled(row['profit'] ?? ''),
      ]),
    ).toEqual(
      lines.map((line) => [
        line['Row ID'],
        line['Order ID'],
        line['Order Date'],
        line['Customer Name'],
        line['Postal Code'],
        line['Product Name']?.trim(),
        scaled(line['Sales'] ?? ''),
        scaled(line['Profit'] ?? ''),
      ]),
    );
  });

  it.each([
    ['sales', 'Sales'],
    ['profit', 'Profit'],
  ])('adds up %s by region and year exactly', async (name, label) => {
    const rows = await select(
      `select m.region || ' ' || extract(year from m.month) as key, sum(m.${name})::text as amount
         from marts.sales_monthly m group by 1`,
    );
    const expected = sumBy(
      lines,
      label,
      (line) => `${line['Region']} ${line['Order Date']?.slice(0, 4)}`,
    );
    expect(expected.size).toBe(16);
    expect(new Map(rows.map((row) => [row['key'], scaled(row['amount'] ?? '')]))).toEqual(expected);
  });

  it.each([
    ['2014-01-01', '2017-12-31'],
    ['2016-11-15', '2017-02-14'],
  ])('shows the top ten customers from %s to %s', async (from, to) => {
    const inPeriod = lines.filter((line) => {
      const day = line['Order Date'] ?? '';
      return day >= from && day <= to;
    });
    const expected = [...sumBy(inPeriod, 'Sales', (line) => line['Customer Name'] ?? '')]
      .sort(([, a], [, b]) => (a > b ? -1 : Number(a < b)))
      .slice(0, 10);
    const tile = await tileOf('Top ten customers', from, to);
    const shown =
      tile.kind === 'top'
        ? tile.items.map(({ label, value }) => [label, scaled(value ?? '')])
        : undefined;
    expect(shown).toEqual(expected);
  });

  it('shows sales by month', async () => {
    const tile = await tileOf('Sales by month', '2014-01-01', '2017-12-31');
    const points = tile.kind === 'line' ? tile.points : [];
    const expected = sumBy(lines, 'Sales', (line) => `${line['Order Date']?.slice(0, 7)}-01`);
    expect(new Map(points.map(({ x, values }) => [x, scaled(values[0] ?? '')]))).toEqual(expected);
    expect(points).toHaveLength(48);
  });
});
