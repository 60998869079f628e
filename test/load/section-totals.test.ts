import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeAll(async () => {
  place = await createLoadingPlace();
});
afterAll(() => place.end());

/** Loads one file into a table of its own. */
async function load(name: string, content: string) {
  await place.write(`${name}/a.csv`, content);
  return await place.load(
    name,
    csv({
      from: folder(`${name}/*.csv`),
      delimiter: ';',
      totalsRow: [
        { where: 'item', is: /^Subtotal/u, kind: 'subtotal' },
        { where: 'item', is: /^Country/u, kind: 'subtotal' },
        { where: 'item', is: 'Total' },
      ],
      columns: {
        item: column.text({ required: true }),
        amount: column.decimal(12, 2, { thousandsMark: '.', decimalMark: ',', symbols: ['€'] }),
        pieces: column.integer({ max: 9 }),
      },
    }),
  );
}

const good = `item;amount;pieces
a;€ 1.000,00;1
b;(0,50);2
Subtotal;€ 999,50;3
c;7,25;4
Subtotal;7,25 €;4
Country A;1.006,75;7
d;1,00;
Subtotal 3;1,00;
Country B;1,00;
Total;1.007,75;7
`;

test('subtotals of two levels and the total agree, in the marks of their columns', async () => {
  const loaded = await load('agreeing', good);
  expect(loaded).toMatchObject({ balanced: true, errors: [], rows: { read: 4, inserted: 4 } });
  const [batch] = await place.query<{ skipped: object }>('select skipped from plumbline.batch');
  expect(batch?.skipped).toEqual({ 'header-row': 1, 'totals-row': 6 });
});

test.each([
  [
    'of the first section',
    'Subtotal;€ 999,50',
    'Subtotal;€ 999,51',
    'line 4: the delivery states a subtotal of 999.51 for "amount", but the rows since the subtotal before it add up to 999.50',
  ],
  [
    'of a later section',
    'Subtotal;7,25 €;4',
    'Subtotal;7,25 €;8',
    'line 6: the delivery states a subtotal of 8 for "pieces", but the rows since the subtotal before it add up to 4',
  ],
  [
    'of the level above',
    'Country B;1,00',
    'Country B;1,01',
    'line 10: the delivery states a subtotal of 1.01 for "amount"',
  ],
  [
    'with a decimal that no row has',
    'Country A;1.006,75',
    'Country A;1.006,755',
    'line 7: the delivery states a subtotal of 1006.755 for "amount", but the rows since the subtotal before it add up to 1006.75',
  ],
  [
    'or the total with one',
    'Total;1.007,75',
    'Total;1.007,7501',
    'a.csv: the delivery states a total of 1007.7501',
  ],
  [
    'that is no number',
    'Subtotal 3;1,00',
    'Subtotal 3;1.2.3',
    'line 9: the subtotal row holds "1.2.3" for "amount", which is no number',
  ],
  [
    'or the total itself',
    'Total;1.007,75',
    'Total;1.007,76',
    'a.csv: the delivery states a total of 1007.76',
  ],
])('a subtotal %s that differs refuses the delivery', async (name, from, to, message) => {
  const table = `wrong_${name.replaceAll(/\W/gu, '_')}`;
  const loaded = await load(table, good.replace(from, to));
  expect(loaded.errors).toMatchObject([
    { code: 'control-total', message: expect.stringContaining(message) },
  ]);
  expect(loaded.rows.inserted).toBe(0);
});

test('a sum over a row that was rejected for a decimal too many has it too', async () => {
  const loaded = await load(
    'finer',
    good
      .replace('c;7,25;4\nSubtotal;7,25 €', 'c;7,255;4\nSubtotal;7,255 €')
      .replace('1.006,75', '1.006,755')
      .replace('1.007,75', '1.007,755'),
  );
  expect(loaded).toMatchObject({ errors: [], rows: { read: 4, inserted: 3, rejected: 1 } });
  const [batch] = await place.query<{ amount: object }>(
    `select totals -> 'amount' as amount from plumbline.batch where source = 'finer'`,
  );
  expect(batch?.amount).toMatchObject({ declared: '1007.755', unreadable: 1 });
});

test('rejected rows count as far as they can be read', async () => {
  // Eleven pieces are too many, so the row is rejected; its subtotal counts it all the same.
  const readable = await load(
    'readable',
    good
      .replace('7,25;4\nSubtotal;7,25 €;4', '7,25;11\nSubtotal;7,25 €;11')
      .replace('1.006,75;7', '1.006,75;14')
      .replace('1.007,75;7', '1.007,75;14'),
  );
  expect(readable).toMatchObject({ errors: [], rows: { rejected: 1, inserted: 3 } });
  const unreadable = await load('unreadable', good.replace('c;7,25', 'c;7.2.5'));
  expect(unreadable).toMatchObject({ errors: [], rows: { rejected: 1, inserted: 3 } });
});
