import { beforeAll, describe, expect, test } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { statementsOf } from '../../src/stack/checks/policy.ts';
import type { Template } from '../../src/stack/template.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { fieldsOf, propertiesOf, renderValue } from '../helpers/template.ts';

const plan = smallPlan();
let template: Template;
beforeAll(async () => {
  ({ template } = await synthesized(plan));
});

const withProxy = async (proxy: Partial<Plan['proxy']>): Promise<Template> =>
  (await synthesized({ ...plan, proxy: { ...plan.proxy, ...proxy } })).template;

/** What the proxy may do besides being reached by Session Manager. */
function permissionsOf(of: Template): readonly string[] {
  return statementsOf(of, 'ProxyRole')
    .filter(({ actions }) => !actions.includes('ssm:UpdateInstanceInformation'))
    .map(({ actions, resources }) => `${actions.join(' ')} on ${resources.join(' ')}`);
}

describe('R7: the proxy', () => {
  test('stands in a public subnet with an address that outlives it', async () => {
    expect(propertiesOf(template, 'ProxyInstance')).toMatchObject({
      InstanceType: 't4g.micro',
      SubnetId: { Ref: 'PublicSubnet1' },
      SecurityGroupIds: [{ 'Fn::GetAtt': ['ProxySecurityGroup', 'GroupId'] }],
      SourceDestCheck: true,
    });
    expect(propertiesOf(template, 'ProxyElasticIpAssociation')).toMatchObject({
      AllocationId: { 'Fn::GetAtt': ['ProxyElasticIp', 'AllocationId'] },
      InstanceId: { Ref: 'ProxyInstance' },
    });
    const other = await withProxy({ zoneIndex: 1 });
    expect(renderValue(propertiesOf(other, 'ProxyInstance')['SubnetId'])).toBe('${PublicSubnet2}');
  });

  test('has no key pair, metadata by token for itself only, an encrypted disk', () => {
    const instance = propertiesOf(template, 'ProxyInstance');
    expect(instance).not.toHaveProperty('KeyName');
    expect(instance).toMatchObject({
      MetadataOptions: {
        HttpTokens: 'required',
        HttpEndpoint: 'enabled',
        HttpPutResponseHopLimit: 1,
      },
      BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
    });
  });

  test('is of the image that the plan pins', async () => {
    const byParameter = renderValue(propertiesOf(template, 'ProxyInstance')['ImageId']);
    expect(byParameter).toBe(`{{resolve:ssm:${plan.proxy.ami}}}`);
    const byId = await withProxy({ ami: 'ami-0123456789abcdef0' });
    expect(propertiesOf(byId, 'ProxyInstance')['ImageId']).toBe('ami-0123456789abcdef0');
  });

  test('is started again and not replaced when its set-up changes: the certificate stays', async () => {
    const changed = await withProxy({ requestsPerSecond: 21 });
    const [before, after] = [template, changed].map((each) =>
      renderValue(propertiesOf(each, 'ProxyInstance')['UserData']),
    );
    expect(before).not.toBe(after);
    expect(before).toContain('${DatabaseInstance.Endpoint.Address}');
    expect(before).toContain('s3://');
  });

  test('reads the database as plumbline_reader, its own code, and writes one record of one zone', () => {
    const [database, code, ...certificate] = permissionsOf(template);
    expect(database).toMatch(
      /^rds-db:connect on arn:.*:dbuser:\$\{DatabaseInstance\.DbiResourceId\}\/plumbline_reader$/,
    );
    expect(code).toMatch(
      /^s3:GetObject on arn:\$\{AWS::Partition\}:s3:::cdk-[^*]+\/[0-9a-f]{64}\.zip$/,
    );
    expect(certificate).toEqual([
      'route53:ChangeResourceRecordSets on arn:${AWS::Partition}:route53:::hostedzone/Z0123456789ABC',
      'route53:ListHostedZones on *',
      'route53:GetChange on arn:${AWS::Partition}:route53:::change/*',
    ]);
    const [record] = statementsOf(template, 'ProxyRole').filter(({ actions }) =>
      actions.includes('route53:ChangeResourceRecordSets'),
    );
    expect(record?.condition).toEqual({
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
          '_acme-challenge.numbers.example.com',
        ],
        'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
        'route53:ChangeResourceRecordSetsActions': ['UPSERT', 'DELETE'],
      },
    });
  });

  test('exports exactly the certificate of the plan from ACM', async () => {
    const arn =
      'arn:aws:acm:eu-central-1:111122223333:certificate/12345678-1234-1234-1234-123456789012';
    const of = await withProxy({
      certificate: { kind: 'acm', arn, passphraseSecret: 'acme/passphrase' },
    });
    expect(permissionsOf(of).slice(2)).toEqual([
      `acm:ExportCertificate on ${arn}`,
      'secretsmanager:GetSecretValue on arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:acme/passphrase-??????',
    ]);
    const plain = await withProxy({ certificate: { kind: 'self-signed' } });
    expect(permissionsOf(plain)).toHaveLength(2);
  });

  test('may not read the parameters of the account, as AWS’s own policy for it would', () => {
    expect(propertiesOf(template, 'ProxyRole')).not.toHaveProperty('ManagedPolicyArns');
    const [manager] = statementsOf(template, 'ProxyRole');
    expect(manager?.actions).toEqual([
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ]);
  });

  test('leads to Aurora just so', async () => {
    const standard = await synthesized(standardPlan());
    expect(permissionsOf(standard.template)[0]).toContain('${DatabaseCluster.DBClusterResourceId}');
    expect(renderValue(propertiesOf(standard.template, 'ProxyInstance')['UserData'])).toContain(
      '${DatabaseCluster.Endpoint.Address}',
    );
  });

  test('heals by itself: AWS moves a broken machine, and starts a broken system again', () => {
    const repairs = ['ProxySystem', 'ProxyInstance'].map((name) => {
      const alarm = propertiesOf(template, `Alarm${name}`);
      return [
        alarm['MetricName'],
        renderValue(alarm['AlarmActions']),
        fieldsOf(alarm)['Threshold'],
      ];
    });
    const automate = 'arn:${AWS::Partition}:automate:${AWS::Region}:ec2:';
    expect(repairs).toEqual([
      ['StatusCheckFailed_System', `\${Alarms}, ${automate}recover`, 1],
      ['StatusCheckFailed_Instance', `\${Alarms}, ${automate}reboot`, 1],
    ]);
  });
});
