import type { FunctionPlan, Plan } from '../plan/plan.ts';
import type { Load } from './load.ts';
import { quantity, share, showQuantity } from './money.ts';
import type { Millionths } from './money.ts';
import type { RegionPrices } from './price-file.ts';
import { priceLine } from './price-line.ts';
import type { PriceLine } from './price-line.ts';
import { prices } from './prices-2026-11.ts';
import { runsPerYear } from './runs-per-year.ts';

const { free } = prices;

/** Objects written for a run: the copies of its deliveries, and what partners put there. */
const putsPerRun = 10;

/** What a month costs by how much it is used. */
export function useLines(plan: Plan, list: RegionPrices, load: Load): readonly PriceLine[] {
  const runs = runsOf(plan);
  return [
    ...auroraLines(plan, list, { load, runs }),
    ...egressLines(plan, list, load),
    ...functionLines(plan, list, { load, runs }),
    ...landingLines(list, load, runs.ingest),
    priceLine({
      component: 'monitoring',
      what: 'Logs',
      amount: above(quantity(load.logGb), quantity(free.logGb)),
      unit: 'GB',
      price: list.logGb,
      of: 'logGb',
      kind: 'use',
      driver: `${load.logGb} GB written${plan.network.flowLogs ? ', those of the network with them' : ''}; ${free.logGb} are free`,
    }),
    ...mailLines(plan, list, runs),
  ];
}

/** Runs a month. */
interface Runs {
  readonly ingest: Millionths;
  readonly digest: Millionths;
}

/** Of the schedules: what is due, each once, however many expressions it takes. */
function runsOf({ schedules, functions }: Plan): Runs {
  const sum = (kind: FunctionPlan['kind']): Millionths =>
    functions
      .filter((each) => each.kind === kind)
      .map(({ id }) => schedules.find(({ functionId }) => functionId === id))
      .reduce((total, each) => {
        if (each === undefined) return total;
        const { runs, of } = runsPerYear(each.schedule);
        return total + share(quantity(1), runs, of * 12n);
      }, 0n);
  return { ingest: sum('ingest'), digest: sum('digest') };
}

interface Use {
  readonly load: Load;
  readonly runs: Runs;
}

function auroraLines(
  { database }: Plan,
  list: RegionPrices,
  { load, runs }: Use,
): readonly PriceLine[] {
  if (database.kind !== 'aurora-serverless') return [];
  const { minAcu, maxAcu, pauseAfterMinutes, standby } = database;
  const servers = standby ? 2n : 1n;
  const month = quantity(730);
  // A month of 365/12 days; every run wakes the database by itself, and it waits before it sleeps.
  const ofBi = share(quantity(load.biHours), 365n, 12n);
  const secondsAwake = BigInt((pauseAfterMinutes ?? 0) * 60 + load.secondsPerRun * 2);
  const ofRuns = share(runs.ingest + runs.digest, secondsAwake, 3600n);
  const awake = ofBi + ofRuns > month ? month : ofBi + ofRuns;
  const acu = quantity(Math.min(maxAcu, Math.max(minAcu, load.awakeAcu, 0.5)));
  const awakeAcuHours = share(awake, acu, 1_000_000n);
  const restAcuHours = share(month - awake, quantity(minAcu), 1_000_000n);
  const rest = minAcu === 0 ? 'paused otherwise' : `${minAcu} ACU otherwise`;
  const lines: PriceLine[] = [
    priceLine({
      component: 'database',
      what: `Aurora Serverless v2, ${minAcu} to ${maxAcu} ACU`,
      amount: (awakeAcuHours + restAcuHours) * servers,
      unit: 'ACU hours',
      price: list.auroraAcuHour,
      of: 'auroraAcuHour',
      kind: 'use',
      driver: `${showQuantity(acu)} ACU for ${rounded(awake)} hours awake: BI ${load.biHours} a day, and ${rounded(runs.ingest + runs.digest)} runs; ${rest}${standby ? '; twice, for the standby' : ''}`,
    }),
    priceLine({
      component: 'database',
      what: 'Aurora storage',
      amount: quantity(load.databaseGb),
      unit: 'GB',
      price: list.auroraStorageGb,
      of: 'auroraStorageGb',
      kind: 'use',
      driver: 'data and indexes in the database',
    }),
    priceLine({
      component: 'database',
      what: 'Aurora reads and writes',
      amount: quantity(load.databaseMillionIos),
      unit: 'million',
      price: list.auroraMillionIos,
      of: 'auroraMillionIos',
      kind: 'use',
      driver: 'what does not come from memory',
    }),
  ];
  return lines;
}

