import type { FunctionPlan, Plan, SchedulePlan, UploadPlan } from '../../src/plan/plan.ts';

/** What a sample may differ in: whole parts of a plan, and the way out. */
export type SampleOptions = Partial<Omit<Plan, 'network'>> & {
  readonly egress?: Plan['network']['egress'];
};

const ami = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64:101';

function ingest(name: string, more: Partial<FunctionPlan> = {}): FunctionPlan {
  return {
    id: `ingest-${name}`,
    kind: 'ingest',
    job: name,
    memoryMb: 1024,
    timeoutSeconds: 900,
    temporaryMb: 1024,
    reservedConcurrency: 2,
    databaseRoles: ['loader'],
    secrets: [],
    variables: {},
    reads: [],
    ...more,
  };
}

const functions: readonly FunctionPlan[] = [
  ingest('payments', { reads: [{ bucket: undefined, prefix: 'payments/' }] }),
  ingest('activity', {
    secrets: ['ACTIVITY_TOKEN'],
    variables: { ACTIVITY_URL: 'https://api.example.com' },
  }),
  ingest('partner-orders', { reads: [{ bucket: 'partner-exports', prefix: 'orders/' }] }),
  ingest('tax', { reads: [{ bucket: undefined, prefix: 'tax/' }], reservedConcurrency: 1 }),
  ingest('release', {
    id: 'release',
    kind: 'release',
    reservedConcurrency: 1,
    databaseRoles: ['owner'],
  }),
  ingest('morning-costs', {
    id: 'digest-morning-costs',
    kind: 'digest',
    timeoutSeconds: 120,
    reservedConcurrency: 1,
    databaseRoles: ['reader', 'loader'],
    secrets: ['SMTP_URL'],
  }),
  ingest('migrate', {
    id: 'migrate',
    kind: 'migrate',
    timeoutSeconds: 300,
    temporaryMb: 512,
    reservedConcurrency: 1,
    databaseRoles: ['owner'],
  }),
];

const zone = 'Europe/Berlin';

const schedules: readonly SchedulePlan[] = [
  {
    id: 'ingest-payments-1',
    functionId: 'ingest-payments',
    job: 'payments',
    description: 'every 2 weeks on Monday at 06:00',
    schedule: {
      kind: 'weekly',
      weeks: 2,
      weekday: 'monday',
      time: '06:00',
      startDate: '2026-01-05',
    },
    expression: 'cron(0 6 ? * MON *)',
    zone,
    guard: 'every second Monday counts',
  },
  {
    id: 'ingest-activity-1',
    functionId: 'ingest-activity',
    job: 'activity',
    description: 'every day at 05:30',
    schedule: { kind: 'daily', time: '05:30' },
    expression: 'cron(30 5 * * ? *)',
    zone,
    guard: undefined,
  },
  {
    id: 'ingest-tax-1',
    functionId: 'ingest-tax',
    job: 'tax',
    description: 'every month on the last day at 07:00',
    schedule: { kind: 'monthly', day: 'last', time: '07:00' },
    expression: 'cron(0 7 L * ? *)',
    zone,
    guard: undefined,
  },
  {
    id: 'digest-morning-costs-1',
    functionId: 'digest-morning-costs',
    job: 'morning-costs',
    description: 'every day at 08:00',
    schedule: { kind: 'daily', time: '08:00' },
    expression: 'cron(0 8 * * ? *)',
    zone,
    guard: undefined,
  },
];

const uploads: readonly UploadPlan[] = [
  {
    functionId: 'ingest-payments',
    source: 'payments',
    bucket: undefined,
    prefix: 'payments/',
    suffix: '.xlsx',
  },
  { functionId: 'ingest-tax', source: 'tax', bucket: undefined, prefix: 'tax/', suffix: '' },
];

