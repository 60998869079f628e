import { describe, expect, test } from 'vitest';

import { logicalId, physicalName } from '../../src/stack/logical-id.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';

/** What holds something that is lost, or known to other people, when it is made anew. */
const stateful =
  /^AWS::(?:RDS::DB(?:Cluster|Instance|SubnetGroup)|S3::Bucket|SecretsManager::Secret|EC2::(?:EIP|VPC|Subnet)|SQS::Queue|KMS::Key)$/;

/**
 * CloudFormation replaces what changes its logical id. A failing test here means that a deploy would
 * make a new database beside the old one: change the code, not the snapshot.
 */
describe('what holds data keeps its logical id', () => {
  const idsOf = async (plan: ReturnType<typeof smallPlan>): Promise<readonly string[]> =>
    resourcesOf((await synthesized(plan)).template)
      .filter(({ type }) => stateful.test(type))
      .map(({ id, type }) => `${type.replace('AWS::', '')} ${id}`);

  test('small', async () => {
    expect(await idsOf(smallPlan())).toMatchInlineSnapshot(`
      [
        "EC2::VPC Vpc8378EB38",
        "EC2::Subnet PublicSubnet1",
        "EC2::Subnet PublicSubnet2",
        "EC2::Subnet PrivateSubnet1",
        "EC2::Subnet PrivateSubnet2",
        "EC2::Subnet DatabaseSubnet1",
        "EC2::Subnet DatabaseSubnet2",
        "EC2::EIP NatElasticIp",
        "RDS::DBSubnetGroup DatabaseSubnetGroup",
        "RDS::DBInstance DatabaseInstance",
        "SecretsManager::Secret SecretACTIVITYTOKEN4acc07f4",
        "SecretsManager::Secret SecretSMTPURLd60919ae",
        "SecretsManager::Secret UserSecretTableau",
        "SecretsManager::Secret UserSecretAnalyst",
        "SQS::Queue FailedEvents",
        "SQS::Queue FailedUploads",
        "SQS::Queue UploadsIngestPayments",
        "SQS::Queue UploadsIngestTax",
        "S3::Bucket Landing",
        "EC2::EIP ProxyElasticIp",
      ]
    `);
  });

  test('standard', async () => {
    const small = new Set(await idsOf(smallPlan()));
    const others = (await idsOf(standardPlan())).filter((id) => !small.has(id));
    expect(others).toMatchInlineSnapshot(`
      [
        "EC2::EIP NatGatewayElasticIp",
        "RDS::DBCluster DatabaseCluster",
        "RDS::DBInstance DatabaseWriter",
        "RDS::DBInstance DatabaseStandby",
      ]
    `);
  });
});

describe('a logical id', () => {
  test.each([
    ['ingest-payments', 'IngestPayments'],
    ['migrate', 'Migrate'],
    ['ingest-q1-sales', 'IngestQ1Sales'],
  ])('of %s is %s', (id, expected) => {
    expect(logicalId(id)).toBe(expected);
  });

  test('is no other’s', () => {
    const alike = [
      'a-1',
      'a1',
      'a_1',
      'A1',
      'a--1',
      'a-b',
      'a_b',
      'aB',
      'ab',
      'a.b',
      'ä-b',
      '-a-b',
    ];
    expect(new Set(alike.map((id) => logicalId(id))).size).toBe(alike.length);
    for (const id of alike) expect(logicalId(id)).toMatch(/^[A-Za-z0-9]+$/);
  });
});

describe('a name', () => {
  test('that is too long is cut, and stays one', () => {
    const [a, b] = ['x', 'y'].map((end) => physicalName(`${'long-'.repeat(20)}${end}`, 64));
    expect(a).toHaveLength(64);
    expect(a).not.toBe(b);
    expect(physicalName('short', 64)).toBe('short');
  });

  test('that Lambda would refuse is written with what it takes', () => {
    const names = ['ingest-ä', 'ingest-ö', 'ingest--', 'ingest-a.b'].map((each) =>
      physicalName(each, 64),
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[\w-]{1,64}$/);
  });
});
