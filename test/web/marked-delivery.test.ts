import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/web/app.ts';
import type { MarkDelivery } from '../../src/web/marked-delivery.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { seedShop, shop, shopNow } from './shop.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await seedShop(database);
});
afterAll(() => database.drop());

const errors: unknown[] = [];

const appOf = (markDelivery?: MarkDelivery) =>
  createApp({
    project: () => shop,
    reader: database.warehouse.pool('reader'),
    now: () => shopNow,
    onError: (error) => errors.push(error),
    ...(markDelivery === undefined ? {} : { markDelivery }),
  });

const ask = (markDelivery: MarkDelivery | undefined, path: string, host = 'localhost') =>
  appOf(markDelivery).request(path, { headers: { host } });

const made = (blocks: () => AsyncIterable<Uint8Array>): MarkDelivery => {
  return (id) =>
    Promise.resolve(id === '1' ? { fileName: "Märch's 1*.xlsx", blocks: blocks() } : undefined);
};

async function* twoBlocks() {
  yield Buffer.from('PK-');
  yield Buffer.from('end');
}

describe('a delivery with its wrong cells marked', () => {
  test('is a file to keep, and in no cache', async () => {
    const response = await ask(made(twoBlocks), '/deliveries/1/rejects.xlsx');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'content-disposition': "attachment; filename*=UTF-8''M%C3%A4rch%27s%201%2A.xlsx",
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(await response.text()).toBe('PK-end');
  });

  test('is linked from its page and from each of its rows, with the command beside', async () => {
    const page = await (await ask(made(twoBlocks), '/deliveries/1')).text();
    expect(page).toContain('href="/deliveries/1/rejects.xlsx"');
    expect(page).toMatch(/plumbline rejects shop-orders --delivery 1 --xlsx \./u);
    expect(await (await ask(made(twoBlocks), '/rejects')).text()).toContain(
      'href="/deliveries/1/rejects.xlsx"',
    );
    expect(await (await ask(made(twoBlocks), '/deliveries/3')).text()).not.toContain(
      'rejects.xlsx',
    );
  });

  test('is not offered where nothing can make it', async () => {
    for (const path of ['/deliveries/1', '/rejects']) {
      expect(await (await ask(undefined, path)).text()).not.toContain('rejects.xlsx');
    }
    expect((await ask(undefined, '/deliveries/1/rejects.xlsx')).status).toBe(404);
  });

  test.each([
    ['/deliveries/2/rejects.xlsx', 'localhost', 404],
    ['/deliveries/0/rejects.xlsx', 'localhost', 404],
    ['/deliveries/1%20or%201=1/rejects.xlsx', 'localhost', 404],
    ['/deliveries/1/rejects.xlsx', 'evil.example', 421],
  ])('%s for %s is refused with %i', async (path, host, status) => {
    expect((await ask(made(twoBlocks), path, host)).status).toBe(status);
  });

  test('that fails half way breaks off, and someone is told', async () => {
    async function* failing() {
      yield Buffer.from('PK-');
      throw new Error('the disk is gone');
    }
    const response = await ask(made(failing), '/deliveries/1/rejects.xlsx');
    await expect(response.text()).rejects.toThrow('the disk is gone');
    expect(errors).toContainEqual(expect.objectContaining({ message: 'the disk is gone' }));
  });

  test('that is not wanted any more is not made to its end', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1024);
      } finally {
        isClosed = true;
      }
    }
    const response = await ask(made(endless), '/deliveries/1/rejects.xlsx');
    await response.body?.cancel();
    expect(isClosed).toBe(true);
  });
});
