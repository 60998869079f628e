import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cron, every } from 'plumbline';
import { beforeAll, expect, test } from 'vitest';

import { createPlan } from '../../src/plan/create-plan.ts';
import type { AwsSettings } from '../../src/settings/define-aws.ts';
import { expressionFaults } from '../../src/stack/checks/cron-faults.ts';
import { synthesize } from '../../src/stack/synthesize.ts';
import { dummyCode } from '../helpers/dummy-code.ts';
import { activity, payments, projectOf, settingsOf } from '../helpers/project-of.ts';

// As a deploy has it: with CDK's own rules and every check of ours.
beforeAll(() => {
  delete process.env['CDK_VALIDATION'];
});

const onUpload = { ...payments, onUpload: true };

test.each<[string, Partial<AwsSettings>]>([
  ['small', {}],
  [
    'standard, where everything was given up',
    {
      size: 'standard',
      network: { flowLogs: { value: false, because: 'a trial, thrown away on Friday' } },
      database: {
        deletionProtection: { value: false, because: 'a trial, thrown away on Friday' },
        backupDays: { value: 1, because: 'a trial, thrown away on Friday' },
      },
      functions: {
        reservedConcurrency: { value: 'off', because: 'a new account may run ten in all' },
      },
      proxy: {
        certificate: { value: 'self-signed', because: 'a trial, thrown away on Friday' },
        ami: { value: 'latest', because: 'a trial, thrown away on Friday' },
      },
      alarms: { mail: { value: [], because: 'a trial, thrown away on Friday' } },
    },
  ],
])('what the settings give passes every check of the stack: %s', async (_, settings) => {
  const project = projectOf({
    sources: {
      payments: onUpload,
      activity,
      nightly: { ...activity, schedule: every.day().at('02:30') },
      weekdays: { ...activity, schedule: cron('*/20 6-20 1,15 * 1-5') },
    },
  });
  const plan = createPlan({ project, settings: settingsOf(settings) });
  const outDir = mkdtempSync(join(tmpdir(), 'plumbline-plan-'));
  // Throws `stack-refused` for whatever a check finds.
  const { template } = await synthesize({ plan, code: dummyCode(plan), outDir });
  expect(JSON.stringify(template)).toContain('"BucketName":"acme-landing"');
  expect(plan.schedules.length).toBeGreaterThan(5);
  expect(plan.schedules.flatMap(({ expression }) => expressionFaults(expression))).toEqual([]);
});
