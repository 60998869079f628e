import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { hostileClient, seedShop, shop, shopNow } from './shop.ts';

let database: TestDatabase;
let app: Hono;
const errors: unknown[] = [];

beforeAll(async () => {
  database = await createDatabase();
  await seedShop(database);
  app = createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => shopNow,
    hosts: ['plumbline.example.com'],
    onError: (error) => errors.push(error),
  });
});
afterAll(async () => {
  await database.drop();
});

async function ask(path: string, init: { method?: string; headers?: Record<string, string> } = {}) {
  const response = await app.request(path, {
    ...init,
    headers: { host: 'localhost:4848', ...init.headers },
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    headers: response.headers,
    body: await response.text(),
  };
}

/** Asks Postgres itself, in the role of the owner. */
async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = await database.warehouse.connect('owner');
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('pages', () => {
  test.each([
    ['/dashboards/sales', 'Revenue by month'],
    ['/dashboards/tax', 'tax is late: nothing has arrived yet.'],
    ['/sources', 'folder data/orders/*'],
    ['/deliveries', 'orders-1.xlsx'],
    ['/deliveries?source=tax', 'tax.csv'],
    ['/deliveries/1', '760,123.4500'],
    ['/deliveries/3', 'the file ends in the middle of a row'],
    ['/rejects', 'Sheet B, row 503'],
    ['/rejects?code=missing-cell', 'row 504'],
    ['/rejects?column=amount', 'row 503'],
    ['/checks', 'orders_have_clients'],
    ['/releases', '/releases/1'],
    ['/releases/1', 'marts.sales_daily'],
    ['/lineage', 'Morning costs'],
    ['/schedule', '22 Nov 2026, 08:00'],
  ])('%s shows %s', async (path, text) => {
    const { status, body } = await ask(path);
    expect(status).toBe(200);
    expect(body).toContain(text);
  });

  test('the first page is the first dashboard', async () => {
    expect(await ask('/')).toMatchObject({ status: 302, location: '/dashboards/sales' });
  });

  test.each([
    '/nothing',
    '/dashboards/none',
    '/dashboards/sales/tiles/none.csv',
    '/dashboards/sales/trace?tile=none',
    '/dashboards/__proto__',
    '/deliveries/999',
    '/deliveries/99999999999999999999999',
    '/deliveries/1%20or%201=1',
    '/assets/..%2F..%2Fpackage.json',
    '/assets/manifest.json',
  ])('%s is not found', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404 });
  });

  test('a number that cannot be is said on its tile; the page stands', async () => {
    const { status, body } = await ask('/dashboards/sales');
    expect(status).toBe(200);
    expect(body).toContain('This tile could not be shown.');
    expect(body).toContain('relation &quot;marts.sales_dayly&quot; does not exist');
    expect(body).toContain('As of 22 Nov 2026, 06:04');
    expect(body).toContain('verified');
  });

  test('assets are named by their content and kept for ever', async () => {
    const { body } = await ask('/dashboards/sales');
    const address = /\/assets\/styles-[0-9a-f]{10}\.css/u.exec(body)?.[0] ?? '';
    const { status, headers } = await ask(address);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('immutable');
    expect(headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect((await ask('/assets/inter-400.ttf')).headers.get('content-type')).toBe('font/ttf');
  });
});

describe('numbers', () => {
  test('are what SQL says, for the period and region of the address', async () => {
    const [expected] = await sql(
      `select sum(amount)::text as revenue, count(*)::text as orders from clean.shop_orders
        where ordered_on between '2026-01-01' and '2026-03-31' and region = 'North'`,
    );
    const { body } = await ask(
      '/dashboards/sales?period_from=2026-01-01&period_to=2026-03-31&region=North',
    );
    const money = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' });
    expect(body).toContain(`${money.format(Number(expected?.['revenue']))}: see the rows under it`);
    expect(body).toContain(`>${String(expected?.['orders'])}</a>`);
    expect(body).toContain('<option value="North" selected="">');
  });

  test('an export has every row of the query, exactly', async () => {
    const rows = await sql(
      `select client, sum(amount)::text as revenue from clean.shop_orders
        where ordered_on between '2026-01-01' and '2026-03-31' group by 1 order by sum(amount) desc`,
    );
    const { body, headers } = await ask(
      '/dashboards/sales/tiles/top-ten-clients.csv?period_from=2026-01-01&period_to=2026-03-31',
    );
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toContain('sales-top-ten-clients.csv');
    const lines = body.replace('\ufeff', '').trimEnd().split('\r\n');
    expect(lines).toHaveLength(rows.length + 1);
    expect(lines[1]).toBe(`${String(rows[0]?.['client'])},${String(rows[0]?.['revenue'])}`);
    expect(rows.length).toBeGreaterThan(10);
  });
});

