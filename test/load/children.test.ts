import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { readRawTable } from '../../src/load/raw-table.ts';
import { countChanges } from '../../src/load/read-changes.ts';
import { replaySource } from '../../src/load/replay-source.ts';
import { runRelease } from '../../src/model/release.ts';
import { api } from '../../src/source/api/api.ts';
import type { ApiOptions } from '../../src/source/api/api.ts';
import { pageNumber } from '../../src/source/api/pages.ts';
import { locateRows, type RowPlace } from '../../src/trace/locate-rows.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

const columns = {
  id: column.integer({ required: true }),
  version: column.integer({ min: 0 }),
};
const lineColumns = {
  product: column.text({ required: true }),
  amount: column.decimal(12, 2),
};

interface Order {
  readonly id: unknown;
  readonly version: number;
  readonly lines?: unknown;
}

let place: LoadingPlace;
let server: ScriptedServer;
/** What the API has now, a list a page. */
let pages: (readonly Order[])[];
beforeEach(async () => {
  place = await createLoadingPlace();
  server = await startScriptedServer((request) => ({
    body: pages[Number(request.query.get('page')) - 1] ?? [],
  }));
});
afterEach(async () => {
  await server.close();
  await place.end();
});

const line = (product: string, amount: number | string = 1) => ({ product, amount });
const order = (id: number, version: number, ...products: string[]): Order => ({
  id,
  version,
  lines: products.map((product) => line(product)),
});

type Options = Partial<ApiOptions<typeof columns>>;
const common = () =>
  ({
    url: `${server.origin}/orders`,
    retries: 0,
    columns,
    key: ['id'],
    sameKey: 'last-wins',
    children: {
      lines: {
        path: 'lines',
        parent: { order_id: 'id' },
        columns: lineColumns,
        controlTotals: ['amount'],
      },
    },
  }) as const satisfies ApiOptions<typeof columns>;
const orders = (options: Options = {}) =>
  api({
    ...common(),
    pages: pageNumber(),
    cursor: { column: 'version', param: 'since' },
    ...options,
  });

const heldLines = async (): Promise<string[]> => {
  const rows = await place.query<{ line: string }>(
    `select order_id || '/' || position || ' ' || product as line from raw.orders_lines
      where _superseded_by is null order by order_id, position`,
  );
  return rows.map((row) => row.line);
};
const heldOrders = async (): Promise<string[]> => {
  const rows = await place.query<{ id: string }>(
    `select id || ' v' || version as id from raw.orders where _superseded_by is null order by id`,
  );
  return rows.map((row) => row.id);
};

test('nested records are loaded with those around them, each with counts of their own', async () => {
  pages = [[order(1, 1, 'pen', 'ink'), order(2, 1)], [order(3, 2, 'cup')]];
  const result = await place.load('orders', orders());
  expect(result).toMatchObject({ rows: { read: 3, inserted: 3 }, balanced: true });
  expect(result.children).toMatchObject([
    { name: 'orders-lines', rows: { read: 3, inserted: 3, rejected: 0 }, balanced: true },
  ]);
  expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink', '3/1 cup']);
  expect(
    await place.query(
      `select b.source, b.state, b.totals -> 'amount' ->> 'held' as held, s.sheet, s.first_line::int as line
         from plumbline.batch b join plumbline.segment s on s.batch_id = b.id order by b.id, s.first_row`,
    ),
  ).toEqual([
    { source: 'orders', state: 'loaded', held: null, sheet: 'page 1', line: 1 },
    { source: 'orders', state: 'loaded', held: null, sheet: 'page 2', line: 1 },
    { source: 'orders-lines', state: 'loaded', held: '3.00', sheet: 'page 1', line: 1 },
    { source: 'orders-lines', state: 'loaded', held: '3.00', sheet: 'page 2', line: 1 },
  ]);
});

