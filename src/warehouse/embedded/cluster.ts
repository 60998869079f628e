import { execFile, spawn } from 'node:child_process';
import {
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  chown,
  mkdir,
  readdir,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

import { PlumblineError } from '../../errors.ts';
import type { Binaries } from './binaries.ts';
import { processIdentity } from './process-identity.ts';
import type { ServerUser } from './server-user.ts';

const execute = promisify(execFile);

/** The one address the server listens on. */
export const host = '127.0.0.1';

/** Name of the cluster's superuser. */
export const adminName = 'plumbline_admin';

/** A database cluster on disk, and what starts it. */
export interface Cluster {
  readonly dataDir: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  /** Settings beside the standard ones, e.g. `{ fsync: 'off' }` for a throw-away test server. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A server that runs: its process and port. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

/** For a laptop that does other things too. Durability is as Postgres ships it. */
const standardSettings: Readonly<Record<string, string>> = {
  listen_addresses: host,
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_connections: '100',
  max_wal_size: '1GB',
  work_mem: '32MB',
  maintenance_work_mem: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',
  log_checkpoints: 'off',
  // Every statement that fails is reported by the command that ran it; the log keeps the server's own.
  log_min_error_statement: 'panic',
};

/** How long a start may take on a slow machine, crash recovery included. */
const startTimeoutMs = 60_000;

/** A fast shutdown writes a checkpoint first. */
const stopTimeoutMs = 60_000;

function failed(message: string, cause?: unknown): PlumblineError {
  return new PlumblineError('warehouse-start-failed', { message, cause });
}

/** Whether `dataDir` holds a complete cluster. */
export async function clusterExists(dataDir: string): Promise<boolean> {
  return (await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined)) !== undefined;
}

/**
 * An `initdb` whose command was killed goes on by itself for a second or two: files may come into a
 * folder while it is emptied. Tried again with growing pauses, 20 s in all.
 */
const withWriters = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

/**
 * Makes an empty cluster whose superuser has `password`. It appears under its name only when it is
 * complete: a kill on the way leaves a folder the next call removes.
 */
export async function createCluster(cluster: Cluster, password: string): Promise<void> {
  const { dataDir, binaries, user } = cluster;
  const parent = dirname(dataDir);
  const prefix = `${basename(dataDir)}.new-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), withWriters);
  }
  const temporary = join(parent, `${prefix}${process.pid}`);
  const passwordFile = `${temporary}.password`;
  try {
    await mkdir(temporary, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user.ids !== undefined) {
      await chown(temporary, user.ids.uid, user.ids.gid);
      await chown(passwordFile, user.ids.uid, user.ids.gid);
    }
    const [program, args] = user.command(binaries.initdb, [
      `--pgdata=${temporary}`,
      `--username=${adminName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
      ...(cluster.settings?.['fsync'] === 'off' ? ['--no-sync'] : []),
    ]);
    // The machine's locale is not asked: numbers and messages are the same everywhere.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    await execute(program, args, { ...user.spawnOptions, cwd: '/', env });
    await rename(temporary, dataDir);
  } catch (error) {
    await rm(temporary, withWriters);
    throw failed(`The database cluster in ${dataDir} could not be made: ${reasonOf(error)}`, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return text === '' ? error.message : text.split('\n').slice(-3).join(' ');
}

/** Process and port in `postmaster.pid`; undefined when there is no such file. */
async function readPidFile(dataDir: string): Promise<RunningServer | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3] ?? 0) } : undefined;
}

/**
 * Whether the process is a Postgres on this folder. A process number in a file left by a crash may
 * be another program's by now; where the system does not say, it is taken for ours.
 */
async function servesFolder(pid: number, dataDir: string): Promise<boolean> {
  if (processIdentity(pid) === undefined) return false;
  if (process.platform !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || commandLine.split('\0').includes(dataDir);
}

/** The server that runs on the folder now, if any. */
export async function findRunning(dataDir: string): Promise<RunningServer | undefined> {
  const found = await readPidFile(dataDir);
  if (found === undefined || found.port === 0) return undefined;
  return (await servesFolder(found.pid, dataDir)) ? found : undefined;
}

/** A port nobody listens on at this moment; `preferred` when that one is free. */
async function findPort(preferred: number | undefined): Promise<number> {
  const listen = (port: number): Promise<number | undefined> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(undefined));
      server.listen(port, host, () => {
        const address = server.address();
        const found = typeof address === 'object' && address !== null ? address.port : undefined;
        server.close(() => resolve(found));
      });
    });
  const port = (preferred === undefined ? undefined : await listen(preferred)) ?? (await listen(0));
  if (port === undefined) throw failed(`No free port on ${host}.`);
  return port;
}

