import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { seedShop, shop, shopNow } from './shop.ts';

let database: TestDatabase;
let app: Hono;

beforeAll(async () => {
  database = await createDatabase();
  await seedShop(database);
  app = createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => shopNow,
    onError: (error) => console.error(error),
  });
});
afterAll(async () => {
  await database.drop();
});

const get = async (path: string) => {
  const response = await app.request(path, { headers: { host: 'localhost:4848' } });
  return { status: response.status, headers: response.headers, body: await response.text() };
};

describe('pages', () => {
  test.each([
    '/dashboards/sales',
    '/dashboards/tax',
    '/sources',
    '/deliveries',
    '/deliveries/1',
    '/rejects',
    '/checks',
    '/releases',
    '/releases/1',
    '/lineage',
    '/schedule',
  ])('%s opens', async (path) => {
    const { status, body } = await get(path);
    expect(status, body.slice(0, 2000)).toBe(200);
    expect(body).toContain('<!doctype html>');
  });
});
