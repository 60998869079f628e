import type { Plan } from '../../src/plan/plan.ts';
import type { ProxyRefs } from '../../src/proxy/proxy-refs.ts';

/** A whole plan of a small company; tests of the proxy change what they are about. */
export function planWith(
  changes: {
    readonly proxy?: Partial<Plan['proxy']>;
    readonly allow?: Plan['access']['allow'];
    readonly company?: string;
  } = {},
): Plan {
  return {
    name: 'plumbline-acme-wholesale',
    region: 'eu-central-1',
    account: undefined,
    company: changes.company ?? 'Acme Wholesale',
    zone: 'Europe/Vienna',
    size: 'small',
    network: {
      cidr: '10.40.0.0/16',
      publicSubnets: ['10.40.0.0/24', '10.40.1.0/24'],
      privateSubnets: ['10.40.16.0/22', '10.40.20.0/22'],
      databaseSubnets: ['10.40.32.0/24', '10.40.33.0/24'],
      egress: 'nat-instance',
      natInstanceType: 't4g.nano',
      flowLogs: false,
      interfaceEndpoints: [],
    },
    database: {
      kind: 'aurora-serverless',
      engineVersion: '17.6',
      databaseName: 'plumbline',
      backupDays: 7,
      deletionProtection: true,
      minAcu: 0,
      maxAcu: 2,
      pauseAfterMinutes: 10,
      standby: false,
    },
    landing: { bucket: undefined, noncurrentDays: 30, infrequentAfterDays: 30 },
    functions: [],
    schedules: [],
    uploads: [],
    proxy: {
      instanceType: 't4g.micro',
      ami: 'ami-0123456789abcdef0',
      zoneIndex: 0,
      domain: 'dashboards.example.com',
      certificate: {
        kind: 'lets-encrypt',
        email: 'it@example.com',
        hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      },
      databaseConnectionsMax: 40,
      databaseConnectionsPerAddress: 10,
      databaseIdleMinutes: 30,
      requestsPerSecond: 20,
      ...changes.proxy,
    },
    access: {
      allow: changes.allow ?? [
        { cidr: '203.0.113.0/24', note: 'office' },
        { cidr: '198.51.100.0/25', note: 'warehouse' },
      ],
      users: [
        { name: 'tableau', schemas: ['marts'], connectionsMax: 5 },
        { name: 'excel', schemas: ['marts', 'clean'], connectionsMax: 3 },
      ],
    },
    alarms: {
      mail: ['it@example.com'],
      durationShare: 0.8,
      storageFreeGbMin: 2,
      acuShare: 0.9,
      logDays: 90,
    },
    secrets: [],
    optOuts: [],
  };
}

export const refs: ProxyRefs = {
  databaseHost: 'acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com',
  region: 'eu-central-1',
  webCode: 's3://cdk-assets-eu-central-1/3f2a.zip',
  webDigest: 'a'.repeat(64),
  proxyAddress: '198.51.100.7',
  landingBucket: 'plumbline-acme-wholesale-landing',
};

/** Every kind of proxy a plan can ask for. */
export const variants: ReadonlyMap<string, Plan> = new Map([
  ["Let's Encrypt", planWith()],
  [
    'ACM',
    planWith({
      proxy: {
        certificate: {
          kind: 'acm',
          arn: 'arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
          passphraseSecret: 'plumbline-acme-wholesale/CERTIFICATE_PASSPHRASE',
        },
      },
    }),
  ],
  [
    'self-signed, without a domain',
    planWith({ proxy: { domain: undefined, certificate: { kind: 'self-signed' } } }),
  ],
  [
    'self-signed, with a domain, nobody allowed yet',
    planWith({ proxy: { certificate: { kind: 'self-signed' } }, allow: [] }),
  ],
  [
    'limits at their edges, names that are attacks',
    planWith({
      company: `"O'Brien" & <b>Sons</b>; $(reboot) \`x\` \\ Ωμέγα`,
      proxy: {
        databaseConnectionsMax: 5000,
        databaseConnectionsPerAddress: 1,
        databaseIdleMinutes: 1440,
        requestsPerSecond: 1,
      },
      allow: [{ cidr: '198.51.100.7/32', note: 'home\n}; allow all; # $(reboot)' }],
    }),
  ],
]);
