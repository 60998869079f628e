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

describe('the landing bucket', () => {
  test('is versioned, encrypted, closed to the public, and stays when the stack goes', () => {
    expect(propertiesOf(template, 'Landing')).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(JSON.stringify(propertiesOf(template, 'Landing')['BucketEncryption'])).toContain(
      'AES256',
    );
    expect(propertiesOf(template, 'Landing')['NotificationConfiguration']).not.toHaveProperty(
      'EventBridgeConfiguration',
    );
    expect(template.Resources['Landing']).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('refuses what does not come by TLS 1.2', () => {
    const refused = statementsOf(template, 'LandingPolicy').map(
      ({ effect, principal, actions, resources, condition }) => [
        effect,
        principal,
        actions.join(),
        resources.join(' '),
        condition,
      ],
    );
    const all = ['Deny', '*', 's3:*', '${Landing.Arn} ${Landing.Arn}/*'];
    expect(refused).toEqual([
      [...all, { Bool: { 'aws:SecureTransport': 'false' } }],
      [...all, { NumericLessThan: { 's3:TlsVersion': '1.2' } }],
    ]);
  });

  test('lets go of replaced versions, broken-off uploads, and moves kept copies', async () => {
    const rules = fieldsOf(propertiesOf(template, 'Landing')['LifecycleConfiguration'])['Rules'];
    expect(rules).toMatchObject([
      {
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        ExpiredObjectDeleteMarker: true,
      },
      { Prefix: 'landing/', Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 90 }] },
    ]);
    const stays = await synthesized({
      ...plan,
      landing: { ...plan.landing, infrequentAfterDays: 0 },
    });
    expect(
      fieldsOf(propertiesOf(stays.template, 'Landing')['LifecycleConfiguration'])['Rules'],
    ).toHaveLength(1);
  });

  test('has the name of the settings, or one that another stack of the same name has not', async () => {
    expect(renderValue(propertiesOf(template, 'Landing')['BucketName'])).toMatch(
      /^plumbline-acme-landing-\$\{Select\}$/,
    );
    expect(JSON.stringify(propertiesOf(template, 'Landing')['BucketName'])).toContain(
      'AWS::StackId',
    );
    const named = await synthesized({
      ...plan,
      landing: { ...plan.landing, bucket: 'acme-landing' },
    });
    expect(propertiesOf(named.template, 'Landing')['BucketName']).toBe('acme-landing');
    const senders = statementsOf(named.template, 'PolicyUploadsIngestTax')[0]?.condition;
    expect(renderValue(fieldsOf(senders?.['ArnEquals'])['aws:SourceArn'])).toBe(
      'arn:${AWS::Partition}:s3:::acme-landing',
    );
  });
});

