import { beforeAll, expect, test } from 'vitest';

import type { SynthesizedStack } from '../../src/stack/synthesize.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import { largePlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';

let large: SynthesizedStack;
beforeAll(async () => {
  large = await synthesized(largePlan(30));
});

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
test('thirty sources stay within what CloudFormation takes', () => {
  const resources = resourcesOf(large.template);
  expect(resources.length).toBeGreaterThan(400);
  expect(resources.length).toBeLessThan(500);
  expect(JSON.stringify(large.template).length).toBeLessThan(1_000_000);
});

test('every function of the plan has code of its own in the assembly', () => {
  const keys = resourcesOf(large.template, 'AWS::Lambda::Function')
    .filter(({ id }) => !id.startsWith('Custom'))
    .map(({ properties }) => JSON.stringify(properties['Code']));
  expect(new Set(keys).size).toBe(largePlan(30).functions.length);
});