test('a record that is delivered again brings its nested records as a whole', async () => {
  pages = [[order(1, 1, 'pen', 'ink'), order(2, 2, 'cup', 'tea')]];
  await place.load('orders', orders());
  // The second has no lines left, though nothing else of it changed; the first is not delivered.
  pages = [[order(2, 2), order(3, 3, 'oil')]];
  const result = await place.load('orders', orders());
  expect(result.children[0]?.rows).toMatchObject({ read: 1, inserted: 1 });
  expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink', '3/1 oil']);
  pages = [[order(1, 4, 'pen', 'nib', 'pad')]];
  await place.load('orders', orders());
  expect(await heldLines()).toEqual(['1/1 pen', '1/2 nib', '1/3 pad', '3/1 oil']);
  expect(
    await place.query(
      `select inserted::int, changed::int, unchanged::int, superseded::int from plumbline.batch where source = 'orders-lines' order by id`,
    ),
  ).toEqual([
    { inserted: 4, changed: 0, unchanged: 0, superseded: 0 },
    { inserted: 1, changed: 0, unchanged: 0, superseded: 2 },
    { inserted: 1, changed: 1, unchanged: 1, superseded: 0 },
  ]);
});

test('lines that are the same in a record brought by another delivery go with it, unchanged', async () => {
  pages = [[order(1, 1, 'pen', 'ink')]];
  await place.load('orders', orders());
  pages = [[order(1, 2, 'pen', 'nib')]];
  const result = await place.load('orders', orders());
  expect(result.children[0]).toMatchObject({
    rows: { read: 2, inserted: 0, changed: 1, unchanged: 1 },
    balanced: true,
  });
  const [batch] = await place.query<{ id: string; rows: number }>(
    `select b.id, count(*)::int as rows from raw.orders_lines r join plumbline.batch b on b.id = r._batch_id
      where r._superseded_by is null group by b.id`,
  );
  expect(batch?.rows).toBe(2);
  const client = await place.warehouse.connect('owner');
  try {
    const table = await readRawTable(client, 'orders_lines');
    const changes = { client, sourceName: 'orders-lines', batchId: Number(batch?.id) };
    expect(table && (await countChanges({ ...changes, table }))).toMatchObject({
      added: 0,
      changed: 1,
      removed: 0,
    });
  } finally {
    await client.end();
  }
});

test('a record that a corrected window lacks takes its nested records along, and no others', async () => {
  // Without version 2 or later the window stays that of the start.
  const whole = orders({ cursor: { column: 'version', param: 'since', start: '1' } });
  pages = [[order(1, 1, 'pen'), order(2, 1, 'cup', 'tea')]];
  await place.load('orders', whole);
  pages = [[order(1, 1, 'pen', 'ink')]];
  await place.load('orders', whole);
  expect(await heldOrders()).toEqual(['1 v1']);
  expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink']);
});

test('of a record that is listed twice, the nested records of the last one count', async () => {
  pages = [
    [order(1, 1, 'pen', 'ink'), order(2, 1, 'cup')],
    [order(2, 1, 'cup'), order(1, 2, 'pad')],
  ];
  const result = await place.load('orders', orders());
  expect(await heldOrders()).toEqual(['1 v2', '2 v1']);
  expect(await heldLines()).toEqual(['1/1 pad', '2/1 cup']);
  expect(result.children[0]?.rows).toMatchObject({ read: 2, inserted: 2, duplicate: 0 });
  expect(
    await place.query(`select skipped from plumbline.batch where source = 'orders-lines'`),
  ).toEqual([{ skipped: { 'repeated-record': 3 } }]);
});

test('nested records of a rejected one are rejected with it', async () => {
  pages = [
    [order(1, 1, 'pen'), order(2, -1, 'cup', 'tea'), { ...order(3, 1, 'oil'), id: 'x' }],
    [order(4, 1, 'pad'), order(4, 2, 'nib')],
  ];
  const result = await place.load('orders', orders({ sameKey: 'reject' }));
  expect(result.rows).toMatchObject({ read: 5, inserted: 1, rejected: 4 });
  expect(result.children[0]?.rows).toMatchObject({ read: 6, inserted: 1, rejected: 5 });
  expect(await heldLines()).toEqual(['1/1 pen']);
  expect(
    await place.query(
      `select r.codes, r.faults -> 0 ->> 'value' as value, r.raw ->> 'product' as product
         from plumbline.reject r join plumbline.batch b on b.id = r.batch_id
        where b.source = 'orders-lines' order by r.row_number`,
    ),
  ).toEqual([
    { codes: ['foreign-key'], value: '2', product: 'cup' },
    { codes: ['foreign-key'], value: '2', product: 'tea' },
    { codes: ['foreign-key'], value: 'x', product: 'oil' },
    { codes: ['foreign-key'], value: '4', product: 'pad' },
    { codes: ['foreign-key'], value: '4', product: 'nib' },
  ]);
});

