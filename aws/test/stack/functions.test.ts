import { beforeAll, describe, expect, test } from 'vitest';

import { statementsOf } from '../../src/stack/checks/policy.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';
import { smallPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { fieldsOf, idsOf, propertiesOf, renderValue } from '../helpers/template.ts';

const plan = smallPlan();
let template: Template;
beforeAll(async () => {
  ({ template } = await synthesized(plan));
});

const ours = (): ReturnType<typeof resourcesOf> =>
  resourcesOf(template, 'AWS::Lambda::Function').filter(({ id }) => !id.startsWith('Custom'));

/** Permissions of a role, as `actions on resources`; joining the network aside, which all have. */
function permissionsOf(role: string): readonly string[] {
  return statementsOf(template, role)
    .filter(({ actions }) => !actions.includes('ec2:CreateNetworkInterface'))
    .map(({ actions, resources }) => `${actions.join(' ')} on ${resources.join(' ')}`);
}

const functionArn = (id: string): string =>
  `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:plumbline-acme-${id}`;
const databaseUser = (role: string): string =>
  `arn:\${AWS::Partition}:rds-db:\${AWS::Region}:\${AWS::AccountId}:dbuser:\${DatabaseInstance.DbiResourceId}/plumbline_${role}`;

describe('R2: functions', () => {
  test('are one for each in the plan, with its numbers', () => {
    const made = ours().map(({ properties }) => ({
      name: properties['FunctionName'],
      memory: properties['MemorySize'],
      timeout: properties['Timeout'],
      disk: fieldsOf(properties['EphemeralStorage'])['Size'],
      reserved: properties['ReservedConcurrentExecutions'],
    }));
    const wanted = plan.functions.map((each) => ({
      name: `plumbline-acme-${each.id}`,
      memory: each.memoryMb,
      timeout: each.timeoutSeconds,
      disk: each.temporaryMb,
      reserved: each.reservedConcurrency,
    }));
    expect(made).toEqual(wanted);
  });

  test('run on Node 24 in the private subnets, with a queue for what fails and a log that ends', () => {
    for (const { id, properties } of ours()) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        VpcConfig: {
          SubnetIds: [{ Ref: 'PrivateSubnet1' }, { Ref: 'PrivateSubnet2' }],
          SecurityGroupIds: [{ 'Fn::GetAtt': ['FunctionsSecurityGroup', 'GroupId'] }],
        },
        DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] } },
        LoggingConfig: { LogGroup: { Ref: `Log${id}` }, LogFormat: 'Text' },
        TracingConfig: { Mode: 'PassThrough' },
        Role: { 'Fn::GetAtt': [`Role${id}`, 'Arn'] },
      });
      expect(propertiesOf(template, `Log${id}`)).toMatchObject({
        LogGroupName: `/aws/lambda/${renderValue(properties['FunctionName'])}`,
        RetentionInDays: 30,
      });
      expect(propertiesOf(template, `Retries${id}`)).toMatchObject({
        FunctionName: { Ref: id },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 21_600,
      });
    }
  });

  test('that go on in a new invocation are not stopped for it; the others would be', () => {
    const loops = ours().map(({ properties }) => [
      properties['FunctionName'],
      properties['RecursiveLoop'],
    ]);
    expect(loops).toEqual(
      plan.functions.map(({ id, kind }) => [
        `plumbline-acme-${id}`,
        kind === 'ingest' ? 'Allow' : undefined,
      ]),
    );
  });

  test('without reserved concurrency take what the account gives', async () => {
    const open = await synthesized({
      ...plan,
      functions: plan.functions.map((each) => ({ ...each, reservedConcurrency: undefined })),
    });
    for (const { properties } of resourcesOf(open.template, 'AWS::Lambda::Function')) {
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });
});

