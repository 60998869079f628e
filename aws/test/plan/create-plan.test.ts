import { column, csv, every, folder, http, s3, secret, setting } from 'plumbline';
import type { Mistake, Project, Source } from 'plumbline/runtime';
import { PlumblineError } from 'plumbline/runtime';
import { describe, expect, test } from 'vitest';

import { createPlan, stackName } from '../../src/plan/create-plan.ts';
import type { AwsSettings } from '../../src/settings/define-aws.ts';
import { activity, payments, projectOf, settingsOf } from '../helpers/project-of.ts';

const columns = { id: column.integer({ required: true }) };
const fromBucket = (pattern: string, onUpload = false): Source =>
  csv({ from: s3(pattern), columns, onUpload });

function planOf(settings: Partial<AwsSettings> = {}, project: Project = projectOf()) {
  return createPlan({ project, settings: settingsOf(settings) });
}

/** `file place: message; value; expected; suggestion` of every mistake. */
function mistakesOf(settings: object = {}, project: Project = projectOf()): readonly Mistake[] {
  try {
    createPlan({ project, settings: { ...settingsOf(), ...settings } });
    return [];
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.code !== 'project-invalid') throw error;
    return error.mistakes;
  }
}

const inSettings = (mistake: Partial<Mistake>) => [
  expect.objectContaining({ file: 'plumbline.aws.ts', ...mistake }),
];

