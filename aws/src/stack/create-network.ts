import { Fn, Tags } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import {
  CfnFlowLog,
  CfnInternetGateway,
  CfnRoute,
  CfnRouteTable,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPC,
  CfnVPCEndpoint,
  CfnVPCGatewayAttachment,
  IpAddresses,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';

import type { Plan } from '../plan/plan.ts';
import { allow, trustOf } from './statement.ts';

export interface Network {
  readonly vpcId: string;
  readonly publicSubnets: readonly [CfnSubnet, CfnSubnet];
  readonly privateSubnets: readonly [CfnSubnet, CfnSubnet];
  readonly databaseSubnets: readonly [CfnSubnet, CfnSubnet];
  readonly publicRoutes: CfnRouteTable;
  readonly privateRoutes: CfnRouteTable;
  readonly databaseRoutes: CfnRouteTable;
  /** The way out of the public subnets: what lives there waits for it. */
  readonly internet: CfnRoute;
}

/**
 * The VPC over two zones. Subnets are made one by one because their CIDRs are the plan's, to the
 * digit. The subnets of the database have no route but the local one and that to S3.
 */
export function createNetwork(stack: Stack, plan: Plan): Network {
  const vpcId = createVpc(stack, plan);
  const gateway = new CfnInternetGateway(stack, 'InternetGateway');
  const attachment = new CfnVPCGatewayAttachment(stack, 'InternetGatewayAttachment', {
    vpcId,
    internetGatewayId: gateway.ref,
  });
  const kinds = { Public: 'publicSubnets', Private: 'privateSubnets', Database: 'databaseSubnets' };
  const tableOf = (kind: keyof typeof kinds): CfnRouteTable => {
    const table = new CfnRouteTable(stack, `${kind}Routes`, { vpcId });
    Tags.of(table).add('Name', `${plan.name}-${kind.toLowerCase()}`);
    return table;
  };
  const subnetsOf = (
    kind: keyof typeof kinds,
    cidrs: readonly [string, string],
    table: CfnRouteTable,
  ): readonly [CfnSubnet, CfnSubnet] => {
    const subnetIn = (zone: 0 | 1): CfnSubnet => {
      const id = `${kind}Subnet${zone + 1}`;
      const subnet = new CfnSubnet(stack, id, {
        vpcId,
        cidrBlock: cidrs[zone],
        availabilityZone: Fn.select(zone, Fn.getAzs()),
        mapPublicIpOnLaunch: false,
      });
      Tags.of(subnet).add('Name', `${plan.name}-${kind.toLowerCase()}-${zone + 1}`);
      new CfnSubnetRouteTableAssociation(stack, `${id}Routes`, {
        subnetId: subnet.ref,
        routeTableId: table.ref,
      });
      return subnet;
    };
    return [subnetIn(0), subnetIn(1)];
  };
  const [publicRoutes, privateRoutes, databaseRoutes] = [
    tableOf('Public'),
    tableOf('Private'),
    tableOf('Database'),
  ];
  const internet = new CfnRoute(stack, 'InternetRoute', {
    routeTableId: publicRoutes.ref,
    destinationCidrBlock: '0.0.0.0/0',
    gatewayId: gateway.ref,
  });
  internet.addResourceDependency(attachment);
  if (plan.network.flowLogs) createFlowLog(stack, plan, vpcId);
  return {
    vpcId,
    publicSubnets: subnetsOf('Public', plan.network.publicSubnets, publicRoutes),
    privateSubnets: subnetsOf('Private', plan.network.privateSubnets, privateRoutes),
    databaseSubnets: subnetsOf('Database', plan.network.databaseSubnets, databaseRoutes),
    publicRoutes,
    privateRoutes,
    databaseRoutes,
    internet,
  };
}

/**
 * CDK's own VPC, without any subnet, for one thing it does that CloudFormation cannot: it empties the
 * default security group, so that what is put into the VPC without a group of its own reaches nothing.
 */
function createVpc(stack: Stack, plan: Plan): string {
  const vpc = new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr(plan.network.cidr),
    subnetConfiguration: [],
    natGateways: 0,
    createInternetGateway: false,
    restrictDefaultSecurityGroup: true,
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
  const { defaultChild } = vpc.node;
  if (defaultChild instanceof CfnVPC) Tags.of(defaultChild).add('Name', plan.name);
  return vpc.vpcId;
}

/**
 * The way to S3 that costs nothing, for private and database subnets. Everything may be read over it
 * (partners' buckets, public ones), but nothing written except into the landing bucket: a library gone
 * bad cannot carry data away to another bucket, whatever credentials it brings.
 */
export function createStorageEndpoint(
  stack: Stack,
  network: Network,
  landingBucketArn: string,
): CfnVPCEndpoint {
  return new CfnVPCEndpoint(stack, 'StorageEndpoint', {
    vpcId: network.vpcId,
    vpcEndpointType: 'Gateway',
    serviceName: Fn.sub('com.amazonaws.${AWS::Region}.s3'),
    routeTableIds: [network.privateRoutes.ref, network.databaseRoutes.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Read',
          Effect: 'Allow',
          Principal: '*',
          Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:GetBucketLocation'],
          Resource: '*',
        },
        {
          Sid: 'WriteLanding',
          Effect: 'Allow',
          Principal: '*',
          Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
          Resource: Fn.join('', [landingBucketArn, '/landing/*']),
          Condition: { StringEquals: { 'aws:PrincipalAccount': Fn.ref('AWS::AccountId') } },
        },
      ],
    },
  });
}

function createFlowLog(stack: Stack, plan: Plan, vpcId: string): void {
  const logGroup = new CfnLogGroup(stack, 'FlowLogGroup', {
    logGroupName: `/plumbline/${plan.name}/flow`,
    retentionInDays: plan.alarms.logDays,
  });
  const role = new CfnRole(stack, 'FlowLogRole', {
    assumeRolePolicyDocument: trustOf('vpc-flow-logs.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': Fn.ref('AWS::AccountId') },
    }),
    policies: [
      allow('write-log', [
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [logGroup.attrArn],
        },
      ]),
    ],
  });
  new CfnFlowLog(stack, 'FlowLog', {
    resourceId: vpcId,
    resourceType: 'VPC',
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logGroupName: logGroup.ref,
    deliverLogsPermissionArn: role.attrArn,
    maxAggregationInterval: 600,
  });
}
