import type { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnDeletionPolicy } from 'aws-cdk-lib';
import {
  CfnDBCluster,
  CfnDBClusterParameterGroup,
  CfnDBInstance,
  CfnDBParameterGroup,
  CfnDBSubnetGroup,
} from 'aws-cdk-lib/aws-rds';

import type { Plan } from '../plan/plan.ts';
import type { Network } from './create-network.ts';
import type { SecurityGroups } from './create-security-groups.ts';
import { databasePort } from './create-security-groups.ts';

export interface Database {
  readonly host: string;
  /** Where readers connect: the reader endpoint of Aurora, else `host`. */
  readonly readerHost: string;
  /** The part of a database user's ARN that stands for this database. */
  readonly resourceId: string;
  readonly masterSecretArn: string;
  /** The value of the metric's dimension: cluster or instance. */
  readonly identifier: string;
  readonly kind: Plan['database']['kind'];
}

/** The first user. RDS makes its password, keeps it in Secrets Manager and changes it every week. */
export const masterUser = 'plumbline_admin';

type Aurora = Extract<Plan['database'], { kind: 'aurora-serverless' }>;
type Instance = Extract<Plan['database'], { kind: 'rds-instance' }>;

/** Postgres, seen by the functions and the proxy only. */
export function createDatabase(
  stack: Stack,
  plan: Plan,
  { network, groups }: { readonly network: Network; readonly groups: SecurityGroups },
): Database {
  const subnetGroup = new CfnDBSubnetGroup(stack, 'DatabaseSubnetGroup', {
    dbSubnetGroupDescription: `Database of ${plan.name}, two zones`,
    subnetIds: network.databaseSubnets.map(({ ref }) => ref),
  });
  const place: Place = {
    subnetGroup: subnetGroup.ref,
    securityGroupId: groups.database.attrGroupId,
    zones: network.databaseSubnets.map(({ attrAvailabilityZone }) => attrAvailabilityZone),
  };
  const { database } = plan;
  return database.kind === 'aurora-serverless'
    ? createAurora(stack, { plan, database, place })
    : createRdsInstance(stack, { plan, database, place });
}

interface Place {
  readonly subnetGroup: string;
  readonly securityGroupId: string;
  readonly zones: readonly string[];
}

function createAurora(
  stack: Stack,
  { plan, database, place }: { plan: Plan; database: Aurora; place: Place },
): Database {
  const parameters = new CfnDBClusterParameterGroup(stack, 'DatabaseParameters', {
    family: `aurora-postgresql${majorOf(database.engineVersion)}`,
    description: `TLS only, idle sessions end; ${plan.name}`,
    parameters: parametersOf(plan),
  });
  const cluster = new CfnDBCluster(stack, 'DatabaseCluster', {
    ...common(database),
    engine: 'aurora-postgresql',
    databaseName: database.databaseName,
    port: databasePort,
    dbSubnetGroupName: place.subnetGroup,
    vpcSecurityGroupIds: [place.securityGroupId],
    dbClusterParameterGroupName: parameters.ref,
    serverlessV2ScalingConfiguration: {
      minCapacity: database.minAcu,
      maxCapacity: database.maxAcu,
      ...(database.minAcu === 0 && database.pauseAfterMinutes !== undefined
        ? { secondsUntilAutoPause: database.pauseAfterMinutes * 60 }
        : {}),
    },
  });
  keepSnapshot(cluster);
  const instances = database.standby ? 2 : 1;
  for (let index = 0; index < instances; index += 1) {
    const zone = place.zones[index];
    new CfnDBInstance(stack, index === 0 ? 'DatabaseWriter' : 'DatabaseStandby', {
      dbClusterIdentifier: cluster.ref,
      dbInstanceClass: 'db.serverless',
      engine: 'aurora-postgresql',
      publiclyAccessible: false,
      caCertificateIdentifier: certificateAuthority,
      autoMinorVersionUpgrade: true,
      // Tier 1 keeps the standby as large as the writer, so that a failover does not begin small.
      promotionTier: 1,
      ...(zone === undefined ? {} : { availabilityZone: zone }),
    });
  }
  return {
    host: cluster.attrEndpointAddress,
    readerHost: cluster.attrReadEndpointAddress,
    resourceId: cluster.attrDbClusterResourceId,
    masterSecretArn: cluster.attrMasterUserSecretSecretArn,
    identifier: cluster.ref,
    kind: database.kind,
  };
}

