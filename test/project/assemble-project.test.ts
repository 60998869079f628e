import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { assembleProject } from '../../src/project/assemble-project.ts';
import type { ProjectParts } from '../../src/project/assemble-project.ts';
import type { ConfigInput } from '../../src/project/config.ts';
import { readProject } from '../../src/project/read-project.ts';

const dir = fileURLToPath(new URL('../../examples/acme', import.meta.url));
const text = (file: string): Promise<string> => readFile(join(dir, file), 'utf8');

test('a project put together from its parts is the one its folder gives', async () => {
  const read = await readProject(dir, {});
  const texts = (files: readonly { readonly file: string }[]) =>
    Promise.all(
      files.map(async ({ file }) => ({
        file,
        name: file.replace(/^.*\/|\.sql$/g, ''),
        text: await text(file),
      })),
    );
  const { company, zone, locale, currency, mail, access } = read.config;
  const config: ConfigInput = {
    company,
    zone,
    locale,
    currency,
    mail: { from: mail.from, dashboards: mail.dashboards ?? '' },
    access: {
      allow: access.allow,
      users: Object.fromEntries(access.users.map(({ name, ...user }) => [name, user])),
    },
  };
  const parts: ProjectParts = {
    config,
    sources: await Promise.all(
      [...read.sources]
        .filter(([, source]) => source.childOf === undefined)
        .map(async ([name, value]) => ({ name, value, text: await text(`sources/${name}.ts`) })),
    ),
    models: (await texts(read.models)).map((each) => ({ ...each, schema: 'marts' })),
    procedures: await texts(read.procedures),
    checks: await texts(read.checks),
    dashboards: [...read.dashboards].map(([name, value]) => ({ name, value })),
    digests: [...read.digests].map(([name, value]) => ({ name, value })),
  };
  const assembled = await assembleProject(parts, { dir, env: () => undefined });
  expect(assembled.models).toEqual(read.models);
  expect(assembled.procedures).toEqual(read.procedures);
  expect(assembled.checks).toEqual(read.checks);
  expect([...assembled.dashboards.keys()]).toEqual([...read.dashboards.keys()]);
  expect({ ...assembled.config, setup: undefined }).toEqual({ ...read.config, setup: undefined });
});

test('child tables, and rules that are part of how a source reads, come along', async () => {
  const read = await readProject(dir, {});
  const orders = read.sources.get('partner-orders');
  if (orders === undefined) throw new Error('the example has partner orders');
  const plain = { ...orders, reading: 'as written' };
  const nested = {
    ...plain,
    children: {
      lines: {
        contract: plain.contract,
        parentKey: {},
        description: 'lines',
        read: () => Promise.reject(new Error('not read here')),
      },
    },
  };
  const place = { dir, env: () => undefined };
  const config = { company: 'Acme' };
  const sources = [{ name: 'partner-orders', value: nested, text: 'the file' }];
  const assembled = await assembleProject({ config, sources }, place);
  expect([...assembled.sources.keys()]).toEqual(['partner-orders', 'partner-orders-lines']);
  // It has a rule, whose meaning is in the text.
  expect(assembled.sources.get('partner-orders')?.reading).toBe('as written\nthe file');
  expect(assembled).toMatchObject({ models: [], procedures: [], checks: [] });
});