function egressLines({ network }: Plan, list: RegionPrices, load: Load): readonly PriceLine[] {
  const out = priceLine({
    component: 'egress',
    what: 'Out to people and BI tools',
    amount: above(quantity(load.egressGb), quantity(free.egressGb)),
    unit: 'GB',
    price: list.egressGb,
    of: 'egressGb',
    kind: 'use',
    driver: `${load.egressGb} GB; ${free.egressGb} are free`,
  });
  if (network.egress !== 'nat-gateway') return [out];
  const fetched = priceLine({
    component: 'egress',
    what: 'Through the NAT gateway',
    amount: quantity(load.fetchedGb),
    unit: 'GB',
    price: list.natGatewayGb,
    of: 'natGatewayGb',
    kind: 'use',
    driver: 'what sources fetch from outside; S3 goes another way, without a price',
  });
  return [fetched, out];
}

function functionLines(plan: Plan, list: RegionPrices, { load, runs }: Use): readonly PriceLine[] {
  const { functions, schedules } = plan;
  const mbOf = (kind: FunctionPlan['kind']): bigint => {
    const sizes = functions.filter((each) => each.kind === kind).map(({ memoryMb }) => memoryMb);
    return BigInt(Math.max(0, ...sizes));
  };
  const seconds = BigInt(load.secondsPerRun);
  const gbSeconds = (count: Millionths, kind: FunctionPlan['kind']): Millionths =>
    share(count * seconds, mbOf(kind), 1024n);
  // A release follows every run, also one that brought nothing.
  const used =
    gbSeconds(runs.ingest, 'ingest') +
    gbSeconds(runs.ingest, 'release') +
    gbSeconds(runs.digest, 'digest');
  const requests = runs.ingest * 2n + runs.digest;
  return [
    priceLine({
      component: 'functions',
      what: 'Lambda on Arm',
      amount: above(used, quantity(free.lambdaGbSeconds)),
      unit: 'GB-seconds',
      price: list.lambdaGbSecond,
      of: 'lambdaGbSecond',
      kind: 'use',
      driver: `${rounded(used)} GB-seconds of ${rounded(runs.ingest)} loads with a release, ${rounded(runs.digest)} digests, ${load.secondsPerRun} s each; ${free.lambdaGbSeconds} are free`,
    }),
    priceLine({
      component: 'functions',
      what: 'Lambda requests',
      amount: share(above(requests, quantity(free.lambdaRequests)), 1n, 1_000_000n),
      unit: 'million',
      price: list.lambdaMillionRequests,
      of: 'lambdaMillionRequests',
      kind: 'use',
      driver: `${rounded(requests)} requests; a million are free`,
    }),
    priceLine({
      component: 'functions',
      what: 'EventBridge Scheduler',
      amount: share(
        above(runs.ingest + runs.digest, quantity(free.schedulerInvocations)),
        1n,
        1_000_000n,
      ),
      unit: 'million',
      price: list.schedulerMillion,
      of: 'schedulerMillion',
      kind: 'use',
      driver: `${schedules.length} schedules; ${free.schedulerInvocations / 1_000_000} million firings are free`,
    }),
  ];
}

function landingLines(
  list: RegionPrices,
  load: Load,
  ingestRuns: Millionths,
): readonly PriceLine[] {
  return [
    priceLine({
      component: 'landing',
      what: 'S3 storage',
      amount: quantity(load.landingGb),
      unit: 'GB',
      price: list.s3Gb,
      of: 's3Gb',
      kind: 'use',
      driver: 'kept copies of deliveries; older ones cost about half',
    }),
    priceLine({
      component: 'landing',
      what: 'S3 writes',
      amount: share(ingestRuns, BigInt(putsPerRun), 1000n),
      unit: 'thousand',
      price: list.s3ThousandPuts,
      of: 's3ThousandPuts',
      kind: 'use',
      driver: `${putsPerRun} a run`,
    }),
  ];
}

function mailLines(plan: Plan, list: RegionPrices, runs: Runs): readonly PriceLine[] {
  if (!plan.functions.some(({ kind }) => kind === 'digest')) return [];
  return [
    priceLine({
      component: 'mail',
      what: 'SES',
      amount: share(runs.digest, BigInt(readersPerDigest), 1000n),
      unit: 'thousand',
      price: list.thousandMails,
      of: 'thousandMails',
      kind: 'use',
      driver: `${rounded(runs.digest)} digests to ${readersPerDigest} readers each`,
    }),
  ];
}

const readersPerDigest = 10;

function above(amount: Millionths, freeAmount: Millionths): Millionths {
  return amount > freeAmount ? amount - freeAmount : 0n;
}

/** To one decimal place, for people. */
function rounded(amount: Millionths): string {
  return showQuantity(share(amount, 1n, 100_000n) * 100_000n);
}
