import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { locateRows } from '../../src/trace/locate-rows.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const stock = (rejected?: { max: number }) =>
  csv({
    from: folder('data/*.csv'),
    columns: { id: column.integer(), amount: column.decimal(12, 2, { decimalMark: '.' }) },
    key: ['id'],
    controlTotals: ['amount'],
    ...(rejected === undefined ? {} : { rejected }),
  });
const load = (source = stock()) => place.load('stock', source);
const file = (...rows: string[]): string => `id,amount\n${rows.join('\n')}\n`;

/** The rows that hold, each with the file it is traced to. */
async function held(): Promise<readonly string[]> {
  const rows = await place.query<{ id: string; amount: string; batch: string; row: string }>(
    `select id, amount, _batch_id as batch, _row_number as row from raw.stock where _superseded_by is null order by id`,
  );
  const client = await place.warehouse.connect('owner');
  try {
    const places = await locateRows(
      client,
      rows.map(({ batch, row }) => ({ batchId: batch, rowNumber: row })),
    );
    return rows.map(
      ({ id, amount }, index) =>
        `${id} ${amount} ${places[index]?.delivery}:${places[index]?.line}`,
    );
  } finally {
    await client.end();
  }
}

test('a row that a later file replaced comes back when that file no longer has it', async () => {
  await place.write('data/a.csv', file('1,1.00', '2,2.00'));
  await load();
  await place.write('data/b.csv', file('2,20.00', '3,3.00'));
  expect(await load()).toMatchObject({ rows: { inserted: 1, changed: 1 } });
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 20.00 b.csv:2', '3 3.00 b.csv:3']);
  await place.write('data/b.csv', file('3,3.00'));
  expect(await load()).toMatchObject({ deliveries: 1, rows: { read: 1, unchanged: 1 } });
  // Row 3 stays as its first version brought it.
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 2.00 a.csv:3', '3 3.00 b.csv:3']);
  const batches = await place.query(
    `select d.name, b.state, b.read, b.inserted, b.unchanged from plumbline.batch b
       join plumbline.delivery d on d.id = b.delivery_id order by b.id`,
  );
  expect(batches.map((batch) => Object.values(batch).join(' '))).toEqual([
    'a.csv superseded 2 2 0',
    'b.csv superseded 2 1 0',
    'b.csv loaded 1 0 1',
    'a.csv loaded 2 1 1',
  ]);
});

test('a row that another file has too stays when the file that brought it gives it up', async () => {
  await place.write('data/a.csv', file('1,1.00', '2,2.00'));
  await load();
  await place.write('data/b.csv', file('2,2.00', '3,3.00'));
  expect(await load()).toMatchObject({ rows: { inserted: 1, unchanged: 1 } });
  expect(
    await place.query('select unchanged_elsewhere from plumbline.batch order by id desc limit 1'),
  ).toEqual([{ unchanged_elsewhere: '1' }]);
  await place.write('data/a.csv', file('1,1.00'));
  await load();
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 2.00 b.csv:2', '3 3.00 b.csv:3']);
});

test('a file that is accepted late does not replace rows of files delivered after it', async () => {
  const strict = stock({ max: 0 });
  await place.write('data/a.csv', file('1,1.00', '2,2.00', 'x,0'));
  expect(await load(strict)).toMatchObject({ balanced: false });
  await place.write('data/b.csv', file('2,20.00'));
  await load(strict);
  expect(await held()).toEqual(['2 20.00 b.csv:2']);
  const late = await load(stock());
  expect(late.rows).toMatchObject({ read: 3, inserted: 1, unchanged: 1, rejected: 1 });
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 20.00 b.csv:2']);
  const [batch] = await place.query<{ outdated: string; totals: object }>(
    `select outdated, totals from plumbline.batch where state = 'loaded' order by id desc limit 1`,
  );
  expect(batch).toMatchObject({ outdated: '1', totals: { amount: { held: '3.00' } } });
  // What it had for 2 is kept, and holds once b.csv gives the key up.
  await place.write('data/b.csv', file('4,4.00'));
  await load();
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 2.00 a.csv:3', '4 4.00 b.csv:2']);
});

