import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { api } from '../../src/source/api/api.ts';
import { oauth2 } from '../../src/source/api/auth.ts';
import type { RetryEffects } from '../../src/source/api/get-with-retries.ts';
import { nextCursor } from '../../src/source/api/pages.ts';
import { createRandom } from '../helpers/random.ts';
import { type Answer, type Seen, startScriptedServer } from '../helpers/scripted-server.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const scenarios = Number(process.env['SCENARIOS'] ?? 12);

interface Order {
  readonly id: number;
  /** Moves with every change; nobody has it twice. */
  readonly at: number;
  readonly version: number;
}

/** The lines of an order follow from its version, some have none. */
const linesOf = ({ id, version }: Order): string[] =>
  Array.from({ length: (id + version) % 4 }, (_, index) => `v${version}-${index + 1}`);

/** An API with trouble: orders change while they are read, and answers get lost on the way. */
function createShop(random: () => number) {
  const orders = new Map<number, Order>();
  const shop = { clock: 0, calm: false, tokens: 0, faults: 0, orders };
  const change = (): void => {
    shop.clock += 1;
    const id = Math.ceil(random() * 15);
    orders.set(id, { id, at: shop.clock, version: (orders.get(id)?.version ?? 0) + 1 });
  };
  /** Pages by keyset, the oldest change first; at times one begins with the end of the one before. */
  const page = ({ query }: Seen): Answer => {
    const after = query.get('after');
    const from = Number(after ?? query.get('since') ?? 0);
    const repeats = after === null || (!shop.calm && random() < 0.3);
    const rest = [...orders.values()]
      .filter((order) => (repeats ? order.at >= from : order.at > from))
      .sort((a, b) => a.at - b.at);
    const some = rest.slice(0, 3);
    const data = some.map((order) => ({
      ...order,
      lines: linesOf(order).map((product) => ({ product })),
    }));
    return { body: { data, next: rest.length > some.length ? some.at(-1)?.at : null } };
  };
  const faults: ((whole: string) => Answer)[] = [
    () => ({ status: 500 }),
    () => ({ status: 429, headers: { 'retry-after': '1' } }),
    () => ({ status: 401 }),
    () => ({ broken: 'reset' }),
    (whole) => ({ cut: 'length', body: whole.slice(0, Math.floor(random() * whole.length)) }),
    (whole) => ({ cut: 'chunked', body: whole }),
    (whole) => ({ body: whole.slice(0, Math.floor(random() * whole.length)) }),
    () => ({ body: '<html>Please come back later.</html>' }),
  ];
  const answer = (request: Seen): Answer => {
    if (request.path === '/token') {
      shop.tokens += 1;
      return { body: { access_token: `t${shop.tokens}`, token_type: 'bearer', expires_in: 60 } };
    }
    if (!shop.calm && random() < 0.5) change();
    const whole = page(request);
    if (shop.calm || random() < 0.75) return whole;
    shop.faults += 1;
    const fault = faults[Math.floor(random() * faults.length)];
    return fault?.('body' in whole ? JSON.stringify(whole.body) : '') ?? whole;
  };
  return { shop, change, answer };
}

/** Every order with its lines, as one text each. */
async function held(place: LoadingPlace): Promise<string[]> {
  const rows = await place.query<{ line: string }>(
    `select o.id || ' v' || o.version || ': ' || coalesce(string_agg(l.product, ' ' order by l.position), '') as line
       from raw.orders o left join raw.orders_lines l on l.order_id = o.id and l._superseded_by is null
      where o._superseded_by is null group by o.id, o.version order by o.id`,
  );
  return rows.map((row) => row.line);
}

const textOf = (order: Order): string =>
  `${order.id} v${order.version}: ${linesOf(order).join(' ')}`;

test(
  `an API with trouble ends up in the table as it is (SEED=${seed})`,
  { timeout: 240_000 },
  async () => {
    const place = await createLoadingPlace();
    let faults = 0;
    let failures = 0;
    for (let scenario = 0; scenario < scenarios; scenario += 1) {
      const random = createRandom(seed + scenario);
      const { shop, change, answer } = createShop(random);
      const server = await startScriptedServer(answer);
      const effects: RetryEffects = {
        sleep: async () => {},
        random,
        clockMs: () => shop.clock * 1000,
      };
      const isSorted = random() < 0.5;
      const source = api(
        {
          url: `${server.origin}/orders`,
          auth: oauth2({ tokenUrl: `${server.origin}/token`, clientId: 'a', clientSecret: 'b' }),
          records: 'data',
          retries: 1,
          timeoutMs: 60_000,
          pages: nextCursor({ param: 'after', at: 'next' }),
          cursor: {
            column: 'at',
            param: 'since',
            overlap: '2',
            ...(isSorted && { sorted: true, pagesPerDelivery: 2 }),
          },
          columns: { id: column.integer(), at: column.integer(), version: column.integer() },
          key: ['id'],
          sameKey: 'last-wins',
          children: {
            lines: {
              path: 'lines',
              parent: { order_id: 'id' },
              columns: { product: column.text() },
            },
          },
        },
        effects,
      );
      const cursorOf = async (): Promise<string | undefined> =>
        (await place.query<{ value: string }>('select value from plumbline.cursor'))[0]?.value;
      for (let run = 0; run < 7; run += 1) {
        shop.calm = run === 6;
        for (let changes = Math.floor(random() * 6); changes > 0; changes -= 1) change();
        const before = await cursorOf();
        const result = await place.load('orders', source);
        if (result.errors.length > 0) failures += 1;
        const after = await cursorOf();
        expect(result.rows.read > 0 || after === before).toBe(true);
        // Whatever came through: an order is there with the lines of its version, or not at all.
        for (const line of await held(place)) {
          const [, id = '', version = ''] = /^(\d+) v(\d+)/u.exec(line) ?? [];
          expect(line).toBe(textOf({ id: Number(id), version: Number(version), at: 0 }));
        }
        expect(shop.calm ? result.errors : []).toEqual([]);
      }
      const expected = [...shop.orders.values()].sort((a, b) => a.id - b.id).map(textOf);
      expect(await held(place)).toEqual(expected);
      faults += shop.faults;
      await server.close();
      await place.query(
        `drop table raw.orders, raw.orders_lines; truncate plumbline.batch, plumbline.delivery, plumbline.claim, plumbline.reject, plumbline.segment, plumbline.cursor cascade`,
      );
    }
    expect(faults).toBeGreaterThan(scenarios);
    expect(failures).toBeGreaterThan(0);
    await place.end();
  },
);
