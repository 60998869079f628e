import { resolve } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { readPlan } from '../../src/plan/read-plan.ts';
import { securitySummary } from '../../src/stack/security-summary.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { outputOf, propertiesOf, renderValue } from '../helpers/template.ts';

let plan: Plan;
let template: Template;
beforeAll(async () => {
  ({ plan } = await readPlan(resolve('examples/acme')));
  ({ template } = await synthesized(plan));
});

test('the example is a stack that passes every check', () => {
  const functions = resourcesOf(template, 'AWS::Lambda::Function')
    .map(({ properties }) => renderValue(properties['FunctionName']))
    .filter((name) => name !== '');
  expect(functions).toEqual(plan.functions.map(({ id }) => `${plan.name}-${id}`));
  expect(Object.keys(JSON.parse(outputOf(template, 'IngestFunctions')) as object)).toEqual([
    'activity',
    'operating-costs',
    'partner-orders',
    'payments',
    'tax',
  ]);
});

test('every schedule of the project is there, to the letter of the plan', () => {
  expect(plan.schedules.length).toBeGreaterThan(4);
  const made = resourcesOf(template, 'AWS::Scheduler::Schedule').map(({ properties }) => [
    properties['ScheduleExpression'],
    properties['ScheduleExpressionTimezone'],
  ]);
  expect(made).toEqual(plan.schedules.map(({ expression }) => [expression, 'Europe/Berlin']));
});

test('its sources find their bucket and may read their folder, and nobody else’s', () => {
  expect(propertiesOf(template, 'Landing')['BucketName']).toBe('acme-landing');
  const may = securitySummary(template, plan)
    .filter(({ topic, text }) => topic === 'role' && text.startsWith('may read the landing'))
    .map(({ subject, text }) => `${subject}: ${text}`);
  expect(may).toContain(
    'ingest-payments: may read the landing bucket/payments/*, the landing bucket/landing/*',
  );
  expect(may.filter((line) => line.includes('payments/')).length).toBe(1);
});
