import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import type { ApiOptions, CursorOptions } from '../../src/source/api/api-options.ts';
import { api } from '../../src/source/api/api.ts';
import { nextCursor, pageNumber } from '../../src/source/api/pages.ts';
import {
  type Answer,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../helpers/scripted-server.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

const columns = {
  id: column.integer({ required: true }),
  day: column.date(),
  at: column.integer(),
};
type Options = Partial<ApiOptions<typeof columns>>;

let place: LoadingPlace;
let server: ScriptedServer;
let answer: (request: Seen) => Answer;
beforeEach(async () => {
  place = await createLoadingPlace();
  server = await startScriptedServer((request) => answer(request));
});
afterEach(async () => {
  await server.close();
  await place.end();
});

const cursor = async (): Promise<string | undefined> =>
  (await place.query<{ value: string }>('select value from plumbline.cursor'))[0]?.value;
const ids = async (): Promise<number[]> =>
  (
    await place.query<{ id: number }>(
      'select id::int as id from raw.activity where _superseded_by is null order by id',
    )
  ).map((row) => row.id);
/** What was asked for since the last time this was called. */
const asked = (name: string): (string | null)[] =>
  server.requests.slice(seen, (seen = server.requests.length)).map(({ query }) => query.get(name));
let seen = 0;
beforeEach(() => {
  seen = 0;
});

describe('windows of time', () => {
  /** By day: the ids there are. */
  let days: Map<string, (number | string)[]>;
  beforeEach(() => {
    days = new Map();
    answer = ({ query }) => {
      const day = query.get('from') ?? '';
      return { body: (days.get(day) ?? []).map((id) => ({ id, day, at: 1 })) };
    };
  });
  const daily = (options: Options = {}) =>
    api({
      url: server.origin,
      retries: 0,
      columns,
      key: ['id'],
      windows: { from: 'from', to: 'to', size: '1 day', start: '2026-06-01', format: 'date' },
      ...options,
    });
  const at = (now: string, more: { deadline?: string } = {}) => ({ now: () => now, ...more });

  test('are a delivery each, with or without records; the open one is asked for again', async () => {
    days.set('2026-06-01', [1, 2]).set('2026-06-04', [3]);
    const first = await place.load('activity', daily(), at('2026-06-04T09:00:00Z'));
    expect(first).toMatchObject({ deliveries: 4, rows: { inserted: 3 }, goesOnFrom: undefined });
    expect(asked('from')).toEqual(['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04']);
    expect(await cursor()).toBe('2026-06-04');
    // Later that day: one record more, one that is gone.
    days.set('2026-06-04', [4]);
    const second = await place.load('activity', daily(), at('2026-06-04T20:00:00Z'));
    expect(second).toMatchObject({ deliveries: 1, rows: { inserted: 1 } });
    expect(asked('from')).toEqual(['2026-06-04']);
    expect(await ids()).toEqual([1, 2, 4]);
    expect(
      await place.query(
        `select slot, max(generation)::int as generation from plumbline.delivery group by slot order by slot desc limit 1`,
      ),
    ).toEqual([{ slot: 'from=2026-06-04', generation: 2 }]);
  });

  test('move the cursor also when nothing of a window has changed since it was open', async () => {
    days.set('2026-06-01', [1]).set('2026-06-02', [2]);
    await place.load('activity', daily(), at('2026-06-02T09:00:00Z'));
    expect(await cursor()).toBe('2026-06-02');
    const later = await place.load('activity', daily(), at('2026-06-03T09:00:00Z'));
    expect(later).toMatchObject({ deliveries: 1, balanced: true });
    expect(await cursor()).toBe('2026-06-03');
  });

  test('end at the deadline, and the next run goes on from there', async () => {
    for (let day = 1; day <= 9; day += 1) days.set(`2026-06-0${day}`, [day]);
    let minute = 0;
    const byDay = answer;
    answer = (request) => {
      minute += 4;
      return byDay(request);
    };
    const now = () => new Date(Date.UTC(2026, 5, 9, 12, minute)).toISOString();
    const source = daily({ deadline: '10 minutes' });
    const runs: (string | undefined)[] = [];
    for (let run = 0; run < 3; run += 1) {
      minute = 0;
      runs.push((await place.load('activity', source, { now })).goesOnFrom);
    }
    expect(runs).toEqual(['2026-06-04', '2026-06-07', undefined]);
    expect(asked('from')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((day) => `2026-06-0${day}`));
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('end at the deadline of the run, which one window at least comes before', async () => {
    const over = at('2026-06-09T12:00:00Z', { deadline: '2026-06-09T11:00:00Z' });
    expect(await place.load('activity', daily(), over)).toMatchObject({
      deliveries: 1,
      goesOnFrom: '2026-06-02',
    });
    expect(await cursor()).toBe('2026-06-02');
  });

  test('behind one that was refused are loaded, but the cursor stays until that one is', async () => {
    days.set('2026-06-01', [1]).set('2026-06-02', ['two']).set('2026-06-03', [3]);
    const strict = daily({ rejected: { max: 0 } });
    const first = await place.load('activity', strict, at('2026-06-05T09:00:00Z'));
    expect(first).toMatchObject({ balanced: false, errors: [{ code: 'delivery-rejected' }] });
    expect([await ids(), await cursor()]).toEqual([[1, 3], '2026-06-02']);
    asked('from');
    const second = await place.load('activity', strict, at('2026-06-05T10:00:00Z'));
    expect(second.errors).toHaveLength(1);
    // Closed windows that are held need no request; the one that was refused may be other by now.
    expect(asked('from')).toEqual(['2026-06-02', '2026-06-05']);
    days.set('2026-06-02', [2]);
    await place.load('activity', strict, at('2026-06-05T11:00:00Z'));
    expect([await ids(), await cursor()]).toEqual([[1, 2, 3], '2026-06-05']);
  });

  test('that cannot be fetched end the run with the cursor where it was', async () => {
    const byDay = answer;
    answer = (request) =>
      request.query.get('from') === '2026-06-03' ? { status: 403 } : byDay(request);
    const result = await place.load('activity', daily(), at('2026-06-08T09:00:00Z'));
    expect(result.errors).toMatchObject([{ code: 'source-denied' }]);
    expect(asked('from')).toEqual(['2026-06-01', '2026-06-02', '2026-06-03']);
    expect(await cursor()).toBe('2026-06-03');
  });
});

describe('a sorted cursor', () => {
  const items = Array.from({ length: 20 }, (_, index) => ({ id: index + 1, at: index + 1 }));
  /** Two records a page, by keyset. */
  const byKeyset = ({ query }: Seen): Answer => {
    const from = Number(query.get('after') ?? query.get('since') ?? 0);
    const rest = items.filter(
      (item) => item.at > from || (item.at === from && !query.has('after')),
    );
    const page = rest.slice(0, 2);
    return { body: { data: page, next: rest.length > 2 ? page.at(-1)?.at : null } };
  };
  const sorted = (changed: { cursor?: CursorOptions<'at'> } = {}) =>
    api({
      url: server.origin,
      records: 'data',
      pages: nextCursor({ param: 'after', at: 'next' }),
      columns: { id: columns.id, at: columns.at },
      key: ['id'],
      cursor: { column: 'at', param: 'since', overlap: '1', sorted: true, pagesPerDelivery: 3 },
      ...changed,
    });

  test('makes several deliveries of a first fetch, each of which moves it', async () => {
    answer = byKeyset;
    const result = await place.load('activity', sorted());
    // Each begins three before the end of the last one: the value but one, less the overlap.
    expect(result).toMatchObject({ deliveries: 6, rows: { inserted: 20, unchanged: 15 } });
    expect(await cursor()).toBe('20');
    expect(await ids()).toEqual(items.map((item) => item.id));
    const again = await place.load('activity', sorted());
    expect(again.rows).toMatchObject({ inserted: 0 });
  });

  test('goes on from where the deadline stopped it', async () => {
    answer = byKeyset;
    const over = { deadline: '2020-01-01T00:00:00Z' };
    const stops: (string | undefined)[] = [];
    for (let run = 0; run < 20; run += 1) {
      const result = await place.load('activity', sorted(), over);
      stops.push(result.goesOnFrom);
      if (result.goesOnFrom === undefined) break;
      expect(await cursor()).toBe(result.goesOnFrom);
    }
    expect(stops.at(-1)).toBeUndefined();
    expect(stops.length).toBeGreaterThan(5);
    expect(await ids()).toEqual(items.map((item) => item.id));
  });

  test('loses no record that shares the value it stopped at, though the API gives only later ones', async () => {
    const shared = items.map(({ id }) => ({ id, at: Math.ceil(id / 3) }));
    answer = ({ query }) => {
      const [since, after] = ['since', 'after'].map((name) => Number(query.get(name) ?? 0));
      const rest = shared.filter((item) => item.at > (since ?? 0) && item.id > (after ?? 0));
      return { body: { data: rest.slice(0, 2), next: rest.length > 2 ? rest[1]?.id : null } };
    };
    const cursor = { column: 'at', param: 'since', sorted: true, pagesPerDelivery: 1 } as const;
    const result = await place.load('activity', sorted({ cursor }));
    expect(result.deliveries).toBeGreaterThan(4);
    expect(await ids()).toEqual(items.map((item) => item.id));
  });

  test('is refused when the records come in another order', async () => {
    answer = () => ({
      body: {
        data: [
          { id: 1, at: 2 },
          { id: 2, at: 1 },
        ],
        next: null,
      },
    });
    const result = await place.load('activity', sorted());
    expect(result.errors).toMatchObject([{ code: 'source-error' }]);
    expect(result.errors[0]?.message).toContain(
      'record 2 of page 1 has at 1 after 2, though the source says that they are sorted',
    );
    expect(await cursor()).toBeUndefined();
  });
});

test('a corrected contract reads the landed pages again, the server being down', async () => {
  answer = ({ query }) => ({ body: query.get('page') === '1' ? [{ id: 'no. 1', at: 1 }] : [] });
  const source = (id: ReturnType<typeof column.text>) =>
    api({ url: server.origin, retries: 0, pages: pageNumber(), columns: { id, at: columns.at } });
  await place.load('activity', source(column.text({ pattern: /^\d+$/u })));
  await server.close();
  const result = await place.load('activity', source(column.text()));
  expect(result).toMatchObject({ rows: { read: 1, inserted: 1, rejected: 0 } });
});
