import { resourcesOf } from '../template.ts';
import type { Resource, Template } from '../template.ts';
import type { Check, Found } from './finding.ts';
import { fieldsOf, listOf, numberOf, renderValue } from './values.ts';

const servers = (template: Template): readonly Resource[] =>
  resourcesOf(template).filter(({ type }) => /^AWS::RDS::DB(?:Cluster|Instance)$/.test(type));

/** Those that hold data: a cluster, or an instance that is not part of one. */
const stores = (template: Template): readonly Resource[] =>
  servers(template).filter(({ properties }) => properties['DBClusterIdentifier'] === undefined);

export const privateDatabase: Check = {
  name: 'private-database',
  promise: 'the database has no public address',
  find: (template) =>
    servers(template)
      .filter(({ type }) => type === 'AWS::RDS::DBInstance')
      // Left out it depends on the subnets: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html
      .filter(({ properties }) => properties['PubliclyAccessible'] !== false)
      .map(({ id, properties }) => ({
        resource: id,
        message: `PubliclyAccessible is ${renderValue(properties['PubliclyAccessible']) || 'left out'}; expected false`,
      })),
};

/** Properties that every store must have, with the value. */
const storeProperties: Readonly<Record<string, unknown>> = {
  StorageEncrypted: true,
  EnableIAMDatabaseAuthentication: true,
  ManageMasterUserPassword: true,
  CopyTagsToSnapshot: true,
};

export const safeDatabase: Check = {
  name: 'safe-database',
  promise:
    'the database is encrypted, backed up, logged into by IAM, leaves a snapshot, and its first password is made and changed by RDS',
  find: (template) =>
    stores(template).flatMap(({ id, properties, deletionPolicy, updateReplacePolicy }) => {
      const found: Found[] = [];
      const expect = (what: string, seen: unknown, expected: string): void => {
        const shown = renderValue(seen) || 'left out';
        found.push({ resource: id, message: `${what} is ${shown}; expected ${expected}` });
      };
      for (const [name, value] of Object.entries(storeProperties)) {
        if (properties[name] !== value) expect(name, properties[name], renderValue(value));
      }
      const days = numberOf(properties['BackupRetentionPeriod']);
      if (days === undefined || days < 1) expect('BackupRetentionPeriod', days, '1 to 35');
      if (deletionPolicy !== 'Snapshot') expect('DeletionPolicy', deletionPolicy, 'Snapshot');
      if (updateReplacePolicy !== 'Snapshot') {
        expect('UpdateReplacePolicy', updateReplacePolicy, 'Snapshot');
      }
      return found;
    }),
};

export const databaseTls: Check = {
  name: 'database-tls',
  promise: 'the database refuses connections without TLS',
  find: (template) =>
    stores(template).flatMap(({ id, properties }): readonly Found[] => {
      const name = properties['DBParameterGroupName'] ?? properties['DBClusterParameterGroupName'];
      const group = template.Resources[renderValue(name).replace(/^\$\{(.*)\}$/, '$1')];
      const force = fieldsOf(group?.Properties?.['Parameters'])['rds.force_ssl'];
      if (renderValue(force) === '1') return [];
      const seen = renderValue(force) || 'left out';
      return [{ resource: id, message: `rds.force_ssl is ${seen}; expected 1` }];
    }),
};

export const databasePlace: Check = {
  name: 'database-place',
  promise: 'the database lies in two zones, in subnets without a way to the internet',
  find: (template) =>
    resourcesOf(template, 'AWS::RDS::DBSubnetGroup').flatMap(({ id, properties }) => {
      const subnets = listOf(properties['SubnetIds']).map((each) => renderValue(each));
      const found: Found[] = [];
      const zones = new Set(
        subnets.map((subnet) => JSON.stringify(subnetOf(template, subnet)?.['AvailabilityZone'])),
      );
      if (zones.size < 2 || subnets.length < 2) {
        const seen = `${subnets.length} subnets in ${zones.size} zones`;
        found.push({ resource: id, message: `has ${seen}; expected two zones` });
      }
      for (const subnet of subnets) {
        const way = wayOut(template, subnet);
        if (way === undefined) continue;
        found.push({
          resource: id,
          message: `${subnet} reaches ${way}; expected no way but that inside the network`,
        });
      }
      return found;
    }),
};

function subnetOf(template: Template, reference: string) {
  return template.Resources[reference.replace(/^\$\{(.*)\}$/, '$1')]?.Properties;
}

/** The destination of a route of the subnet's table; S3's endpoint is none. */
function wayOut(template: Template, subnet: string): string | undefined {
  const tables = resourcesOf(template, 'AWS::EC2::SubnetRouteTableAssociation')
    .filter(({ properties }) => renderValue(properties['SubnetId']) === subnet)
    .map(({ properties }) => renderValue(properties['RouteTableId']));
  const route = resourcesOf(template, 'AWS::EC2::Route').find(({ properties }) =>
    tables.includes(renderValue(properties['RouteTableId'])),
  );
  if (route === undefined) return undefined;
  const { properties } = route;
  return renderValue(properties['DestinationCidrBlock'] ?? properties['DestinationIpv6CidrBlock']);
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
export const databaseCapacity: Check = {
  name: 'database-capacity',
  promise: 'Aurora is given a capacity that it takes, and pauses only from 0 ACU',
  find: (template) =>
    resourcesOf(template, 'AWS::RDS::DBCluster').flatMap(({ id, properties }) => {
      const scaling = fieldsOf(properties['ServerlessV2ScalingConfiguration']);
      const found: Found[] = [];
      const min = numberOf(scaling['MinCapacity']);
      const max = numberOf(scaling['MaxCapacity']);
      const isHalf = (value: number): boolean => Number.isInteger(value * 2);
      if (min === undefined || min > 256 || !isHalf(min)) {
        found.push({
          resource: id,
          message: `MinCapacity is ${min ?? 'left out'}; expected 0 to 256 in steps of 0.5`,
        });
      }
      if (max === undefined || max < 1 || max > 256 || !isHalf(max) || max < (min ?? 0)) {
        found.push({
          resource: id,
          message: `MaxCapacity is ${max ?? 'left out'}; expected 1 to 256 in steps of 0.5, not below MinCapacity ${min ?? 0}`,
        });
      }
      const pause = numberOf(scaling['SecondsUntilAutoPause']);
      if (pause !== undefined && (min !== 0 || pause < 300 || pause > 86_400)) {
        found.push({
          resource: id,
          message: `SecondsUntilAutoPause is ${pause} with MinCapacity ${min ?? 'left out'}; expected 300 to 86400, and 0 ACU`,
        });
      }
      return found;
    }),
};