describe('the environment', () => {
  const common = {
    PLUMBLINE_DATABASE_HOST: '${DatabaseInstance.Endpoint.Address}',
    PLUMBLINE_DATABASE_PORT: '5432',
    PLUMBLINE_DATABASE_NAME: 'plumbline',
    PLUMBLINE_LANDING_BUCKET: '${Landing}',
    PLUMBLINE_SECRETS: '{}',
    PLUMBLINE_STACK: 'plumbline-acme',
  };
  const environmentOf = (id: string): unknown =>
    Object.fromEntries(
      Object.entries(
        fieldsOf(fieldsOf(propertiesOf(template, id)['Environment'])['Variables']),
      ).map(([name, value]) => [name, renderValue(value)]),
    );

  test.each([
    ['IngestPayments', { PLUMBLINE_RELEASE_FUNCTION: 'plumbline-acme-release' }],
    [
      'IngestActivity',
      {
        ACTIVITY_URL: 'https://api.example.com',
        PLUMBLINE_RELEASE_FUNCTION: 'plumbline-acme-release',
        PLUMBLINE_SECRETS: '{"ACTIVITY_TOKEN":"${SecretACTIVITYTOKEN4acc07f4}"}',
      },
    ],
    ['Release', {}],
    ['DigestMorningCosts', { PLUMBLINE_SECRETS: '{"SMTP_URL":"${SecretSMTPURLd60919ae}"}' }],
    [
      'Migrate',
      {
        PLUMBLINE_ADMIN_SECRET: '${DatabaseInstance.MasterUserSecret.SecretArn}',
        PLUMBLINE_USER_SECRETS:
          '{"tableau":"${UserSecretTableau}","analyst":"${UserSecretAnalyst}"}',
      },
    ],
  ])('of %s', (id, own) => {
    expect(environmentOf(id)).toEqual({ ...common, ...own });
  });
});

describe('R14: a role for each function, with what it needs and no more', () => {
  const log = (id: string): string => `logs:CreateLogStream logs:PutLogEvents on \${Log${id}.Arn}`;
  const failed = 'sqs:SendMessage on ${FailedEvents.Arn}';
  const kept = ['s3:PutObject s3:AbortMultipartUpload on ${Landing.Arn}/landing/*'] as const;

  test('an ingest function of the landing bucket, told of uploads', () => {
    expect(permissionsOf('RoleIngestPayments')).toEqual([
      log('IngestPayments'),
      failed,
      `rds-db:connect on ${databaseUser('loader')}`,
      's3:GetObject s3:GetObjectVersion on ${Landing.Arn}/payments/* ${Landing.Arn}/landing/*',
      's3:ListBucket on ${Landing.Arn}',
      ...kept,
      `lambda:InvokeFunction on ${functionArn('ingest-payments')} ${functionArn('release')}`,
      'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on ${UploadsIngestPayments.Arn}',
    ]);
    const [listing] = statementsOf(template, 'RoleIngestPayments').filter(({ actions }) =>
      actions.includes('s3:ListBucket'),
    );
    expect(listing?.condition).toEqual({
      StringLike: { 's3:prefix': ['payments/*', 'landing/*'] },
    });
  });

  test("an ingest function of another company's bucket, which it only reads", () => {
    expect(permissionsOf('RoleIngestPartnerOrders')).toContain(
      's3:GetObject s3:GetObjectVersion on arn:${AWS::Partition}:s3:::partner-exports/orders/*',
    );
    const writing = permissionsOf('RoleIngestPartnerOrders').filter((each) =>
      /s3:(?:Put|Delete)/.test(each),
    );
    expect(writing).toEqual(kept);
  });

  test('an ingest function whose folder has letters that policies of roles do not take', async () => {
    const { template: polish } = await synthesized({
      ...plan,
      uploads: [],
      functions: plan.functions.map((each) =>
        each.id === 'ingest-payments'
          ? { ...each, reads: [{ bucket: undefined, prefix: 'Müller/płatności/in/' }] }
          : each,
      ),
    });
    const reading = statementsOf(polish, 'RoleIngestPayments').filter(({ actions }) =>
      /^s3:(?:Get|List)/.test(actions.join()),
    );
    expect(reading.map(({ resources }) => resources)).toEqual([
      ['${Landing.Arn}/Müller/p*', '${Landing.Arn}/landing/*'],
      ['${Landing.Arn}'],
    ]);
    expect(JSON.stringify(reading)).toContain('"Müller/p*"');
  });

  test('an ingest function with a secret', () => {
    expect(permissionsOf('RoleIngestActivity')).toContain(
      'secretsmanager:GetSecretValue on ${SecretACTIVITYTOKEN4acc07f4}',
    );
  });

  test('the release, a digest and the migration', () => {
    expect(permissionsOf('RoleRelease')).toEqual([
      log('Release'),
      failed,
      `rds-db:connect on ${databaseUser('owner')}`,
    ]);
    expect(permissionsOf('RoleDigestMorningCosts')).toEqual([
      log('DigestMorningCosts'),
      failed,
      'secretsmanager:GetSecretValue on ${SecretSMTPURLd60919ae}',
      `rds-db:connect on ${databaseUser('reader')} ${databaseUser('loader')}`,
    ]);
    expect(permissionsOf('RoleMigrate')).toEqual([
      log('Migrate'),
      failed,
      'secretsmanager:GetSecretValue on ${DatabaseInstance.MasterUserSecret.SecretArn} ${UserSecretTableau} ${UserSecretAnalyst}',
      `rds-db:connect on ${databaseUser('owner')}`,
    ]);
  });

  test('code may not do what Lambda does with its role in the network', () => {
    for (const { id, properties } of ours()) {
      const statements = statementsOf(template, `Role${id}`).filter(({ actions }) =>
        actions.includes('ec2:CreateNetworkInterface'),
      );
      expect(statements.map(({ effect }) => effect)).toEqual(['Allow', 'Deny']);
      expect(statements[1]?.actions).toEqual(statements[0]?.actions);
      const only = fieldsOf(statements[1]?.condition?.['ArnEquals'])['lambda:SourceFunctionArn'];
      expect(renderValue(only)).toBe(
        functionArn(renderValue(properties['FunctionName']).replace('plumbline-acme-', '')),
      );
    }
  });
});

