import { beforeAll, describe, expect, test } from 'vitest';

import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { idsOf, propertiesOf, renderValue } from '../helpers/template.ts';

let small: Template;
let standard: Template;
beforeAll(async () => {
  small = (await synthesized(smallPlan())).template;
  standard = (await synthesized(standardPlan())).template;
});

/** What holds of the data, whatever serves it. */
const safe = {
  StorageEncrypted: true,
  EnableIAMDatabaseAuthentication: true,
  ManageMasterUserPassword: true,
  MasterUsername: 'plumbline_admin',
  CopyTagsToSnapshot: true,
  DeletionProtection: true,
  AutoMinorVersionUpgrade: true,
  EngineVersion: '17.6',
  EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
};

describe('Aurora', () => {
  test('is encrypted, backed up, protected, and logged into by IAM', () => {
    expect(propertiesOf(standard, 'DatabaseCluster')).toMatchObject({
      ...safe,
      Engine: 'aurora-postgresql',
      DatabaseName: 'plumbline',
      BackupRetentionPeriod: 14,
      ServerlessV2ScalingConfiguration: {
        MinCapacity: 0,
        MaxCapacity: 2,
        SecondsUntilAutoPause: 900,
      },
    });
    expect(propertiesOf(standard, 'DatabaseCluster')).not.toHaveProperty('MasterUserPassword');
    expect(propertiesOf(standard, 'DatabaseCluster')).not.toHaveProperty('KmsKeyId');
    expect(standard.Resources['DatabaseCluster']).toMatchObject({
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
    });
  });

  test('has a standby in the other zone when the plan says so, and no public address', async () => {
    const instances = resourcesOf(standard, 'AWS::RDS::DBInstance').map(({ id, properties }) => [
      id,
      renderValue(properties['AvailabilityZone']),
      properties['PubliclyAccessible'],
      properties['DBInstanceClass'],
      properties['PromotionTier'],
      properties['CACertificateIdentifier'],
    ]);
    const same = [false, 'db.serverless', 1, 'rds-ca-rsa2048-g1'];
    expect(instances).toEqual([
      ['DatabaseWriter', '${DatabaseSubnet1.AvailabilityZone}', ...same],
      ['DatabaseStandby', '${DatabaseSubnet2.AvailabilityZone}', ...same],
    ]);
    const plan = standardPlan();
    const alone = await synthesized({ ...plan, database: { ...plan.database, standby: false } });
    expect(idsOf(alone.template, 'AWS::RDS::DBInstance')).toEqual(['DatabaseWriter']);
  });

  test('does not pause above 0 ACU', async () => {
    const { database } = standardPlan();
    if (database.kind !== 'aurora-serverless') throw new Error(database.kind);
    const { template } = await synthesized(
      standardPlan({ database: { ...database, minAcu: 0.5, pauseAfterMinutes: 15 } }),
    );
    expect(propertiesOf(template, 'DatabaseCluster')['ServerlessV2ScalingConfiguration']).toEqual({
      MinCapacity: 0.5,
      MaxCapacity: 2,
    });
  });

  test('refuses connections without TLS and ends idle sessions, so that it can pause', async () => {
    expect(propertiesOf(standard, 'DatabaseParameters')).toMatchObject({
      Family: 'aurora-postgresql17',
      Parameters: {
        'rds.force_ssl': '1',
        // The proxy ends them after ten minutes; a function may wait for fifteen.
        idle_session_timeout: '960000',
        idle_in_transaction_session_timeout: '960000',
        log_connections: '1',
      },
    });
    const plan = standardPlan();
    const patient = await synthesized({
      ...plan,
      proxy: { ...plan.proxy, databaseIdleMinutes: 30 },
    });
    expect(propertiesOf(patient.template, 'DatabaseParameters')['Parameters']).toMatchObject({
      idle_session_timeout: '1860000',
    });
    const cluster = propertiesOf(standard, 'DatabaseCluster');
    expect(renderValue(cluster['DBClusterParameterGroupName'])).toBe('${DatabaseParameters}');
  });
});

