import type { LogLine, LogQuery, Logs } from './cloud.ts';
import type { Connection } from './connection.ts';

/** CloudWatch Logs; each function has the group that Lambda gives it. */
export function openLogs(connection: Connection): Logs {
  return {
    read: (query) =>
      connection.guard(async () => {
        const groups = await Promise.all(
          query.functionNames.map((name) => readGroup(connection, name, query)),
        );
        return groups.flat().sort((a, b) => a.atMs - b.atMs);
      }),
  };
}

async function readGroup(
  { region, signal }: Connection,
  functionName: string,
  { fromMs, toMs }: LogQuery,
): Promise<readonly LogLine[]> {
  const sdk = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new sdk.CloudWatchLogsClient({ region });
  const lines: LogLine[] = [];
  const input = {
    logGroupName: `/aws/lambda/${functionName}`,
    startTime: fromMs,
    endTime: toMs,
  };
  try {
    for await (const page of sdk.paginateFilterLogEvents({ client }, input)) {
      signal.throwIfAborted();
      for (const event of page.events ?? []) {
        lines.push({
          id: event.eventId ?? '',
          functionName,
          atMs: event.timestamp ?? 0,
          text: (event.message ?? '').trimEnd(),
        });
      }
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    throw error;
  }
  return lines;
}