function createRdsInstance(
  stack: Stack,
  { plan, database, place }: { plan: Plan; database: Instance; place: Place },
): Database {
  const parameters = new CfnDBParameterGroup(stack, 'DatabaseParameters', {
    family: `postgres${majorOf(database.engineVersion)}`,
    description: `TLS only, idle sessions end; ${plan.name}`,
    parameters: { ...parametersOf(plan), ...buffersOf(database) },
  });
  const instance = new CfnDBInstance(stack, 'DatabaseInstance', {
    ...common(database),
    engine: 'postgres',
    dbName: database.databaseName,
    port: String(databasePort),
    dbInstanceClass: `db.${database.instanceType}`,
    allocatedStorage: String(database.storageGb),
    // RDS wants at least a tenth more; less than that means that storage is not to grow.
    ...(database.storageMaxGb >= database.storageGb * 1.1
      ? { maxAllocatedStorage: database.storageMaxGb }
      : {}),
    storageType: 'gp3',
    multiAz: database.standby,
    publiclyAccessible: false,
    caCertificateIdentifier: certificateAuthority,
    dbSubnetGroupName: place.subnetGroup,
    vpcSecurityGroups: [place.securityGroupId],
    dbParameterGroupName: parameters.ref,
    deleteAutomatedBackups: false,
  });
  keepSnapshot(instance);
  return {
    host: instance.attrEndpointAddress,
    readerHost: instance.attrEndpointAddress,
    resourceId: instance.attrDbiResourceId,
    masterSecretArn: instance.attrMasterUserSecretSecretArn,
    identifier: instance.ref,
    kind: database.kind,
  };
}

/** Valid until 2061; what functions and proxy check the server against holds it. */
const certificateAuthority = 'rds-ca-rsa2048-g1';

/**
 * What both kinds have. The storage key is AWS's own for RDS: one of ours would cost a dollar a month
 * and, with it, a way to lose everything by deleting a key. The engine's extended support is off, so
 * that no bill grows by itself when a major version has had its five years.
 */
function common(database: Plan['database']) {
  return {
    engineVersion: database.engineVersion,
    engineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    masterUsername: masterUser,
    manageMasterUserPassword: true,
    storageEncrypted: true,
    enableIamDatabaseAuthentication: true,
    backupRetentionPeriod: database.backupDays,
    deletionProtection: database.deletionProtection,
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: true,
  } as const;
}

/** A function lives for fifteen minutes at most: no session of one is ended under it. */
const longestRunMinutes = 16;

/**
 * Postgres' own settings. Idle sessions end after the proxy would have ended them: a forgotten one
 * otherwise keeps Aurora awake for ever, and a forgotten transaction keeps old rows. Logs stay seven
 * days in the database; copied to CloudWatch they would cost more than they tell.
 */
function parametersOf(plan: Plan): Readonly<Record<string, string>> {
  const idleMinutes = Math.max(plan.proxy.databaseIdleMinutes + 1, longestRunMinutes);
  return {
    'rds.force_ssl': '1',
    idle_session_timeout: String(idleMinutes * 60_000),
    idle_in_transaction_session_timeout: String(longestRunMinutes * 60_000),
    log_connections: '1',
    log_disconnections: '1',
    log_lock_waits: '1',
    log_min_duration_statement: '5000',
    'rds.log_retention_period': '10080',
  };
}

/**
 * Logins by IAM take 300 MB of the server and more, and of a burstable class AWS asks to leave as much
 * less to buffers: an eighth of the memory, where RDS gives them a quarter.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 */
function buffersOf({ instanceType }: Instance): Readonly<Record<string, string>> {
  return instanceType.startsWith('t') ? { shared_buffers: '{DBInstanceClassMemory/65536}' } : {};
}

function majorOf(engineVersion: string): string {
  return engineVersion.split('.')[0] ?? engineVersion;
}

/** Removing the stack, or replacing the database, leaves its last state behind. */
function keepSnapshot(resource: CfnResource): void {
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.SNAPSHOT;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.SNAPSHOT;
}
