import { beforeAll, describe, expect, test } from 'vitest';

import { ingressRules } from '../../src/stack/checks/check-ingress.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { fieldsOf, idsOf, propertiesOf, renderValue } from '../helpers/template.ts';

let small: Template;
let standard: Template;
let closed: Template;
const { network } = smallPlan();
beforeAll(async () => {
  small = (await synthesized(smallPlan())).template;
  standard = (await synthesized(standardPlan())).template;
  closed = (await synthesized(standardPlan({ egress: 'none' }))).template;
});

describe('R9: the network', () => {
  test('has the ranges of the plan, two zones for each kind of subnet', () => {
    const subnets = resourcesOf(small, 'AWS::EC2::Subnet').map(({ id, properties }) => [
      id,
      properties['CidrBlock'],
      fieldsOf(properties['AvailabilityZone'])['Fn::Select'],
      properties['MapPublicIpOnLaunch'],
    ]);
    const zone = (index: number): unknown => [index, { 'Fn::GetAZs': '' }];
    expect(subnets).toEqual([
      ['PublicSubnet1', network.publicSubnets[0], zone(0), false],
      ['PublicSubnet2', network.publicSubnets[1], zone(1), false],
      ['PrivateSubnet1', network.privateSubnets[0], zone(0), false],
      ['PrivateSubnet2', network.privateSubnets[1], zone(1), false],
      ['DatabaseSubnet1', network.databaseSubnets[0], zone(0), false],
      ['DatabaseSubnet2', network.databaseSubnets[1], zone(1), false],
    ]);
    const [vpc] = resourcesOf(small, 'AWS::EC2::VPC');
    expect(vpc?.properties).toMatchObject({
      CidrBlock: network.cidr,
      EnableDnsHostnames: true,
      EnableDnsSupport: true,
    });
  });

  test('lets the public subnets reach the internet, the private ones only what is behind the NAT', () => {
    const routes = (template: Template): readonly unknown[] =>
      resourcesOf(template, 'AWS::EC2::Route').map(({ properties }) => [
        renderValue(properties['RouteTableId']),
        properties['DestinationCidrBlock'],
        renderValue(
          properties['GatewayId'] ?? properties['NatGatewayId'] ?? properties['InstanceId'],
        ).replace(/[0-9a-f]{8}\}$/, '…}'),
      ]);
    const internet = ['${PublicRoutes}', '0.0.0.0/0', '${InternetGateway}'];
    expect(routes(small)).toEqual([internet, ['${PrivateRoutes}', '0.0.0.0/0', '${NatInstance…}']]);
    expect(routes(standard)).toEqual([
      internet,
      ['${PrivateRoutes}', '0.0.0.0/0', '${NatGateway}'],
    ]);
    expect(routes(closed)).toEqual([internet]);
  });

  test('ties every subnet to the routes of its kind', () => {
    const ties = resourcesOf(small, 'AWS::EC2::SubnetRouteTableAssociation').map(
      ({ properties }) => [
        renderValue(properties['SubnetId']),
        renderValue(properties['RouteTableId']),
      ],
    );
    expect(ties).toEqual(
      ['Public', 'Private', 'Database'].flatMap((kind) =>
        [1, 2].map((zone) => [`\${${kind}Subnet${zone}}`, `\${${kind}Routes}`]),
      ),
    );
  });

  test('reaches S3 without a way out, and writes nowhere but into the landing bucket', () => {
    const endpoint = propertiesOf(closed, 'StorageEndpoint');
    expect(endpoint['VpcEndpointType']).toBe('Gateway');
    expect(renderValue(endpoint['RouteTableIds'])).toBe('${PrivateRoutes}, ${DatabaseRoutes}');
    const statements = fieldsOf(endpoint['PolicyDocument'])['Statement'];
    const writing = JSON.stringify(statements).includes('s3:PutObject');
    expect(writing).toBe(true);
    expect(statements).toMatchObject([
      { Sid: 'Read', Action: expect.not.arrayContaining([expect.stringMatching(/Put|Delete|\*/)]) },
      { Sid: 'WriteLanding', Action: ['s3:PutObject', 's3:AbortMultipartUpload'] },
    ]);
    expect(renderValue((statements as { Resource: unknown }[])[1]?.Resource)).toBe(
      '${Landing.Arn}/landing/*',
    );
  });

  test('has one NAT gateway, or one NAT instance, or neither', () => {
    const natsOf = (template: Template): readonly [number, number] => [
      idsOf(template, 'AWS::EC2::NatGateway').length,
      idsOf(template, 'AWS::EC2::Instance').filter((id) => id.startsWith('Nat')).length,
    ];
    expect([natsOf(small), natsOf(standard), natsOf(closed)]).toEqual([
      [0, 1],
      [1, 0],
      [0, 0],
    ]);
  });

  test('forwards with a small instance that only the private subnets reach', () => {
    const [id = ''] = idsOf(small, 'AWS::EC2::Instance').filter((each) => each.startsWith('Nat'));
    expect(propertiesOf(small, id)).toMatchObject({
      InstanceType: 't4g.nano',
      SourceDestCheck: false,
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    });
    expect(renderValue(propertiesOf(small, id)['ImageId'])).toContain('al2023');
    const script = renderValue(propertiesOf(small, id)['UserData']);
    expect(script).toContain('masquerade');
    // On the memory of a nano alone dnf is killed, and nothing is forwarded for ever.
    expect(script.indexOf('swapon')).toBeGreaterThan(0);
    expect(script.indexOf('dnf install')).toBeGreaterThan(script.indexOf('swapon'));
    const from = ingressRules(small)
      .filter(({ resource }) => resource === 'NatSecurityGroup')
      .map(({ fields }) => [fields['CidrIp'], fields['FromPort']]);
    expect(from).toEqual(
      network.privateSubnets.flatMap((cidr) => [443, 465, 587].map((port) => [cidr, port])),
    );
  });

  test('makes a new NAT instance when its script changes, and moves the address to it', async () => {
    const idOf = (template: Template): string =>
      idsOf(template, 'AWS::EC2::Instance').find((each) => each.startsWith('Nat')) ?? '';
    const other = smallPlan();
    const moved = await synthesized({ ...other, network: { ...network, cidr: '10.40.0.0/17' } });
    expect(idOf(moved.template)).not.toBe(idOf(small));
    const ties = propertiesOf(moved.template, 'NatElasticIpAssociation');
    expect(renderValue(ties['InstanceId'])).toBe(`\${${idOf(moved.template)}}`);
  });

  test('takes the image of the processor that the NAT instance has', async () => {
    const plan = smallPlan();
    const { template } = await synthesized({
      ...plan,
      network: { ...network, natInstanceType: 't3.nano' },
      proxy: {
        ...plan.proxy,
        ami: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64:7',
      },
    });
    const images = resourcesOf(template, 'AWS::EC2::Instance').map(({ properties }) =>
      renderValue(properties['ImageId']),
    );
    expect(images).toEqual([
      '{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64}}',
      '{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64:7}}',
    ]);
  });

  test('without a way out has the endpoints of the plan, in one zone, for the functions only', () => {
    const services = resourcesOf(closed, 'AWS::EC2::VPCEndpoint')
      .filter(({ properties }) => properties['VpcEndpointType'] === 'Interface')
      .map(({ properties }) => [
        renderValue(properties['ServiceName']).replace('com.amazonaws.${AWS::Region}.', ''),
        renderValue(properties['SubnetIds']),
        properties['PrivateDnsEnabled'],
      ]);
    expect(services).toEqual(
      ['lambda', 'secretsmanager', 'email-smtp'].map((each) => [each, '${PrivateSubnet1}', true]),
    );
    const callers = ingressRules(closed)
      .filter(({ resource }) => resource === 'EndpointSecurityGroup')
      .map(({ fields }) => renderValue(fields['SourceSecurityGroupId']));
    expect(new Set(callers)).toEqual(new Set(['${FunctionsSecurityGroup.GroupId}']));
  });

  test('lets the proxy ask for the passphrase of its certificate, where the name leads inside', async () => {
    const plan = smallPlan({ egress: 'none' });
    const arn = 'arn:aws:acm:eu-central-1:111122223333:certificate/1';
    const certificate = { kind: 'acm', arn, passphraseSecret: 'passphrase' } as const;
    const { template } = await synthesized({ ...plan, proxy: { ...plan.proxy, certificate } });
    const callers = ingressRules(template)
      .filter(({ resource }) => resource === 'EndpointSecurityGroup')
      .map(({ fields }) => [renderValue(fields['SourceSecurityGroupId']), fields['FromPort']]);
    expect(callers).toEqual([
      ['${FunctionsSecurityGroup.GroupId}', 443],
      ['${FunctionsSecurityGroup.GroupId}', 465],
      ['${FunctionsSecurityGroup.GroupId}', 587],
      ['${ProxySecurityGroup.GroupId}', 443],
    ]);
  });

  test('empties the default security group', () => {
    const [only] = resourcesOf(small, 'Custom::VpcRestrictDefaultSG');
    expect(renderValue(only?.properties['DefaultSecurityGroupId'])).toMatch(
      /^\$\{Vpc\w+\.DefaultSecurityGroup\}$/,
    );
    const used = JSON.stringify(
      resourcesOf(small).filter(({ id }) => !id.startsWith('Custom') && !id.startsWith('Vpc')),
    );
    expect(used).not.toContain('DefaultSecurityGroup');
  });

  test('writes flow logs by choice, and keeps them as long as the other logs', async () => {
    expect(propertiesOf(small, 'FlowLog')).toMatchObject({
      TrafficType: 'ALL',
      ResourceType: 'VPC',
    });
    expect(propertiesOf(small, 'FlowLogGroup')['RetentionInDays']).toBe(30);
    const plan = { ...smallPlan(), network: { ...network, flowLogs: false } };
    const optOuts = [{ setting: 'network.flowLogs', value: 'false', reason: 'a trial' }];
    const without = await synthesized({ ...plan, optOuts });
    expect(idsOf(without.template, 'AWS::EC2::FlowLog')).toEqual([]);
    await expect(synthesized(plan)).rejects.toMatchObject({
      code: 'stack-refused',
      message: expect.stringContaining('AwsSolutions-VPC7'),
    });
  });
});

