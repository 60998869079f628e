import { cron } from 'plumbline';
import { describe, expect, test } from 'vitest';

import { compareModes } from '../../src/commands/compare-modes.ts';
import { createPlan } from '../../src/plan/create-plan.ts';
import { costOfRun } from '../../src/price/cost-of-run.ts';
import { alarmCount } from '../../src/price/fixed-lines.ts';
import { loads } from '../../src/price/load.ts';
import type { Load } from '../../src/price/load.ts';
import { priceOf } from '../../src/price/price-of.ts';
import { readLoad } from '../../src/price/read-load.ts';
import { readReport } from '../../src/price/read-report.ts';
import type { AwsSettings } from '../../src/settings/define-aws.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import { payments, projectOf, settingsOf } from '../helpers/project-of.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';

function table(settings: Partial<AwsSettings>, load: Load, project = projectOf()) {
  return priceOf(createPlan({ project, settings: settingsOf(settings) }), load);
}

/** What, quantity, unit price, cents: as one can reckon by hand. */
const shown = ({ lines }: ReturnType<typeof priceOf>) =>
  lines.map(({ what, quantity, unitPrice, cents }) => [what, quantity, unitPrice, cents]);

describe('reckoned by hand', () => {
  // Two sources, one every day, one every other week; a digest a day; one database user.
  // Runs a month: 365/12 = 30.416667, and 365/14/12 = 2.172619, together 32.589286.
  test('small, as usual', () => {
    const priced = table({}, loads.usual);
    expect(shown(priced)).toEqual([
      ['RDS instance db.t4g.micro', '730', '0.016', 1168],
      ['Database storage, gp3', '20', '0.115', 230],
      // 730 × 0.0042 = 3.066
      ['NAT instance, t4g.nano', '730', '0.0042', 307],
      ['NAT instance, IPv4 address', '730', '0.005', 365],
      ['NAT instance, disk', '8', '0.08', 64],
      // 10 GB of 100 that are free
      ['Out to people and BI tools', '0', '0.09', 0],
      // 730 × 0.0084 = 6.132
      ['Proxy and dashboards, t4g.micro', '730', '0.0084', 613],
      ['Proxy and dashboards, IPv4 address', '730', '0.005', 365],
      ['Proxy and dashboards, disk', '16', '0.08', 128],
      // 32.59 × 30 s × (1 GB + 0.5 GB) + 30.42 × 30 s × 1 GB = 2379 GB-seconds of 400,000
      ['Lambda on Arm', '0', '0.0000133334', 0],
      ['Lambda requests', '0', '0.20', 0],
      ['EventBridge Scheduler', '0', '1.00', 0],
      ['S3 storage', '20', '0.023', 46],
      // 32.589286 × 10 / 1000
      ['S3 writes', '0.325893', '0.005', 0],
      // ACTIVITY_TOKEN, SMTP_URL, tableau, the master's
      ['Secrets', '4', '0.40', 160],
      // 5 functions × 3 + 1 + 2 + 2 + 2 × 3 = 26, ten of them free
      ['Alarms', '16', '0.10', 160],
      ['Logs', '0', '0.50', 0],
      // 30.416667 × 10 / 1000 × 0.10 = 0.0304
      ['SES', '0.304167', '0.10', 3],
    ]);
    // 11.68 + 2.30 + 3.07 + 3.65 + 0.64 + 6.13 + 3.65 + 1.28 + 0.46 + 1.60 + 1.60 + 0.03
    expect(priced.totalCents).toBe(3609);
    expect(priced.useCents).toBe(49);
    expect(priced.components.reduce((sum, { cents }) => sum + cents, 0)).toBe(3609);
  });

  test('standard, heavily used', () => {
    const priced = table({ size: 'standard' }, loads.heavy);
    expect(shown(priced)).toEqual([
      // BI 12 × 365/12 = 365 h; runs 63.005953 × (900 + 240) s / 3600 = 19.951885 h; 2 ACU
      ['Aurora Serverless v2, 0 to 2 ACU', '769.90377', '0.12', 9239],
      ['Aurora storage', '100', '0.10', 1000],
      ['Aurora reads and writes', '50', '0.20', 1000],
      ['NAT gateway', '730', '0.045', 3285],
      ['NAT gateway, IPv4 address', '730', '0.005', 365],
      ['Through the NAT gateway', '50', '0.045', 225],
      ['Out to people and BI tools', '50', '0.09', 450],
      ['Proxy and dashboards, t4g.micro', '730', '0.0084', 613],
      ['Proxy and dashboards, IPv4 address', '730', '0.005', 365],
      ['Proxy and dashboards, disk', '16', '0.08', 128],
      ['Lambda on Arm', '0', '0.0000133334', 0],
      ['Lambda requests', '0', '0.20', 0],
      ['EventBridge Scheduler', '0', '1.00', 0],
      ['S3 storage', '200', '0.023', 460],
      ['S3 writes', '0.325893', '0.005', 0],
      ['Secrets', '4', '0.40', 160],
      // 15 + 1 + 2 + 3 + 3 = 24
      ['Alarms', '14', '0.10', 140],
      ['Logs', '5', '0.50', 250],
      ['SES', '0.304167', '0.10', 3],
    ]);
    // 92.39 + 10 + 10 + 36.50 + 2.25 + 4.50 + 11.06 + 4.60 + 1.60 + 1.40 + 2.50 + 0.03
    expect(priced.totalCents).toBe(17_683);
  });

  test('functions beyond what is free', () => {
    const often = { ...payments, schedule: cron('*/5 * * * *') };
    const project = projectOf({ sources: { payments: often }, digests: [] });
    const { lines } = table({ variables: {} }, { ...loads.usual, secondsPerRun: 120 }, project);
    // 8760 runs × 120 s × 1.5 GB = 1,576,800; less 400,000: 1,176,800 × 0.0000133334 = 15.6907
    expect(lines.find(({ what }) => what === 'Lambda on Arm')).toMatchObject({
      quantity: '1176800',
      amount: '15.69074512',
      cents: 1569,
      kind: 'use',
    });
  });

  test('a database that never pauses, with a standby', () => {
    const database = { minAcu: 0.5, maxAcu: 4, standby: true };
    const { lines } = table({ size: 'standard', database }, { ...loads.usual, biHours: 24 });
    // Awake all 730 hours at 1 ACU, twice.
    expect(lines[0]).toMatchObject({ quantity: '1460', cents: 17_520 });
    const quiet = table({ size: 'standard', database }, { ...loads.usual, biHours: 0 });
    // 63.005953 runs of 60 s: 1.050099 h at 1 ACU, 728.949901 h at 0.5; twice: 731.050099
    expect(quiet.lines[0]).toMatchObject({ quantity: '731.0501', cents: 8773 });
  });

  test('no way out: three endpoints', () => {
    const project = projectOf({ sources: { payments } });
    const { lines } = table({ network: { egress: 'none' }, variables: {} }, loads.usual, project);
    const endpoints = lines.filter(({ what }) => what.startsWith('Interface endpoint'));
    expect(endpoints.map(({ what, cents }) => [what, cents])).toEqual([
      ['Interface endpoint lambda', 730],
      ['Interface endpoint secretsmanager', 730],
      ['Interface endpoint email-smtp', 730],
    ]);
  });
});

