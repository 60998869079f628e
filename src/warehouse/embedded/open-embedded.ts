import { chmod, chown, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type pg from 'pg';

import { PlumblineError } from '../../errors.ts';
import { applicationName, connectClient } from '../connections.ts';
import { roleName } from '../role.ts';
import type { Role } from '../role.ts';
import { sqlState } from '../transaction.ts';
import { findBinaries } from './binaries.ts';
import {
  adminName,
  clusterExists,
  createCluster,
  findRunning,
  host,
  startServer,
  stopServer,
} from './cluster.ts';
import type { Cluster, RunningServer } from './cluster.ts';
import { createCredentials, readCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { withFileLock } from './file-lock.ts';
import { findServerUser } from './server-user.ts';

/** The project's own Postgres, up, and held up until `release`. */
export interface EmbeddedServer {
  readonly config: (role: Role | 'admin') => pg.ClientConfig;
  readonly passwords: Credentials;
  /** `127.0.0.1:PORT/plumbline` */
  readonly place: string;
  /** The folder it lives in, as people would write it. */
  readonly folder: string;
  /** Lets go of the server; the last command that does stops it. */
  readonly release: () => Promise<void>;
}

const database = 'plumbline';

/** How a command that uses the server makes itself known to the others. */
const presenceName = `${applicationName} presence`;

/** Another command may be making the cluster on a slow machine right now. */
const lockTimeoutMs = 90_000;

const logSizeBytesMax = 10_000_000;

interface Place {
  readonly dir: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly lockFile: string;
  readonly portFile: string;
  readonly credentialsFile: string;
}

function placeIn(projectDir: string): Place {
  const dir = join(projectDir, '.plumbline');
  return {
    dir,
    dataDir: join(dir, 'postgres'),
    logFile: join(dir, 'postgres.log'),
    lockFile: join(dir, 'postgres.lock'),
    portFile: join(dir, 'postgres.json'),
    credentialsFile: join(dir, 'credentials.json'),
  };
}

/**
 * Finds the project's Postgres or starts it, making it first when the project is new. Any number
 * of commands may do so at once: starting and stopping happen under a lock file.
 *
 * A command is seen by the others through one idle connection. Whoever closes last stops the
 * server; after a kill -9 the kernel closes the connection, and the next command takes the server
 * over.
 */
export async function openEmbedded(
  projectDir: string,
  log: (message: string) => void,
): Promise<EmbeddedServer> {
  const place = placeIn(projectDir);
  await makeFolder(place.dir);
  const lock = {
    timeoutMs: lockTimeoutMs,
    onWait: (pid: number) =>
      log(`Waiting for process ${pid}, which is starting or stopping Postgres`),
  };
  const attended = await withFileLock(place.lockFile, lock, () => startAndAttend(place, log));
  const { credentials, server } = attended;
  const presence = keepAttending(place, attended, log);
  return {
    config: (role) => configOf(server, credentials, role),
    passwords: credentials,
    place: `${host}:${server.port}/${database}`,
    folder: shownFolder(place.dir),
    release: async () => {
      const last = await presence.end();
      await withFileLock(place.lockFile, { timeoutMs: lockTimeoutMs }, () => leave(last));
    },
  };
}

/**
 * A server that is killed while a long-lived command uses it is started again, on its old port, so
 * that the command's pools find it. `end` stops watching and gives what is attended then.
 */
function keepAttending(
  place: Place,
  first: Attended,
  log: (message: string) => void,
): { end: () => Promise<Attended> } {
  let attended = first;
  let ending = false;
  let restarting: Promise<void> = Promise.resolve();
  const restart = async (): Promise<void> => {
    if (ending || !(await clusterExists(place.dataDir))) return;
    log('Postgres went away');
    try {
      const lock = { timeoutMs: lockTimeoutMs };
      attended = await withFileLock(place.lockFile, lock, () => startAndAttend(place, log));
      watch();
    } catch (error) {
      // The next query of the command fails with its own reason.
      log(`Postgres did not start again: ${error instanceof Error ? error.message : ''}`);
    }
  };
  const watch = (): void => {
    attended.presence.once('end', () => {
      restarting = restart();
    });
  };
  watch();
  return {
    end: async () => {
      ending = true;
      await restarting;
      return attended;
    },
  };
}

/** As one would type it from here; a way up through other folders says less than the whole path. */
function shownFolder(dir: string): string {
  const fromHere = relative(process.cwd(), dir);
  return fromHere === '' || fromHere.startsWith('..') ? dir : fromHere;
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new PlumblineError('warehouse-start-failed', {
      message: `The folder ${dir} cannot be made: ${error instanceof Error ? error.message : ''}`,
      remedy: 'Make the project folder writable for the user that runs plumbline.',
      cause: error,
    });
  }
}

function configOf(
  server: RunningServer,
  credentials: Credentials,
  role: Role | 'admin',
): pg.ClientConfig {
  const user = role === 'admin' ? adminName : roleName(role);
  return { host, port: server.port, database, user, password: credentials[role] };
}

interface Attended {
  readonly credentials: Credentials;
  readonly server: RunningServer;
  readonly presence: pg.Client;
}

async function startAndAttend(place: Place, log: (message: string) => void): Promise<Attended> {
  const exists = await clusterExists(place.dataDir);
  const kept = await readCredentials(place.credentialsFile);
  if (exists && kept === undefined) {
    throw new PlumblineError('warehouse-start-failed', {
      message: `${place.credentialsFile} is missing: it holds the passwords of the Postgres beside it.`,
      remedy: 'Restore the file, or delete .plumbline in the project to load everything again.',
    });
  }
  const credentials = kept ?? (await createCredentials(place.credentialsFile));
  const found = exists ? await attendRunning(place.dataDir, credentials) : undefined;
  if (found !== undefined) return found;
  const server = await start(place, credentials, { exists, log });
  return { credentials, server, presence: await attend(server, credentials) };
}

/**
 * Attends the server that runs on the folder; undefined when there is none. One that does not let
 * us in is starting, for a command that was killed, or stopping: it is waited for either way.
 */
async function attendRunning(
  dataDir: string,
  credentials: Credentials,
): Promise<Attended | undefined> {
  for (let tries = 0; tries < 400; tries += 1) {
    const server = await findRunning(dataDir);
    if (server === undefined) return undefined;
    const presence = await attend(server, credentials).catch(() => undefined);
    if (presence !== undefined) return { credentials, server, presence };
    await wait(50);
  }
  return undefined;
}

async function start(
  place: Place,
  credentials: Credentials,
  options: { exists: boolean; log: (message: string) => void },
): Promise<RunningServer> {
  const cluster = await describeCluster(place);
  if (!options.exists) {
    options.log('Making a new Postgres for the project');
    await createCluster(cluster, credentials.admin);
  } else {
    options.log('Starting Postgres');
  }
  const size = await stat(place.logFile).catch(() => undefined);
  if ((size?.size ?? 0) > logSizeBytesMax) await truncate(place.logFile);
  const server = await startServer(cluster, {
    preferredPort: await readPort(place.portFile),
    isReady: (candidate) => isReady(candidate, credentials),
  });
  await writeFile(place.portFile, `${JSON.stringify(server)}\n`);
  await makeDatabase(server, credentials);
  return server;
}

async function describeCluster(place: Place): Promise<Cluster> {
  const binaries = await findBinaries();
  if (process.getuid?.() === 0) {
    // Only the server's group may pass through, to its data: the passwords stay out of reach.
    const probe = await findServerUser(binaries, place.dataDir, '/');
    if (probe.ids !== undefined) await chown(place.dir, 0, probe.ids.gid);
    await chmod(place.dir, 0o710);
  }
  const user = await findServerUser(binaries, place.dataDir, place.dir);
  return { dataDir: place.dataDir, logFile: place.logFile, binaries, user };
}

/** The port of the last start: the same again, so that what was configured with it stays valid. */
async function readPort(portFile: string): Promise<number | undefined> {
  try {
    // The cast: whatever is in the file, only a number in range is used.
    const { port } = JSON.parse(await readFile(portFile, 'utf8')) as { port?: unknown };
    return typeof port === 'number' && port > 1023 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

const maintenance = 'postgres';

async function isReady(server: RunningServer, credentials: Credentials): Promise<boolean> {
  try {
    const config = { ...configOf(server, credentials, 'admin'), database: maintenance };
    await (await connectClient(config, '')).end();
    return true;
  } catch (error) {
    const state = error instanceof Error ? sqlState(error.cause) : undefined;
    if (state === '28P01') {
      throw new PlumblineError('warehouse-start-failed', {
        message: 'The embedded Postgres does not accept the passwords in credentials.json.',
        remedy: 'Restore the file, or delete .plumbline in the project to load everything again.',
        cause: error,
      });
    }
    return false;
  }
}

async function makeDatabase(server: RunningServer, credentials: Credentials): Promise<void> {
  const config = { ...configOf(server, credentials, 'admin'), database: maintenance };
  const admin = await connectClient(config, `${host}:${server.port}`);
  try {
    const found = await admin.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await admin.query(`create database ${database}`);
  } finally {
    await admin.end();
  }
}

/** pg has both methods, its types do not: what casts to it is a connected `pg.Client`. */
type Referenced = pg.Client & { ref: () => void; unref: () => void };

/** Opens the connection that tells other commands this one is there. */
async function attend(server: RunningServer, credentials: Credentials): Promise<pg.Client> {
  const config = { ...configOf(server, credentials, 'admin'), application_name: presenceName };
  const client = await connectClient(config, `${host}:${server.port}`);
  // It must not keep a command alive that has nothing else to do.
  (client as Referenced).unref();
  return client;
}

/** Ends the presence, and the server when no other command attends it. Under the lock. */
async function leave({ server, presence }: Attended): Promise<void> {
  let others: number | undefined;
  (presence as Referenced).ref();
  try {
    const { rows } = await presence.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where application_name = $1 and pid <> pg_backend_pid()`,
      [presenceName],
    );
    others = rows[0]?.others;
  } catch {
    // The server was killed or stopped by someone else: there is nothing to stop.
  }
  await presence.end().catch(() => undefined);
  if (others === 0) await stopServer(server);
}
