import { beforeAll, expect, test } from 'vitest';

import type { Template } from '../../src/cloud/cloud.ts';
import { compareTemplates, endangersData } from '../../src/commands/compare-templates.ts';
import type { ResourceFacts } from '../../src/commands/compare-templates.ts';
import { readResourceFacts } from '../../src/commands/read-resource-facts.ts';

let facts: ResourceFacts;
beforeAll(async () => {
  facts = await readResourceFacts();
});

const cluster = (properties: Readonly<Record<string, unknown>>): Template => ({
  Resources: {
    Db: {
      Type: 'AWS::RDS::DBCluster',
      Properties: { DatabaseName: 'plumbline', BackupRetentionPeriod: 7, ...properties },
      DeletionPolicy: 'Snapshot',
    },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
});

const kinds = (before: Template | undefined, after: Template) =>
  compareTemplates(before, after, facts).map(({ id, kind, properties }) => [id, kind, properties]);

test('nothing there: everything is added; the same again: nothing differs', () => {
  expect(kinds(undefined, cluster({}))).toEqual([
    ['Db', 'added', []],
    ['Topic', 'added', []],
  ]);
  expect(kinds(cluster({}), cluster({}))).toEqual([]);
});

test('what CloudFormation changes in place is told from what it creates anew', () => {
  expect(kinds(cluster({}), cluster({ BackupRetentionPeriod: 14 }))).toEqual([
    ['Db', 'changed', ['BackupRetentionPeriod']],
  ]);
  expect(kinds(cluster({}), cluster({ BackupRetentionPeriod: 14, DatabaseName: 'x' }))).toEqual([
    ['Db', 'replaced', ['DatabaseName']],
  ]);
});

test('a database under another logical id is a removed one and an empty one', () => {
  const moved = { Resources: { Other: cluster({}).Resources?.['Db'] } } as Template;
  const changes = compareTemplates(cluster({}), moved, facts);
  expect(changes.map(({ id, kind }) => [id, kind])).toEqual([
    ['Db', 'removed'],
    ['Other', 'added'],
    ['Topic', 'removed'],
  ]);
  // A topic holds nothing; what is added endangers nothing.
  expect(changes.filter((change) => endangersData(change)).map(({ id }) => id)).toEqual(['Db']);
});

test('buckets and secrets hold data, queues of what failed and logs do not', () => {
  const held = ['AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::RDS::DBInstance'];
  expect(held.filter((type) => !facts.holdsData(type))).toEqual([]);
  expect(
    ['AWS::SQS::Queue', 'AWS::Logs::LogGroup'].filter((type) => facts.holdsData(type)),
  ).toEqual([]);
});

test('a change of the policy alone is a change', () => {
  const kept = cluster({});
  const lost = structuredClone(kept) as { Resources: Record<string, { DeletionPolicy?: string }> };
  delete lost.Resources['Db']?.DeletionPolicy;
  expect(kinds(kept, lost as Template)).toEqual([['Db', 'changed', ['DeletionPolicy']]]);
});

test("a user's password and a standby can be taken away, a secret that was filled in cannot", () => {
  const resource = (Type: string, Properties: Readonly<Record<string, unknown>>) => ({
    Type,
    Properties,
  });
  const before: Template = {
    Resources: {
      User: resource('AWS::SecretsManager::Secret', { GenerateSecretString: {} }),
      Standby: resource('AWS::RDS::DBInstance', { DBClusterIdentifier: 'c' }),
      Token: resource('AWS::SecretsManager::Secret', { Name: 'token' }),
    },
  };
  const endangered = compareTemplates(before, {}, facts).filter((each) => endangersData(each));
  expect(endangered.map(({ id }) => id)).toEqual(['Token']);
});
