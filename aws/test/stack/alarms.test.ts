import { beforeAll, describe, expect, test } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { statementsOf } from '../../src/stack/checks/policy.ts';
import { listOf } from '../../src/stack/checks/values.ts';
import { connectionsExpected } from '../../src/stack/create-alarms.ts';
import { longestSilenceHours } from '../../src/stack/longest-silence.ts';
import { resourcesOf } from '../../src/stack/template.ts';
import type { Template } from '../../src/stack/template.ts';
import { smallPlan, standardPlan } from '../helpers/sample-plan.ts';
import { synthesized } from '../helpers/synthesized.ts';
import { fieldsOf, idsOf, outputOf, propertiesOf, renderValue } from '../helpers/template.ts';

const plan = smallPlan();
let small: Template;
let standard: Template;
let isProtected: boolean | undefined;
beforeAll(async () => {
  small = (await synthesized(plan)).template;
  const made = await synthesized(standardPlan());
  standard = made.template;
  isProtected = made.terminationProtection;
});

/**
 * As the user guides of Lambda, SQS, RDS, Aurora and EC2 list them; the last one is ours.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
 */
const metrics = [
  ...['Errors', 'Throttles', 'Duration'].map((name) => `AWS/Lambda ${name} by FunctionName`),
  'AWS/SQS ApproximateNumberOfMessagesVisible by QueueName',
  ...['DatabaseConnections', 'ACUUtilization', 'VolumeBytesUsed'].map(
    (name) => `AWS/RDS ${name} by DBClusterIdentifier`,
  ),
  ...['DatabaseConnections', 'FreeStorageSpace'].map(
    (name) => `AWS/RDS ${name} by DBInstanceIdentifier`,
  ),
  ...['StatusCheckFailed_System', 'StatusCheckFailed_Instance', 'CPUUtilization'].map(
    (name) => `AWS/EC2 ${name} by InstanceId`,
  ),
  'Plumbline SourcesLate by Stack',
];

const alarm = (template: Template, id: string): ReturnType<typeof propertiesOf> =>
  propertiesOf(template, `Alarm${id}`);