/** `small`: RDS and a NAT instance. */
export function smallPlan({ egress = 'nat-instance', ...more }: SampleOptions = {}): Plan {
  return {
    name: 'plumbline-acme',
    region: 'eu-central-1',
    account: undefined,
    company: 'Acme Wholesale',
    zone,
    size: 'small',
    network: {
      cidr: '10.40.0.0/16',
      publicSubnets: ['10.40.0.0/24', '10.40.1.0/24'],
      privateSubnets: ['10.40.8.0/22', '10.40.12.0/22'],
      databaseSubnets: ['10.40.16.0/24', '10.40.17.0/24'],
      egress,
      natInstanceType: 't4g.nano',
      flowLogs: true,
      interfaceEndpoints: egress === 'none' ? ['lambda', 'secretsmanager', 'email-smtp'] : [],
    },
    database: {
      kind: 'rds-instance',
      engineVersion: '17.6',
      databaseName: 'plumbline',
      backupDays: 7,
      deletionProtection: true,
      instanceType: 't4g.micro',
      storageGb: 20,
      storageMaxGb: 100,
      standby: false,
    },
    landing: { bucket: undefined, noncurrentDays: 30, infrequentAfterDays: 90 },
    functions,
    schedules,
    uploads,
    proxy: {
      instanceType: 't4g.micro',
      ami,
      zoneIndex: 0,
      domain: 'numbers.example.com',
      certificate: {
        kind: 'lets-encrypt',
        email: 'ops@example.com',
        hostedZoneId: 'Z0123456789ABC',
      },
      databaseConnectionsMax: 40,
      databaseConnectionsPerAddress: 10,
      databaseIdleMinutes: 10,
      requestsPerSecond: 20,
    },
    access: {
      allow: [
        { cidr: '203.0.113.0/24', note: 'office' },
        { cidr: '198.51.100.7/32', note: 'Ana at home' },
      ],
      users: [
        { name: 'tableau', schemas: ['marts'], connectionsMax: 5 },
        { name: 'analyst', schemas: ['marts', 'clean'], connectionsMax: 3 },
      ],
    },
    alarms: {
      mail: ['ops@example.com'],
      durationShare: 0.9,
      storageFreeGbMin: 4,
      acuShare: 0.9,
      logDays: 30,
    },
    secrets: [
      {
        name: 'ACTIVITY_TOKEN',
        secretName: 'plumbline-acme/ACTIVITY_TOKEN',
        usedBy: ['sources/activity.ts'],
      },
      {
        name: 'SMTP_URL',
        secretName: 'plumbline-acme/SMTP_URL',
        usedBy: ['digests/morning-costs.ts'],
      },
    ],
    optOuts: [],
    ...more,
  };
}

/** `standard`: Aurora with a standby, and a NAT gateway. */
export function standardPlan({ egress = 'nat-gateway', ...more }: SampleOptions = {}): Plan {
  return smallPlan({
    size: 'standard',
    egress,
    database: {
      kind: 'aurora-serverless',
      engineVersion: '17.6',
      databaseName: 'plumbline',
      backupDays: 14,
      deletionProtection: true,
      minAcu: 0,
      maxAcu: 2,
      pauseAfterMinutes: 15,
      standby: true,
    },
    ...more,
  });
}

/** As many sources as anybody has, each with a schedule, an upload and a secret. */
export function largePlan(sources: number): Plan {
  const base = standardPlan();
  const names = Array.from({ length: sources }, (_, index) => `source-${index + 1}`);
  const others = base.functions.filter(({ kind }) => kind !== 'ingest');
  const daily = base.schedules.filter(({ functionId }) => functionId === 'digest-morning-costs');
  return {
    ...base,
    functions: [
      ...names.map((name) =>
        ingest(name, {
          secrets: [`TOKEN_OF_${name}`],
          reads: [{ bucket: undefined, prefix: `${name}/` }],
        }),
      ),
      ...others,
    ],
    schedules: [
      ...names.map((name): SchedulePlan => ({
        id: `ingest-${name}-1`,
        functionId: `ingest-${name}`,
        job: name,
        description: 'every day at 05:30',
        schedule: { kind: 'daily', time: '05:30' },
        expression: 'cron(30 5 * * ? *)',
        zone,
        guard: undefined,
      })),
      ...daily,
    ],
    uploads: names.map((name) => ({
      functionId: `ingest-${name}`,
      source: name,
      bucket: undefined,
      prefix: `${name}/`,
      suffix: '.csv',
    })),
    secrets: [
      ...names.map((name) => ({
        name: `TOKEN_OF_${name}`,
        secretName: `plumbline-acme/TOKEN_OF_${name}`,
        usedBy: [`sources/${name}.ts`],
      })),
      ...base.secrets.filter(({ name }) => name === 'SMTP_URL'),
    ],
  };
}
