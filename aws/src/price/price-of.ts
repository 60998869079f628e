import type { Plan } from '../plan/plan.ts';
import { fixedLines } from './fixed-lines.ts';
import type { Load } from './load.ts';
import { components } from './price-line.ts';
import type { Component, PriceLine } from './price-line.ts';
import { prices } from './prices-2026-11.ts';
import { useLines } from './use-lines.ts';

/** What a month costs, line by line. Whole cents; every line is rounded by itself, so they add up. */
export interface PriceTable {
  /** `2026-11` */
  readonly date: string;
  readonly region: string;
  /** The region whose prices these are: another one where ours has none in the price file. */
  readonly pricesOf: string;
  readonly currency: 'USD';
  readonly lines: readonly PriceLine[];
  readonly components: readonly { readonly component: Component; readonly cents: number }[];
  readonly fixedCents: number;
  readonly useCents: number;
  readonly totalCents: number;
  /** What is to be known about the table: what is not in it, whose prices it shows. */
  readonly notes: readonly string[];
}

/** Whose prices are shown where a region has none. */
const fallbackRegion = 'us-east-1';

/** The price of a month of a plan under a load, from list prices. */
export function priceOf(plan: Plan, load: Load): PriceTable {
  const { region } = plan;
  const own = prices.regions[region];
  const pricesOf = own === undefined ? fallbackRegion : region;
  const list = own ?? prices.regions[fallbackRegion];
  if (list === undefined) throw new TypeError(`no prices of ${fallbackRegion}`);
  const unordered = [...fixedLines(plan, list), ...useLines(plan, list, load)];
  const lines = components.flatMap((name) =>
    unordered.filter(({ component }) => component === name),
  );
  const sum = (kind: PriceLine['kind']): number =>
    lines.filter((line) => line.kind === kind).reduce((total, { cents }) => total + cents, 0);
  const [fixedCents, useCents] = [sum('fixed'), sum('use')];
  return {
    date: prices.date,
    region,
    pricesOf,
    currency: 'USD',
    lines,
    components: components.map((component) => ({
      component,
      cents: lines
        .filter((line) => line.component === component)
        .reduce((total, { cents }) => total + cents, 0),
    })),
    fixedCents,
    useCents,
    totalCents: fixedCents + useCents,
    notes: notesOf(plan, pricesOf, lines),
  };
}

function notesOf(plan: Plan, pricesOf: string, lines: readonly PriceLine[]): readonly string[] {
  const unknown = lines.filter(({ unitPrice }) => unitPrice === undefined);
  return [
    ...(pricesOf === plan.region
      ? []
      : [
          `There are no prices of ${plan.region} in the price file of ${prices.date}: those of ${pricesOf} are shown. Most regions cost 0 to 25 % more.`,
        ]),
    ...unknown.map(
      ({ what, source }) =>
        `${what} has no price in the price file and counts as nothing here: see ${source}`,
    ),
    'On-demand list prices without tax; what every account has free each month is taken off, offers to new accounts are not. A month has 730 hours.',
    'Left out, being cents: transfer between the zones, requests to queues and topics, backups beyond the size of the database.',
  ];
}