test('nested records are found by page, record and place in it, as rejects and in the trace', async () => {
  pages = [
    [order(1, 1), order(2, 1, 'pen', 'ink'), order(3, 1)],
    [
      order(4, 1),
      { id: 5, version: 1, lines: [line('cup'), line('tea', 'dear'), line('oil')] },
      order(5, 2, 'pad', 'nib'),
    ],
    [{ id: 6, version: 1, lines: line('cup') }],
  ];
  await place.load('orders', orders({ sameKey: 'reject' }));
  const rejected = await place.query(
    `select sheet, line::int from plumbline.reject r join plumbline.batch b on b.id = r.batch_id
      where b.source = 'orders-lines' order by row_number`,
  );
  expect(rejected).toEqual([
    { sheet: 'page 2, record 2', line: 1 },
    { sheet: 'page 2, record 2', line: 2 },
    { sheet: 'page 2, record 2', line: 3 },
    { sheet: 'page 2, record 3', line: 1 },
    { sheet: 'page 2, record 3', line: 2 },
    { sheet: 'page 3, record 1', line: 1 },
  ]);
  const rows = await place.query<RowPlace>(
    'select _batch_id::text as "batchId", _row_number::text as "rowNumber" from raw.orders_lines order by _row_number',
  );
  const found = await locateRows(place.warehouse.pool('reader'), rows);
  expect(found.map(({ sheet, line }) => [sheet, line])).toEqual([
    ['page 1, record 2', '1'],
    ['page 1, record 2', '2'],
  ]);
});

test('the place of nested records is right however many are on a page', async () => {
  const many = Array.from({ length: 700 }, (_, index) =>
    order(index + 1, 1, ...Array.from({ length: index % 8 }, () => 'pen')),
  );
  pages = [many, many.slice(0, 9).map((each) => ({ ...each, id: Number(each.id) + 1000 }))];
  await place.load('orders', orders());
  const rows = await place.query<RowPlace & { id: number; position: number }>(
    `select _batch_id::text as "batchId", _row_number::text as "rowNumber", order_id::int as id, position::int
       from raw.orders_lines order by _row_number`,
  );
  const found = await locateRows(place.warehouse.pool('reader'), rows);
  expect(found.map(({ sheet, line }) => `${sheet}, ${line}`)).toEqual(
    rows.map(({ id, position }) =>
      id > 1000 ? `page 2, record ${id - 1000}, ${position}` : `page 1, record ${id}, ${position}`,
    ),
  );
});

test('what is no array of records is rejected, and an empty or absent one is nothing', async () => {
  pages = [
    [
      { id: 1, version: 1, lines: line('pen') },
      { id: 2, version: 1, lines: null },
      { id: 3, version: 1 },
      { id: 4, version: 1, lines: [line('cup', 'dear'), 7, line('tea')] },
    ],
  ];
  const result = await place.load('orders', orders());
  expect(result.children[0]?.rows).toMatchObject({ read: 4, inserted: 1, rejected: 3 });
  expect(await heldLines()).toEqual(['4/3 tea']);
});

test('a path through another array is refused, with what to do instead', async () => {
  pages = [[{ ...order(1, 1), lines: [{ ...line('pen'), taxes: [{ rate: 7 }] }] }]];
  const children = {
    taxes: {
      path: 'lines.taxes',
      parent: { order_id: 'id' as const },
      columns: { rate: column.integer() },
    },
  };
  const result = await place.load('orders', orders({ children }));
  expect(result.errors).toMatchObject([
    {
      code: 'missing-label',
      message: expect.stringContaining(
        "'lines.taxes' leads through 'lines', which is an array itself",
      ),
      remedy: expect.stringContaining("'taxes' a column.json() of it"),
    },
  ]);
  expect(await heldOrders()).toEqual([]);
});

