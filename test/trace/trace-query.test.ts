import * as fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Model } from '../../src/model/model.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import { runRelease } from '../../src/model/release.ts';
import { traceQuery } from '../../src/trace/trace-query.ts';
import type { Trace, TracedQuery } from '../../src/trace/trace-query.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { createRawTable } from '../helpers/raw-table.ts';

const model = (relation: string, sql: string, frontMatter = ''): Model =>
  parseModel(`/*---\n${frontMatter}\n---*/\n${sql}`, {
    file: `models/marts/${relation}.sql`,
    schema: 'marts',
    relation,
  });

const models = [
  model(
    'daily',
    `select o.ordered_on as day, o.client, sum(o.quantity * o.price) as revenue, count(*) as orders,
       count(o.note) as notes, max(o.price) as dearest, round(avg(o.price), 2) as average,
       sum(o.quantity) filter (where o.price > 10) as dear, count(*) filter (where o.price < 10) as cheap,
       coalesce(sum(o.quantity) filter (where o.note is not null), 0) as noted
     from clean.orders o group by 1, 2`,
    'materialize: materialized view',
  ),
  // A key that is missing, and one grouped by that is not shown.
  model(
    'by_region',
    'select c.region, sum(o.quantity * o.price) as revenue from clean.orders o left join clean.clients c on c.name = o.client group by c.region',
    'materialize: table',
  ),
  model('hidden', 'select sum(quantity) as pieces from clean.orders group by client'),
  model(
    'big',
    'select client, sum(quantity * price) as revenue from clean.orders group by client having count(*) > 8',
  ),
  model(
    'wide',
    'select o.*, c.region, o.quantity * o.price as amount from clean.orders o left join clean.clients c on c.name = o.client',
  ),
  model(
    'monthly',
    `select date_trunc('month', d.day)::date as month, d.client, sum(d.revenue) as revenue, sum(d.orders) as orders, max(d.dearest) as dearest from marts.daily d group by 1, 2`,
  ),
  model(
    'with_region',
    'select m.month, m.client, c.region, m.revenue, m.orders from marts.monthly m left join clean.clients c on c.name = m.client',
  ),
  model(
    'named',
    `with priced as (select client, quantity * price as amount, ordered_on from clean.orders where quantity > 0)
    select p.client, sum(p.amount) as revenue from priced p group by p.client`,
  ),
  model(
    'stacked',
    'select client, price from clean.orders union all select client, -price from clean.orders',
  ),
  model('totals', 'select sum(quantity * price) as revenue, count(*) as orders from clean.orders'),
  model('kinds', 'select distinct client, ordered_on from clean.orders'),
];

const cleanRelations = new Map([
  ['clean.orders', ['id', 'client', 'ordered_on', 'quantity', 'price', 'note']],
  ['clean.clients', ['name', 'region']],
]);

let database: TestDatabase;
let client: pg.Client;

/** Small numbers that look random and are the same in each run. */
function* numbers(): Generator<number> {
  for (let state = 42; ;) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield Math.floor(state / 65536);
  }
}