test('one run, from what Lambda billed', () => {
  // 30 s × 1 GB × 0.0000133334 = 0.000400002; a request is 0.0000002.
  expect(costOfRun({ memoryMb: 1024, billedMs: 30_000 }, 'us-east-1')).toEqual({
    region: 'us-east-1',
    pricesOf: 'us-east-1',
    date: '2026-11',
    gbSeconds: '30',
    computeDollars: '0.000400002',
    requestDollars: '0.0000002',
    diskDollars: '0.00',
    totalDollars: '0.000400202',
  });
  // Two invocations, 1.5 GB of disk more than is included: 45 × 0.0000000309 = 0.0000013905
  expect(
    costOfRun({ memoryMb: 1024, billedMs: 30_000, requests: 2, temporaryMb: 2048 }, 'us-east-1'),
  ).toMatchObject({ diskDollars: '0.0000013905', totalDollars: '0.0004017925' });
  expect(costOfRun({ memoryMb: 512, billedMs: 1 }, 'eu-west-9')).toMatchObject({
    pricesOf: 'us-east-1',
    gbSeconds: '0.0005',
  });
});

test('a region without prices shows those of another, and says so', () => {
  const priced = table({ region: 'sa-east-1' }, loads.usual);
  expect(priced.pricesOf).toBe('us-east-1');
  expect(priced.notes[0]).toContain('no prices of sa-east-1');
  const own = table({ region: 'eu-central-1' }, loads.usual);
  expect(own.pricesOf).toBe('eu-central-1');
  expect(own.notes.join()).not.toContain('no prices of');
  expect(own.totalCents).toBeGreaterThan(priced.totalCents);
});

