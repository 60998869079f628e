/** Things worth knowing, a line of JSON each, and numbers for CloudWatch among them. */
export interface Log {
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
  /** One line in the embedded metric format: CloudWatch makes metrics of it by itself. */
  readonly metrics: (values: Partial<Record<MetricName, number>>) => void;
  /** The same log, with more in every line. */
  readonly with: (fields: Fields) => Log;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Names and units of the metrics, in namespace `Plumbline` with the dimension `Stack`. */
const units = {
  RowsLoaded: 'Count',
  RowsRejected: 'Count',
  Seconds: 'Seconds',
  SourcesLate: 'Count',
} as const;

export type MetricName = keyof typeof units;

export interface LogOptions {
  readonly stack: string;
  /** Takes a whole line. Default standard output, unadorned: what is put before a line makes it no JSON. */
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

/**
 * Writes what a function did. Metrics are lines as the specification has them
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
export function createLog(options: LogOptions, always: Fields = {}): Log {
  const { stack, now = Date.now } = options;
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const say = (level: string, message: string, fields: Fields = {}): void =>
    write(
      JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...always, ...fields }),
    );
  return {
    info: (message, fields) => say('info', message, fields),
    warn: (message, fields) => say('warn', message, fields),
    error: (message, fields) => say('error', message, fields),
    with: (fields) => createLog(options, { ...always, ...fields }),
    metrics: (values) => {
      // The cast: the keys of a partial record of metric names.
      const names = (Object.keys(values) as MetricName[]).filter((name) => name in units);
      if (names.length === 0) return;
      const metrics = names.map((Name) => ({ Name, Unit: units[Name] }));
      const embedded = {
        Timestamp: now(),
        CloudWatchMetrics: [{ Namespace: 'Plumbline', Dimensions: [['Stack']], Metrics: metrics }],
      };
      write(JSON.stringify({ ['_aws']: embedded, Stack: stack, ...always, ...values }));
    },
  };
}
