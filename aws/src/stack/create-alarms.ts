import { Fn } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';

import type { FunctionPlan, Plan } from '../plan/plan.ts';
import type { Database } from './create-database.ts';
import type { Queues } from './create-queues.ts';
import { functionName } from './function-name.ts';
import { logicalId } from './logical-id.ts';
import { longestSilenceHours } from './longest-silence.ts';
import { serverConnections } from './server-connections.ts';

export interface Watched {
  readonly database: Database;
  readonly queues: Queues;
  readonly proxyInstanceId: string;
  readonly natInstanceId: string | undefined;
}

/** What an alarm says besides its id and what all have in common. */
interface AlarmOptions extends Partial<CfnAlarmProps> {
  /** Beside the mail: `recover` or `reboot` of the instance. */
  readonly repair?: 'recover' | 'reboot';
}

type Alarm = (id: string, options: AlarmOptions) => CfnAlarm;

/** Everything that is watched, told to one topic, which sends mails. */
export function createAlarms(stack: Stack, plan: Plan, watched: Watched): CfnTopic {
  const topic = createTopic(stack, plan);
  const alarm: Alarm = (id, { repair, ...options }) =>
    new CfnAlarm(stack, `Alarm${id}`, {
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      evaluationPeriods: 1,
      treatMissingData: 'notBreaching',
      ...options,
      alarmName: `${plan.name}-${id}`,
      alarmActions: [
        topic.ref,
        ...(repair === undefined
          ? []
          : [Fn.sub(`arn:\${AWS::Partition}:automate:\${AWS::Region}:ec2:${repair}`)]),
      ],
      okActions: [topic.ref],
    });
  for (const each of plan.functions) watchFunction(alarm, plan, each);
  watchQueue(alarm, 'FailedEvents', watched.queues.failedEvents);
  if (watched.queues.failedUploads !== undefined) {
    watchQueue(alarm, 'FailedUploads', watched.queues.failedUploads);
  }
  watchSources(alarm, plan);
  watchDatabase(alarm, plan, watched.database);
  watchInstance(alarm, 'Proxy', watched.proxyInstanceId);
  if (watched.natInstanceId !== undefined) watchInstance(alarm, 'Nat', watched.natInstanceId);
  return topic;
}

/**
 * Not encrypted with a key: CloudWatch cannot publish with AWS's own one, and a key of ours costs a
 * dollar a month to hide names of alarms that go out by mail. In transit it is TLS only.
 */