test('a type without a price counts as nothing, and is said to', () => {
  const settings = settingsOf();
  const proxy = { ...settings.proxy, instanceType: 'm7g.large' };
  const priced = table({ proxy }, loads.usual);
  expect(priced.notes.join('\n')).toContain('m7g.large has no price');
  expect(priced.totalCents).toBe(3609 - 613);
});

test('every size with every way out; what cannot work says why', () => {
  const modes = compareModes({ project: projectOf(), settings: settingsOf(), load: loads.usual });
  expect(modes.map(({ size, egress, fault }) => [size, egress, fault === undefined])).toEqual([
    ['small', 'nat-instance', true],
    ['small', 'nat-gateway', true],
    ['small', 'none', false],
    ['standard', 'nat-instance', true],
    ['standard', 'nat-gateway', true],
    ['standard', 'none', false],
  ]);
  // The bounds of the design: about $32, and $75 to $98.
  const [small, , , , standard] = modes.map(({ totalCents }) => totalCents);
  expect(small).toBeLessThan(3700);
  expect(standard).toBeGreaterThan(7500);
  expect(standard).toBeLessThan(9800);
});

test('as many alarms as the stack makes', async () => {
  for (const plan of [smallPlan(), standardPlan()]) {
    const { template } = await synthesized(plan);
    expect(resourcesOf(template, 'AWS::CloudWatch::Alarm')).toHaveLength(alarmCount(plan));
  }
});

test('a run as Lambda reports it', () => {
  const report =
    'REPORT RequestId: 8f50 Duration: 29876.12 ms Billed Duration: 30000 ms Memory Size: 1024 MB Max Memory Used: 131 MB Init Duration: 212.40 ms';
  expect(readReport(report)).toEqual({ memoryMb: 1024, billedMs: 30_000 });
  expect(readReport('1024 MB, 30000 ms')).toEqual({ memoryMb: 1024, billedMs: 30_000 });
  expect(readReport('30000ms 512mb')).toEqual({ memoryMb: 512, billedMs: 30_000 });
  for (const text of ['', '1024', 'Duration: 3 ms', '-3 ms']) {
    expect(() => readReport(text)).toThrow('expected the REPORT line');
  }
});

describe('a load as it is written', () => {
  test('by name, by number, by both', () => {
    expect(readLoad()).toEqual(loads.usual);
    expect(readLoad('heavy')).toEqual(loads.heavy);
    expect(readLoad('bi=10.5,database=50')).toEqual({
      ...loads.usual,
      biHours: 10.5,
      databaseGb: 50,
    });
    expect(readLoad('light, acu=2')).toEqual({ ...loads.light, awakeAcu: 2 });
  });

  test.each([
    ['hevy', 'did you mean heavy'],
    ['bi=25', 'from 0 to 24'],
    ['bi=-1', "bi='-1'"],
    ['seconds=1.5', 'a whole number'],
    ['bi=3=4', "'bi=3=4'"],
    ['', "''"],
  ])('%s is refused', (text, message) => {
    expect(() => readLoad(text)).toThrow(message);
  });
});
