import { beforeAll, describe, expect, test } from 'vitest';

import { checkTemplate, templateChecks } from '../../../src/stack/checks/check-template.ts';
import type { Template } from '../../../src/stack/template.ts';
import { largePlan, smallPlan, standardPlan } from '../../helpers/sample-plan.ts';
import { synthesized } from '../../helpers/synthesized.ts';
import { changed, withProperty } from '../../helpers/template.ts';

let small: Template;
let standard: Template;
beforeAll(async () => {
  small = (await synthesized(smallPlan())).template;
  standard = (await synthesized(standardPlan())).template;
});

test('finds nothing in a stack of either size, of every way out, of one source or thirty', async () => {
  const others = await Promise.all(
    [
      smallPlan({ egress: 'nat-gateway' }),
      smallPlan({ egress: 'none' }),
      standardPlan({ egress: 'nat-instance' }),
      standardPlan({ egress: 'none' }),
      smallPlan({ uploads: [], schedules: [], secrets: [], access: { allow: [], users: [] } }),
      largePlan(30),
    ].map(async (plan) => (await synthesized(withoutSecrets(plan))).template),
  );
  for (const template of [small, standard, ...others]) expect(checkTemplate(template)).toEqual([]);
});

/** Functions may not name secrets that the plan has not. */
function withoutSecrets<P extends ReturnType<typeof smallPlan>>(plan: P): P {
  if (plan.secrets.length > 0) return plan;
  return { ...plan, functions: plan.functions.map((each) => ({ ...each, secrets: [] })) };
}

type Break = readonly [check: string, what: string, breakIt: () => Template, message: RegExp];

const ingress = (fields: object): object => ({
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  ...fields,
});
const letIn = (fields: object) => (): Template =>
  withProperty(small, ['ProxySecurityGroup', 'SecurityGroupIngress', 0], ingress(fields));
const set = (path: readonly [string, ...(string | number)[]], value: unknown) => (): Template =>
  withProperty(small, path, value);
const setStandard =
  (path: readonly [string, ...(string | number)[]], value: unknown) => (): Template =>
    withProperty(standard, path, value);

/** A statement more in the policy of a role. */
const allowing = (statement: object) => (): Template =>
  withProperty(small, ['RoleRelease', 'Policies', 1, 'PolicyDocument', 'Statement', 0], {
    Effect: 'Allow',
    ...statement,
  });
const schedule = 'ScheduleIngestActivity1ec898197';
const cluster = ['DatabaseCluster', 'ServerlessV2ScalingConfiguration'] as const;
const variables = ['IngestActivity', 'Environment', 'Variables'] as const;
const notification = ['Landing', 'NotificationConfiguration', 'QueueConfigurations'] as const;
const rulesOf = (prefix: string, suffix: string): unknown => [
  { Name: 'prefix', Value: prefix },
  { Name: 'suffix', Value: suffix },
];

