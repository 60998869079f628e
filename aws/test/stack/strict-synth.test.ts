import { CfnResource } from 'aws-cdk-lib';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { readValidationReport } from '../../src/stack/checks/read-validation-report.ts';
import { createStack } from '../../src/stack/create-stack.ts';
import { createApp, synthesize } from '../../src/stack/synthesize.ts';
import type { SynthesizedStack } from '../../src/stack/synthesize.ts';
import { dummyCode } from '../helpers/dummy-code.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const newFolder = (): string => temporaryFolder('strict');

/** With CDK's own rules, as a deploy has them; every other file leaves them out. */
const strictly = (plan: Plan): Promise<SynthesizedStack> =>
  synthesize({ plan, code: dummyCode(plan), outDir: newFolder() });

beforeAll(() => {
  delete process.env['CDK_VALIDATION'];
});

describe('with every rule there is', () => {
  test('both sizes are made, and say what was held against them', async () => {
    const small = await strictly(smallPlan());
    const standard = await strictly(standardPlan({ egress: 'none' }));
    for (const { checks } of [small, standard]) {
      expect(checks.map(({ name }) => name)).toEqual([
        "CDK's rules for CloudFormation",
        "Plumbline's own checks",
        'AwsSolutions of cdk-nag',
      ]);
    }
    expect(small.checks[2]?.accepted).toContainEqual(expect.stringContaining('database.standby'));
  });

  test('a plan that CloudFormation would refuse is refused, and says where', async () => {
    const plan = smallPlan();
    const wrong = { ...plan, alarms: { ...plan.alarms, logDays: 31 } };
    await expect(strictly(wrong)).rejects.toMatchObject({
      code: 'stack-refused',
      message: expect.stringMatching(/LogMigrate RetentionInDays: 31 is not one of \[1, 3, 5/),
    });
  });

  test('a version of Postgres that there is not is refused, with those of its kind', async () => {
    const plan = smallPlan();
    const database = { ...plan.database, engineVersion: '17.99' };
    const refused: unknown = await strictly({ ...plan, database }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'stack-refused' });
    const { message } = refused as Error;
    expect(message).toContain("'17.99' is not one of 17.1");
    expect(message).not.toContain('16.');
    expect(message.length).toBeLessThan(700);
  });

  test('the allow-list of everybody is refused', async () => {
    const access = { allow: [{ cidr: '0.0.0.0/0', note: 'all' }], users: [] };
    await expect(strictly(smallPlan({ access }))).rejects.toMatchObject({
      code: 'stack-refused',
      message: expect.stringContaining('ProxySecurityGroup'),
    });
  });
});

/** What CDK's rules find in a stack of which one property was changed behind our back. */
function findingsWith(id: string, path: string, value: unknown): readonly string[] {
  const plan = smallPlan();
  const outDir = newFolder();
  const app = createApp(outDir);
  const child = createStack(app, plan, dummyCode(plan)).node.findChild(id);
  if (!(child instanceof CfnResource)) throw new Error(`${id} is no resource`);
  child.addPropertyOverride(path, value);
  expect(() => app.synth()).toThrow('alidation');
  return readValidationReport(outDir).map(({ resource, message }) => `${resource} ${message}`);
}

describe("CDK's rules find", () => {
  test.each([
    ['a public database', 'DatabaseInstance', 'PubliclyAccessible', true, /PubliclyAccessible/],
    [
      '5432 for everybody',
      'ProxySecurityGroup',
      'SecurityGroupIngress.1.CidrIp',
      '0.0.0.0/0',
      /0\.0\.0\.0\/0/,
    ],
    [
      'ports the wrong way round',
      'ProxySecurityGroup',
      'SecurityGroupIngress.1.FromPort',
      6000,
      /greater than ToPort/,
    ],
    ['a runtime of the past', 'Migrate', 'Runtime', 'nodejs12.x', /deprecated/],
  ])('%s', (_what, id, path, value, message) => {
    expect(findingsWith(id, path, value)).toContainEqual(expect.stringMatching(message));
  });
});
