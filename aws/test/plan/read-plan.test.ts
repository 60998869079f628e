import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import type { ProjectFolder } from '../../../test/helpers/project-folder.ts';
import { readPlan } from '../../src/plan/read-plan.ts';
import { awsProjectFiles, createAwsProject } from '../helpers/aws-project.ts';

const folders: ProjectFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function folderOf(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await createAwsProject(files);
  folders.push(folder);
  return folder.dir;
}

const {
  'plumbline.config.ts': config,
  'plumbline.aws.ts': settings,
  'sources/payments.ts': payments,
} = awsProjectFiles;

test('a folder and its plumbline.aws.ts are a plan', async () => {
  const dir = await folderOf({
    'sources/payments.ts': payments.replace(
      "every.day().at('06:00')",
      "every.weeks(2).on('monday').at('06:00').from('2026-01-05')",
    ),
  });
  const { plan } = await readPlan(dir);
  expect(plan.name).toBe('plumbline-test-co');
  expect(plan.functions.map(({ id }) => id)).toEqual([
    'ingest-activity',
    'ingest-payments',
    'release',
    'migrate',
  ]);
  expect(plan.schedules.map(({ expression, guard }) => [expression, guard])).toEqual([
    ['cron(30 5 * * ? *)', undefined],
    [
      'cron(0 6 ? * MON *)',
      'it is due every 2 weeks, and this fires on every Monday; nothing is due before 2026-01-05',
    ],
  ]);
  expect(plan.functions[1]?.reads).toEqual([{ bucket: undefined, prefix: 'payments/' }]);
  expect(plan.optOuts).toEqual([
    {
      setting: 'proxy.certificate',
      value: "'self-signed'",
      reason: 'only a trial, without a domain',
    },
  ]);
});

test('mistakes of the project and of the settings are found at once', async () => {
  const dir = await folderOf({
    'plumbline.config.ts': config.replace('Europe/Berlin', 'Europe/Berln'),
    'plumbline.aws.ts': settings.replace('eu-central-1', 'eu-centrl-1'),
    'sources/payments.ts': payments.replace('column.integer', 'column.intger'),
  });
  const error: unknown = await readPlan(dir).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'project-invalid',
    mistakes: [
      { file: 'plumbline.aws.ts', place: 'region', suggestion: 'eu-central-1' },
      { file: 'plumbline.config.ts', place: 'zone', suggestion: 'Europe/Berlin' },
      { file: 'sources/payments.ts', suggestion: 'column.integer' },
    ],
  });
});

test('without plumbline.aws.ts it says how to write one', async () => {
  const dir = await folderOf();
  await rm(join(dir, 'plumbline.aws.ts'));
  await expect(readPlan(dir)).rejects.toMatchObject({
    code: 'project-invalid',
    mistakes: [{ file: 'plumbline.aws.ts', expected: expect.stringContaining('init --aws') }],
  });
});
