import type { Watch } from './cloud.ts';
import type { Connection } from './connection.ts';

/** Queues report their depth every minute or so; the newest of a quarter of an hour counts. */
const depthWindowMs = 15 * 60_000;

/** CloudWatch's alarms, and the depth of queues by its metric: so one right fewer is needed. */
export function openWatch({ region, signal, guard }: Connection): Watch {
  const load = async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch');
    return { sdk, client: new sdk.CloudWatchClient({ region }) };
  };
  return {
    alarms: (AlarmNamePrefix) =>
      guard(async () => {
        const { sdk, client } = await load();
        const found: { name: string; reason: string }[] = [];
        const query = { AlarmNamePrefix, StateValue: 'ALARM' as const };
        for await (const page of sdk.paginateDescribeAlarms({ client }, query)) {
          for (const each of page.MetricAlarms ?? []) {
            const reason = each.AlarmDescription ?? each.StateReason ?? '';
            found.push({ name: each.AlarmName ?? '', reason });
          }
        }
        return found;
      }),
    queueDepths: (names) =>
      guard(async () => {
        if (names.length === 0) return new Map();
        const { sdk, client } = await load();
        const now = Date.now();
        const { MetricDataResults = [] } = await client.send(
          new sdk.GetMetricDataCommand({
            StartTime: new Date(now - depthWindowMs),
            EndTime: new Date(now),
            ScanBy: 'TimestampDescending',
            MetricDataQueries: names.map((name, index) => ({
              Id: `q${index}`,
              MetricStat: {
                Metric: {
                  Namespace: 'AWS/SQS',
                  MetricName: 'ApproximateNumberOfMessagesVisible',
                  Dimensions: [{ Name: 'QueueName', Value: name }],
                },
                Period: 60,
                Stat: 'Maximum',
              },
            })),
          }),
          { abortSignal: signal },
        );
        return new Map(
          MetricDataResults.flatMap(({ Id = '', Values = [] }): [string, number][] => {
            const name = names[Number(Id.slice(1))];
            const depth = Values[0];
            return name === undefined || depth === undefined ? [] : [[name, depth]];
          }),
        );
      }),
  };
}