test('files that share no key are not read again for a correction', async () => {
  await place.write('data/a.csv', file('1,1.00', '2,2.00'));
  await place.write('data/b.csv', file('3,3.00', '4,4.00'));
  await load();
  await place.write('data/b.csv', file('4,4.00'));
  expect(await load()).toMatchObject({ deliveries: 1, rows: { read: 1, unchanged: 1 } });
  expect(await place.query('select from plumbline.claim')).toEqual([]);
});

test('a row that a later file confirmed is not replaced by one accepted in between, and goes when the later file does', async () => {
  const strict = stock({ max: 0 });
  await place.write('data/a.csv', file('1,1.00'));
  await load(strict);
  await place.write('data/b.csv', file('1,2.00', 'x,0'));
  await load(strict);
  await place.write('data/c.csv', file('1,1.00', '2,2.00'));
  await load(strict);
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 2.00 c.csv:3']);
  // b.csv is accepted only now, but c.csv came after it and says 1.00.
  await load();
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 2.00 c.csv:3']);
  await place.write('data/c.csv', file('2,2.00'));
  await load();
  expect(await held()).toEqual(['1 2.00 b.csv:2', '2 2.00 c.csv:3']);
});

test('an older version that was to be read again is not, once its correction is loaded', async () => {
  await place.write('data/a.csv', file('1,1.00'));
  await load();
  await place.write('data/a.csv', file('2,2.00'));
  await load();
  await place.query(
    `insert into plumbline.batch (delivery_id, source) select min(id), 'stock' from plumbline.delivery`,
  );
  await load();
  expect(await held()).toEqual(['2 2.00 a.csv:2']);
  const states = await place.query('select state from plumbline.batch order by id');
  expect(states).toEqual([{ state: 'superseded' }, { state: 'loaded' }, { state: 'superseded' }]);
});

test('a changed contract that a later file does not fit leaves what that file says in place', async () => {
  const contract = (changed: object) =>
    csv({
      from: folder('data/*.csv'),
      columns: {
        id: column.integer(),
        amount: column.decimal(12, 2, { decimalMark: '.', missing: ['x'] }),
      },
      key: ['id'],
      ...changed,
    });
  await place.write('data/a.csv', file('1,x', '3,3.00'));
  await place.load('stock', contract({}));
  await place.write('data/b.csv', file('1,x', '2,1.00', '2,2.00'));
  await place.load('stock', contract({}));
  const changed = await place.load(
    'stock',
    contract({
      transform: (row: Record<string, string | null>) => ({
        ...row,
        amount: row['amount'] === 'x' ? '9' : row['amount'],
      }),
      rejected: { max: 0 },
    }),
  );
  // b.csv is refused and keeps what it has; it came after a.csv.
  expect(changed.errors).toMatchObject([{ code: 'delivery-rejected' }]);
  expect(changed.rows).toMatchObject({ read: 5, unchanged: 2, rejected: 3 });
  expect(await held()).toEqual(['1 null b.csv:2', '3 3.00 a.csv:3']);
});

test('a key goes back to a file that the contract refuses by now: it keeps the rows it has', async () => {
  await place.write('data/a.csv', file('1,1.00', '2,2.00'));
  await load();
  await place.write('data/b.csv', file('2,20.00', '3,3.00'));
  await load();
  const bounded = (max: number) =>
    csv({
      from: folder('data/*.csv'),
      columns: { id: column.integer(), amount: column.decimal(12, 2, { decimalMark: '.', max }) },
      key: ['id'],
      rejected: { max: 0 },
    });
  // Both are refused: what they have stays.
  expect(await load(bounded(1))).toMatchObject({ balanced: false });
  await place.write('data/b.csv', file('4,0.50'));
  await load(bounded(1));
  expect(await held()).toEqual(['1 1.00 a.csv:2', '2 2.00 a.csv:3', '4 0.50 b.csv:2']);
  // It is not tried again for that, until the contract changes once more.
  expect(await load(bounded(1))).toMatchObject({ deliveries: 0 });
  expect(await load(bounded(5))).toMatchObject({ balanced: true, rows: { read: 3, unchanged: 3 } });
});