describe('a plan', () => {
  test('cuts its subnets out of one range: two zones, private ones for many functions', () => {
    const { network } = planOf();
    expect(network).toMatchObject({
      cidr: '10.40.0.0/16',
      publicSubnets: ['10.40.0.0/20', '10.40.16.0/20'],
      databaseSubnets: ['10.40.32.0/20', '10.40.48.0/20'],
      privateSubnets: ['10.40.128.0/18', '10.40.192.0/18'],
      egress: 'nat-instance',
      flowLogs: true,
      interfaceEndpoints: [],
    });
    expect(planOf({ network: { cidr: '172.20.16.0/20' } }).network).toMatchObject({
      publicSubnets: ['172.20.16.0/24', '172.20.17.0/24'],
      databaseSubnets: ['172.20.18.0/24', '172.20.19.0/24'],
      privateSubnets: ['172.20.24.0/22', '172.20.28.0/22'],
    });
  });

  test('has a function for each source, release, digest and migration, with what it may read', () => {
    const { functions, secrets, uploads } = planOf(
      { functions: { timeoutSeconds: 600, only: { 'ingest-payments': { memoryMb: 3008 } } } },
      projectOf({
        sources: {
          payments,
          activity,
          orders: fromBucket('partner-files/orders/2026/*.csv', true),
        },
      }),
    );
    expect(functions.map(({ id, memoryMb }) => [id, memoryMb])).toEqual([
      ['ingest-payments', 3008],
      ['ingest-activity', 1024],
      ['ingest-orders', 1024],
      ['release', 512],
      ['digest-morning', 1024],
      ['migrate', 512],
    ]);
    expect(new Set(functions.map(({ timeoutSeconds }) => timeoutSeconds))).toEqual(new Set([600]));
    const [ofPayments, ofActivity, ofOrders, release, digest] = functions;
    expect(ofPayments).toMatchObject({
      reads: [{ bucket: undefined, prefix: 'payments/' }],
      secrets: [],
      variables: {},
    });
    expect(ofActivity).toMatchObject({
      reads: [],
      secrets: ['ACTIVITY_TOKEN'],
      variables: { ACTIVITY_URL: 'https://crm.acme.example/activities' },
    });
    expect(ofOrders?.reads).toEqual([{ bucket: 'partner-files', prefix: 'orders/2026/' }]);
    expect(release).toMatchObject({ secrets: [], variables: {}, reads: [] });
    expect(digest?.secrets).toEqual(['SMTP_URL']);
    expect(uploads).toEqual([
      {
        functionId: 'ingest-orders',
        source: 'orders',
        bucket: 'partner-files',
        prefix: 'orders/2026/',
        suffix: '.csv',
      },
    ]);
    expect(secrets).toEqual([
      {
        name: 'ACTIVITY_TOKEN',
        secretName: 'plumbline-acme-wholesale/ACTIVITY_TOKEN',
        usedBy: ['sources/activity.ts'],
      },
      {
        name: 'SMTP_URL',
        secretName: 'plumbline-acme-wholesale/SMTP_URL',
        usedBy: ['digests/morning.ts'],
      },
    ]);
  });

  test('by size: an instance, or Aurora that pauses', () => {
    expect(planOf().database).toEqual({
      kind: 'rds-instance',
      engineVersion: '17.6',
      databaseName: 'plumbline',
      backupDays: 7,
      deletionProtection: true,
      standby: false,
      instanceType: 't4g.micro',
      storageGb: 20,
      storageMaxGb: 100,
    });
    const standard = planOf({ size: 'standard' });
    expect(standard.network.egress).toBe('nat-gateway');
    expect(standard.database).toMatchObject({
      kind: 'aurora-serverless',
      minAcu: 0,
      maxAcu: 2,
      pauseAfterMinutes: 15,
      backupDays: 14,
    });
    expect(planOf({ size: 'standard', database: { minAcu: 4 } }).database).toMatchObject({
      minAcu: 4,
      maxAcu: 4,
      pauseAfterMinutes: undefined,
    });
  });

  test('keeps the reasons for what was given up', () => {
    const { optOuts, proxy, functions, database } = planOf({
      database: {
        deletionProtection: { value: false, because: 'a trial, thrown away on Friday' },
        backupDays: { value: 1, because: 'a trial, thrown away on Friday' },
      },
      functions: {
        reservedConcurrency: { value: 'off', because: 'a new account may run ten in all' },
      },
      proxy: {
        certificate: { value: 'self-signed', because: 'no domain yet, two people' },
        ami: { value: 'latest', because: 'no domain yet, two people' },
        instanceType: 't3.micro',
      },
    });
    expect(optOuts.map(({ setting, value }) => [setting, value])).toEqual([
      ['proxy.certificate', "'self-signed'"],
      ['proxy.ami', "'latest'"],
      ['database.deletionProtection', 'false'],
      ['database.backupDays', '1'],
      ['functions.reservedConcurrency', "'off'"],
    ]);
    expect(optOuts[2]?.reason).toBe('a trial, thrown away on Friday');
    expect(database).toMatchObject({ deletionProtection: false, backupDays: 1 });
    expect(functions.every(({ reservedConcurrency }) => reservedConcurrency === undefined)).toBe(
      true,
    );
    expect(proxy.ami).toBe('/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64');
    expect(planOf().optOuts).toEqual([]);
  });

  test('without a way out has endpoints, for mails where there are digests', () => {
    const none = { network: { egress: 'none' }, variables: {} } as const;
    const inside = projectOf({ sources: { payments }, digests: [] });
    expect(planOf(none, inside).network.interfaceEndpoints).toEqual(['lambda', 'secretsmanager']);
    const mails = projectOf({ sources: { payments } });
    expect(planOf(none, mails).network.interfaceEndpoints).toContain('email-smtp');
  });

  test('is named by the company, in whole words that AWS takes', () => {
    expect(stackName('Acme Wholesale')).toBe('plumbline-acme-wholesale');
    expect(stackName('Müller & Söhne GmbH')).toBe('plumbline-muller-sohne-gmbh');
    expect(stackName('Łódź & Sønner Færger')).toBe('plumbline-lodz-sonner-faerger');
    expect(stackName('Weiß')).toBe('plumbline-weiss');
    expect(stackName('株式会社')).toBe('plumbline');
    expect(stackName('The Very Long Winded Trading Company')).toBe(
      'plumbline-the-very-long-winded',
    );
  });

  test('spells the zone as the database of zones does', () => {
    const inZone = (zone: string) => planOf({}, projectOf({ config: { zone } }));
    expect(inZone('europe/berlin').schedules[0]?.zone).toBe('Europe/Berlin');
    expect(inZone('europe/berlin').zone).toBe('Europe/Berlin');
    expect(inZone('Asia/Kolkata').zone).toBe('Asia/Kolkata');
  });
});

