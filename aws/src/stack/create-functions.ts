import type { Stack } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';

import type { BuiltCode } from '../bundle/built-code.ts';
import type { FunctionPlan, Plan } from '../plan/plan.ts';
import type { Database } from './create-database.ts';
import type { LandingBucket } from './create-landing-bucket.ts';
import type { Network } from './create-network.ts';
import { batchingSeconds } from './create-queues.ts';
import type { Queues } from './create-queues.ts';
import type { Secrets } from './create-secrets.ts';
import type { SecurityGroups } from './create-security-groups.ts';
import { functionArn, functionName } from './function-name.ts';
import { permissionsOf } from './function-permissions.ts';
import { logicalId } from './logical-id.ts';
import { allow, trustOf } from './statement.ts';

export interface FunctionParts {
  readonly code: BuiltCode;
  readonly network: Network;
  readonly groups: SecurityGroups;
  readonly database: Database;
  readonly landing: LandingBucket;
  readonly secrets: Secrets;
  readonly queues: Queues;
}

/** By the id of the plan. */
export type Functions = ReadonlyMap<string, CfnFunction>;

/** Six hours, the longest there is: a throttled event waits that long for its turn. */
const eventAgeSeconds = 6 * 60 * 60;

/** The functions of the plan, each with a role and a log of its own. */
export function createFunctions(stack: Stack, plan: Plan, parts: FunctionParts): Functions {
  return new Map(
    plan.functions.map((each): [string, CfnFunction] => [
      each.id,
      createFunction(stack, { plan, each, parts }),
    ]),
  );
}

interface One {
  readonly plan: Plan;
  readonly each: FunctionPlan;
  readonly parts: FunctionParts;
}

function createFunction(stack: Stack, { plan, each, parts }: One): CfnFunction {
  const id = logicalId(each.id);
  const name = functionName(plan, each.id);
  const logGroup = new CfnLogGroup(stack, `Log${id}`, {
    logGroupName: `/aws/lambda/${name}`,
    retentionInDays: plan.alarms.logDays,
  });
  const queue = parts.queues.uploads.get(each.id);
  const role = new CfnRole(stack, `Role${id}`, {
    assumeRolePolicyDocument: trustOf('lambda.amazonaws.com'),
    policies: [
      allow('network', [joinNetwork, denyNetworkToCode(plan, each)]),
      allow('work', permissionsOf(plan, each, { ...parts, logGroup, queue })),
    ],
  });
  const code = new Asset(stack, `Code${id}`, { path: folderOf(parts.code, each) });
  const fn = new CfnFunction(stack, id, {
    functionName: name,
    description: `${each.kind} ${each.job} of ${plan.company}`.slice(0, 256),
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    architectures: ['arm64'],
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    role: role.attrArn,
    memorySize: each.memoryMb,
    timeout: each.timeoutSeconds,
    ephemeralStorage: { size: each.temporaryMb },
    ...(each.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: each.reservedConcurrency }),
    vpcConfig: {
      subnetIds: parts.network.privateSubnets.map(({ ref }) => ref),
      securityGroupIds: [parts.groups.functions.attrGroupId],
    },
    environment: { variables: environmentOf(stack, { plan, each, parts }) },
    loggingConfig: { logGroup: logGroup.ref, logFormat: 'Text' },
    deadLetterConfig: { targetArn: parts.queues.failedEvents.attrArn },
    // Every run is already in the log and in plumbline.run; X-Ray would cost and see nothing more.
    tracingConfig: { mode: 'PassThrough' },
    // A load that goes on in a new invocation of itself is stopped after 16 of them otherwise:
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    ...(each.kind === 'ingest' ? { recursiveLoop: 'Allow' } : {}),
  });
  new CfnEventInvokeConfig(stack, `Retries${id}`, {
    functionName: fn.ref,
    qualifier: '$LATEST',
    maximumRetryAttempts: 2,
    maximumEventAgeInSeconds: eventAgeSeconds,
  });
  if (queue !== undefined) createMapping(stack, { id, each, fn, queue });
  return fn;
}

function createMapping(
  stack: Stack,
  { id, each, fn, queue }: { id: string; each: FunctionPlan; fn: CfnFunction; queue: CfnQueue },
): void {
  new CfnEventSourceMapping(stack, `Mapping${id}`, {
    functionName: fn.ref,
    eventSourceArn: queue.attrArn,
    batchSize: 10,
    maximumBatchingWindowInSeconds: batchingSeconds,
    functionResponseTypes: ['ReportBatchItemFailures'],
    // Pollers that start more than may run only use up the attempts of what they hold, and where nothing
    // is reserved they would take the account's room from all others. Two is the least there is.
    scalingConfig: { maximumConcurrency: Math.max(2, each.reservedConcurrency ?? 2) },
  });
}

function folderOf(code: BuiltCode, { id }: FunctionPlan): string {
  const folder = code.functions.get(id);
  // The bundle is made from the same plan, so this is a mistake of ours and not of the user.
  if (folder === undefined) throw new Error(`no code was built for the function ${id}`);
  return folder;
}

/**
 * Lambda puts the function into the network with the role of the function. It does so for resources
 * that do not exist yet, hence `*`. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const networkActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const joinNetwork = { actions: networkActions, resources: ['*'] };

/** The code of the function is refused what Lambda itself needs. */
function denyNetworkToCode(plan: Plan, { id }: FunctionPlan) {
  return {
    ...joinNetwork,
    effect: 'Deny' as const,
    condition: { ArnEquals: { 'lambda:SourceFunctionArn': [functionArn(plan, id)] } },
  };
}

/** What the code finds in its environment; secrets are there by ARN, never by value. */
function environmentOf(stack: Stack, { plan, each, parts }: One): Record<string, string> {
  const { database, landing, secrets } = parts;
  const own = each.secrets.map((name): [string, string] => {
    const arn = secrets.variables.get(name);
    if (arn === undefined)
      throw new Error(`${each.id} reads a secret ${name} that the plan has not`);
    return [name, arn];
  });
  const release = plan.functions.find(({ kind }) => kind === 'release');
  return {
    ...each.variables,
    PLUMBLINE_DATABASE_HOST: database.host,
    PLUMBLINE_DATABASE_PORT: '5432',
    PLUMBLINE_DATABASE_NAME: plan.database.databaseName,
    PLUMBLINE_LANDING_BUCKET: landing.name,
    PLUMBLINE_SECRETS: jsonOf(stack, own),
    PLUMBLINE_STACK: plan.name,
    ...(each.kind === 'ingest' && release !== undefined
      ? { PLUMBLINE_RELEASE_FUNCTION: functionName(plan, release.id) }
      : {}),
    ...(each.kind === 'migrate'
      ? {
          PLUMBLINE_ADMIN_SECRET: database.masterSecretArn,
          PLUMBLINE_USER_SECRETS: jsonOf(stack, [...secrets.users]),
        }
      : {}),
  };
}

function jsonOf(stack: Stack, entries: readonly (readonly [string, string])[]): string {
  return entries.length === 0 ? '{}' : stack.toJsonString(Object.fromEntries(entries));
}
