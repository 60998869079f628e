import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { createApp } from '../../src/web/app.ts';
import { createLoadingPlace, type LoadingPlace } from '../load/project.ts';
import { shop, shopNow } from './shop.ts';

let place: LoadingPlace;
const source = csv({
  from: folder('data/*.csv'),
  columns: {
    invoice: column.text(),
    client: column.text(),
    amount: column.decimal(12, 2, { decimalMark: '.' }),
  },
  key: ['invoice'],
});

beforeAll(async () => {
  place = await createLoadingPlace();
  await place.write(
    'data/march.csv',
    'invoice,client,amount\nR1,Anna,1250.10\nR2,Bert,2\nR3,C,3\n',
  );
  await place.load('payments', source);
  const rows = Array.from({ length: 60 }, (_, index) => `N${100 + index},New,1`);
  await place.write(
    'data/march.csv',
    `invoice,client,amount\nR1,"<b>Anna</b>",1260.30\nR2,Bert,2\n${rows.join('\n')}\n`,
  );
  await place.load('payments', source);
});
afterAll(() => place.end());

async function ask(path: string, withRaw = true): Promise<{ status: number; body: string }> {
  const app = createApp({
    project: () => shop,
    reader: place.warehouse.pool('reader'),
    ...(withRaw ? { loader: place.warehouse.pool('loader') } : {}),
    now: () => shopNow,
  });
  const response = await app.request(path, { headers: { host: 'localhost' } });
  return { status: response.status, body: (await response.text()).replaceAll(/\s+/g, ' ') };
}

test('the page of a corrected file shows what changed, by column and by key', async () => {
  const { status, body } = await ask('/deliveries/2');
  expect(status).toBe(200);
  expect(body).toContain('Against the version before');
  for (const text of ['60 added', '1 changed', '1 removed', '1,253.10', '1,320.30', '+67.20']) {
    expect(body).toContain(text);
  }
  expect(body).toContain('&lt;b&gt;Anna&lt;/b&gt;');
  expect(body).not.toContain('<b>Anna');
  expect(body).toContain('href="/deliveries/2?page=2"');
  const second = await ask('/deliveries/2?page=2');
  expect(second.body).toContain('N159');
  expect(second.body).not.toContain('N100');
});

test('a first version has no such section; where the page may not see the rows it names the command', async () => {
  expect((await ask('/deliveries/1')).body).not.toContain('Against the version before');
  expect((await ask('/deliveries/2', false)).body).toContain(
    'plumbline changes payments --delivery 2',
  );
});
