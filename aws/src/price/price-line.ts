import { dollars, product, showDollars, showQuantity, toCents } from './money.ts';
import type { Millionths } from './money.ts';
import type { RegionPrices } from './price-file.ts';
import { prices } from './prices-2026-11.ts';

/** The parts of a bill, in the order of a table. */
export const components = [
  'database',
  'egress',
  'proxy',
  'functions',
  'landing',
  'secrets',
  'monitoring',
  'mail',
] as const;
export type Component = (typeof components)[number];

/** One line of a month's price: quantity × unit price. Numbers are decimal text. */
export interface PriceLine {
  readonly component: Component;
  /** `RDS instance db.t4g.micro` */
  readonly what: string;
  readonly quantity: string;
  /** `hours` */
  readonly unit: string;
  /** Dollars; undefined: there is no list price here, and the line counts as nothing. */
  readonly unitPrice: string | undefined;
  /** Exact, in dollars. */
  readonly amount: string;
  /** Rounded, half a cent up. */
  readonly cents: number;
  /** Whether it is there however little is used. */
  readonly kind: 'fixed' | 'use';
  /** What it depends on: `runs all month`. */
  readonly driver: string;
  /** The page the price is from. */
  readonly source: string;
}

interface LineInput {
  readonly component: Component;
  readonly what: string;
  readonly amount: Millionths;
  readonly unit: string;
  readonly price: string | undefined;
  /** Whose page the price is on. */
  readonly of: keyof RegionPrices;
  readonly kind: PriceLine['kind'];
  readonly driver: string;
}

/** Reckons a line out, in whole numbers. */
export function priceLine(input: LineInput): PriceLine {
  const { component, what, unit, price, kind, driver } = input;
  const amount = price === undefined ? 0n : product(dollars(price), input.amount);
  return {
    component,
    what,
    quantity: showQuantity(input.amount),
    unit,
    unitPrice: price,
    amount: showDollars(amount),
    cents: Number(toCents(amount)),
    kind,
    driver,
    source: prices.pages[input.of],
  };
}
