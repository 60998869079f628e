import { expect, test } from 'vitest';

import { nextSteps } from '../../src/commands/next-steps.ts';
import { createPlan } from '../../src/plan/create-plan.ts';
import { payments, projectOf, settingsOf } from '../helpers/project-of.ts';

const outputs = {
  ProxyAddress: '198.51.100.7',
  DatabaseEndpoint: 'db.example',
  DatabaseName: 'plumbline',
  LandingBucket: 'acme-landing',
  MigrateFunction: 'm',
  ReleaseFunction: 'r',
  IngestFunctions: { payments: 'acme-ingest-payments' },
  DigestFunctions: {},
  AlarmTopic: 'arn',
  UserSecrets: {},
  SecretNames: {},
  UploadQueues: { payments: 'arn:aws:sqs:us-east-1:111122223333:uploads' },
};

const textsFor = (bucket: string): readonly string[] => {
  const project = projectOf({
    sources: { payments: { ...payments, onUpload: true } },
    digests: [],
  });
  const plan = createPlan({
    project,
    settings: settingsOf({ landing: { bucket }, variables: {} }),
  });
  return nextSteps({ plan, outputs, missing: [] }).map(({ text }) => text);
};

test('the owner of a bucket that the stack did not make has to let it tell of uploads', () => {
  expect(textsFor('other-landing')).toContainEqual(
    expect.stringMatching(
      /^Let the bucket acme-landing .*prefix 'payments\/' and the suffix '\.csv'.*arn:aws:sqs:us-east-1/,
    ),
  );
  expect(textsFor('acme-landing').join()).not.toContain('Event notifications');
});
