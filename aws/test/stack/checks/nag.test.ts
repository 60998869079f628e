import { CfnResource } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { expect, test } from 'vitest';

import type { Plan } from '../../../src/plan/plan.ts';
import { nagExceptions, runNag } from '../../../src/stack/checks/nag.ts';
import type { NagFinding } from '../../../src/stack/checks/nag.ts';
import { createStack } from '../../../src/stack/create-stack.ts';
import { createApp } from '../../../src/stack/synthesize.ts';
import { dummyCode } from '../../helpers/dummy-code.ts';
import { smallPlan, standardPlan } from '../../helpers/sample-plan.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

function stackOf(plan: Plan): Stack {
  const app = createApp(temporaryFolder('nag'));
  return createStack(app, plan, dummyCode(plan));
}

const because = (setting: string): Plan['optOuts'][number] => ({
  setting,
  value: 'false',
  reason: 'a trial',
});

/** With everything given up that can be. */
function careless(plan: Plan): Plan {
  return {
    ...plan,
    network: { ...plan.network, flowLogs: false },
    database: { ...plan.database, deletionProtection: false },
    optOuts: [because('network.flowLogs'), because('database.deletionProtection')],
  };
}

const unaccepted = (findings: readonly NagFinding[]): readonly string[] =>
  findings
    .filter(({ exception }) => exception === undefined)
    .map(({ check, resource }) => `${check} ${resource}`);

test('AwsSolutions finds nothing that has no reason, and no reason is left over', () => {
  const findings = [
    smallPlan(),
    smallPlan({ egress: 'nat-gateway' }),
    smallPlan({ egress: 'none' }),
    standardPlan(),
    standardPlan({ egress: 'nat-instance' }),
    careless(smallPlan()),
  ].flatMap((plan) => runNag(stackOf(plan), plan.optOuts));
  expect(unaccepted(findings)).toEqual([]);
  const used = new Set(findings.map(({ exception }) => exception));
  expect(nagExceptions.filter((each) => !used.has(each))).toEqual([]);
  expect(nagExceptions.every(({ reason }) => reason.length > 20)).toBe(true);
});

test('what was given up without a reason is refused', () => {
  expect(unaccepted(runNag(stackOf(careless(smallPlan())), []))).toEqual([
    'AwsSolutions-VPC7 Vpc',
    'AwsSolutions-RDS10 DatabaseInstance',
  ]);
});

test('a new finding is refused', () => {
  const stack = stackOf(smallPlan());
  const resource = (id: string): CfnResource => {
    const child = stack.node.findChild(id);
    if (child instanceof CfnResource) return child;
    throw new Error(`${id} is no resource`);
  };
  Reflect.set(resource('DatabaseInstance'), 'storageEncrypted', false);
  Reflect.set(resource('FailedUploads'), 'sqsManagedSseEnabled', false);
  const found = unaccepted(runNag(stack, []));
  expect(found).toContain('AwsSolutions-RDS2 DatabaseInstance');
  expect(found.some((each) => each.startsWith('AwsSolutions-SQS'))).toBe(true);
});

/** https://github.com/cdklabs/cdk-nag: rule EC26 reads the launch template of every instance once there is one anywhere. */
test('a launch template would make a rule throw; a rule that throws is a finding', () => {
  const stack = stackOf(smallPlan());
  expect(unaccepted(runNag(stack, []))).toEqual([]);
  const template = new CfnLaunchTemplate(stack, 'Template', {
    launchTemplateData: { instanceType: 't4g.nano' },
  });
  expect(template.ref).toBeDefined();
  expect(unaccepted(runNag(stack, []))).toContainEqual(
    expect.stringMatching(/^AwsSolutions-EC26 \w+Instance/),
  );
});
