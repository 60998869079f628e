import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { hostileClient, seedShop, shop, shopNow } from './shop.ts';

let database: TestDatabase;
let app: Hono;

beforeAll(async () => {
  database = await createDatabase();
  await seedShop(database);
  app = createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => shopNow,
  });
});
afterAll(async () => {
  await database.drop();
});

async function open(path: string): Promise<string> {
  const response = await app.request(path, { headers: { host: 'localhost' } });
  expect(response.status).toBe(200);
  return response.text();
}

/** The page without its markup, spaces folded. */
const text = (body: string): string =>
  body
    .replaceAll(/<[^>]+>/gu, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/gu, ' ');

/** The address behind the first link that reads like this. */
function linkTo(body: string, content: RegExp): string {
  for (const [, href = '', inner = ''] of body.matchAll(
    /<a [^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gsu,
  )) {
    if (content.test(text(inner))) return href.replaceAll('&amp;', '&');
  }
  throw new Error(`no link reads like ${String(content)}`);
}

describe('a number leads to its rows', () => {
  test('of a sum over a model, with file, sheet and line', async () => {
    const page = await open('/dashboards/sales?period_from=2024-11-23&period_to=2024-12-31');
    const trace = await open(linkTo(page, /^€[\d,]{6,}/u));
    expect(text(trace)).toMatch(
      /\d+ rows of clean\.shop_orders make €[\d,.]+ = the tile's number/u,
    );
    expect(text(trace)).toContain('orders-1.xlsx Sheet A, row 5 ');
    expect(trace).toContain('href="/deliveries/1"');
  });

  test('of a count, of an average and of a share', async () => {
    const page = await open('/dashboards/sales?period=last+3+months&region=North');
    for (const shown of [/^\d+$/u, /^€\d{3}\.\d\d$/u, /^100%$/u]) {
      expect(text(await open(linkTo(page, shown)))).toContain(`= the tile's number`);
    }
  });

  test('of a bar among the top ten, whatever its name', async () => {
    const page = await open('/dashboards/sales?period=all');
    const name = /O&#39;Brien|O'Brien/u;
    const trace = await open(linkTo(page, name));
    expect(text(trace)).toContain(`client: O'Brien &amp; Sons`);
    expect(text(trace)).toContain(`= the tile's number`);
    const hostile = new URLSearchParams({ tile: 'top-ten-clients', 'at.client': hostileClient });
    const rows = await open(`/dashboards/sales/trace?${hostile.toString()}`);
    expect(rows).not.toContain('<script>alert');
    expect(text(rows)).toContain(`= the tile's number`);
  });

  test('of a month in the table of a chart, and of one row of a table', async () => {
    const page = await open('/dashboards/sales');
    const month = '/dashboards/sales/trace?tile=revenue-by-month&at.month=2026-03-01';
    expect(text(await open(month))).toContain(`= the tile's number`);
    const order = await open(linkTo(page, /^\s*3000\s*$/u));
    expect(text(order)).toContain('1 row of clean.shop_orders');
    expect(text(order)).toContain('orders-2.csv line 1501 3000 ');
  });

  test('in pages', async () => {
    const page = await open('/dashboards/sales/trace?tile=orders&period=all');
    expect(text(page)).toContain('3,000 rows of clean.shop_orders make 3,000');
    const next = await open(linkTo(page, /Next/u));
    expect(text(next)).toContain('Page 2');
    expect(text(next)).toContain('orders-1.xlsx Sheet A, row 55 1 51 ');
    const third = await open('/dashboards/sales/trace?tile=orders&period=all&page=21');
    // Record 1001 is the first of the second sheet, whose rows begin at line 3.
    expect(text(third)).toContain('orders-1.xlsx Sheet B, row 3 1 1001 ');
  });

  test('or says why it cannot', async () => {
    expect(text(await open('/dashboards/sales/trace?tile=broken'))).toContain(
      'This number cannot be followed to its rows:',
    );
    const nonsense = await open('/dashboards/sales/trace?tile=top-ten-clients&at.nothing=1');
    expect(text(nonsense)).toContain('it has no column nothing');
  });

  test('and a value nobody has is made of nothing', async () => {
    const page = await open('/dashboards/sales/trace?tile=top-ten-clients&at.client=Nobody');
    expect(text(page)).toContain('0 rows of clean.shop_orders');
  });
});
