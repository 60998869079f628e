import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import { startServer } from '../../src/web/server.ts';
import type { RunningServer } from '../../src/web/server.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { launchBrowser } from './browser.ts';
import { seedShop, shop, shopNow } from './shop.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let database: TestDatabase;
let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  database = await createDatabase();
  await seedShop(database);
  const app = createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => shopNow,
  });
  server = await startServer({ app, port: 0 });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await database.drop();
});

/** Opens a page in a browser of its own and fails on anything its console complains about. */
async function visit(
  path: string,
  look: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1180 }, ...options });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${server.url}${path}`);
    await look(page);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
}

/** The top ten as the page shows them, and as SQL says they are. */
async function shownTop(page: Page): Promise<(string | null)[]> {
  const items = page.locator('section:has(h2:text-is("Top ten clients")) li');
  return (await items.allTextContents()).map((text) => text.replace(/€[\d,.]+$/u, ''));
}
async function expectedTop(from: string, to: string): Promise<unknown[]> {
  const client = await database.warehouse.connect('owner');
  try {
    const { rows } = await client.query<{ client: string }>(
      `select client from clean.shop_orders where ordered_on between $1 and $2
        group by 1 order by sum(amount) desc limit 10`,
      [from, to],
    );
    return rows.map((row) => row.client);
  } finally {
    await client.end();
  }
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('a reader %s', (_, javaScriptEnabled) => {
  test('changes the period and sees the top ten that SQL says', async () => {
    await visit(
      '/dashboards/sales',
      async (page) => {
        expect(await shownTop(page)).toEqual(await expectedTop('2025-12-01', '2026-11-22'));

        await page.getByRole('link', { name: 'last 3 months' }).click();
        await page.waitForURL(/period=last\+3\+months$/u);
        await expectTop(page, '2026-09-01', '2026-11-22');

        await page.getByLabel('From', { exact: true }).fill('2025-02-01');
        await page.getByLabel('To', { exact: true }).fill('2025-02-28');
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.waitForURL(/period_from=2025-02-01&period_to=2025-02-28$/u);
        await expectTop(page, '2025-02-01', '2025-02-28');

        await page.goBack();
        await expectTop(page, '2026-09-01', '2026-11-22');
      },
      { javaScriptEnabled },
    );
  });

  test('narrows to one region, and the choice stays in the address', async () => {
    await visit(
      '/dashboards/sales?period=this+month',
      async (page) => {
        await page.getByLabel('Region').selectOption('North');
        if (!javaScriptEnabled) await page.getByRole('button', { name: 'Apply' }).click();
        await page.waitForURL(/\?period=this\+month&region=North$/u);
        await expect.poll(() => page.getByLabel('Region').inputValue()).toBe('North');
      },
      { javaScriptEnabled },
    );
  });

  test('follows a number to its rows, and a row to its delivery', async () => {
    await visit(
      '/dashboards/sales?period=this+month',
      async (page) => {
        const revenue = page.locator('section:has(h2:text-is("Revenue")) a.datum');
        const number = await revenue.textContent();
        await revenue.click();
        await page.getByText("= the tile's number").waitFor();
        expect(await page.locator('main').textContent()).toContain(`make ${number ?? ''}`);
        await page.locator('tbody a').first().click();
        await page.waitForURL(/\/deliveries\/2$/u);
        await page.getByRole('heading', { name: 'orders-2.csv' }).waitFor();
      },
      { javaScriptEnabled },
    );
  });

  test('opens the table of a chart', async () => {
    await visit(
      '/dashboards/sales',
      async (page) => {
        const chart = page.locator('section:has(h2:text-is("Orders by year"))');
        await chart.locator('summary').click();
        await expect.poll(() => chart.locator('tbody tr').count()).toBe(3);
        expect(await chart.locator('tbody tr').first().textContent()).toContain('2024');
      },
      { javaScriptEnabled },
    );
  });
});

test.each([
  [1440, { upright: true, lying: false }],
  [390, { upright: false, lying: true }],
])('named bars stand or lie, never both, %i pixels wide', async (width, expected) => {
  await visit(
    '/dashboards/sales',
    async (page) => {
      const card = page.locator('section:has(h2:text-is("Revenue by client"))');
      expect({
        upright: await card.locator('.plot').isVisible(),
        lying: await card.locator('li').first().isVisible(),
      }).toEqual(expected);
    },
    { viewport: { width, height: 900 } },
  );
});

async function expectTop(page: Page, from: string, to: string): Promise<void> {
  const expected = await expectedTop(from, to);
  await expect.poll(() => shownTop(page)).toEqual(expected);
}

describe('islands', () => {
  test('the theme is chosen once and kept, before the first paint', async () => {
    await visit(
      '/dashboards/sales',
      async (page) => {
        const background = () =>
          page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        expect(await background()).toBe('rgb(246, 248, 252)');
        await page.getByRole('button', { name: 'Dark theme' }).click();
        expect(await background()).toBe('rgb(9, 13, 26)');
        await page.goto(`${server.url}/sources`);
        expect(await background()).toBe('rgb(9, 13, 26)');
        await page.getByRole('button', { name: 'Light theme' }).waitFor();
      },
      { colorScheme: 'light' },
    );
  });

  test('a chart says the values under the pointer, also after the period was changed', async () => {
    await visit('/dashboards/sales', async (page) => {
      const tip = page.locator('.chart-tip').first();
      await page
        .locator('.plot')
        .first()
        .hover({ position: { x: 2, y: 100 } });
      await expect.poll(() => tip.textContent()).toMatch(/^Dec 2025\n€[\d,.]+$/u);
      await page.getByRole('link', { name: 'last 3 months' }).click();
      await page.waitForURL(/last\+3\+months/u);
      await page
        .locator('.plot')
        .first()
        .hover({ position: { x: 2, y: 100 } });
      await expect.poll(() => tip.textContent()).toMatch(/^Sept 2026\n/u);
    });
  });
});

describe('everyone can read it', () => {
  const paths = [
    '/dashboards/sales?region=Nowhere',
    '/dashboards/sales/trace?tile=revenue',
    '/sources',
    '/deliveries/1',
    '/rejects',
    '/checks',
    '/releases/1',
    '/lineage',
    '/schedule',
    '/nothing',
  ];
  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ] as const)(
    '%s: axe finds nothing serious, and nothing is wider than the window',
    async (_, options) => {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 1180 },
        ...options,
      });
      const page = await context.newPage();
      for (const path of paths) {
        await page.goto(`${server.url}${path}`);
        for (const details of await page.locator('main details').all()) {
          await details.evaluate((element) => element.setAttribute('open', ''));
        }
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => {
          // The script above defines it; it has no types here.
          const { axe } = window as unknown as {
            axe: {
              run: () => Promise<{
                violations: { id: string; impact: string; nodes: { html: string }[] }[];
              }>;
            };
          };
          return (await axe.run()).violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
        });
        expect({ path, violations }).toEqual({ path, violations: [] });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect({ path, overflow }).toEqual({ path, overflow: 0 });
      }
      await context.close();
    },
  );
});