describe('mistakes in the settings', () => {
  test.each<[string, object, Partial<Mistake>]>([
    ['no such region', { region: 'eu-centrl-1' }, { place: 'region', suggestion: 'eu-central-1' }],
    ['a region to be filled in', { region: 'FILL-IN-THE-REGION' }, { place: 'region' }],
    ['China', { region: 'cn-north-1' }, { place: 'region' }],
    ['a size', { size: 'big' }, { place: 'size', expected: 'one of small, standard' }],
    ['an account', { account: '12345' }, { place: 'account', value: "'12345'" }],
    ['a name', { name: 'Acme_Numbers' }, { place: 'name' }],
    ['a long name', { name: `a${'b'.repeat(32)}` }, { expected: 'at most 32 characters' }],
    ['a key', { databse: {} }, { place: 'databse', suggestion: 'database' }],
    [
      'bits behind the prefix',
      { network: { cidr: '10.40.0.1/16' } },
      { place: 'network.cidr', suggestion: '10.40.0.0/16' },
    ],
    ['no range', { network: { cidr: '10.40.0/16' } }, { place: 'network.cidr' }],
    [
      'a range too small',
      { network: { cidr: '10.40.0.0/24' } },
      { place: 'network.cidr', expected: 'a prefix length of 16 to 20' },
    ],
    ['a range too large', { network: { cidr: '10.0.0.0/8' } }, { place: 'network.cidr' }],
    [
      'a public range',
      { network: { cidr: '8.8.0.0/16' } },
      { message: '8.8.0.0/16 is not private' },
    ],
    [
      'small private subnets',
      { network: { privateSubnets: ['10.40.64.0/22', '10.40.68.0/24'] } },
      { place: 'network.privateSubnets[2]', message: '10.40.68.0/24 is too small' },
    ],
    [
      'a subnet outside',
      { network: { publicSubnets: ['10.41.0.0/24', '10.40.64.0/24'] } },
      { message: '10.41.0.0/24 is not within 10.40.0.0/16' },
    ],
    [
      'subnets that overlap',
      { network: { publicSubnets: ['10.40.64.0/24', '10.40.64.128/25'] } },
      { message: '10.40.64.128/25 overlaps publicSubnets[1], 10.40.64.0/24' },
    ],
    [
      'one subnet',
      { network: { databaseSubnets: ['10.40.64.0/24'] } },
      { expected: 'two ranges, one for each zone' },
    ],
    [
      'ACU in thirds',
      { size: 'standard', database: { minAcu: 0.3 } },
      { place: 'database.minAcu', value: '0.3' },
    ],
    [
      'ACU upside down',
      { size: 'standard', database: { minAcu: 4, maxAcu: 2 } },
      { message: 'maxAcu 2 is below minAcu 4' },
    ],
    [
      'a pause that never comes',
      { size: 'standard', database: { minAcu: 1, pauseAfterMinutes: 10 } },
      { place: 'database.pauseAfterMinutes' },
    ],
    [
      'ACU of an instance',
      { database: { maxAcu: 2 } },
      { place: 'database.maxAcu', expected: "no such setting, or kind: 'aurora-serverless'" },
    ],
    [
      'storage that cannot grow',
      { database: { storageGb: 100, storageMaxGb: 105 } },
      { place: 'database.storageMaxGb', expected: '110 or more, a tenth above storageGb' },
    ],
    [
      'deletion protection off',
      { database: { deletionProtection: false } },
      { expected: "true, or { value: false, because: '…' }" },
    ],
    [
      'a reason that is none',
      { database: { deletionProtection: { value: false, because: 'n/a' } } },
      { place: 'database.deletionProtection.because' },
    ],
    [
      'a reason for nothing',
      { database: { deletionProtection: { value: true, because: 'it is better so' } } },
      { expected: 'the value alone: it is a safe one and needs no reason' },
    ],
    ['few backups', { database: { backupDays: 3 } }, { place: 'database.backupDays' }],
    [
      'an instance RDS has not',
      { database: { instanceType: 't4g.nano' } },
      { value: "'t4g.nano'" },
    ],
    [
      'an Aurora that cannot pause',
      { size: 'standard', database: { engineVersion: '17.2' } },
      { place: 'database.engineVersion', expected: '17.4 or newer' },
    ],
    [
      'the same address twice',
      { alarms: { mail: ['it@acme.example', 'IT@acme.example'] } },
      { place: 'alarms.mail[2]', expected: 'each address once' },
    ],
    [
      'more variables than a function takes',
      { variables: { ACTIVITY_URL: 'x'.repeat(4000) } },
      { place: 'variables', expected: 'at most 3136 bytes' },
    ],
    [
      'machines of two processors with one image',
      { network: { natInstanceType: 't3.nano' } },
      { place: 'network.natInstanceType', expected: "a type for arm64, such as 't4g.nano'" },
    ],
    ['a bucket', { landing: { bucket: 'Acme_Files' } }, { place: 'landing.bucket' }],
    ['an address', { landing: { bucket: '192.168.1.1' } }, { place: 'landing.bucket' }],
    ['memory', { functions: { memoryMb: 64 } }, { expected: 'megabytes of memory, 128 to 10240' }],
    ['a time limit', { functions: { timeoutSeconds: 901 } }, { place: 'functions.timeoutSeconds' }],
    ['runs at once', { functions: { reservedConcurrency: 0 } }, { value: '0' }],
    [
      'a function that is none',
      { functions: { only: { payments: {} } } },
      { place: 'functions.only.payments', suggestion: 'ingest-payments' },
    ],
    [
      'a mail address',
      { alarms: { mail: ['it@acme.example', 'nobody'] } },
      { place: 'alarms.mail[2]', value: "'nobody'" },
    ],
    ['nobody is told', { alarms: { mail: [] } }, { place: 'alarms.mail' }],
    ['no alarms', { alarms: undefined }, { expected: "{ mail: ['it@example.com'] }" }],
    ['days of logs', { alarms: { mail: ['a@b.example'], logDays: 45 } }, { value: '45' }],
    [
      'a variable that no source reads',
      { variables: { ACTIVITY_URL: 'https://a.example', ACTIVITY_ULR: 'x' } },
      { place: 'variables.ACTIVITY_ULR', suggestion: 'ACTIVITY_URL' },
    ],
    [
      'a secret under git',
      { variables: { ACTIVITY_URL: 'https://a.example', ACTIVITY_TOKEN: 'x' } },
      { place: 'variables.ACTIVITY_TOKEN' },
    ],
    [
      'a variable that nothing gives',
      { variables: {} },
      { message: "sources/activity.ts reads setting('ACTIVITY_URL'), and nothing gives it" },
    ],
    [
      'a way out that is not there',
      { network: { egress: 'none' } },
      {
        place: 'network.egress',
        expected: "'nat-instance', about $7.36 a month, the cheapest that works",
      },
    ],
  ])('%s', (_, settings, mistake) => {
    expect(mistakesOf(settings)).toEqual(inSettings(mistake));
  });

  test.each<[string, object, Partial<Mistake>]>([
    ['no certificate', { certificate: undefined }, { place: 'proxy.certificate' }],
    [
      'self-signed without a reason',
      { certificate: 'self-signed' },
      { place: 'proxy.certificate', value: "'self-signed'" },
    ],
    [
      'a hosted zone',
      { certificate: { kind: 'lets-encrypt', email: 'it@acme.example', hostedZoneId: 'acme' } },
      { place: 'proxy.certificate.hostedZoneId' },
    ],
    [
      'a certificate of another region',
      {
        certificate: {
          kind: 'acm',
          arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/abc',
          passphraseSecret: 'acme/passphrase',
        },
      },
      { message: 'the certificate is in eu-west-1, and the stack in us-east-1' },
    ],
    ['no domain', { domain: undefined }, { place: 'proxy.domain' }],
    ['an address as domain', { domain: 'https://a.example' }, { place: 'proxy.domain' }],
    ['an image to be filled in', { ami: 'ami-FILL-IN' }, { place: 'proxy.ami' }],
    ['an image that moves', { ami: 'latest' }, { place: 'proxy.ami' }],
    [
      'more connections from one than from all',
      { databaseConnectionsMax: 10, databaseConnectionsPerAddress: 20 },
      { place: 'proxy.databaseConnectionsPerAddress' },
    ],
  ])('of the proxy: %s', (_, proxy, mistake) => {
    const merged = Object.entries({ ...settingsOf().proxy, ...proxy });
    const given = Object.fromEntries(merged.filter(([, value]) => value !== undefined));
    expect(mistakesOf({ proxy: given })).toEqual(inSettings(mistake));
  });

  test('those of the schema together with those of the whole, but for what follows from them', () => {
    const found = mistakesOf({
      region: 'nowhere',
      database: { minAcu: 0.3 },
      network: { publicSubnets: ['10.41.0.0/24', '10.40.64.0/24'] },
      proxy: {
        ...settingsOf().proxy,
        certificate: {
          kind: 'acm',
          arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/abc',
          passphraseSecret: 'acme/passphrase',
        },
      },
    });
    expect(found.map(({ place }) => place)).toEqual([
      'region',
      'database.minAcu',
      'network.publicSubnets[1]',
    ]);
  });

  test('all of them at once', () => {
    const found = mistakesOf({
      network: { cidr: '8.8.0.0/24' },
      functions: { only: { nothing: {} } },
      variables: {},
    });
    expect(found.map(({ place }) => place)).toEqual([
      'network.cidr',
      'network.cidr',
      'functions.only.nothing',
      'variables.ACTIVITY_URL',
    ]);
  });
});