describe('R4: schedules', () => {
  test('are those of the plan, to the minute, in their zone, saying for which moment', () => {
    const made = resourcesOf(template, 'AWS::Scheduler::Schedule').map(({ properties }) => ({
      name: properties['Name'],
      expression: properties['ScheduleExpression'],
      zone: properties['ScheduleExpressionTimezone'],
      window: properties['FlexibleTimeWindow'],
      state: properties['State'],
      group: renderValue(properties['GroupName']),
      ...fieldsOf(properties['Target']),
    }));
    const functionIds: Readonly<Record<string, string>> = {
      payments: 'IngestPayments',
      activity: 'IngestActivity',
      tax: 'IngestTax',
      'morning-costs': 'DigestMorningCosts',
    };
    expect(made).toEqual(
      plan.schedules.map(({ id, job, expression, zone }) => ({
        name: id,
        expression,
        zone,
        window: { Mode: 'OFF' },
        state: 'ENABLED',
        group: '${Schedules}',
        Arn: { 'Fn::GetAtt': [functionIds[job], 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['SchedulerRole', 'Arn'] },
        Input: `{"kind":"schedule","job":"${job}","scheduledTime":"<aws.scheduler.scheduled-time>"}`,
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] } },
      })),
    );
    expect(idsOf(template, 'AWS::Scheduler::ScheduleGroup')).toEqual(['Schedules']);
  });

  test('are fired by one role, for this group and these functions', () => {
    expect(permissionsOf('SchedulerRole')).toEqual([
      'lambda:InvokeFunction on ${IngestPayments.Arn} ${IngestActivity.Arn} ${IngestTax.Arn} ${DigestMorningCosts.Arn}',
      'sqs:SendMessage on ${FailedEvents.Arn}',
    ]);
    const trust = JSON.stringify(
      propertiesOf(template, 'SchedulerRole')['AssumeRolePolicyDocument'],
    );
    expect(trust).toContain('scheduler.amazonaws.com');
    expect(trust).toContain('schedule-group/plumbline-acme');
    expect(trust).toContain('aws:SourceAccount');
  });
});
