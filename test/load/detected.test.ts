import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { createApp } from '../../src/web/app.ts';
import { shop } from '../web/shop.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeAll(async () => {
  place = await createLoadingPlace();
});
afterAll(() => place.end());

const source = () =>
  csv({
    from: folder('data/*'),
    encoding: 'detect',
    delimiter: 'detect',
    columns: { größe: column.text(), betrag: column.decimal(9, 2, { decimalMark: ',' }) },
  });

test('what was detected is kept with the batch and shown on the delivery’s page', async () => {
  const latin = 'Größe;Betrag\nfür Käufer;1,50\nschön;2,25\n';
  await place.write('data/a.csv', Buffer.from(latin, 'latin1'));
  await place.write('data/b.tsv', Buffer.from(latin.replaceAll(';', '\t'), 'utf16le'));
  await place.write('data/c.csv', 'größe,betrag\n1,5\n2,5\n');
  const loaded = await place.load('sizes', source());
  expect(loaded).toMatchObject({ errors: [], rows: { read: 6, rejected: 0, inserted: 6 } });
  const batches = await place.query<{ detected: { setting: string; value: string }[] }>(
    'select detected from plumbline.batch order by id',
  );
  const values = batches.map(({ detected }) => detected.map(({ value }) => value));
  expect(values).toEqual([
    ['windows-1252', ';'],
    ['utf-16le', '\t'],
    ['utf-8', ','],
  ]);
  const app = createApp({
    project: () => shop,
    reader: place.warehouse.pool('reader'),
    now: () => '2026-06-30T04:00:00Z',
    onError: (error) => {
      throw error;
    },
  });
  const page = await (
    await app.request('/deliveries/2', { headers: { host: 'localhost' } })
  ).text();
  expect(page).toMatch(
    /detected: encoding utf-16le \(\d\d % sure\), delimiter tab \(\d\d % sure\)/u,
  );
});