test('a child table that is refused refuses the delivery: nothing of it is loaded, the cursor stays', async () => {
  pages = [[order(1, 1, 'pen')]];
  const strict = orders();
  await place.load('orders', strict);
  pages = [[{ id: 2, version: 2, lines: [line('cup', 'dear'), line('tea')] }]];
  const child = {
    path: 'lines',
    parent: { order_id: 'id' as const },
    columns: lineColumns,
    controlTotals: ['amount'],
    rejected: { max: 0 },
  };
  const result = await place.load('orders', orders({ children: { lines: child } }));
  expect(result).toMatchObject({ balanced: false, errors: [{ code: 'delivery-rejected' }] });
  expect(result.errors[0]?.message).toContain('since 1, lines: 1 of 2 rows broke the contract');
  expect(await heldOrders()).toEqual(['1 v1']);
  expect(await heldLines()).toEqual(['1/1 pen']);
  expect(await place.query('select value from plumbline.cursor')).toEqual([{ value: '1' }]);
  expect(
    await place.query(
      `select b.source, b.state, count(r.*)::int as rejects from plumbline.batch b
         left join plumbline.reject r on r.batch_id = b.id where b.state = 'rejected' group by b.id order by b.id`,
    ),
  ).toEqual([
    { source: 'orders', state: 'rejected', rejects: 0 },
    { source: 'orders-lines', state: 'rejected', rejects: 1 },
  ]);
  pages = [[order(2, 2, 'cup')]];
  await place.load('orders', orders({ children: { lines: child } }));
  expect(await heldLines()).toEqual(['1/1 pen', '2/1 cup']);
});

test('child tables are filled from the landing when they are declared or their contract changes, the server being down', async () => {
  pages = [[order(1, 1, 'pen', 'ink')], [{ id: 2, version: 2, lines: [line('cup', 'n/a')] }]];
  await place.load('orders', orders({ children: {} }));
  await server.close();
  const found = await place.load('orders', orders());
  // The server is down, which is said; the rows come from the landing all the same.
  expect(found.errors).toMatchObject([{ code: 'source-unreachable' }]);
  expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink']);
  const missing = { ...lineColumns, amount: column.decimal(14, 2, { missing: ['n/a'] }) };
  const again = await place.load(
    'orders',
    orders({
      children: { lines: { path: 'lines', parent: { order_id: 'id' }, columns: missing } },
    }),
  );
  expect(again.children).toMatchObject([{ rows: { read: 3, inserted: 3, rejected: 0 } }]);
  expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink', '2/1 cup']);
  expect(await heldOrders()).toEqual(['1 v1', '2 v2']);
});

test('a release shows records and what is nested in them as of one moment', async () => {
  pages = [[order(1, 1, 'pen')]];
  await place.load('orders', orders());
  const release = async () => {
    const client = await place.warehouse.connect('owner');
    try {
      await runRelease({
        client,
        models: [],
        procedures: [],
        checks: [],
        sources: ['orders', 'orders-lines'],
        zone: 'UTC',
        now: () => '2026-06-30T04:00:00Z',
      });
    } finally {
      await client.end();
    }
  };
  await release();
  pages = [[order(1, 2, 'pad')]];
  await place.load('orders', orders());
  const shown = () =>
    place.query(
      'select version::int, product from clean.orders o join clean.orders_lines l on l.order_id = o.id',
    );
  expect(await shown()).toEqual([{ version: 1, product: 'pen' }]);
  await release();
  expect(await shown()).toEqual([{ version: 2, product: 'pad' }]);
});

test('read again, nested records are those of the delivery that came last, however alike the records are', async () => {
  pages = [[order(1, 1, 'pen', 'ink'), order(2, 1, 'cup')]];
  await place.load('orders', orders());
  pages = [[order(1, 1, 'pad'), order(3, 2, 'oil')]];
  await place.load('orders', orders());
  const expected = ['1/1 pad', '2/1 cup', '3/1 oil'];
  expect(await heldLines()).toEqual(expected);
  // Another type makes the child's table anew; another rule reads everything again.
  const child = { path: 'lines', parent: { order_id: 'id' as const }, columns: lineColumns };
  const lines = { ...child, columns: { ...lineColumns, amount: column.decimal(14, 2) } };
  await place.load('orders', orders({ children: { lines } }));
  expect(await heldLines()).toEqual(expected);
  const stricter = { ...columns, version: column.integer({ min: 1 }) };
  await place.load('orders', orders({ children: { lines }, columns: stricter }));
  expect(await heldLines()).toEqual(expected);
});