const breaks: readonly Break[] = [
  [
    'resource-types',
    'a function with an address of its own',
    () =>
      changed(small, ['Resources', 'Url'], {
        Type: 'AWS::Lambda::Url',
        Properties: { AuthType: 'NONE', TargetFunctionArn: { 'Fn::GetAtt': ['Release', 'Arn'] } },
      }),
    /AWS::Lambda::Url/,
  ],
  ['open-ingress', 'the internet', letIn({ CidrIp: '0.0.0.0/0' }), /lets in 0\.0\.0\.0\/0/],
  ['open-ingress', 'half the internet', letIn({ CidrIp: '128.0.0.0/1' }), /lets in 128/],
  ['open-ingress', 'all of IPv6', letIn({ CidrIpv6: '::/0' }), /lets in ::\/0/],
  ['open-ingress', 'a range without a prefix', letIn({ CidrIp: '203.0.113.7' }), /lets in 203/],
  [
    'open-ingress',
    'a rule that stands by itself',
    set(['DatabaseFromProxy', 'CidrIp'], '0.0.0.0/0'),
    /lets in 0\.0\.0\.0\/0/,
  ],
  ['ingress-ports', 'SSH', letIn({ FromPort: 22, ToPort: 22 }), /tcp 22–22/],
  ['ingress-ports', 'a range of ports', letIn({ FromPort: 443, ToPort: 5432 }), /443–5432/],
  ['ingress-ports', 'every protocol', letIn({ IpProtocol: '-1' }), /-1 443/],
  [
    'ingress-count',
    '31 entries of the allow-list',
    set(
      ['ProxySecurityGroup', 'SecurityGroupIngress'],
      Array.from({ length: 62 }, (_, index) => ingress({ CidrIp: `203.0.113.${index}/32` })),
    ),
    /has 62 rules/,
  ],
  [
    'database-ingress',
    'the NAT instance',
    set(['DatabaseFromProxy', 'SourceSecurityGroupId'], {
      'Fn::GetAtt': ['NatSecurityGroup', 'GroupId'],
    }),
    /NatSecurityGroup/,
  ],
  [
    'database-ingress',
    'an address inside the group',
    set(
      ['DatabaseSecurityGroup', 'SecurityGroupIngress'],
      [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, CidrIp: '203.0.113.0/24' }],
    ),
    /lets 203\.0\.113\.0\/24 into the database/,
  ],
  ['private-database', 'public', set(['DatabaseInstance', 'PubliclyAccessible'], true), /is true/],
  [
    'private-database',
    'left to the subnets',
    setStandard(['DatabaseStandby', 'PubliclyAccessible'], undefined),
    /left out/,
  ],
  [
    'database-place',
    'one subnet',
    set(['DatabaseSubnetGroup', 'SubnetIds'], [{ Ref: 'DatabaseSubnet1' }]),
    /1 subnets in 1 zones/,
  ],
  [
    'database-place',
    'two subnets of one zone',
    set(['DatabaseSubnet2', 'AvailabilityZone'], { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }),
    /2 subnets in 1 zones/,
  ],
  [
    'database-place',
    'a way to the internet',
    set(['InternetRoute', 'RouteTableId'], { Ref: 'DatabaseRoutes' }),
    /reaches 0\.0\.0\.0\/0/,
  ],
  [
    'database-tls',
    'TLS by choice',
    set(['DatabaseParameters', 'Parameters', 'rds.force_ssl'], '0'),
    /rds\.force_ssl is 0/,
  ],
  [
    'database-tls',
    "AWS's own parameters",
    setStandard(['DatabaseCluster', 'DBClusterParameterGroupName'], undefined),
    /left out/,
  ],
  [
    'safe-database',
    'not encrypted',
    set(['DatabaseInstance', 'StorageEncrypted'], false),
    /StorageEncrypted is false/,
  ],
  [
    'safe-database',
    'no backups',
    set(['DatabaseInstance', 'BackupRetentionPeriod'], 0),
    /BackupRetentionPeriod is 0/,
  ],
  [
    'safe-database',
    'gone with the stack',
    () => changed(standard, ['Resources', 'DatabaseCluster', 'DeletionPolicy'], 'Delete'),
    /DeletionPolicy is Delete/,
  ],
  ['database-capacity', 'a quarter', setStandard([...cluster, 'MinCapacity'], 0.25), /is 0\.25/],
  [
    'database-capacity',
    'nothing',
    setStandard([...cluster, 'MaxCapacity'], 0.5),
    /MaxCapacity is 0/,
  ],
  ['database-capacity', 'too much', setStandard([...cluster, 'MaxCapacity'], 300), /is 300/],
  [
    'database-capacity',
    'a pause too short',
    setStandard([...cluster, 'SecondsUntilAutoPause'], 60),
    /SecondsUntilAutoPause is 60/,
  ],
  ['instances', 'a key pair', set(['ProxyInstance', 'KeyName'], 'mine'), /key pair/],
  [
    'instances',
    'metadata without a token',
    set(['ProxyInstance', 'MetadataOptions', 'HttpTokens'], 'optional'),
    /HttpTokens is optional/,
  ],
  [
    'instances',
    'metadata for others',
    set(['ProxyInstance', 'MetadataOptions', 'HttpPutResponseHopLimit'], 2),
    /hop limit is 2/,
  ],
  [
    'instances',
    'an open disk',
    set(['ProxyInstance', 'BlockDeviceMappings', 0, 'Ebs', 'Encrypted'], false),
    /not encrypted/,
  ],
  [
    'instances',
    'user data too long',
    set(['ProxyInstance', 'UserData'], { 'Fn::Base64': 'x'.repeat(16_385) }),
    /16385 bytes/,
  ],
  [
    'instances',
    'an image for another processor',
    set(['ProxyInstance', 'InstanceType'], 't3.micro'),
    /t3\.micro with an image for arm64/,
  ],
  [
    'inline-secrets',
    'a value',
    set(['UserSecretTableau', 'SecretString'], 'hunter2'),
    /SecretString/,
  ],
  [
    'inline-secrets',
    'a password of the database',
    set(['DatabaseInstance', 'MasterUserPassword'], 'hunter2'),
    /MasterUserPassword/,
  ],
  [
    'inline-secrets',
    'a password in an address',
    set([...variables, 'ACTIVITY_URL'], 'https://me:hunter2@api.example.com'),
    /a password in an address/,
  ],
  [
    'inline-secrets',
    'an access key',
    set([...variables, 'ACTIVITY_URL'], 'AKIAIOSFODNN7EXAMPLE'),
    /access key/,
  ],
  [
    'inline-secrets',
    'a token of a repository',
    set([...variables, 'ACTIVITY_URL'], 'https://x.example/?t=ghp_abcdefghijklmnopqrst'),
    /a token/,
  ],
  [
    'inline-secrets',
    'a private key in an output',
    () =>
      changed(small, ['Outputs', 'DatabaseName', 'Value'], '-----BEGIN EC PRIVATE KEY-----\nMHc'),
    /private key/,
  ],
  [
    'secret-variables',
    'a token beside the settings',
    set([...variables, 'CRM_TOKEN'], 'abc'),
    /CRM_TOKEN is a plain value/,
  ],
  [
    'policy-wildcards',
    'every action',
    allowing({ Action: 's3:*', Resource: 'arn:aws:s3:::a/b' }),
    /the action s3:\*/,
  ],
  [
    'policy-wildcards',
    'every resource',
    allowing({ Action: 'dynamodb:GetItem', Resource: '*' }),
    /dynamodb:GetItem on \*/,
  ],
  [
    'policy-wildcards',
    'one more action beside accepted ones',
    allowing({
      Action: ['s3:GetObject', 's3:DeleteObject'],
      Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Landing', 'Arn'] }, '/payments/*']] },
    }),
    /s3:DeleteObject on \$\{Landing\.Arn\}\/payments/,
  ],
  [
    'policy-wildcards',
    'writing outside of the kept copies',
    allowing({
      Action: 's3:PutObject',
      Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Landing', 'Arn'] }, '/*']] },
    }),
    /s3:PutObject on/,
  ],
  [
    'policy-wildcards',
    'all but something',
    allowing({ NotAction: 'iam:*', Resource: 'arn:aws:s3:::a' }),
    /NotAction/,
  ],
  [
    'policy-wildcards',
    'a public queue',
    set(['PolicyFailedEvents', 'PolicyDocument', 'Statement', 0], {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'sqs:SendMessage',
      Resource: 'arn:aws:sqs:eu-central-1:111122223333:a',
    }),
    /to everybody/,
  ],
  [
    'roles',
    'another account',
    set(['RoleRelease', 'AssumeRolePolicyDocument', 'Statement', 0, 'Principal'], {
      AWS: 'arn:aws:iam::999999999999:root',
    }),
    /may be taken on by/,
  ],
  [
    'roles',
    "AWS's own policy",
    set(['RoleRelease', 'ManagedPolicyArns'], ['arn:aws:iam::aws:policy/AdministratorAccess']),
    /AdministratorAccess/,
  ],
  [
    'safe-buckets',
    'open to the public',
    set(['Landing', 'PublicAccessBlockConfiguration', 'BlockPublicPolicy'], false),
    /BlockPublicPolicy/,
  ],
  [
    'safe-buckets',
    'without versions',
    set(['Landing', 'VersioningConfiguration', 'Status'], 'Suspended'),
    /not versioned/,
  ],
  [
    'safe-buckets',
    'without TLS',
    set(['LandingPolicy', 'PolicyDocument', 'Statement', 0, 'Condition'], {}),
    /without TLS/,
  ],
  [
    'safe-buckets',
    'gone with the stack',
    () => changed(small, ['Resources', 'Landing', 'DeletionPolicy'], 'Delete'),
    /goes with the stack/,
  ],
  [
    'safe-queues',
    'not encrypted',
    set(['FailedEvents', 'SqsManagedSseEnabled'], false),
    /not encrypted/,
  ],
  [
    'safe-queues',
    'a topic without TLS',
    set(['AlarmsPolicy', 'PolicyDocument', 'Statement', 1, 'Effect'], 'Allow'),
    /without TLS/,
  ],
  [
    'lifecycle',
    'moved on the first day',
    set(['Landing', 'LifecycleConfiguration', 'Rules', 1, 'Transitions', 0, 'TransitionInDays'], 1),
    /after 1 days/,
  ],
  [
    'notifications',
    'folders in each other',
    set([...notification, 1, 'Filter', 'S3Key', 'Rules'], rulesOf('payments/2026/', 'x')),
    /which S3 refuses/,
  ],
  [
    'notifications',
    'kept copies',
    set([...notification, 1, 'Filter', 'S3Key', 'Rules'], []),
    /kept copies/,
  ],
  [
    'upload-queues',
    'hidden too shortly',
    set(['UploadsIngestPayments', 'VisibilityTimeout'], 900),
    /VisibilityTimeout is 900/,
  ],
  [
    'upload-queues',
    'tried for ever',
    set(['UploadsIngestPayments', 'RedrivePolicy'], undefined),
    /RedrivePolicy/,
  ],
  [
    'upload-queues',
    'all or nothing',
    set(['MappingIngestPayments', 'FunctionResponseTypes'], undefined),
    /ReportBatchItemFailures/,
  ],
  [
    'schedules',
    'five fields',
    set([schedule, 'ScheduleExpression'], 'cron(0 6 * * 1)'),
    /5 fields/,
  ],
  [
    'schedules',
    'fields that are none',
    set([schedule, 'ScheduleExpression'], 'cron(99 zz * * ? *)'),
    /'99' is no minutes/,
  ],
  [
    'schedules',
    'Mars',
    set([schedule, 'ScheduleExpressionTimezone'], 'Mars/Phobos'),
    /Mars\/Phobos/,
  ],
  [
    'schedules',
    'an offset for a zone',
    set([schedule, 'ScheduleExpressionTimezone'], '+02:00'),
    /\+02:00/,
  ],
  [
    'schedules',
    'some time within the hour',
    set([schedule, 'FlexibleTimeWindow', 'Mode'], 'FLEXIBLE'),
    /FLEXIBLE/,
  ],
  [
    'schedules',
    'no moment',
    set([schedule, 'Target', 'Input'], '{"kind":"schedule","job":"activity"}'),
    /scheduled-time/,
  ],
  ['schedules', 'lost', set([schedule, 'Target', 'DeadLetterConfig'], undefined), /is lost/],
  [
    'scheduler-role',
    'a function without a schedule',
    set([schedule, 'Target', 'Arn'], { 'Fn::GetAtt': ['Migrate', 'Arn'] }),
    /Migrate\.Arn\} may not be started/,
  ],
  ['function-limits', 'memory', set(['Migrate', 'MemorySize'], 20_000), /MemorySize is 20000/],
  ['function-limits', 'time', set(['Migrate', 'Timeout'], 901), /Timeout is 901/],
  ['function-limits', 'disk', set(['Migrate', 'EphemeralStorage', 'Size'], 100), /is 100/],
  [
    'function-limits',
    'environment',
    set([...variables, 'LONG'], 'x'.repeat(4096)),
    /environment has about/,
  ],
  ['function-place', 'outside', set(['Migrate', 'VpcConfig'], undefined), /runs in no subnet/],
  [
    'function-place',
    'in public',
    set(['Migrate', 'VpcConfig', 'SubnetIds', 0], { Ref: 'PublicSubnet1' }),
    /PublicSubnet1/,
  ],
  [
    'function-place',
    'failing unheard',
    set(['Migrate', 'DeadLetterConfig'], undefined),
    /dead-letter/,
  ],
  [
    'function-place',
    'a log for ever',
    set(['LogMigrate', 'RetentionInDays'], undefined),
    /for ever/,
  ],
  [
    'function-loops',
    'stopped after sixteen',
    set(['IngestPayments', 'RecursiveLoop'], undefined),
    /may invoke itself/,
  ],
  ['alarms', 'nobody', set(['AlarmErrorsMigrate', 'AlarmActions'], []), /tells nobody/],
  [
    'alarms',
    'too far back',
    set(['AlarmErrorsMigrate', 'EvaluationPeriods'], 300),
    /looks back 90000/,
  ],
];

describe('refuses', () => {
  test.each(breaks)('%s: %s', (check, _what, breakIt, message) => {
    const found = checkTemplate(breakIt());
    expect(found.filter((each) => each.check === check).map((each) => each.message)).toEqual(
      expect.arrayContaining([expect.stringMatching(message)]),
    );
  });

  test('by every check there is', () => {
    const broken = new Set(breaks.map(([check]) => check));
    expect(templateChecks.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
  });

  test('without ever repeating a secret', () => {
    const found = checkTemplate(
      withProperty(small, [...variables, 'ACTIVITY_URL'], 'postgres://me:hunter2@db.example.com/x'),
    );
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });
});
