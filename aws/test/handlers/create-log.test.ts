import { expect, test } from 'vitest';

import { createLog } from '../../src/handlers/create-log.ts';

test('a log is a line of JSON for each thing, with what always belongs to it', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = createLog({ stack: 'plumbline-acme', write, now: () => 0 }).with({ job: 'tax' });
  log.info('read', { rows: 3 });
  log.metrics({ RowsLoaded: 3, Seconds: 0.5 });
  log.metrics({});
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'read', job: 'tax', rows: 3 },
    {
      _aws: {
        Timestamp: 0,
        CloudWatchMetrics: [
          {
            Namespace: 'Plumbline',
            Dimensions: [['Stack']],
            Metrics: [
              { Name: 'RowsLoaded', Unit: 'Count' },
              { Name: 'Seconds', Unit: 'Seconds' },
            ],
          },
        ],
      },
      Stack: 'plumbline-acme',
      job: 'tax',
      RowsLoaded: 3,
      Seconds: 0.5,
    },
  ]);
});