describe('what the data and the address say stays text', () => {
  test('a client named like a script is text on the page, and a formula is none in the export', async () => {
    const page = await ask('/dashboards/sales?period=all');
    expect(page.body).not.toContain('<script>alert');
    const { body } = await ask('/dashboards/sales/tiles/latest-orders.csv');
    const line = body.split('\r\n').find((one) => one.includes('alert(1)')) ?? '';
    expect(line).toContain(`"'=1+1<script>`);
    expect(hostileClient.startsWith('=')).toBe(true);
    expect((await ask('/rejects')).body).toContain('&lt;b&gt;12,x&lt;/b&gt;');
  });

  test.each([
    `region=${encodeURIComponent("North' or '1'='1")}`,
    `region=${encodeURIComponent("'; drop schema marts cascade; --")}`,
    `period=${encodeURIComponent('<script>alert(1)</script>')}`,
    `period_from=${encodeURIComponent("2026-01-01' --")}`,
    'region=%00',
    'region=%ED%A0%80',
    `region=${'x'.repeat(20_000)}`,
  ])('?%s falls back with a notice', async (query) => {
    const { status, body } = await ask(`/dashboards/sales?${query}`);
    expect(status).toBe(200);
    expect(body).toMatch(/class="notice"[^>]*>(?:period|region): /u);
    expect(body).not.toContain('<script>alert');
  });

  test.each(['/rejects?source=%00', '/deliveries?source=%00&page=9', '/rejects?code=a%27b'])(
    '%s is answered',
    async (path) => {
      expect((await ask(path)).status).toBe(200);
    },
  );
});

describe('requests other sites talk a browser into', () => {
  test.each([
    'evil.example.com',
    'localhost.evil.example.com',
    '127.0.0.1.nip.io:4848',
    '',
    '10.0.0.1',
  ])('host %j is refused', async (host) => {
    expect(await ask('/dashboards/sales', { headers: { host } })).toMatchObject({ status: 421 });
  });

  test.each(['localhost', 'LOCALHOST:4848', '127.0.0.1:80', '[::1]:4848', 'plumbline.example.com'])(
    'host %s is ours',
    async (host) => {
      expect(await ask('/sources', { headers: { host } })).toMatchObject({ status: 200 });
    },
  );

  test.each([
    {},
    { origin: 'https://evil.example.com' },
    { origin: 'null' },
    { origin: 'http://localhost:9999' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://localhost:4848', 'sec-fetch-site': 'cross-site' },
  ])('an unsafe request with %j is refused', async (headers) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      expect(await ask('/sources', { method, headers })).toMatchObject({ status: 403 });
    }
  });

  test('one of our own passes', async () => {
    const headers = { origin: 'http://localhost:4848', 'sec-fetch-site': 'same-origin' };
    expect(await ask('/sources', { method: 'POST', headers })).toMatchObject({ status: 404 });
  });

  test('every answer forbids framing, sniffing and anything inline', async () => {
    for (const path of ['/dashboards/sales', '/nothing', '/assets/none']) {
      const { headers } = await ask(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    }
    const { body } = await ask('/dashboards/sales');
    expect(body).not.toMatch(/\sstyle=|<style|<script>|\son[a-z]+=/u);
  });
});

describe('addresses', () => {
  test('what the form sends is answered by the address to bookmark', async () => {
    const sent = 'period=last+12+months&period_from=2025-12-01&period_to=2026-11-22&region=';
    expect(await ask(`/dashboards/sales?${sent}`)).toMatchObject({
      status: 302,
      location: '/dashboards/sales?period=last+12+months',
    });
    const changed = sent.replace('2025-12-01', '2026-01-01').replace('region=', 'region=North');
    expect(await ask(`/dashboards/sales?${changed}`)).toMatchObject({
      status: 302,
      location: '/dashboards/sales?period_from=2026-01-01&period_to=2026-11-22&region=North',
    });
  });
});

test('none of these requests made a page fail', () => {
  expect(errors).toEqual([]);
});
