import { api, bearer, column, csv, every, secret, setting, s3 } from 'plumbline';
import type { Project, Source } from 'plumbline/runtime';

import type { AwsSettings } from '../../src/settings/define-aws.ts';

const columns = { id: column.integer({ required: true }) };

/** Every two weeks, from a bucket. */
export const payments: Source = csv({
  from: s3('acme-landing/payments/*.csv'),
  columns,
  schedule: every.weeks(2).on('monday').at('06:00').from('2026-01-05'),
});

/** Every day, from an API with a secret, at an address that is a setting. */
export const activity: Source = api({
  url: setting('ACTIVITY_URL'),
  auth: bearer(secret('ACTIVITY_TOKEN')),
  records: 'data',
  columns,
  schedule: every.day().at('05:30'),
});

export interface ProjectParts {
  readonly sources?: Readonly<Record<string, Source>>;
  /** Names of digests, each sent every morning at eight. */
  readonly digests?: readonly string[];
  readonly config?: Partial<Project['config']>;
}

/** A project as it is read, without a folder. */
export function projectOf({ sources, digests = ['morning'], config }: ProjectParts = {}): Project {
  return {
    dir: '/nowhere',
    config: {
      company: 'Acme Wholesale',
      zone: 'Europe/Berlin',
      locale: 'en-GB',
      currency: 'EUR',
      warehouse: { url: undefined },
      mail: { from: 'Acme <numbers@acme.example>', smtp: undefined, dashboards: undefined },
      web: { port: 7777 },
      access: {
        allow: [{ cidr: '203.0.113.0/24', note: 'office' }],
        users: [{ name: 'tableau', schemas: ['marts'], connections: 5 }],
      },
      setup: undefined,
      ...config,
    },
    sources: new Map(Object.entries(sources ?? { payments, activity })),
    models: [],
    procedures: [],
    checks: [],
    dashboards: new Map(),
    digests: new Map(
      digests.map((name) => [
        name,
        {
          title: name,
          to: ['office@acme.example'],
          schedule: every.day().at('08:00'),
          filters: {},
          tiles: [],
        },
      ]),
    ),
  };
}

/** Settings without a mistake. */
export function settingsOf(more: Partial<AwsSettings> = {}): AwsSettings {
  return {
    region: 'us-east-1',
    size: 'small',
    landing: { bucket: 'acme-landing' },
    proxy: {
      domain: 'numbers.acme.example',
      certificate: {
        kind: 'lets-encrypt',
        email: 'it@acme.example',
        hostedZoneId: 'Z0123456789ABC',
      },
      ami: 'ami-0123456789abcdef0',
    },
    alarms: { mail: ['it@acme.example'] },
    variables: { ACTIVITY_URL: 'https://crm.acme.example/activities' },
    ...more,
  };
}