describe('mistakes in the project, where it is to be on AWS', () => {
  const only = (name: string, source: Source) =>
    mistakesOf({ variables: {} }, projectOf({ sources: { [name]: source }, digests: [] }));

  test('a source that reads a folder', () => {
    expect(only('tax', csv({ from: folder('data/tax/*.csv'), columns }))).toEqual([
      {
        file: 'sources/tax.ts',
        place: 'from',
        message: 'reads a folder, and there is none on AWS: files lie in a bucket',
        value: "folder('data/tax/*.csv')",
        expected: "from: s3('acme-landing/tax/*.csv', { local: 'data/tax/*.csv' })",
      },
    ]);
  });

  test('what is proposed for a folder is right itself', () => {
    for (const pattern of ['data/*.csv', '*.csv', '../in/*.csv', '/landing/a/*.csv']) {
      const [found] = only('tax', csv({ from: folder(pattern), columns }));
      const key = /s3\('([^']*)'/.exec(found?.expected ?? '')?.[1] ?? '';
      expect(only('tax', fromBucket(key))).toEqual([]);
      expect(key).not.toContain('..');
    }
  });

  test('a source that would read the kept copies', () => {
    expect(only('all', fromBucket('acme-landing/**/*.csv'))).toMatchObject([
      {
        file: 'sources/all.ts',
        place: 'from',
        expected: expect.stringContaining('acme-landing/all/'),
      },
    ]);
    expect(only('all', fromBucket('acme-landing/landing/*'))).toHaveLength(1);
    // Another bucket may have a folder of that name.
    expect(only('all', fromBucket('other-files/landing/*'))).toEqual([]);
  });

  test('a bucket that cannot be', () => {
    expect(only('tax', fromBucket('Acme_Files/tax/*.csv'))).toMatchObject([
      { message: "there is no bucket 'Acme_Files'" },
    ]);
    expect(only('tax', fromBucket('files.acme.example/tax/*.csv'))).toEqual([]);
  });

  test('two sources that S3 cannot tell apart', () => {
    const sources = {
      one: fromBucket('acme-landing/in/*.csv', true),
      two: fromBucket('acme-landing/in/2026/*.csv', true),
      // Not told of uploads, or of other files: no matter.
      three: fromBucket('acme-landing/in/*.csv'),
      four: fromBucket('acme-landing/in/*.xlsx', true),
    };
    expect(mistakesOf({ variables: {} }, projectOf({ sources, digests: [] }))).toMatchObject([
      {
        file: 'sources/two.ts',
        place: 'onUpload',
        message: expect.stringContaining('sources/one.ts'),
      },
    ]);
  });

  test('a setting with a fallback needs no value; a name that no variable can have is refused', () => {
    const from = (url: Parameters<typeof http>[0]) => csv({ from: http(url), columns });
    expect(only('rates', from(setting('RATES', 'https://a.example/r.csv')))).toEqual([]);
    expect(only('rates', from(secret('MY RATES')))).toMatchObject([
      { file: 'sources/rates.ts', value: "'MY RATES'" },
    ]);
    // The function has a variable of that name, which is not what was meant.
    expect(only('rates', from(secret('AWS_SECRET_ACCESS_KEY')))).toMatchObject([
      { expected: 'a name that neither Lambda nor Plumbline keeps for itself' },
    ]);
  });

  test('an address that functions have no way out to', () => {
    const from = (url: Parameters<typeof http>[0]) => csv({ from: http(url), columns });
    expect(only('rates', from('https://a.example:8443/r.csv?key=hidden'))).toMatchObject([
      { file: 'sources/rates.ts', place: 'from', message: expect.stringContaining('port 8443') },
    ]);
    expect(only('rates', from('http://a.example/r.csv'))).toMatchObject([
      { message: expect.stringContaining('port 80,') },
    ]);
    expect(only('rates', from(setting('RATES', 'http://a.example/r.csv')))).toMatchObject([
      { file: 'plumbline.aws.ts', place: 'variables.RATES', value: "'http://a.example'" },
    ]);
    expect(only('rates', from('https://a.example:443/r.csv'))).toEqual([]);
    expect(mistakesOf({ variables: { ACTIVITY_URL: 'https://a.example:8080/v1' } })).toMatchObject([
      { place: 'variables.ACTIVITY_URL', message: expect.stringContaining('port 8080') },
    ]);
  });

  test('a name that is too long with the prefix on it', () => {
    const name = 'a'.repeat(40);
    expect(only(name, { ...payments, schedule: every.day() })).toMatchObject([
      { file: `sources/${name}.ts`, message: expect.stringContaining('characters') },
    ]);
  });

  test('an address that nobody comes from, a sender that nobody verified, a zone that is none', () => {
    const found = mistakesOf(
      {},
      projectOf({
        config: {
          zone: 'Mars/Phobos',
          mail: { from: 'plumbline@localhost', smtp: undefined, dashboards: undefined },
          access: {
            allow: [
              { cidr: '203.0.113.0/24', note: 'office' },
              { cidr: '192.168.0.0/24', note: 'office, inside' },
              { cidr: '2a01:4f8::/32', note: 'hosting' },
            ],
            users: [],
          },
        },
      }),
    );
    expect(found.map(({ file, place }) => `${file} ${place}`)).toEqual([
      'plumbline.config.ts zone',
      'plumbline.config.ts access.allow[2].cidr',
      'plumbline.config.ts access.allow[3].cidr',
      'plumbline.config.ts mail.from',
    ]);
    expect(found[2]).toMatchObject({
      value: "'2a01:4f8::/32'",
      message: expect.stringContaining('an IPv4 address only'),
      expected: expect.stringContaining('the IPv4 address that hosting comes from'),
    });
  });
});
