import { type Client, clients, products } from './catalogue.ts';
import { clientWeights } from './client-weights.ts';
import { addDays, type Day, daysFrom, monthOf, yearOf } from './dates.ts';
import type { Plan } from './made.ts';
import type { Cents } from './money.ts';
import { createRandom, type Random } from './random.ts';
import { busyness } from './season.ts';

/** A line of an order as it really happened, before a file got it wrong. */
export interface OrderLine {
  readonly order: string;
  readonly line: number;
  readonly orderedOn: Day;
  /** Empty until it has left. */
  readonly shippedOn: Day | undefined;
  readonly client: Client;
  readonly product: (typeof products)[number];
  readonly quantity: number;
  readonly unitPrice: Cents;
  /** Percent. */
  readonly discount: number;
  readonly net: Cents;
  readonly status: 'open' | 'shipped' | 'cancelled';
}

/** Lines in all, about; over however many days the plan has. */
const linesWanted = 72_000;
const linesPerOrder = 2.6;

/** All order lines, day by day. */
export function makeOrders(plan: Plan): Map<Day, OrderLine[]> {
  const days = daysFrom(plan.from, plan.until);
  const busy = days.map((day) => busyness(plan, day, 'orders'));
  const perUnit =
    (plan.scale * linesWanted) / linesPerOrder / busy.reduce((sum, each) => sum + each, 0);
  return new Map(
    days.map((day, index) => [day, makeDay(plan, day, (busy[index] ?? 0) * perUnit)] as const),
  );
}

function makeDay(plan: Plan, day: Day, expected: number): OrderLine[] {
  const random = createRandom(plan.seed, 'orders', day);
  const orders = Math.max(0, Math.round(expected + Math.sqrt(expected) * random.normal()));
  const weights = clientWeights(plan, yearOf(day));
  // Prices rise about two percent a year.
  const price = 1.02 ** (yearOf(day) - yearOf(plan.from));
  return Array.from({ length: orders }, (_, index) => {
    const order = `PO-${day.replaceAll('-', '')}-${String(index + 1).padStart(3, '0')}`;
    const client = random.weighted(clients, weights);
    const cancelled = random.chance(0.015);
    const shippedOn = addDays(day, random.int(1, 6));
    const shipped = !cancelled && shippedOn < plan.until;
    const status: OrderLine['status'] = cancelled ? 'cancelled' : shipped ? 'shipped' : 'open';
    return Array.from({ length: random.int(1, 4) + (random.chance(0.2) ? 1 : 0) }, (__, line) => ({
      order,
      line: line + 1,
      orderedOn: day,
      shippedOn: shipped ? shippedOn : undefined,
      client,
      status,
      ...makeItem(random, price),
    }));
  }).flat();
}

function makeItem(random: Random, priceLevel: number) {
  const [first, ...rest] = products;
  if (first === undefined) throw new RangeError('the catalogue has no products');
  const product = random.pick([first, ...rest]);
  const quantity = Math.max(1, Math.round(product.usual * Math.exp(0.55 * random.normal()) * 0.7));
  const unitPrice =
    Math.round((product.price * priceLevel * (0.97 + 0.06 * random.next())) / 10) * 10;
  const discount = random.weighted([0, 2, 3, 5, 8], [55, 12, 14, 13, 6]);
  const net = Math.round((quantity * unitPrice * (100 - discount)) / 100);
  return { product, quantity, unitPrice, discount, net };
}

/** Net cents by month and client number, without what was cancelled. */
export function netByClientMonth(
  orders: ReadonlyMap<Day, readonly OrderLine[]>,
): Map<string, Cents> {
  return sumBy(orders, (line) => `${monthOf(line.orderedOn)} ${line.client.number}`);
}

/** Net cents by month, country and category, without what was cancelled. */
export function netByTaxLine(orders: ReadonlyMap<Day, readonly OrderLine[]>): Map<string, Cents> {
  return sumBy(orders, (line) =>
    [monthOf(line.orderedOn), line.client.country, line.product.category].join('|'),
  );
}

function sumBy(
  orders: ReadonlyMap<Day, readonly OrderLine[]>,
  keyOf: (line: OrderLine) => string,
): Map<string, Cents> {
  const sums = new Map<string, Cents>();
  for (const lines of orders.values()) {
    for (const line of lines) {
      if (line.status === 'cancelled') continue;
      const key = keyOf(line);
      sums.set(key, (sums.get(key) ?? 0) + line.net);
    }
  }
  return sums;
}
