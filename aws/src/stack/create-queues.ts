import { Fn } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';

import type { FunctionPlan, Plan, UploadPlan } from '../plan/plan.ts';
import { landingBucketName } from './create-landing-bucket.ts';
import { logicalId } from './logical-id.ts';

export interface Queues {
  /** Invocations that failed for good, and schedules that reached nobody. */
  readonly failedEvents: CfnQueue;
  /** Uploads that no attempt could load; only where something is loaded on upload. */
  readonly failedUploads: CfnQueue | undefined;
  /** By the id of the function. */
  readonly uploads: ReadonlyMap<string, CfnQueue>;
  /** What the landing bucket is told to send, and what must be there before. */
  readonly notifications: readonly CfnBucket.QueueConfigurationProperty[];
  readonly policies: readonly CfnQueuePolicy[];
}

/** Fourteen days, the longest SQS has: somebody on holiday still finds what failed. */
const keptSeconds = 14 * 24 * 60 * 60;

/**
 * An upload is tried this often, every quarter of an hour: a database or a secret that is put right
 * within two hours needs nobody to send it again. AWS asks for five or more, since a message that
 * waits for a function that is busy uses attempts up, too.
 */
const attempts = 10;

/** Uploads that arrive within this time are loaded by one invocation. */
export const batchingSeconds = 20;

/**
 * The queues. One for each function that loads on upload: S3 itself decides by prefix and suffix which
 * function hears of a file. S3 does not take filters that overlap; that is found with the plan, before
 * anything is deployed, and once more in the template.
 */
export function createQueues(stack: Stack, plan: Plan): Queues {
  const failedEvents = createQueue(stack, 'FailedEvents', { messageRetentionPeriod: keptSeconds });
  const policies = [createPolicy(stack, 'FailedEvents', failedEvents, [])];
  if (plan.uploads.length === 0) {
    const none = { failedUploads: undefined, uploads: new Map(), notifications: [] };
    return { failedEvents, policies, ...none };
  }
  const failedUploads = createQueue(stack, 'FailedUploads', {
    messageRetentionPeriod: keptSeconds,
  });
  policies.push(createPolicy(stack, 'FailedUploads', failedUploads, []));
  const uploads = new Map<string, CfnQueue>();
  const notifications: CfnBucket.QueueConfigurationProperty[] = [];
  for (const each of plan.functions) {
    const wanted = plan.uploads.filter(({ functionId }) => functionId === each.id);
    if (wanted.length === 0) continue;
    const id = `Uploads${logicalId(each.id)}`;
    const queue = createQueue(stack, id, {
      visibilityTimeout: visibilitySeconds(each),
      messageRetentionPeriod: keptSeconds,
      redrivePolicy: { deadLetterTargetArn: failedUploads.attrArn, maxReceiveCount: attempts },
    });
    uploads.set(each.id, queue);
    policies.push(createPolicy(stack, id, queue, bucketsOf(plan, wanted)));
    notifications.push(
      ...wanted
        .filter(({ bucket }) => bucket === undefined)
        .map((upload) => notificationOf(upload, queue)),
    );
  }
  return { failedEvents, failedUploads, uploads, notifications, policies };
}

/** From when Lambda takes a message until it has started the function, beside the batching. */
const handingOverSeconds = 60;

/**
 * As long as an invocation may take, and no longer: a message whose load failed comes again only then,
 * and so does one whose function was killed. AWS asks for six times that, an hour and a half, for
 * functions that are throttled: docs/decisions/0034.
 */
function visibilitySeconds({ timeoutSeconds }: FunctionPlan): number {
  return timeoutSeconds + batchingSeconds + handingOverSeconds;
}

function createQueue(
  stack: Stack,
  id: string,
  properties: ConstructorParameters<typeof CfnQueue>[2],
): CfnQueue {
  return new CfnQueue(stack, id, { sqsManagedSseEnabled: true, ...properties });
}

/** TLS only; S3 may send for the buckets named, and only from this account. */
function createPolicy(
  stack: Stack,
  id: string,
  queue: CfnQueue,
  bucketArns: readonly string[],
): CfnQueuePolicy {
  const fromBuckets = {
    Sid: 'Uploads',
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queue.attrArn,
    Condition: {
      ArnEquals: { 'aws:SourceArn': bucketArns },
      StringEquals: { 'aws:SourceAccount': Fn.ref('AWS::AccountId') },
    },
  };
  const tlsOnly = {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: queue.attrArn,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return new CfnQueuePolicy(stack, `Policy${id}`, {
    queues: [queue.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [...(bucketArns.length === 0 ? [] : [fromBuckets]), tlsOnly],
    },
  });
}

function bucketsOf(plan: Plan, uploads: readonly UploadPlan[]): readonly string[] {
  const names = new Set(uploads.map(({ bucket }) => bucket));
  return [...names].map((bucket) => bucketArn(bucket ?? landingBucketName(plan)));
}

export function bucketArn(name: string): string {
  return Fn.join('', ['arn:', Fn.ref('AWS::Partition'), ':s3:::', name]);
}

function notificationOf(
  { prefix, suffix }: UploadPlan,
  queue: CfnQueue,
): CfnBucket.QueueConfigurationProperty {
  const rules = [
    ...(prefix === '' ? [] : [{ name: 'prefix', value: filterValue(prefix) }]),
    ...(suffix === '' ? [] : [{ name: 'suffix', value: filterValue(suffix) }]),
  ];
  return {
    event: 's3:ObjectCreated:*',
    queue: queue.attrArn,
    ...(rules.length === 0 ? {} : { filter: { s3Key: { rules } } }),
  };
}

/**
 * A part of a key as filters have it: a space as `+`, everything but what is safe in a key and `/` in
 * percent, or S3 waits for other keys. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
function filterValue(part: string): string {
  const escaped = part.split('/').map(encodeURIComponent).join('/');
  return escaped.replaceAll('%20', '+').replaceAll('~', '%7E');
}
