import { Fn } from 'aws-cdk-lib';
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';

import { keptPrefix } from '../plan/kept-prefix.ts';
import type { DatabaseRole, FunctionPlan, Plan } from '../plan/plan.ts';
import type { Database } from './create-database.ts';
import type { LandingBucket } from './create-landing-bucket.ts';
import { bucketArn } from './create-queues.ts';
import type { Queues } from './create-queues.ts';
import type { Secrets } from './create-secrets.ts';
import { functionArn } from './function-name.ts';
import type { Permission } from './statement.ts';

interface Parts {
  readonly logGroup: CfnLogGroup;
  readonly database: Database;
  readonly landing: LandingBucket;
  readonly secrets: Secrets;
  readonly queues: Queues;
  /** Where its uploads are announced. */
  readonly queue: CfnQueue | undefined;
}

/** What a function may do: its own log, secrets, database users, folders and calls; nothing else. */
export function permissionsOf(plan: Plan, each: FunctionPlan, parts: Parts): readonly Permission[] {
  return [
    {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [parts.logGroup.attrArn],
    },
    { actions: ['sqs:SendMessage'], resources: [parts.queues.failedEvents.attrArn] },
    ...secretPermissions(each, parts),
    ...(each.databaseRoles.length === 0 ? [] : [connectAs(parts.database, each.databaseRoles)]),
    ...(each.kind === 'ingest' ? storagePermissions(each, parts.landing) : []),
    ...(each.kind === 'ingest' ? [callPermission(plan, each)] : []),
    ...(parts.queue === undefined
      ? []
      : [
          {
            actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            resources: [parts.queue.attrArn],
          },
        ]),
  ];
}

/** Login by IAM authentication, as these users of the database only. */
export function connectAs(database: Database, roles: readonly DatabaseRole[]): Permission {
  return {
    actions: ['rds-db:connect'],
    resources: roles.map((role) =>
      Fn.sub(
        `arn:\${AWS::Partition}:rds-db:\${AWS::Region}:\${AWS::AccountId}:dbuser:\${Database}/plumbline_${role}`,
        { Database: database.resourceId },
      ),
    ),
  };
}

function secretPermissions(
  each: FunctionPlan,
  { secrets, database }: Parts,
): readonly Permission[] {
  const own = each.secrets.flatMap((name) => secrets.variables.get(name) ?? []);
  const administrator =
    each.kind === 'migrate' ? [database.masterSecretArn, ...secrets.users.values()] : [];
  const resources = [...own, ...administrator];
  return resources.length === 0 ? [] : [{ actions: ['secretsmanager:GetSecretValue'], resources }];
}

/** Reads what its source names, keeps copies, and reads the kept ones again. */
function storagePermissions(
  { reads }: FunctionPlan,
  landing: LandingBucket,
): readonly Permission[] {
  const kept = { bucket: undefined, prefix: keptPrefix };
  const byBucket = Map.groupBy([...reads, kept], ({ bucket }) => bucket);
  const reading = [...byBucket].flatMap(([bucket, places]): readonly Permission[] => {
    const arn = bucket === undefined ? landing.arn : bucketArn(bucket);
    const prefixes = [...new Set(places.map(({ prefix }) => sayableIn(prefix)))];
    return [
      {
        // An object of a versioned bucket is read by its version, so that it cannot change under way.
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: prefixes.map((prefix) => Fn.join('', [arn, '/', prefix, '*'])),
      },
      {
        actions: ['s3:ListBucket'],
        resources: [arn],
        condition: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
      },
    ];
  });
  const keeping: Permission = {
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resources: [Fn.join('', [landing.arn, '/', keptPrefix, '*'])],
  };
  return [...reading, keeping];
}

/**
 * A prefix as far as a policy of a role can say it: letters beyond U+00FF are refused there.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
 */
const sayableIn = (prefix: string): string => prefix.replace(/[^\u0020-\u00ff][^]*$/u, '');

/** Itself, to carry on where the time ran out, and the release, when something was loaded. */
function callPermission(plan: Plan, each: FunctionPlan): Permission {
  const release = plan.functions.filter(({ kind }) => kind === 'release');
  return {
    actions: ['lambda:InvokeFunction'],
    resources: [each, ...release].map(({ id }) => functionArn(plan, id)),
  };
}