describe('uploads', () => {
  test('are announced by prefix and suffix, each to the queue of its source', () => {
    const told = fieldsOf(propertiesOf(template, 'Landing')['NotificationConfiguration']);
    expect(told['QueueConfigurations']).toEqual([
      {
        Event: 's3:ObjectCreated:*',
        Queue: { 'Fn::GetAtt': ['UploadsIngestPayments', 'Arn'] },
        Filter: {
          S3Key: {
            Rules: [
              { Name: 'prefix', Value: 'payments/' },
              { Name: 'suffix', Value: '.xlsx' },
            ],
          },
        },
      },
      {
        Event: 's3:ObjectCreated:*',
        Queue: { 'Fn::GetAtt': ['UploadsIngestTax', 'Arn'] },
        Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'tax/' }] } },
      },
    ]);
    // S3 asks the queue before it takes the notification, so the policy must be there.
    expect(template.Resources['Landing']).toHaveProperty(
      'DependsOn',
      expect.arrayContaining(['PolicyUploadsIngestPayments', 'PolicyUploadsIngestTax']),
    );
  });

  test('are announced under names that S3 takes in filters: spaces as +, the rest in percent', async () => {
    const [upload] = plan.uploads;
    if (upload === undefined) throw new Error('the sample has no upload');
    const { template: odd } = await synthesized({
      ...plan,
      uploads: [{ ...upload, prefix: 'Müller & Söhne/in box/a+b~', suffix: ' (1).csv' }],
    });
    const told = fieldsOf(propertiesOf(odd, 'Landing')['NotificationConfiguration']);
    expect(told['QueueConfigurations']).toMatchObject([
      {
        Filter: {
          S3Key: {
            Rules: [
              { Name: 'prefix', Value: 'M%C3%BCller+%26+S%C3%B6hne/in+box/a%2Bb%7E' },
              { Name: 'suffix', Value: '+(1).csv' },
            ],
          },
        },
      },
    ]);
  });

  test('wait in an encrypted queue, hidden for as long as an invocation may take, and are tried ten times', () => {
    expect(propertiesOf(template, 'UploadsIngestPayments')).toMatchObject({
      SqsManagedSseEnabled: true,
      VisibilityTimeout: 900 + 20 + 60,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['FailedUploads', 'Arn'] },
        maxReceiveCount: 10,
      },
    });
  });

  test('are sent by S3 for this bucket and account only, by TLS only', () => {
    const [send, refuse] = statementsOf(template, 'PolicyUploadsIngestPayments');
    expect(send).toMatchObject({
      effect: 'Allow',
      principal: 's3.amazonaws.com',
      actions: ['sqs:SendMessage'],
      resources: ['${UploadsIngestPayments.Arn}'],
    });
    expect(renderValue(fieldsOf(send?.condition?.['ArnEquals'])['aws:SourceArn'])).toMatch(
      /:s3:::plumbline-acme-landing-/,
    );
    expect(send?.condition?.['StringEquals']).toEqual({
      'aws:SourceAccount': { Ref: 'AWS::AccountId' },
    });
    expect(refuse).toMatchObject({ effect: 'Deny', principal: '*', actions: ['sqs:*'] });
  });

  test('reach the function in batches, of which it names what failed, and two at once at most', async () => {
    expect(propertiesOf(template, 'MappingIngestPayments')).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': ['UploadsIngestPayments', 'Arn'] },
      FunctionName: { Ref: 'IngestPayments' },
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    // Fewer than two cannot be said there; without any bound they would take all of a small account.
    const free = plan.functions.map((each) => ({ ...each, reservedConcurrency: undefined }));
    for (const made of [template, (await synthesized({ ...plan, functions: free })).template]) {
      expect(propertiesOf(made, 'MappingIngestTax')['ScalingConfig']).toEqual({
        MaximumConcurrency: 2,
      });
    }
  });

  test('of another bucket come to a queue that its owner is told of', async () => {
    const elsewhere = await synthesized({
      ...plan,
      uploads: [
        {
          functionId: 'ingest-partner-orders',
          source: 'partner-orders',
          bucket: 'partner-exports',
          prefix: 'orders/',
          suffix: '.csv',
        },
      ],
    });
    expect(propertiesOf(elsewhere.template, 'Landing')).not.toHaveProperty(
      'NotificationConfiguration',
    );
    const [send] = statementsOf(elsewhere.template, 'PolicyUploadsIngestPartnerOrders');
    expect(renderValue(fieldsOf(send?.condition?.['ArnEquals'])['aws:SourceArn'])).toBe(
      'arn:${AWS::Partition}:s3:::partner-exports',
    );
    expect(renderValue(elsewhere.template.Outputs?.['UploadQueues']?.Value)).toBe(
      '{"partner-orders":"${UploadsIngestPartnerOrders.Arn}"}',
    );
  });

  test('of nobody need no queue', async () => {
    const none = await synthesized({ ...plan, uploads: [] });
    expect(idsOf(none.template, 'AWS::SQS::Queue')).toEqual(['FailedEvents']);
    expect(resourcesOf(none.template, 'AWS::Lambda::EventSourceMapping')).toEqual([]);
  });
});

test('what failed is kept fourteen days, encrypted', () => {
  for (const id of ['FailedEvents', 'FailedUploads']) {
    expect(propertiesOf(template, id)).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 86_400,
    });
  }
});