/**
 * Starts the server, detached: a Ctrl-C meant for the command does not reach it. `isReady` is
 * asked until it answers true.
 *
 * A server killed a moment ago may still hold its memory and `postmaster.pid`; Postgres then
 * refuses to start for a second or two, so starting is tried again until the time is up. One that
 * a killed command had just started holds them for good: then that is the server.
 */
export async function startServer(
  cluster: Cluster,
  options: {
    preferredPort?: number | undefined;
    isReady: (server: RunningServer) => Promise<boolean>;
  },
): Promise<RunningServer> {
  const deadline = Date.now() + startTimeoutMs;
  await removeForeignPidFile(cluster.dataDir);
  let preferredPort = options.preferredPort;
  for (;;) {
    const port = await findPort(preferredPort);
    const attempt = await spawnServer(cluster, port);
    while (attempt.exit() === undefined) {
      const server = { pid: attempt.pid, port };
      if (await options.isReady(server)) return server;
      if (Date.now() > deadline) {
        process.kill(attempt.pid, 'SIGINT');
        throw failed(
          `Postgres did not get ready within ${startTimeoutMs / 1000} s; its log is ${cluster.logFile}.`,
        );
      }
      await wait(50);
    }
    const reason = await lastFatal(cluster.logFile, attempt.logOffset);
    const passing = /lock file|shared memory|already in use|Address already|bind/i.test(reason);
    if (!passing || Date.now() > deadline - startTimeoutMs + 15_000) {
      throw failed(
        `Postgres stopped as it started (${attempt.exit() ?? ''}): ${reason} Its log is ${cluster.logFile}.`,
      );
    }
    if (/Address already|bind/i.test(reason)) preferredPort = undefined;
    await wait(250);
    const other = await findRunning(cluster.dataDir);
    if (other !== undefined && (await options.isReady(other))) return other;
  }
}

/**
 * Postgres removes its own stale file, but not one whose number belongs to another program by now,
 * or to a dead server that nobody has waited for: where process 1 of a container reaps no orphans,
 * a killed server stays a zombie for good. Its backends are not forgotten with the file: while one
 * lives, the shared memory they hold keeps a new server from starting.
 */
async function removeForeignPidFile(dataDir: string): Promise<void> {
  const found = await readPidFile(dataDir);
  if (found === undefined || !hasNumber(found.pid)) return;
  if (!(await servesFolder(found.pid, dataDir))) await rm(join(dataDir, 'postmaster.pid'));
}

/** What Postgres asks too: whether the number is taken, if only by a zombie. */
function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Attempt {
  readonly pid: number;
  /** Where this attempt's part of the log begins, in bytes. */
  readonly logOffset: number;
  /** How the process ended; undefined while it runs. */
  readonly exit: () => string | undefined;
}

async function spawnServer(cluster: Cluster, port: number): Promise<Attempt> {
  const settings = { ...standardSettings, port: String(port), ...cluster.settings };
  const [program, args] = cluster.user.command(cluster.binaries.postgres, [
    '-D',
    cluster.dataDir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const log = await open(cluster.logFile, 'a', 0o600);
  try {
    const logOffset = (await log.stat()).size;
    const child = spawn(program, args, {
      ...cluster.user.spawnOptions,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
    let exit: string | undefined;
    child.once('error', (error) => (exit = error.message));
    child.once('exit', (code, signal) => (exit = signal ?? `exit code ${code}`));
    child.unref();
    return { pid: child.pid ?? -1, logOffset, exit: () => exit };
  } finally {
    await log.close();
  }
}

/** The last thing the server said before it ended. */
async function lastFatal(logFile: string, offset: number): Promise<string> {
  const text = (await readFile(logFile)).subarray(offset).toString('utf8');
  const lines = text.split('\n').filter((line) => /FATAL|PANIC|error|setpriv/i.test(line));
  return lines.at(-1)?.replace(/^.*?(?=FATAL|PANIC)/, '') ?? 'it said nothing.';
}

/** Ends a server with a fast shutdown: open transactions roll back, data is on disk. */
export async function stopServer(server: RunningServer): Promise<void> {
  const identity = processIdentity(server.pid);
  if (identity === undefined) return;
  try {
    process.kill(server.pid, 'SIGINT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw error;
  }
  const deadline = Date.now() + stopTimeoutMs;
  while (processIdentity(server.pid) === identity) {
    if (Date.now() > deadline) {
      throw failed(`Postgres (process ${server.pid}) did not stop in ${stopTimeoutMs / 1000} s.`);
    }
    await wait(20);
  }
}