test.each([
  { name: 'alike', version: 1 },
  { name: 'changed', version: 2 },
])(
  'a record that a correction gives up goes back to the window that had it, with its nested records: $name',
  async ({ version }) => {
    // Windows of an hour: what the server has for each, by its beginning.
    const hours = new Map<string, readonly Order[]>();
    await server.close();
    server = await startScriptedServer(({ query }) => ({
      body: hours.get(query.get('from') ?? '') ?? [],
    }));
    const source = api({
      ...common(),
      windows: { from: 'from', to: 'to', size: '1 hour', start: '2026-06-30T02:00:00Z' },
    });
    hours.set('2026-06-30T02:00:00Z', [order(1, 1, 'pen', 'ink'), order(2, 1, 'cup')]);
    hours.set('2026-06-30T03:00:00Z', [order(1, version, 'pad'), order(3, 1, 'oil')]);
    const now = () => '2026-06-30T03:30:00Z';
    await place.load('orders', source, { now });
    expect(await heldOrders()).toEqual([`1 v${version}`, '2 v1', '3 v1']);
    expect(await heldLines()).toEqual(['1/1 pad', '2/1 cup', '3/1 oil']);
    hours.set('2026-06-30T03:00:00Z', [order(3, 1, 'oil')]);
    await place.load('orders', source, { now });
    expect(await heldOrders()).toEqual(['1 v1', '2 v1', '3 v1']);
    expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink', '2/1 cup', '3/1 oil']);
    hours.set('2026-06-30T03:00:00Z', []);
    await place.load('orders', source, { now });
    expect(await heldLines()).toEqual(['1/1 pen', '1/2 ink', '2/1 cup']);
  },
);

test('a delivery that is refused when its table is made anew leaves no nested records behind', async () => {
  pages = [[order(1, 1, 'pen', 'ink')]];
  await place.load('orders', orders());
  await server.close();
  const source = api({
    ...common(),
    columns: { ...columns, version: column.text() },
    cursor: { column: 'version', param: 'since' },
    rows: { min: 2 },
  });
  const result = await place.load('orders', source);
  expect(result.errors).toMatchObject([{ code: 'delivery-rejected' }, {}]);
  expect([await heldOrders(), await heldLines()]).toEqual([[], []]);
});

test('a replay says of nested records too what it changed', async () => {
  pages = [[order(1, 1, 'pen'), { id: 2, version: 2, lines: [line('cup', 'n/a'), line('tea')] }]];
  await place.load('orders', orders());
  const amount = column.decimal(12, 2, { missing: ['n/a'] });
  const children = {
    lines: {
      path: 'lines',
      parent: { order_id: 'id' as const },
      columns: { ...lineColumns, amount },
    },
  };
  const { deliveries } = await replaySource({
    ...place.loading('orders', orders({ children })),
    deliveries: 'rejected',
  });
  expect(deliveries).toMatchObject([
    {
      accepted: 0,
      after: { read: 2, rejected: 0 },
      children: {
        'orders-lines': {
          before: { read: 3, rejected: 1, codes: { 'type-error': 1 } },
          after: { read: 3, rejected: 0, codes: {} },
          accepted: 1,
          changes: { added: 1, changed: 0, removed: 0 },
        },
      },
    },
  ]);
});

test('read again, a record that is listed twice leaves what a later delivery has of it', async () => {
  pages = [[order(1, 1), order(1, 1, 'pen')]];
  await place.load('orders', orders());
  pages = [[order(1, 2)]];
  await place.load('orders', orders());
  await replaySource({ ...place.loading('orders', orders()), deliveries: 'all' });
  expect([await heldOrders(), await heldLines()]).toEqual([['1 v2'], []]);
});