describe('R7 and R8: who reaches whom', () => {
  test('the database hears the functions and the proxy, calls nobody', () => {
    const rules = resourcesOf(small, 'AWS::EC2::SecurityGroupIngress').map(({ properties }) => [
      renderValue(properties['GroupId']),
      renderValue(properties['SourceSecurityGroupId']),
      properties['FromPort'],
      properties['ToPort'],
      properties['IpProtocol'],
    ]);
    expect(rules).toEqual([
      ['${DatabaseSecurityGroup.GroupId}', '${FunctionsSecurityGroup.GroupId}', 5432, 5432, 'tcp'],
      ['${DatabaseSecurityGroup.GroupId}', '${ProxySecurityGroup.GroupId}', 5432, 5432, 'tcp'],
    ]);
    const database = propertiesOf(small, 'DatabaseSecurityGroup');
    expect(database['SecurityGroupIngress']).toBeUndefined();
    expect(database['SecurityGroupEgress']).toMatchObject([{ CidrIp: '255.255.255.255/32' }]);
  });

  test('functions call 443, mail where there are digests, and the database; nobody calls them', async () => {
    const egress = (template: Template): unknown =>
      propertiesOf(template, 'FunctionsSecurityGroup')['SecurityGroupEgress'];
    expect(egress(small)).toMatchObject([{ FromPort: 443 }, { FromPort: 465 }, { FromPort: 587 }]);
    expect(propertiesOf(small, 'FunctionsSecurityGroup')['SecurityGroupIngress']).toBeUndefined();
    expect(propertiesOf(small, 'FunctionsToDatabase')).toMatchObject({
      FromPort: 5432,
      ToPort: 5432,
    });
    const plan = smallPlan();
    const quiet = await synthesized({
      ...plan,
      functions: plan.functions.filter(({ kind }) => kind !== 'digest'),
      schedules: plan.schedules.filter(({ functionId }) => !functionId.startsWith('digest')),
    });
    expect(egress(quiet.template)).toMatchObject([{ FromPort: 443 }]);
  });

  test('the proxy hears the allow-list, each entry on 443 and 5432 with its note', () => {
    const rules = propertiesOf(small, 'ProxySecurityGroup')['SecurityGroupIngress'];
    const rule = (place: object, port: number, description: string): object => ({
      ...place,
      FromPort: port,
      ToPort: port,
      IpProtocol: 'tcp',
      Description: description,
    });
    expect(rules).toEqual([
      rule({ CidrIp: '203.0.113.0/24' }, 443, 'office'),
      rule({ CidrIp: '203.0.113.0/24' }, 5432, 'office'),
      rule({ CidrIp: '198.51.100.7/32' }, 443, 'Ana at home'),
      rule({ CidrIp: '198.51.100.7/32' }, 5432, 'Ana at home'),
    ]);
    expect(propertiesOf(small, 'ProxySecurityGroup')['SecurityGroupEgress']).toMatchObject([
      { FromPort: 443, ToPort: 443 },
    ]);
  });

  test('an empty allow-list lets nobody in', async () => {
    const { template } = await synthesized(smallPlan({ access: { allow: [], users: [] } }));
    const open = ingressRules(template).filter(({ resource }) => resource === 'ProxySecurityGroup');
    expect(open).toEqual([]);
  });

  test('a note that EC2 would refuse is written with what it takes', async () => {
    const allow = [{ cidr: '203.0.113.9/32', note: 'Zürich <büro> "A"' }];
    const { template } = await synthesized(smallPlan({ access: { allow, users: [] } }));
    const notes = ingressRules(template).map(({ fields }) => fields['Description']);
    expect(notes).toContain('Z_rich _b_ro_ _A_');
  });
});
