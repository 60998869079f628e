import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import type { Columns } from '../../src/contract/column.ts';
import { readSourceStates } from '../../src/dashboard/freshness.ts';
import { createQueries } from '../../src/dashboard/query.ts';
import { runRelease } from '../../src/model/release.ts';
import { csv } from '../../src/source/csv/csv.ts';
import type { CsvOptions } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const columns = {
  id: column.integer(),
  paid_on: column.date(),
  amount: column.decimal(12, 2, { decimalMark: '.' }),
};
const payments = <const C extends Columns>(
  changed: Partial<CsvOptions<C>> & { columns: C },
): Source => csv({ from: folder('data/*.csv'), ...changed });

const held = () =>
  place.query<{ id: string; paid_on: string; amount: string }>(
    'select id, paid_on, amount from raw.payments where _superseded_by is null order by id',
  );
const rejectsThatCount = () =>
  place.query(
    `select r.line from plumbline.reject r join plumbline.batch b on b.id = r.batch_id where b.state <> 'superseded'`,
  );

test.each([{ key: ['id'] as const }, {}])(
  'a loosened contract takes the rows it had refused, from the landing: %o',
  async (keyed) => {
    await place.write('data/a.csv', 'id,paid_on,amount\n1,2026-01-02,1.00\n2,3/1/2026,2.00\n');
    const strict = await place.load('payments', payments({ columns, ...keyed }));
    expect(strict.rows).toMatchObject({ read: 2, inserted: 1, rejected: 1 });
    await place.remove('data/a.csv');
    const both = { ...columns, paid_on: column.date({ format: 'd/M/yyyy' }) };
    const other = await place.load('payments', payments({ columns: both, ...keyed }));
    expect(other).toMatchObject({ deliveries: 1, balanced: true, rows: { read: 2, rejected: 1 } });
    expect(await held()).toEqual([{ id: '2', paid_on: '2026-01-03', amount: '2.00' }]);
    expect(await rejectsThatCount()).toEqual([{ line: '2' }]);
    const again = await place.load('payments', payments({ columns: both, ...keyed }));
    expect(again).toMatchObject({ deliveries: 0, rows: { read: 0 } });
  },
);

test('a new column is filled from what was delivered before', async () => {
  await place.write('data/a.csv', 'id,paid_on,amount\n1,2026-01-02,1.00\n');
  const { amount, ...without } = columns;
  await place.load('payments', payments({ columns: without, key: ['id'] }));
  await place.load('payments', payments({ columns: { ...without, amount }, key: ['id'] }));
  expect(await held()).toEqual([{ id: '1', paid_on: '2026-01-02', amount: '1.00' }]);
});

test('a rule that now flags, and a transform that now drops, reach the rows that are there', async () => {
  await place.write('data/a.csv', 'id,paid_on,amount\n1,2026-01-02,1.00\n2,2026-01-02,2.00\n');
  await place.load('payments', payments({ columns, key: ['id'] }));
  await place.load(
    'payments',
    payments({
      columns,
      key: ['id'],
      rules: [{ name: 'small', level: 'warn', test: () => false }],
      transform: (row) => (row['id'] === '2' ? null : row),
    }),
  );
  expect(
    await place.query('select id, _flags from raw.payments where _superseded_by is null'),
  ).toEqual([{ id: '1', _flags: ['small'] }]);
});

test('a delivery that no longer fits keeps the rows it has and says so once', async () => {
  await place.write('data/a.csv', 'id,paid_on\n1,2026-01-02\n');
  const { amount, ...without } = columns;
  await place.load('payments', payments({ columns: without, key: ['id'] }));
  await place.write('data/b.csv', 'id,paid_on,amount\n2,2026-01-03,2.00\n');
  const widened = payments({ columns: { ...without, amount }, key: ['id'] });
  const refused = await place.load('payments', widened);
  expect(refused).toMatchObject({ balanced: false, errors: [{ code: 'missing-label' }] });
  expect(await held()).toEqual([
    { id: '1', paid_on: '2026-01-02', amount: null },
    { id: '2', paid_on: '2026-01-03', amount: '2.00' },
  ]);
  expect(await place.load('payments', widened)).toMatchObject({ balanced: true, deliveries: 0 });
  const queries = createQueries({ pool: place.warehouse.pool('reader'), zone: 'UTC' });
  const sources = new Map([['payments', { freshness: undefined }]]);
  const states = await queries.snapshot((snapshot) =>
    readSourceStates(snapshot, sources, '2026-06-30T04:00:00Z'),
  );
  expect(states).toMatchObject([{ failing: undefined, lastDelivery: expect.any(String) }]);
});

test('what only admits a delivery or describes it reads nothing again', async () => {
  await place.write('data/a.csv', 'id,paid_on,amount\n1,2026-01-02,1.00\n');
  await place.load('payments', payments({ columns, key: ['id'] }));
  const described = {
    ...columns,
    id: column.integer({ description: 'Number of the payment.' }),
  };
  const result = await place.load(
    'payments',
    payments({
      columns: described,
      key: ['id'],
      controlTotals: ['amount'],
      rejected: { max: '5%' },
      freshness: '3 days',
    }),
  );
  expect(result).toMatchObject({ deliveries: 0, rows: { read: 0 } });
});

test.each(['other format', 'other type'])(
  'readers see nothing of a source that is half read again: %s',
  async (change) => {
    const release = async () => {
      const client = await place.warehouse.connect('owner');
      try {
        return await runRelease({
          client,
          models: [],
          procedures: [],
          checks: [],
          sources: ['payments'],
          now: () => '2026-06-30T04:00:00Z',
        });
      } finally {
        await client.end();
      }
    };
    const shown = () => place.query<{ id: string }>('select id from clean.payments order by id');
    await place.write('data/a.csv', 'id,paid_on,amount\n1,2026-01-02,1.00\n2,2026-01-02,x\n');
    await place.write('data/b.csv', 'id,paid_on,amount\n3,2026-01-03,3.00\n');
    await place.load('payments', payments({ columns, key: ['id'] }));
    await release();
    expect(await shown()).toEqual([{ id: '1' }, { id: '3' }]);

    const amount =
      change === 'other type'
        ? column.text()
        : column.decimal(12, 2, { decimalMark: '.', missing: ['x'] });
    const changed = payments({ columns: { ...columns, amount }, key: ['id'] });
    const cut: Source = {
      ...changed,
      read: async (landed, context) => {
        if (landed.name.endsWith('b.csv')) throw new Error('the disk went away');
        return changed.read(landed, context);
      },
    };
    expect(await place.load('payments', cut)).toMatchObject({ balanced: false });
    await release();
    expect(await shown()).toEqual([{ id: '1' }, { id: '3' }]);
    expect(await place.load('payments', changed)).toMatchObject({ balanced: true });
    await release();
    expect(await shown()).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
  },
);