beforeAll(async () => {
  database = await createDatabase();
  const owner = await database.warehouse.connect('owner');
  const orders = await createRawTable(owner, 'orders', {
    id: 'int',
    client: 'text',
    ordered_on: 'date',
    quantity: 'int',
    price: 'numeric(12,2)',
    note: 'text',
  });
  const clients = await createRawTable(owner, 'clients', { name: 'text', region: 'text' });
  const random = numbers();
  const next = (below: number) => Number(random.next().value) % below;
  const names = ['Ada', 'Bob', "O'Hara", 'Zoë', null, ''];
  const rows = (from: number) =>
    Array.from({ length: 60 }, (_, index) => [
      from + index,
      names[next(names.length)] ?? null,
      `2026-0${1 + next(3)}-1${next(4)}`,
      next(5),
      `${next(40)}.${10 + next(90)}`,
      next(3) === 0 ? 'x' : null,
    ]);
  await orders.load(rows(0));
  await orders.load(rows(100), { supersede: 'id % 7 = 3' });
  await clients.load([
    ['Ada', 'North'],
    ['Bob', 'South'],
    ["O'Hara", 'North'],
    ['', null],
  ]);
  const result = await runRelease({
    client: owner,
    models,
    procedures: [],
    checks: [],
    sources: ['orders', 'clients'],
    now: () => '2026-11-02T06:00:00.000Z',
  });
  if (!result.released) throw new Error(JSON.stringify(result.error));
  // Loaded and not released: must appear nowhere.
  await orders.load(rows(500));
  await owner.end();
  client = await database.warehouse.connect('reader');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

type Values = Readonly<Record<string, string | null>>;

async function run(query: { text: string; values: readonly (string | null)[] }) {
  const { rows } = await client.query<Values>({
    text: query.text,
    values: [...query.values],
    types: { getTypeParser: () => (value: unknown) => value },
  });
  return rows;
}

function traced(query: Partial<TracedQuery> & { readonly text: string }): Trace {
  const result = traceQuery({ values: [], models, cleanRelations, ...query });
  if (!result.traceable) throw new Error(`not traceable: ${result.reason}\n${query.text}`);
  return result;
}

/** What the traced rows give for a row of the query's result. */
async function retrace(query: TracedQuery): Promise<Values> {
  const trace = traceQuery(query);
  if (!trace.traceable) return { reason: trace.reason };
  const rows = await run(trace.rows);
  const [count] = await run(trace.count);
  const [total] = trace.measure === undefined ? [] : await run(trace.measure.total);
  const placed = rows.every(
    (row) => /^\d+$/.test(row['_batch_id'] ?? '') && /^\d+$/.test(row['_row_number'] ?? ''),
  );
  return {
    total: total === undefined ? 'none' : (total['total'] ?? null),
    rows: String(rows.length),
    count: count?.['count'] ?? null,
    placed: String(placed),
  };
}

/**
 * Rows of a query's result whose number the rows under them do not make, digit by digit. A result
 * without rows, or whose numbers are all zero, would prove nothing and is an entry of its own.
 */
async function mismatches(text: string, values: readonly (string | null)[] = []) {
  const shown = (await run({ text, values })).slice(0, 12);
  const found: unknown[] = [];
  let proven = 0;
  for (const row of shown) {
    const query = { text, values, models, cleanRelations, datum: row };
    const trace = traceQuery(query);
    const column = trace.traceable ? trace.measure?.column : undefined;
    const number = column === undefined ? undefined : (row[column] ?? null);
    const seen = await retrace(query);
    const someRows = seen['rows'] === seen['count'] && seen['placed'] === 'true';
    if (seen['total'] !== number || !someRows) found.push({ text, row, seen });
    if (Number(number) !== 0 && Number(seen['rows']) > 0) proven += 1;
  }
  return proven === 0 ? [...found, { text, shown }] : found;
}

describe('the rows under a tile make its number', () => {
  test.each([
    // Reading clean itself.
    'select sum(quantity * price) from clean.orders',
    'select count(*) as n from clean.orders where client = $$Ada$$',
    'select count(*) from clean.orders o where o.client is null',
    'select client, sum(quantity * price) as revenue from clean.orders group by client order by 2 desc',
    `select date_trunc('month', ordered_on)::date as month, count(*) from clean.orders group by 1 order by 1`,
    `select to_char(ordered_on, 'YYYY-MM') as month, coalesce(client, '?') as who, avg(price) as average from clean.orders group by month, who`,
    'select client, ordered_on, min(price), max(price), count(note) from clean.orders group by client, orders.ordered_on',
    'select client, count(distinct ordered_on) as days from clean.orders group by client',
    'select client, round(sum(price) / nullif(count(*), 0), 3) as average from clean.orders group by client',
    'select client, coalesce(sum(price) filter (where quantity > 2), 0) as dear from clean.orders group by client',
    'select sum(price) filter (where quantity > 2) - sum(price) filter (where quantity < 2) as gap from clean.orders',
    'select c.region, sum(o.quantity * o.price) from clean.orders o join clean.clients c on c.name = o.client group by c.region',
    'select region, sum(price) from clean.clients left join clean.orders on name = client group by region',
    'select c.region, count(*) from clean.orders o left join clean.clients c on c.name = o.client group by 1',
    'select client, sum(price) from clean.orders where client in (select name from clean.clients where region = $$North$$) group by 1',
    'select sum(a.price) from clean.orders a join clean.orders b using (client)',
    'select client, sum(price) as price from clean.orders group by client having sum(price) > 200',
    // Through one grouping model.
    'select sum(revenue) from marts.daily',
    'select client, sum(revenue) as revenue from marts.daily group by 1 order by 2 desc limit 3',
    `select date_trunc('month', day) as month, sum(orders) as orders from marts.daily where client <> 'Bob' group by 1 order by 1`,
    'select client, sum(notes) as notes from marts.daily where orders = 1 group by 1',
    'select client, sum(cheap) as cheap from marts.daily group by 1',
    'select client, sum(notes), max(day) as last from marts.daily group by 1',
    'select client, max(dearest) from marts.daily group by 1',
    'select client, sum(noted) as noted from marts.daily group by 1',
    'select count(distinct client) as clients from marts.daily',
    'select day, count(distinct upper(client)) as clients from marts.daily where orders > 1 group by 1',
    'select client, count(distinct revenue > 40) as kinds from marts.daily group by 1',
    'select client, max(extract(day from ordered_on)) as last from marts.kinds group by 1',
    'select client, max(revenue * 2) as most from marts.daily group by 1',
    'select client, max(size) as size from (select client, quantity as size, count(*) from clean.orders group by 1, 2) s group by 1',
    'select client, sum(dear) from marts.daily group by 1',
    'select client, sum(revenue) / nullif(sum(orders), 0) as each from marts.daily group by 1',
    'select client, sum(revenue) from marts.daily where revenue > 100 group by 1',
    'select client, sum(revenue) from marts.daily where revenue > 50 and orders > 1 group by client having sum(revenue) > 10',
    'select sum(revenue) from marts.daily d where exists (select from clean.clients c where c.name = d.client)',
    'select c.region, sum(d.revenue) from marts.daily d join clean.clients c on c.name = d.client group by 1',
    'select sum(revenue) filter (where client = $$Ada$$) as ada from marts.daily',
    'select day, client, revenue from marts.daily order by 1, 2',
    'select client, day, orders from marts.daily where client = $$Bob$$ order by day limit 2',
    'select region, revenue from marts.by_region',
    'select sum(revenue) from marts.by_region where revenue > 0',
    'select sum(pieces) from marts.hidden',
    'select client, revenue from marts.big',
    'select sum(revenue) from marts.big',
    'select revenue from marts.totals',
    'select sum(orders) from marts.totals',
    // Through models on models, joins, subqueries and common table expressions.
    'select region, sum(amount) from marts.wide group by 1',
    'select client, sum(w.price) from marts.wide w where w.region is not null group by w.client',
    'select month, sum(revenue) from marts.monthly group by 1',
    'select client, sum(orders) from marts.monthly where revenue > 100 group by 1',
    'select month, client, dearest from marts.monthly',
    'select region, sum(revenue) as revenue from marts.with_region where month >= $$2026-02-01$$ group by region',
    'select client, sum(revenue) from marts.with_region where revenue > 20 group by 1',
    'select client, revenue from marts.named',
    'with d as (select client, sum(price) as price from clean.orders group by 1) select sum(price) from d where client > $$B$$',
    `with recent as (select * from marts.daily where day >= '2026-02-01'), best as (select client, sum(revenue) as r from recent group by 1)
     select client, r from best where r > 10 order by r desc`,
    'select s.who, sum(s.amount) as amount from (select client as who, quantity * price as amount from clean.orders) s group by 1',
  ])('%s', async (text) => {
    expect(await mismatches(text)).toEqual([]);
  });

  test('whatever is asked of whichever model', async () => {
    const of = (...choices: readonly string[]) => fc.constantFrom(...choices);
    const shapes = [
      {
        from: of(
          'clean.orders t',
          'marts.wide t',
          '(select * from clean.orders where quantity > 1) t',
        ),
        key: of('client', 'ordered_on', "date_trunc('month', ordered_on)", 'quantity % 2'),
        measure: of(
          'sum(quantity * price)',
          'count(*)',
          'avg(price)',
          'max(price) - min(price)',
          'count(note)',
          'round(sum(price), 1)',
        ),
        where: of(
          'true',
          'price > 12.5',
          "client <> 'Bob'",
          'note is null',
          "ordered_on < '2026-03-01'",
        ),
      },
      {
        from: of('marts.daily t', '(select *, day as day2 from marts.daily) t'),
        key: of('client', 'day', "to_char(day, 'MM')", 'client is null'),
        measure: of(
          'sum(revenue)',
          'sum(orders)',
          'sum(notes)',
          'max(dearest)',
          'sum(revenue) - 2 * sum(orders)',
          'coalesce(sum(dear), 0)',
        ),
        where: of(
          'true',
          'revenue > 30',
          'orders = 1',
          'client is not null',
          "day < '2026-03-01' and dearest > 5",
        ),
      },
      {
        from: of(
          'marts.monthly t',
          'marts.with_region t',
          'marts.with_region t left join clean.clients c on c.name = t.client',
        ),
        key: of('t.client', 't.month', 'lower(t.client)'),
        measure: of('sum(t.revenue)', 'sum(t.orders)', 'sum(t.revenue) / nullif(sum(t.orders), 0)'),
        where: of(
          'true',
          't.revenue > 60',
          't.orders > 2 or t.revenue > 100',
          "t.month > '2026-01-01'",
        ),
      },
    ];
    const query = fc.oneof(
      ...shapes.map(({ from, key, measure, where }) =>
        fc
          .record({
            from,
            key,
            measure,
            where,
            tail: of('', ' having count(*) > 1', ' order by 2 desc nulls last, 1 limit 3'),
          })
          .map(
            (q) =>
              `select ${q.key} as k, ${q.measure} as m from ${q.from} where ${q.where} group by 1${q.tail}`,
          ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        const shown = await run({ text, values: [] });
        fc.pre(shown.some((row) => Number(row['m']) !== 0));
        expect(await mismatches(text)).toEqual([]);
        // Without a click the rows are those of all groups shown.
        const [count] = await run(traced({ text }).count);
        let sum = 0;
        for (const row of shown) {
          const [one] = await run(traced({ text, datum: row }).count);
          sum += Number(one?.['count']);
        }
        expect(Number(count?.['count'])).toBe(sum);
      }),
      { numRuns: 50 },
    );
  });

  test('with parameters, some of them only where the rows do not need them', async () => {
    const values = ['2026-01-01', 'unused', '2026-02-28', '10'];
    expect(
      await mismatches(
        `select client, $2::text as label, sum(revenue) as revenue from marts.daily
       where day between $1::date and $3::date group by 1, 2 order by 3 limit $4::int`,
        values,
      ),
    ).toEqual([]);
    expect(
      await mismatches(
        'select client, sum(price * $1::numeric) + $2::numeric as plus from clean.orders where ($3::text is null or client = $3::text) group by client',
        ['1.19', '5', null],
      ),
    ).toEqual([]);
  });

  test('for a group without a name', async () => {
    const trace = traced({
      text: 'select client, sum(price) from clean.orders group by client',
      datum: { client: null },
    });
    const rows = await run(trace.rows);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row['client'] === null)).toBe(true);
  });

  test('all groups together, when nothing was clicked', async () => {
    const all = traced({
      text: 'select client, sum(price) as p from clean.orders group by client',
    });
    const [held] = await run({ text: 'select count(*) from clean.orders', values: [] });
    expect(await run(all.count)).toEqual([held]);
    // Of the largest two only their rows.
    const text =
      'select client, sum(quantity * price) as p from clean.orders group by 1 order by 2 desc limit 2';
    const largest = await run({ text, values: [] });
    const rows = await run(traced({ text }).rows);
    expect(new Set(rows.map((row) => row['client']))).toEqual(
      new Set(largest.map((row) => row['client'])),
    );
    const listed = 'select day, client, revenue from marts.daily order by revenue desc limit 3';
    const [sum] = await run({
      text: `select sum(revenue) as total from (${listed}) t`,
      values: [],
    });
    expect(await run(traced({ text: listed }).measure?.total ?? { text: '', values: [] })).toEqual([
      sum,
    ]);
  });

  test('of the column asked for', async () => {
    const text =
      'select client, sum(price) as price, sum(quantity) as quantity from clean.orders group by 1';
    const [row] = await run({ text, values: [] });
    const { measure } = traced({
      text,
      datum: { client: row?.['client'] ?? null },
      value: 'quantity',
    });
    expect(measure?.column).toBe('quantity');
    expect(await run(measure?.total ?? { text: '', values: [] })).toEqual([
      { total: row?.['quantity'] },
    ]);
  });
});

