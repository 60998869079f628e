import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface CdkOptions {
  /** `['deploy', 'plumbline-acme', …]` */
  readonly args: readonly string[];
  readonly region: string;
  /** Receives all it prints. */
  readonly logFile: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Every line it prints. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs the CDK's own command line, the one this package pins, and gives its exit code. It is a process
 * group of its own: Ctrl-C reaches it through the signal alone, and CloudFormation goes on by itself
 * with what was begun.
 */
export async function runCdk(options: CdkOptions): Promise<number | null> {
  const { args, region, logFile, variables, signal, onLine } = options;
  await mkdir(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  const cdk = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin');
  const quiet = ['--ci', '--no-color', '--no-notices', '--no-version-reporting'];
  const child = spawn(process.execPath, [join(cdk, 'cdk'), ...args, ...quiet], {
    // A cdk.json of the project's own must not have a say.
    cwd: dirname(logFile),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...variables,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      NODE_OPTIONS: '',
    },
  });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      onLine(line);
    });
  }
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
  } finally {
    signal.removeEventListener('abort', stop);
    log.end();
  }
}