describe('alarms', () => {
  test('all tell the topic, of bad and of good, and the topic tells people by mail', () => {
    const alarms = resourcesOf(small, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(20);
    for (const { properties } of alarms) {
      expect(renderValue(properties['AlarmActions'])).toContain('${Alarms}');
      expect(renderValue(properties['OKActions'])).toBe('${Alarms}');
    }
    const mails = resourcesOf(small, 'AWS::SNS::Subscription').map(({ properties }) => [
      properties['Protocol'],
      properties['Endpoint'],
    ]);
    expect(mails).toEqual([['email', 'ops@example.com']]);
    expect(statementsOf(small, 'AlarmsPolicy')).toMatchObject([
      { effect: 'Allow', principal: 'cloudwatch.amazonaws.com', actions: ['sns:Publish'] },
      { effect: 'Deny', principal: '*', condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  test('go by metrics that AWS has, under the dimensions it has them by, over as long as it looks back', () => {
    for (const template of [small, standard]) {
      for (const { id, properties } of resourcesOf(template, 'AWS::CloudWatch::Alarm')) {
        const { Namespace: namespace, MetricName: metric, Dimensions: dimensions } = properties;
        const names = listOf(dimensions).map((each) => renderValue(fieldsOf(each)['Name']));
        expect({
          id,
          metric: `${renderValue(namespace)} ${renderValue(metric)} by ${names.join()}`,
        }).toEqual({ id, metric: expect.toBeOneOf(metrics) });
        const seconds = Number(properties['Period']) * Number(properties['EvaluationPeriods']);
        expect(seconds).toBeLessThanOrEqual((properties['Period'] === 3600 ? 7 : 1) * 86_400);
      }
    }
  });

  test('are raised by no lack of data, but for the one that is about it', () => {
    for (const { id, properties } of resourcesOf(small, 'AWS::CloudWatch::Alarm')) {
      const unusual = { AlarmSilence: 'breaching', AlarmSourcesLate: 'ignore' }[id];
      expect([id, properties['TreatMissingData']]).toEqual([id, unusual ?? 'notBreaching']);
    }
  });

  test('watch errors, throttles and duration of every function', () => {
    for (const { id, timeoutSeconds } of plan.functions) {
      const of = alarmsOf(small, `plumbline-acme-${id}`);
      expect(of).toEqual([
        ['Errors', 'Sum', 1, 'notBreaching'],
        ['Throttles', 'Sum', 10, 'notBreaching'],
        ['Duration', 'Maximum', timeoutSeconds * 900, 'notBreaching'],
      ]);
    }
  });

  test('watch both queues of what failed', () => {
    for (const id of ['FailedEvents', 'FailedUploads']) {
      expect(alarm(small, id)).toMatchObject({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Threshold: 1,
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
      });
    }
  });

  test('say that a source is late, until a later number says otherwise', () => {
    expect(alarm(small, 'SourcesLate')).toMatchObject({
      Namespace: 'Plumbline',
      MetricName: 'SourcesLate',
      Dimensions: [{ Name: 'Stack', Value: 'plumbline-acme' }],
      Statistic: 'Maximum',
      // A source that was late and then loaded within one hour is not late until tomorrow.
      Period: 60,
      Threshold: 1,
      TreatMissingData: 'ignore',
    });
  });

  test('say that nothing runs any more, a bit after the longest pause of the schedules', async () => {
    expect(alarm(small, 'Silence')).toMatchObject({
      MetricName: 'SourcesLate',
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Period: 3600,
      EvaluationPeriods: 26,
      DatapointsToAlarm: 26,
      TreatMissingData: 'breaching',
    });
    const weekdays = plan.schedules.slice(1, 2).map((each) => ({
      ...each,
      schedule: { kind: 'cron' as const, expression: '30 5 * * 1-5' },
      expression: 'cron(30 5 ? * MON-FRI *)',
    }));
    const working = await synthesized({ ...plan, schedules: weekdays });
    // From Friday to Monday are 72 hours, one less or more when the clocks change.
    expect(alarm(working.template, 'Silence')['EvaluationPeriods']).toBe(74);
    const monthly = await synthesized({ ...plan, schedules: plan.schedules.slice(2, 3) });
    expect(idsOf(monthly.template, 'AWS::CloudWatch::Alarm')).not.toContain('AlarmSilence');
  });

  test('watch free storage of an instance, capacity and size of Aurora, and connections of both', () => {
    expect(alarm(small, 'DatabaseStorage')).toMatchObject({
      MetricName: 'FreeStorageSpace',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 4 * 1024 ** 3,
      Dimensions: [{ Name: 'DBInstanceIdentifier', Value: { Ref: 'DatabaseInstance' } }],
    });
    const ofCluster = [{ Name: 'DBClusterIdentifier', Value: { Ref: 'DatabaseCluster' } }];
    expect(alarm(standard, 'DatabaseCapacity')).toMatchObject({
      MetricName: 'ACUUtilization',
      Threshold: 90,
      Dimensions: ofCluster,
    });
    expect(alarm(standard, 'DatabaseVolume')).toMatchObject({
      MetricName: 'VolumeBytesUsed',
      Dimensions: ofCluster,
    });
    // 40 through the proxy, 8 of the dashboards, 2 for each of 10 runs at once; nine tenths of it.
    expect(alarm(small, 'DatabaseConnections')['Threshold']).toBe(61);
    expect(alarm(standard, 'DatabaseConnections')['Dimensions']).toEqual(ofCluster);
  });

  test('of connections is raised before the server refuses one, however many might be wanted', () => {
    const proxy = { ...plan.proxy, databaseConnectionsMax: 1000 };
    const of = (database: Partial<Extract<Plan['database'], { kind: 'rds-instance' }>>): number => {
      if (plan.database.kind !== 'rds-instance') throw new Error('the sample is no instance');
      return connectionsExpected({ ...plan, proxy, database: { ...plan.database, ...database } });
    };
    // A t4g.micro has 81 by what people report of it, a t4g.small about 180.
    expect(of({ instanceType: 't4g.micro' })).toBeLessThan(81);
    expect(of({ instanceType: 't4g.micro' })).toBeGreaterThan(50);
    expect(of({ instanceType: 't4g.small' })).toBe(135);
    expect(of({ instanceType: 'r6gd.2xlarge' })).toBe(Math.floor(0.9 * 1028));
    expect(of({ instanceType: 'c6gd.medium' })).toBe(Math.floor(0.9 * 1028));
    // The documentation has 189 for one ACU.
    const aurora = standardPlan().database;
    if (aurora.kind !== 'aurora-serverless') throw new Error('the sample is no Aurora');
    expect(connectionsExpected({ ...plan, proxy, database: { ...aurora, maxAcu: 1 } })).toBe(135);
  });

  test('of storage says whether somebody has to do something', () => {
    expect(alarm(small, 'DatabaseStorage')['AlarmDescription']).toContain('grows by itself');
  });

  test('watch the NAT instance where there is one', () => {
    expect(idsOf(small, 'AWS::CloudWatch::Alarm')).toContain('AlarmNatSystem');
    expect(idsOf(standard, 'AWS::CloudWatch::Alarm')).not.toContain('AlarmNatSystem');
  });
});

function alarmsOf(template: Template, functionName: string): readonly unknown[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm')
    .filter(({ properties }) =>
      JSON.stringify(properties['Dimensions']).includes(`"${functionName}"`),
    )
    .map(({ properties }) => [
      properties['MetricName'],
      properties['Statistic'],
      properties['Threshold'],
      properties['TreatMissingData'],
    ]);
}

describe('the longest silence', () => {
  const [first, daily, monthly] = plan.schedules;

  test('is that of all schedules together', () => {
    if (first === undefined || daily === undefined || monthly === undefined) throw new Error('few');
    // 24 hours, and 25 where Europe's clocks go back; in March they go forward.
    expect(longestSilenceHours([daily])).toBe(24);
    expect(longestSilenceHours([first, daily, monthly])).toBe(24);
    expect(longestSilenceHours([first])).toBeGreaterThan(13 * 24);
  });

  test('is unknown without schedules, and where weeks can pass', () => {
    expect(longestSilenceHours([])).toBeUndefined();
    if (monthly === undefined) throw new Error('few');
    expect(longestSilenceHours([monthly])).toBeUndefined();
  });
});

describe('outputs', () => {
  test('are what the commands read', () => {
    expect(Object.keys(small.Outputs ?? {})).toEqual([
      'ProxyAddress',
      'EgressAddress',
      'DatabaseEndpoint',
      'DatabaseName',
      'LandingBucket',
      'MigrateFunction',
      'ReleaseFunction',
      'IngestFunctions',
      'DigestFunctions',
      'AlarmTopic',
      'UserSecrets',
      'SecretNames',
    ]);
    expect(outputOf(small, 'ProxyAddress')).toBe('${ProxyElasticIp.PublicIp}');
    expect(outputOf(small, 'DatabaseEndpoint')).toBe('${DatabaseInstance.Endpoint.Address}');
    expect(outputOf(small, 'LandingBucket')).toBe('${Landing}');
    expect(outputOf(small, 'MigrateFunction')).toBe('plumbline-acme-migrate');
    expect(JSON.parse(outputOf(small, 'IngestFunctions'))).toEqual({
      payments: 'plumbline-acme-ingest-payments',
      activity: 'plumbline-acme-ingest-activity',
      'partner-orders': 'plumbline-acme-ingest-partner-orders',
      tax: 'plumbline-acme-ingest-tax',
    });
    expect(JSON.parse(outputOf(small, 'UserSecrets'))).toEqual({
      tableau: '${UserSecretTableau}',
      analyst: '${UserSecretAnalyst}',
    });
    expect(Object.keys(JSON.parse(outputOf(small, 'SecretNames')) as object)).toEqual([
      'ACTIVITY_TOKEN',
      'SMTP_URL',
    ]);
  });

  test('the stack is tagged, and CloudFormation refuses to delete it', () => {
    for (const { properties } of resourcesOf(small, 'AWS::Lambda::Function')) {
      if (fieldsOf(properties)['FunctionName'] === undefined) continue;
      expect(properties['Tags']).toContainEqual({
        Key: 'plumbline:stack',
        Value: 'plumbline-acme',
      });
    }
    expect(isProtected).toBe(true);
  });
});
