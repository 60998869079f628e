import type { Statement } from './checks/policy.ts';
import { fieldsOf, renderValue } from './checks/values.ts';
import { resourcesOf } from './template.ts';
import type { Template } from './template.ts';

interface Words {
  /** Every action of the statement must fit, so that a sentence never says less than is allowed. */
  readonly actions: RegExp;
  /** Every resource too, where the sentence does not name it. */
  readonly resources?: RegExp;
  readonly say: (resources: string, statement: Statement) => string;
}

const words: readonly Words[] = [
  {
    actions: /^logs:(?:CreateLogStream|PutLogEvents|DescribeLogStreams)$/,
    resources: /^\$\{(?:Log|FlowLog)\w+\.Arn\}$/,
    say: () => 'may write its own log',
  },
  { actions: /^rds-db:connect$/, say: (users) => `may log into the database as ${users}` },
  { actions: /^secretsmanager:GetSecretValue$/, say: (names) => `may read the secret ${names}` },
  { actions: /^sqs:SendMessage$/, say: (queue) => `may put what failed into ${queue}` },
  {
    actions: /^sqs:(?:ReceiveMessage|DeleteMessage|GetQueueAttributes)$/,
    say: (queue) => `may take uploads from ${queue}`,
  },
  { actions: /^s3:GetObject(?:Version)?$/, say: (keys) => `may read ${keys}` },
  { actions: /^s3:ListBucket$/, say: sayListing },
  { actions: /^s3:(?:PutObject|AbortMultipartUpload)$/, say: (keys) => `may write ${keys}` },
  { actions: /^lambda:InvokeFunction$/, say: (names) => `may start ${names}` },
  {
    actions:
      /^ec2:(?:(?:Create|Describe|Delete)NetworkInterfaces?|DescribeSubnets|(?:Una|A)ssignPrivateIpAddresses)$/,
    say: () => 'is put into the network by Lambda',
  },
  {
    actions:
      /^(?:ssm:UpdateInstanceInformation|ssmmessages:(?:Create|Open)(?:Control|Data)Channel)$/,
    say: () => 'is reached by Session Manager',
  },
  { actions: /^acm:ExportCertificate$/, say: (arn) => `may export the certificate ${arn}` },
  { actions: /^route53:ChangeResourceRecordSets$/, say: sayRecord },
  {
    actions: /^route53:(?:ListHostedZones|GetChange)$/,
    say: () => 'may look for its zone, and whether a record is known yet',
  },
  {
    actions: /^ec2:(?:Authorize|Revoke)SecurityGroup(?:In|E)gress$/,
    resources: /DefaultSecurityGroup\}$/,
    say: () => 'may change the default security group, to empty it once',
  },
];

/** What a role may do, a sentence each. An action without words is written as it is. */
export function sentencesOf(
  template: Template,
  statements: readonly Statement[],
): readonly string[] {
  const name = namesIn(template);
  const sentences = statements
    .filter(({ effect }) => effect === 'Allow')
    .map((statement) => {
      const { actions, resources } = statement;
      const named = resources.map((arn) => name(arn)).join(', ');
      const known = words.find(
        (each) =>
          actions.every((action) => each.actions.test(action)) &&
          resources.every((resource) => each.resources?.test(resource) ?? true),
      );
      return known?.say(named, statement) ?? `may ${actions.join(', ')} on ${named}`;
    });
  return [...new Set(sentences)];
}

function sayListing(bucket: string, { condition }: Statement): string {
  const prefixes = renderValue(fieldsOf(condition?.['StringLike'])['s3:prefix']);
  return `may list ${prefixes === '' ? 'all' : prefixes} in ${bucket}`;
}

function sayRecord(zone: string, { condition }: Statement): string {
  const limits = fieldsOf(condition?.['ForAllValues:StringEquals']);
  const record = renderValue(limits['route53:ChangeResourceRecordSetsNormalizedRecordNames']);
  const types = renderValue(limits['route53:ChangeResourceRecordSetsRecordTypes']);
  return record === ''
    ? `may write EVERY record of ${zone}`
    : `may write the ${types} record ${record} of ${zone}`;
}

/** Short names for references and ARNs: `landing bucket/payments/*`, `plumbline_loader`. */
function namesIn(template: Template): (arn: string) => string {
  const secrets = new Map(
    resourcesOf(template, 'AWS::SecretsManager::Secret').map(({ id, properties }) => [
      `\${${id}}`,
      renderValue(properties['Name']),
    ]),
  );
  const functions = new Map(
    resourcesOf(template, 'AWS::Lambda::Function').map(({ id, properties }) => [
      `\${${id}.Arn}`,
      renderValue(properties['FunctionName']),
    ]),
  );
  return (arn) =>
    secrets.get(arn) ??
    functions.get(arn) ??
    arn
      .replace(/^arn:.*:s3:::cdk-.*-assets-.*\/[0-9a-f]{64}\.zip$/, 'the code of the dashboards')
      .replace(/^\$\{\w+\.MasterUserSecret\.SecretArn\}$/, 'of the master user')
      .replace('${Landing.Arn}', 'the landing bucket')
      .replace(/^arn:\$\{AWS::Partition\}:s3:::/, 'the bucket ')
      .replace(/^arn:\$\{AWS::Partition\}:rds-db:.*\//, '')
      .replace(/^arn:\$\{AWS::Partition\}:lambda:.*:function:/, '')
      .replace(/^arn:\$\{AWS::Partition\}:secretsmanager:.*:secret:(.*)-\?{6}$/, '$1')
      .replace(/^arn:\$\{AWS::Partition\}:route53:::hostedzone\//, 'zone ')
      .replace(/^\$\{(\w+)\.Arn\}$/, '$1');
}
