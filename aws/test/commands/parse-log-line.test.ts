import { expect, test } from 'vitest';

import { parseCdkEvent } from '../../src/commands/cdk-progress.ts';
import { parseLogLine } from '../../src/commands/parse-log-line.ts';

const parse = (text: string) =>
  parseLogLine({ id: '1', functionName: 'f', atMs: 0, text }, 'payments').map(
    ({ level, message, fields }) => [level, message, fields],
  );

test.each<[string, string, readonly unknown[]]>([
  [
    'our own line',
    '{"time":"t","level":"warn","message":"the database sleeps","seconds":3}',
    [['warn', 'the database sleeps', { seconds: 3 }]],
  ],
  ['a metric', '{"_aws":{"Timestamp":1},"RowsLoaded":1}', []],
  ['the start of an invocation', 'START RequestId: 1 Version: $LATEST', []],
  [
    'the report of one',
    'REPORT RequestId: 1\tDuration: 812.5 ms\tBilled Duration: 813 ms\tMemory Size: 1024 MB\tMax Memory Used: 201 MB',
    [['info', 'took 812.5 ms', { memoryMb: 201 }]],
  ],
  [
    'a time-out as JSON',
    '{"type":"platform.report","record":{"status":"timeout","metrics":{"durationMs":900000,"maxMemoryUsedMB":300}}}',
    [['error', 'ended with timeout after 900000 ms', { memoryMb: 300 }]],
  ],
  [
    'a time-out as text',
    '2026 1 Task timed out after 900.00 seconds',
    [['error', expect.any(String), {}]],
  ],
  [
    'an exception',
    '{"errorType":"PlumblineError","errorMessage":"no such key"}',
    [['error', 'PlumblineError: no such key', {}]],
  ],
  ['half a line of JSON', '{"level":"error"', [['info', '{"level":"error"', {}]]],
  ['nothing', '', []],
])('%s', (_, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test('events of the CDK are told from its other lines', () => {
  expect(
    parseCdkEvent(
      'plumbline-acme | 12/63 | 10:01:22 AM | CREATE_COMPLETE         | AWS::EC2::VPC | Vpc ',
    ),
  ).toEqual({ count: '12/63', status: 'CREATE_COMPLETE', type: 'AWS::EC2::VPC', rest: 'Vpc' });
  expect(parseCdkEvent('plumbline-acme: creating CloudFormation changeset...')).toBeUndefined();
});
