import { CfnDeletionPolicy, Fn } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';

import { keptPrefix } from '../plan/kept-prefix.ts';
import type { Plan } from '../plan/plan.ts';

export interface LandingBucket {
  readonly bucket: CfnBucket;
  readonly name: string;
  readonly arn: string;
}

/**
 * The bucket for deliveries. A name that the plan does not give ends with a part of the stack's own id: known before the bucket
 * is there (the queues that hear of its uploads must name it first), and another one when the stack is
 * removed and made again, since the old bucket stays.
 */
export function createLandingBucket(
  stack: Stack,
  plan: Plan,
  notifications: readonly CfnBucket.QueueConfigurationProperty[],
): LandingBucket {
  const name = landingBucketName(plan);
  const bucket = new CfnBucket(stack, 'Landing', {
    bucketName: name,
    versioningConfiguration: { status: 'Enabled' },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        { serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } },
      ],
    },
    lifecycleConfiguration: { rules: [...lifecycleOf(plan)] },
    ...(notifications.length === 0
      ? {}
      : { notificationConfiguration: { queueConfigurations: [...notifications] } }),
  });
  // A first deployment that fails leaves no empty bucket behind, whose name would be in the way of the next.
  bucket.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE;
  bucket.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  new CfnBucketPolicy(stack, 'LandingPolicy', {
    bucket: bucket.ref,
    policyDocument: tlsOnly(bucket.attrArn),
  });
  return { bucket, name: bucket.ref, arn: bucket.attrArn };
}

/** The plan's name for it; else at most 63 characters, of which twelve are the stack's. */
export function landingBucketName(plan: Plan): string {
  if (plan.landing.bucket !== undefined) return plan.landing.bucket;
  const stackUuid = Fn.select(2, Fn.split('/', Fn.ref('AWS::StackId')));
  const part = Fn.select(4, Fn.split('-', stackUuid));
  return Fn.join('-', [plan.name.slice(0, 42).replace(/-+$/, ''), 'landing', part]);
}

function lifecycleOf(plan: Plan): readonly CfnBucket.RuleProperty[] {
  const { noncurrentDays, infrequentAfterDays } = plan.landing;
  return [
    {
      id: 'replaced-and-broken-off',
      status: 'Enabled',
      noncurrentVersionExpiration: { noncurrentDays },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      expiredObjectDeleteMarker: true,
    },
    ...(infrequentAfterDays === 0
      ? []
      : [
          {
            id: 'kept-copies-are-seldom-read',
            status: 'Enabled',
            prefix: keptPrefix,
            transitions: [{ storageClass: 'STANDARD_IA', transitionInDays: infrequentAfterDays }],
          },
        ]),
  ];
}

function tlsOnly(bucketArn: string): object {
  const refuse = (sid: string, condition: object): object => ({
    Sid: sid,
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucketArn, Fn.join('', [bucketArn, '/*'])],
    Condition: condition,
  });
  return {
    Version: '2012-10-17',
    Statement: [
      refuse('TlsOnly', { Bool: { 'aws:SecureTransport': 'false' } }),
      refuse('Tls12OrLater', { NumericLessThan: { 's3:TlsVersion': '1.2' } }),
    ],
  };
}