describe('an RDS instance', () => {
  test('is encrypted, backed up, protected, private, and logged into by IAM', () => {
    const instance = propertiesOf(small, 'DatabaseInstance');
    expect(instance).toMatchObject({
      ...safe,
      Engine: 'postgres',
      DBName: 'plumbline',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: '20',
      MaxAllocatedStorage: 100,
      StorageType: 'gp3',
      BackupRetentionPeriod: 7,
      MultiAZ: false,
      PubliclyAccessible: false,
      DeleteAutomatedBackups: false,
    });
    expect(instance).not.toHaveProperty('MasterUserPassword');
    expect(small.Resources['DatabaseInstance']).toMatchObject({
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
    });
  });

  test('refuses connections without TLS', () => {
    expect(propertiesOf(small, 'DatabaseParameters')).toMatchObject({
      Family: 'postgres17',
      Parameters: { 'rds.force_ssl': '1' },
    });
    const instance = propertiesOf(small, 'DatabaseInstance');
    expect(renderValue(instance['DBParameterGroupName'])).toBe('${DatabaseParameters}');
  });

  test('leaves the memory to logins by IAM that they take of a burstable class', async () => {
    expect(propertiesOf(small, 'DatabaseParameters')['Parameters']).toMatchObject({
      // In pages of 8 KB: an eighth of the memory, where RDS itself gives a quarter.
      shared_buffers: '{DBInstanceClassMemory/65536}',
    });
    const { database } = smallPlan();
    if (database.kind !== 'rds-instance') throw new Error(database.kind);
    const larger = { ...database, instanceType: 'm7g.large' };
    const { template } = await synthesized(smallPlan({ database: larger }));
    expect(propertiesOf(template, 'DatabaseParameters')['Parameters']).not.toHaveProperty(
      'shared_buffers',
    );
  });

  test('has a standby when the plan says so, and storage that does not grow when it may not', async () => {
    const { database } = smallPlan();
    if (database.kind !== 'rds-instance') throw new Error(database.kind);
    const { template } = await synthesized(
      smallPlan({ database: { ...database, standby: true, storageMaxGb: 20 } }),
    );
    expect(propertiesOf(template, 'DatabaseInstance')['MultiAZ']).toBe(true);
    expect(propertiesOf(template, 'DatabaseInstance')).not.toHaveProperty('MaxAllocatedStorage');
  });
});

test('both lie in the database subnets of two zones and in their own security group', () => {
  for (const template of [small, standard]) {
    expect(renderValue(propertiesOf(template, 'DatabaseSubnetGroup')['SubnetIds'])).toBe(
      '${DatabaseSubnet1}, ${DatabaseSubnet2}',
    );
  }
  expect(propertiesOf(small, 'DatabaseInstance')).toMatchObject({
    DBSubnetGroupName: { Ref: 'DatabaseSubnetGroup' },
    VPCSecurityGroups: [{ 'Fn::GetAtt': ['DatabaseSecurityGroup', 'GroupId'] }],
  });
  expect(propertiesOf(standard, 'DatabaseCluster')).toMatchObject({
    DBSubnetGroupName: { Ref: 'DatabaseSubnetGroup' },
    VpcSecurityGroupIds: [{ 'Fn::GetAtt': ['DatabaseSecurityGroup', 'GroupId'] }],
  });
});

describe('secrets', () => {
  test('of variables are made empty, under the name of the plan', () => {
    const secrets = resourcesOf(small, 'AWS::SecretsManager::Secret').filter(
      ({ id }) => !id.startsWith('User'),
    );
    expect(secrets.map(({ properties }) => properties['Name'])).toEqual([
      'plumbline-acme/ACTIVITY_TOKEN',
      'plumbline-acme/SMTP_URL',
    ]);
    for (const { properties } of secrets) {
      expect(properties).not.toHaveProperty('SecretString');
      expect(properties).not.toHaveProperty('GenerateSecretString');
    }
  });

  test('of database users are made by Secrets Manager, and can be pasted anywhere', () => {
    expect(propertiesOf(small, 'UserSecretTableau')).toMatchObject({
      Name: 'plumbline-acme/user/tableau',
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"tableau"}',
        GenerateStringKey: 'password',
        PasswordLength: 40,
        ExcludePunctuation: true,
      },
    });
    expect(propertiesOf(small, 'UserSecretTableau')).not.toHaveProperty('SecretString');
  });
});
