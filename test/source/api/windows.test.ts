import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { api } from '../../../src/source/api/api.ts';
import { nextCursor } from '../../../src/source/api/pages.ts';
import { apiContext, fetchDelivery, readDelivery } from '../../helpers/api-source.ts';
import {
  type Answer,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../../helpers/scripted-server.ts';

interface Item {
  readonly id: number;
  readonly at: string;
  readonly version: number;
}

const instant = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** A shop whose records change while they are read page by page. */
interface Shop {
  /** By id; `at` moves with every change. */
  readonly items: Map<number, Item>;
  minute: number;
  readonly pageSize: number;
  /** What happens before each page: records that change or come into being, by id. */
  readonly changes: number[][];
  readonly repeatPages: boolean;
}

function change(shop: Shop, id: number): void {
  shop.minute += 1;
  const version = (shop.items.get(id)?.version ?? 0) + 1;
  shop.items.set(id, { id, at: instant(shop.minute), version });
}

/** Pages by keyset, oldest change first: what changes while being read moves to the end. */
function answer(shop: Shop, request: Seen): Answer {
  for (const id of shop.changes.shift() ?? []) change(shop, id);
  const since = request.query.get('since') ?? '';
  const after = request.query.get('after') ?? '';
  const sorted = [...shop.items.values()]
    .filter((item) => item.at >= since)
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  // A page that begins again with the last record of the one before.
  const rest = sorted.filter((item) => (shop.repeatPages ? item.at >= after : item.at > after));
  const page = rest.slice(0, shop.pageSize);
  const last = page.at(-1);
  return { body: { data: page, next: rest.length > page.length ? last?.at : null } };
}

describe('windows of an API that changes while it is read', () => {
  let server: ScriptedServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startScriptedServer((request) => answer(shop, request));
  });
  afterAll(() => server.close());

  it('give every record in its last version at least once, over any number of runs', async () => {
    const ids = fc.integer({ min: 1, max: 12 });
    const scenario = fc.record({
      first: fc.array(ids, { maxLength: 15 }),
      runs: fc.array(fc.array(fc.array(ids, { maxLength: 2 }), { maxLength: 4 }), { maxLength: 4 }),
      pageSize: fc.integer({ min: 2, max: 4 }),
      repeatPages: fc.boolean(),
      overlap: fc.constantFrom('0 seconds', '3 minutes', '1 hour'),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ first, runs, pageSize, repeatPages, overlap }) => {
        shop = { items: new Map(), minute: 0, pageSize, changes: [], repeatPages };
        for (const id of first) change(shop, id);
        const source = api({
          url: server.origin,
          records: 'data',
          pages: nextCursor({ param: 'after', at: 'next' }),
          columns: { id: column.integer(), version: column.integer(), at: column.timestamp() },
          key: ['id'],
          cursor: { column: 'at', param: 'since', overlap },
        });
        const held = new Map<string, string>();
        let cursor: string | undefined;
        // The last run finds a shop at rest.
        for (const changes of [...runs, []]) {
          shop.changes.push(...changes);
          const delivery = await fetchDelivery(source, apiContext({ cursor }));
          shop.changes.length = 0;
          const { records } = await readDelivery(source, delivery.text);
          for (const { cells } of records) held.set(String(cells[0]), String(cells[1]));
          cursor = delivery.cursor;
        }
        const expected = [...shop.items.values()].map(
          (item) => [`number:${item.id}`, `number:${item.version}`] as const,
        );
        expect(new Map(held)).toEqual(new Map(expected));
      }),
      { numRuns: 60 },
    );
  });
});