describe('rows', () => {
  test('carry every column of the clean view, in order, and what they contribute', async () => {
    const trace = traced({ text: 'select sum(revenue) from marts.daily where client = $$Ada$$' });
    expect(trace.relation).toBe('clean.orders');
    const rows = await run(trace.rows);
    expect(Object.keys(rows[0] ?? {})).toEqual([
      ...(cleanRelations.get('clean.orders') ?? []),
      '_batch_id',
      '_row_number',
      '_flags',
      '_loaded_at',
      '_value',
    ]);
    const places = rows.map((row) => Number(row['_batch_id']) * 1000 + Number(row['_row_number']));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  test('of a list are the rows it lists, with its limit', async () => {
    const text =
      'select id, client as who, price from clean.orders where quantity > $1::int order by who desc nulls last, 3, id limit 5 offset 1';
    const shown = await run({ text, values: ['1'] });
    const rows = await run(traced({ text, values: ['1'] }).rows);
    expect(new Set(rows.map((row) => row['id']))).toEqual(new Set(shown.map((row) => row['id'])));
    const one = await run(traced({ text, values: ['1'], datum: shown[2] ?? {} }).rows);
    expect(one.map((row) => row['id'])).toEqual([shown[2]?.['id']]);
  });

  test('are those of the relation that is added up', () => {
    const relation = (text: string) => traced({ text }).relation;
    expect(
      relation('select sum(o.price) from clean.clients c join clean.orders o on o.client = c.name'),
    ).toBe('clean.orders');
    expect(
      relation(
        'select count(c.name) from clean.orders o join clean.clients c on o.client = c.name',
      ),
    ).toBe('clean.clients');
    expect(relation('select sum(w.amount) from generate_series(1, 2) g, marts.wide w')).toBe(
      'clean.orders',
    );
  });
});

describe('a number that is no sum over rows has its rows and no total', () => {
  test.each([
    'select client, avg(revenue) as revenue from marts.daily group by 1',
    'select client, count(*) from marts.daily group by 1',
    'select client, sum(average) from marts.daily group by 1',
    'select client, sum(revenue * 2) from marts.daily group by 1',
    'select client, max(revenue) from marts.daily group by 1',
    `select client, string_agg(note, ',' order by id) from clean.orders group by 1`,
    'select day, average from marts.daily',
    'select client, sum(distinct revenue) + sum(average) from marts.daily group by 1',
  ])('%s', async (text) => {
    const [row] = await run({ text, values: [] });
    const trace = traced({ text, datum: row ?? {} });
    expect(trace.measure).toBeUndefined();
    expect((await run(trace.rows)).length).toBeGreaterThan(0);
  });
});

describe('what cannot be followed says why', () => {
  test.each([
    [
      'select 1 from clean.orders union all select 2',
      'it combines several selects (union, intersect or except)',
    ],
    [
      'select client, sum(sum(price)) over () from clean.orders group by 1',
      'it uses window functions or functions that give several rows',
    ],
    ['select distinct on (client) client, price from clean.orders', 'it uses distinct on'],
    [
      'select client, sum(price) from clean.orders group by rollup (client)',
      'it groups in several ways at once (rollup, cube or grouping sets)',
    ],
    ['select 1 as one', 'it reads no rows of clean'],
    ['select count(*) from plumbline.batch', 'it reads no rows of clean'],
    ['select sum(price) from marts.stacked', 'it reads no rows of clean'],
    [
      'select sum(pieces) from marts.hidden where pieces > 10',
      'hidden does not give all columns it groups by',
    ],
    [
      'select sum(price) as p from clean.orders group by client having sum(price) > 1',
      'it keeps only some groups, and does not show what it groups by',
    ],
    [
      'select sum(x) from (select price as x from clean.orders limit 5) s',
      's keeps only some rows (limit)',
    ],
    [
      'select unnest(array[1, 2]), price from clean.orders',
      'it uses window functions or functions that give several rows',
    ],
    ['select 1; select 2', 'it is not exactly one select'],
    ['selec 1', 'syntax error at or near "selec"'],
    ['select * from plumbline.batch', 'the columns of batch are not known; list them instead of *'],
    ['select price from clean.orders where note is json', 'its SQL cannot be rewritten safely'],
    ['values (1)', 'its values are written in the SQL'],
  ])('%s', (text, reason) => {
    expect(traceQuery({ text, values: [], models, cleanRelations })).toEqual({
      traceable: false,
      reason,
    });
  });

  test('also for a click on a column that is not there', () => {
    const result = traceQuery({
      text: 'select price from clean.orders',
      values: [],
      models,
      cleanRelations,
      datum: { cost: '1' },
    });
    expect(result).toEqual({ traceable: false, reason: 'it has no column cost' });
  });
});