function createTopic(stack: Stack, plan: Plan): CfnTopic {
  const topic = new CfnTopic(stack, 'Alarms', {
    topicName: `${plan.name}-alarms`,
    displayName: plan.name.slice(0, 100),
  });
  plan.alarms.mail.forEach((endpoint) => {
    new CfnSubscription(stack, `Mail${logicalId(endpoint)}`, {
      topicArn: topic.ref,
      protocol: 'email',
      endpoint,
    });
  });
  new CfnTopicPolicy(stack, 'AlarmsPolicy', {
    topics: [topic.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Alarms',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: topic.ref,
          Condition: { StringEquals: { 'aws:SourceAccount': Fn.ref('AWS::AccountId') } },
        },
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: topic.ref,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
  return topic;
}

function watchFunction(alarm: Alarm, plan: Plan, each: FunctionPlan): void {
  const id = logicalId(each.id);
  const name = functionName(plan, each.id);
  const of = { namespace: 'AWS/Lambda', dimensions: [{ name: 'FunctionName', value: name }] };
  alarm(`Errors${id}`, {
    ...of,
    metricName: 'Errors',
    statistic: 'Sum',
    period: 300,
    threshold: 1,
    alarmDescription: `${each.id} failed. Look: plumbline logs --aws ${each.job}`,
  });
  alarm(`Throttles${id}`, {
    ...of,
    metricName: 'Throttles',
    statistic: 'Sum',
    period: 900,
    threshold: 10,
    // Waiting a while for one's turn is what reserved concurrency is for; an hour of it is not.
    evaluationPeriods: 4,
    alarmDescription: `${each.id} was asked for more often at once than it may run, for an hour.`,
  });
  const limitMs = each.timeoutSeconds * 1000;
  alarm(`Duration${id}`, {
    ...of,
    metricName: 'Duration',
    statistic: 'Maximum',
    period: 300,
    threshold: Math.round(limitMs * plan.alarms.durationShare),
    alarmDescription: `${each.id} took ${Math.round(plan.alarms.durationShare * 100)} % of its ${each.timeoutSeconds} s or more.`,
  });
}

function watchQueue(alarm: Alarm, id: string, queue: CfnQueue): void {
  alarm(id, {
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensions: [{ name: 'QueueName', value: queue.attrQueueName }],
    statistic: 'Maximum',
    period: 300,
    threshold: 1,
    alarmDescription: `${id}: something could not be done after all attempts. docs/aws.md says what to do.`,
  });
}

/**
 * `SourcesLate` is written by the functions. Late is late until a later number says otherwise: by the
 * minute, or an hour with a number of each kind would count as late until numbers of another hour
 * come, which may be tomorrow. No number at all for longer than the schedules leave (and a bit) means
 * that nothing runs any more; the migration of a deployment writes the first one.
 */
function watchSources(alarm: Alarm, plan: Plan): void {
  const metric = {
    namespace: 'Plumbline',
    metricName: 'SourcesLate',
    dimensions: [{ name: 'Stack', value: plan.name }],
  };
  alarm('SourcesLate', {
    ...metric,
    statistic: 'Maximum',
    period: 60,
    threshold: 1,
    treatMissingData: 'ignore',
    alarmDescription: 'A source is late. Look: plumbline status --aws',
  });
  const hours = silenceHours(plan);
  if (hours === undefined) return;
  alarm('Silence', {
    ...metric,
    statistic: 'SampleCount',
    period: 3600,
    comparisonOperator: 'LessThanThreshold',
    threshold: 1,
    evaluationPeriods: hours,
    datapointsToAlarm: hours,
    treatMissingData: 'breaching',
    alarmDescription: `Nothing has run for ${hours} hours. Look: plumbline status --aws`,
  });
}

/** CloudWatch looks back seven days at most; a project that runs more seldom has no such alarm. */
export function silenceHours(plan: Plan): number | undefined {
  const longest = longestSilenceHours(plan.schedules);
  if (longest === undefined) return undefined;
  const hours = Math.max(26, Math.ceil(longest) + 2);
  return hours <= 7 * 24 ? hours : undefined;
}

function watchDatabase(alarm: Alarm, plan: Plan, database: Database): void {
  const cluster = database.kind === 'aurora-serverless';
  const of = {
    namespace: 'AWS/RDS',
    dimensions: [
      {
        name: cluster ? 'DBClusterIdentifier' : 'DBInstanceIdentifier',
        value: database.identifier,
      },
    ],
  };
  const connections = connectionsExpected(plan);
  alarm('DatabaseConnections', {
    ...of,
    metricName: 'DatabaseConnections',
    statistic: 'Maximum',
    period: 300,
    evaluationPeriods: 3,
    threshold: connections,
    alarmDescription: `${connections} connections or more: nine tenths of what functions, dashboards and BI tools may have, or of what the server takes.`,
  });
  if (cluster) {
    alarm('DatabaseCapacity', {
      ...of,
      metricName: 'ACUUtilization',
      statistic: 'Average',
      period: 300,
      evaluationPeriods: 6,
      threshold: plan.alarms.acuShare * 100,
      alarmDescription: 'The database has been near its largest size for half an hour.',
    });
    alarm('DatabaseVolume', {
      ...of,
      metricName: 'VolumeBytesUsed',
      statistic: 'Maximum',
      period: 3600,
      threshold: auroraVolumeGb * gib,
      alarmDescription: `The database holds ${auroraVolumeGb} GiB, which begins to cost. Aurora itself goes on to 128 TiB.`,
    });
  } else {
    alarm('DatabaseStorage', {
      ...of,
      metricName: 'FreeStorageSpace',
      statistic: 'Minimum',
      period: 300,
      comparisonOperator: 'LessThanThreshold',
      threshold: plan.alarms.storageFreeGbMin * gib,
      alarmDescription: `Less than ${plan.alarms.storageFreeGbMin} GiB are free in the database. ${growthOf(plan)}`,
    });
  }
}

const gib = 1024 ** 3;

/** Ten dollars a month in us-east-1: more than the data of a company this is for, so worth a look. */
const auroraVolumeGb = 100;

/** Whether somebody has to do something about it. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html */
function growthOf({ database }: Plan): string {
  if (database.kind !== 'rds-instance') return '';
  const { storageGb, storageMaxGb } = database;
  return storageMaxGb > storageGb
    ? `It grows by itself when a tenth is left, up to ${storageMaxGb} GB.`
    : 'It does not grow: set database.storageGb.';
}

/**
 * Nine tenths of all that may connect (the proxy, the dashboards' pool of eight, two for each run of a
 * function at once, of which there are rarely more than five where nothing is reserved) or of what the
 * server takes, whichever is less: an alarm beyond that would never be raised.
 */
export function connectionsExpected(plan: Plan): number {
  const functions = plan.functions.reduce(
    (sum, { reservedConcurrency = 5 }) => sum + 2 * reservedConcurrency,
    0,
  );
  const wanted = plan.proxy.databaseConnectionsMax + dashboardConnections + functions;
  return Math.floor(0.9 * Math.min(wanted, serverConnections(plan.database)));
}

const dashboardConnections = 8;

/** A broken machine is moved to another one by AWS; a broken system is started again. */
function watchInstance(alarm: Alarm, id: string, instanceId: string): void {
  const of = {
    namespace: 'AWS/EC2',
    dimensions: [{ name: 'InstanceId', value: instanceId }],
    statistic: 'Maximum',
    period: 60,
    threshold: 1,
  };
  alarm(`${id}System`, {
    ...of,
    metricName: 'StatusCheckFailed_System',
    evaluationPeriods: 2,
    repair: 'recover',
    alarmDescription: `${id}: the machine under it failed; AWS moves it.`,
  });
  alarm(`${id}Instance`, {
    ...of,
    metricName: 'StatusCheckFailed_Instance',
    evaluationPeriods: 3,
    repair: 'reboot',
    alarmDescription: `${id}: its system does not answer; it is started again.`,
  });
  alarm(`${id}Busy`, {
    ...of,
    metricName: 'CPUUtilization',
    statistic: 'Average',
    period: 900,
    evaluationPeriods: 4,
    threshold: 80,
    alarmDescription: `${id}: busy for an hour; beyond its credits a busy machine costs extra.`,
  });
}
