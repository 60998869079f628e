import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  json(): unknown;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How the command line is run from source, as `npm run plumbline` does. */
export function commandLineProcess() {
  const inherited = { ...process.env };
  // What a developer's shell or a CI has set must not change what is tested.
  for (const name of ['DATABASE_URL', 'SMTP_URL', 'NO_COLOR', 'FORCE_COLOR', 'NODE_OPTIONS']) {
    delete inherited[name];
  }
  return {
    execPath: process.execPath,
    execArgs: ['--import', fileURLToPath(import.meta.resolve('tsx'))],
    cwd: root,
    // tsx looks for the settings of JSX from the current folder on, which may be another.
    env: { ...inherited, TSX_TSCONFIG_PATH: `${root}tsconfig.json` },
  };
}

/** Starts the command line. */
export function startPlumbline(
  args: readonly string[],
  { env, cwd }: CommandOptions = {},
): ChildProcessByStdio<null, Readable, Readable> {
  const started = commandLineProcess();
  return spawn(started.execPath, [...started.execArgs, `${root}src/cli.ts`, ...args], {
    cwd: cwd ?? started.cwd,
    env: { ...started.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command line to its end. */
export async function runPlumbline(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = startPlumbline(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}
