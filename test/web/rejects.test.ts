import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { seedShop, shop, shopNow } from './shop.ts';

let database: TestDatabase;

const page = async (path: string): Promise<string> => {
  const app = createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => shopNow,
    markDelivery: () => Promise.resolve(undefined),
  });
  const response = await app.request(path, { headers: { host: 'localhost' } });
  return response.text();
};

beforeAll(async () => {
  database = await createDatabase();
  await seedShop(database);
  const client = await database.warehouse.connect('owner');
  try {
    // orders-1.xlsx as it was read before, a file that a correction has replaced, and a rule and a
    // nested record that are wrong now.
    await client.query(`
      insert into plumbline.delivery (source, slot, generation, sha256, size_bytes, name, landed_at)
      values ('returns', 'r.csv', 1, repeat('d', 64), 1, 'r-first.csv', '2026-11-20T05:00Z'),
             ('returns', 'r.csv', 2, repeat('e', 64), 1, 'r-second.csv', '2026-11-20T06:00Z'),
             ('baskets', 'all', 1, repeat('f', 64), 1, 'baskets', '2026-11-20T06:00Z');
      insert into plumbline.batch (id, delivery_id, source, state, read, inserted, rejected, totals, skipped, started_at, finished_at)
      values (10, 1, 'shop-orders', 'superseded', 3, 1, 2, '{}', '{}', '2026-11-20T05:00Z', '2026-11-20T05:00Z'),
             (11, 4, 'returns', 'superseded', 1, 0, 1, '{}', '{}', '2026-11-20T05:00Z', '2026-11-20T05:00Z'),
             (12, 5, 'returns', 'loaded', 1, 0, 1, '{}', '{}', '2026-11-20T06:00Z', '2026-11-20T06:00Z'),
             (13, 6, 'baskets', 'loaded', 1, 1, 0, '{}', '{}', '2026-11-20T06:00Z', '2026-11-20T06:00Z'),
             (14, 6, 'baskets-lines', 'loaded', 1, 0, 1, '{}', '{}', '2026-11-20T06:00Z', '2026-11-20T06:00Z');
      insert into plumbline.reject values
        (10, 1, 'Sheet A', 77, '{formula-error}', '[{"code": "formula-error", "column": "vat", "value": "#N/A", "expected": "a decimal"}]', '{}'),
        (11, 1, null, 88, '{extra-cell}', '[{"code": "extra-cell", "column": null, "value": "x", "expected": "2 cells"}]', '{}'),
        (12, 1, null, 99, '{constraint-error}', '[{"code": "constraint-error", "column": null, "value": null, "expected": "returned after sold"}]', '{}'),
        (12, 2, 'S', 41, '{primary-key}', '[{"code": "primary-key", "column": "id", "value": "K", "expected": "one row for each id; record 3, 4 has the same and differs"}]', '{"id": "K"}'),
        (12, 3, 'S', 42, '{primary-key}', '[{"code": "primary-key", "column": "id", "value": "K", "expected": "one row for each id; record 2, 4 has the same and differs"}]', '{"id": "K"}'),
        (12, 4, 'S', 43, '{primary-key}', '[{"code": "primary-key", "column": "id", "value": "K", "expected": "one row for each id; record 2, 3 has the same and differs"}]', '{"id": "K"}'),
        (12, 5, 'S', 44, '{missing-cell}', '[{"code": "missing-cell", "column": "sold_on", "value": null, "expected": "a date"}]', '{"note": "", "Sold on": ""}'),
        (14, 1, 'page 1', 5, '{type-error}', '[{"code": "type-error", "column": "qty", "value": "two", "expected": "a whole number"}]', '{}')`);
  } finally {
    await client.end();
  }
});
afterAll(() => database.drop());

describe('the page of rejects', () => {
  test('shows what is in no number now, not what a correction or a later reading replaced', async () => {
    const body = await page('/rejects');
    expect(body).toContain('Sheet B, row 503');
    expect(body).toContain('r-second.csv');
    expect(body).not.toContain('row 77');
    expect(body).not.toContain('r-first.csv');
    // Nor are they offered to choose from.
    expect(body).not.toMatch(/formula-error|extra-cell|>vat</u);
    expect(body).toContain('<option value="qty">');
  });

  test('calls nothing empty where the row as a whole is wrong', async () => {
    const body = await page('/rejects?source=returns');
    expect(body).toContain('>expected returned after sold<');
    expect(body).not.toContain('empty, expected returned');
  });

  test('says where the other rows of a key stand, and which of two empty cells is wrong', async () => {
    const body = await page('/rejects?source=returns');
    expect(body).toContain('one row for each id; S, row 42; S, row 43 has the same and differs');
    expect(body).not.toMatch(/record \d/u);
    expect(body).toMatch(/note<\/dt>\s*<dd class="inline tabular-nums ">/u);
    expect(body).toMatch(
      /Sold on<\/dt>\s*<dd class="inline tabular-nums font-medium text-warning">/u,
    );
  });

  test('finds nested records under the name of their table, and offers no file of another', async () => {
    const body = await page('/rejects?source=baskets-lines');
    expect(body).toContain('baskets-lines');
    expect(body).toContain('two');
    expect(body).not.toContain('rejects.xlsx');
    expect(await page('/deliveries/6')).not.toContain('rejects.xlsx');
  });
});
