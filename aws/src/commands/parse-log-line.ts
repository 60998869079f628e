import type { LogLine } from '../cloud/cloud.ts';

/** A line of a function's log, for people. */
export interface LogEntry {
  /** ISO instant. */
  readonly at: string;
  readonly job: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the log says of every line, and a reader need not be told again. */
const known = new Set(['time', 'timestamp', 'level', 'message', 'requestId', 'job', 'stack']);

/** Nothing for metrics and for Lambda's own lines on starts and ends; else one entry. */
export function parseLogLine({ atMs, text }: LogLine, job: string): readonly LogEntry[] {
  const at = new Date(atMs).toISOString();
  const entry = (
    level: LogEntry['level'],
    message: string,
    fields: LogEntry['fields'] = {},
  ): readonly LogEntry[] => [{ at, job, level, message, fields }];
  const value = parseObject(text);
  if (value === undefined) return plainLine(text, entry);
  if ('_aws' in value) return [];
  const { type, record } = value;
  if (typeof type === 'string' && type.startsWith('platform.')) {
    return platformLine(type, record, entry);
  }
  if (typeof value['errorMessage'] === 'string') {
    const errorType = typeof value['errorType'] === 'string' ? `${value['errorType']}: ` : '';
    return entry('error', `${errorType}${value['errorMessage']}`);
  }
  const fields = Object.fromEntries(Object.entries(value).filter(([name]) => !known.has(name)));
  const message = typeof value['message'] === 'string' ? value['message'] : text;
  return entry(levelOf(value['level']), message, fields);
}

type Entry = (
  level: LogEntry['level'],
  message: string,
  fields?: LogEntry['fields'],
) => readonly LogEntry[];

/** Lambda's own lines where its log format is text. */
function plainLine(text: string, entry: Entry): readonly LogEntry[] {
  if (/^(?:START|END|INIT_START|EXTENSION|XRAY)\b/.test(text)) return [];
  const report = /^REPORT .*?Duration: ([\d.]+) ms.*?Max Memory Used: (\d+) MB/.exec(
    text.replaceAll('\t', ' '),
  );
  if (report !== null) {
    return entry('info', `took ${report[1]} ms`, { memoryMb: Number(report[2]) });
  }
  const isError = /Task timed out|Runtime exited|Error:|errorMessage/.test(text);
  return text === '' ? [] : entry(isError ? 'error' : 'info', text);
}

/** And where it is JSON: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function platformLine(type: string, record: unknown, entry: Entry): readonly LogEntry[] {
  if (type !== 'platform.report') return [];
  const { metrics, status } = asObject(record);
  const { durationMs, maxMemoryUsedMB } = asObject(metrics);
  const failed = typeof status === 'string' && status !== 'success';
  const how = failed ? `ended with ${status} after` : 'took';
  return entry(failed ? 'error' : 'info', `${how} ${String(durationMs)} ms`, {
    memoryMb: maxMemoryUsedMB,
  });
}

function levelOf(level: unknown): LogEntry['level'] {
  const text = typeof level === 'string' ? level.toLowerCase() : '';
  return text === 'error' || text === 'fatal' ? 'error' : text === 'warn' ? 'warn' : 'info';
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const asObject = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' ? { ...value } : {};
