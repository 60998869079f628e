import { afterAll, beforeAll, expect, test } from 'vitest';

import { locateRows } from '../../src/trace/locate-rows.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { createRawTable } from '../helpers/raw-table.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  await database.drop();
});

test('rows are found in their file, sheet and line, in the order asked for', async () => {
  const owner = await database.warehouse.connect('owner');
  const table = await createRawTable(owner, 'payments', { amount: 'numeric' });
  const text = await table.load([[1], [2], [3]], { delivery: 'march.csv' });
  const book = await table.load([[1], [2], [3], [4]], {
    delivery: 'book.xlsx',
    segments: [
      { firstRow: 1, sheet: 'January', firstLine: 5 },
      { firstRow: 3, sheet: 'February', firstLine: 4 },
      { firstRow: 4, sheet: 'February', firstLine: 9 },
    ],
  });
  await owner.end();
  const places = [
    [book, 4],
    [text, 3],
    [book, 2],
    [book, 3],
    [999, 1],
  ].map(([batch, row]) => ({ batchId: String(batch), rowNumber: String(row) }));
  // The reader role finds them: that is who shows pages.
  const found = await locateRows(database.warehouse.pool('reader'), places);
  expect(
    found.map(({ batchId, delivery, sheet, line }) => [batchId, delivery, sheet, line]),
  ).toEqual([
    [String(book), 'book.xlsx', 'February', '9'],
    [String(text), 'march.csv', null, '4'],
    [String(book), 'book.xlsx', 'January', '6'],
    [String(book), 'book.xlsx', 'February', '4'],
  ]);
  expect(found[0]?.deliveryId).toMatch(/^\d+$/);
});
