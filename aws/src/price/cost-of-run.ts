import { dollars, product, quantity, share, showDollars, showQuantity } from './money.ts';
import { prices } from './prices-2026-11.ts';

/** What Lambda says of an invocation in its log, `REPORT … Billed Duration … Memory Size`. */
export interface MeasuredRun {
  /** Whole milliseconds, of all invocations of the run together. */
  readonly billedMs: number;
  readonly memoryMb: number;
  /** Invocations: more than one where a load went on in a new one. Default 1. */
  readonly requests?: number;
  /** 512, or what the function has of disk. Default 512. */
  readonly temporaryMb?: number;
}

/** What a run costs at list price, without what is free. Decimal text: it is far below a cent. */
export interface RunCost {
  readonly region: string;
  readonly pricesOf: string;
  readonly date: string;
  readonly gbSeconds: string;
  readonly computeDollars: string;
  readonly requestDollars: string;
  readonly diskDollars: string;
  readonly totalDollars: string;
}

/** Disk that comes with every function. */
const diskIncludedMb = 512;

/** The price of one run from what was measured: GB-seconds, requests, and disk beyond what is included. */
export function costOfRun(run: MeasuredRun, region: string): RunCost {
  const pricesOf = prices.regions[region] === undefined ? 'us-east-1' : region;
  const list = prices.regions[pricesOf];
  if (list === undefined) throw new TypeError(`no prices of ${pricesOf}`);
  const { billedMs, memoryMb, requests = 1, temporaryMb = diskIncludedMb } = run;
  const seconds = share(quantity(billedMs), 1n, 1000n);
  const gbSeconds = share(seconds, BigInt(memoryMb), 1024n);
  const diskMb = BigInt(Math.max(0, temporaryMb - diskIncludedMb));
  const compute = product(dollars(list.lambdaGbSecond), gbSeconds);
  const request = product(
    dollars(list.lambdaMillionRequests),
    share(quantity(requests), 1n, 1_000_000n),
  );
  const disk = product(dollars(list.lambdaDiskGbSecond), share(seconds, diskMb, 1024n));
  return {
    region,
    pricesOf,
    date: prices.date,
    gbSeconds: showQuantity(gbSeconds),
    computeDollars: showDollars(compute),
    requestDollars: showDollars(request),
    diskDollars: showDollars(disk),
    totalDollars: showDollars(compute + request + disk),
  };
}
