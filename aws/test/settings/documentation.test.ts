import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { awsSchema } from '../../src/settings/aws-schema.ts';
import { regions } from '../../src/settings/regions.ts';

const page = readFileSync(new URL('../../../docs/aws-settings.md', import.meta.url), 'utf8');

/** `region`, `network.cidr`: the leaves of the schema; `functions.only` and `variables` are maps. */
function keysOf(schema: unknown, path = ''): readonly string[] {
  const properties =
    schema !== null && typeof schema === 'object' && 'properties' in schema
      ? schema.properties
      : undefined;
  if (properties === null || typeof properties !== 'object') return [path];
  return Object.entries(properties).flatMap(([key, value]) =>
    keysOf(value, path === '' ? key : `${path}.${key}`),
  );
}

const keys = keysOf(z.toJSONSchema(awsSchema, { io: 'input', unrepresentable: 'any' }));

test('every key of the settings is on its page', () => {
  expect(keys).toContain('database.deletionProtection');
  expect(keys.length).toBeGreaterThan(40);
  expect(keys.filter((key) => !page.includes(`| \`${key}\` `))).toEqual([]);
});

test('every key on the page is one of the settings', () => {
  const [, table = ''] = page.split('## All settings');
  const rows = [...(table.split('## ')[0] ?? '').matchAll(/^\| `([\w.]+)`/gm)].map(
    ([, key]) => key,
  );
  expect(rows.filter((key) => !keys.includes(key ?? ''))).toEqual([]);
  expect(rows).toHaveLength(keys.length);
});

test('every region is one that the CDK knows', async () => {
  const { RegionInfo } = await import('aws-cdk-lib/region-info');
  const known = RegionInfo.regions.map(({ name }) => name);
  expect(regions.filter((region) => !known.includes(region))).toEqual([]);
});
