import type { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import { startServer } from '../../src/web/server.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { seedShop, shop, shopNow } from './shop.ts';

let database: TestDatabase;
let app: Hono;
let errors: unknown[];
let now: string;

beforeEach(async () => {
  database = await createDatabase();
  errors = [];
  now = shopNow;
  app = createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => now,
    onError: (error) => errors.push(error),
  });
});
afterEach(async () => {
  await database.drop();
});

async function open(path: string): Promise<{ status: number; body: string }> {
  const response = await app.request(path, { headers: { host: 'localhost' } });
  return { status: response.status, body: await response.text() };
}

async function asOwner(sql: string): Promise<void> {
  const client = await database.warehouse.connect('owner');
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

describe('a warehouse', () => {
  test('without a release shows no number, only where to look', async () => {
    await asOwner(
      `insert into plumbline.release (state, verified, passed, warned, failed, started_at)
       values ('held', false, 0, 0, 1, now())`,
    );
    const { status, body } = await open('/dashboards/sales');
    expect(status).toBe(200);
    expect(body).toContain('Nothing has been released yet');
    expect(body).not.toContain('could not be shown');
    for (const path of [
      '/sources',
      '/deliveries',
      '/rejects',
      '/checks',
      '/releases',
      '/schedule',
    ]) {
      expect((await open(path)).status).toBe(200);
    }
  });

  test('whose newest release is held shows the one before, and says so', async () => {
    await seedShop(database);
    await asOwner(
      `insert into plumbline.release (state, verified, passed, warned, failed, started_at, finished_at, error)
       values ('held', false, 1, 0, 2, '2026-11-22T05:20Z', '2026-11-22T05:20Z',
               '{"code": "x", "message": "two checks failed", "remedy": "look"}');
       insert into plumbline.check_result (release_id, name, level, status, rows, sample, ms)
       values (2, 'orders are positive', 'error', 'failed', 7, '[{"client": "<i>x</i>"}]', 3)`,
    );
    const { body } = await open('/dashboards/sales');
    expect(body).toContain('As of 22 Nov 2026, 06:04');
    expect(body).toMatch(/Newer data is held back: 2 checks\s+failed at 06:20/u);
    const release = await open('/releases/2');
    expect(release.body).toContain('two checks failed');
    expect(release.body).toContain('&lt;i&gt;x&lt;/i&gt;');
    expect((await open('/checks')).body).toContain('orders are positive');
  });

  test('with warned checks is not called verified', async () => {
    await seedShop(database);
    await asOwner('update plumbline.release set verified = false, warned = 1');
    const { body } = await open('/dashboards/sales');
    expect(body).toContain('1 check warned');
    expect(body).not.toContain('>verified<');
  });

  test('whose deliveries are too old says so on each tile under which they are', async () => {
    await seedShop(database);
    now = '2026-11-25T05:30:00Z';
    const { body } = await open('/dashboards/sales');
    const late = 'shop-orders is late: the last delivery is of 22 Nov 2026, 06:00.';
    // Every tile but the one whose SQL names a relation that is not there.
    expect(body.split(late)).toHaveLength(10);
    expect((await open('/sources')).body).toContain('pill-warn">late');
  });

  test('that is gone is said in one sentence, without what the driver said', async () => {
    await database.warehouse.close();
    const { status, body } = await open('/dashboards/sales');
    expect(status).toBe(503);
    expect(body).toContain('the warehouse does not answer');
    expect(body).not.toMatch(/ECONNREFUSED|pool|postgres:\/\//u);
    expect(errors).toHaveLength(1);
  });
});

describe('the server', () => {
  test('serves on loopback, and only there', async () => {
    const server = await startServer({ app, port: 0 });
    try {
      expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
      expect((await fetch(`${server.url}/assets/none`)).status).toBe(404);
      await expect(startServer({ app, port: server.port })).rejects.toMatchObject({
        code: 'port-taken',
      });
    } finally {
      await server.close();
    }
    await expect(startServer({ app, port: 0, host: '0.0.0.0' })).rejects.toThrow(/no login/u);
  });
});
