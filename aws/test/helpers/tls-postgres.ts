import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type pg from 'pg';

import { connectClient } from '../../../src/warehouse/connections.ts';
import { findBinaries } from '../../../src/warehouse/embedded/binaries.ts';
import {
  adminName,
  createCluster,
  host,
  startServer,
  stopServer,
} from '../../../src/warehouse/embedded/cluster.ts';
import { findServerUser } from '../../../src/warehouse/embedded/server-user.ts';
import type { Authority } from './certificates.ts';
import { createAuthority } from './certificates.ts';

/** A Postgres of a test's own that takes passwords over TLS only, as RDS does by `rds.force_ssl`. */
export interface TlsPostgres {
  readonly host: string;
  readonly port: number;
  /** The certificate authority's certificate, PEM. Its own certificate is for `localhost` and 127.0.0.1. */
  readonly ca: string;
  readonly authority: Authority;
  /** A superuser, as the master user of RDS nearly is; password over TLS. */
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** A new connection as the superuser, over TLS; the caller ends it. */
  connect(database?: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** Roles that RDS lets in by IAM authentication; behind a database front that asks for their token. */
export const iamRoles = ['plumbline_owner', 'plumbline_loader', 'plumbline_reader'] as const;

export interface TlsPostgresOptions {
  /** Made empty, with this name. Default `plumbline`. */
  readonly database?: string;
  /**
   * Let `iamRoles` in without a password on plain connections: for a front that has asked them for
   * their token. Default false.
   */
  readonly trustsFront?: boolean;
  /** Names in its certificate; default `localhost` and 127.0.0.1, which are always in it. */
  readonly names?: readonly string[];
  /** Who signs its certificate; default: an authority of its own. */
  readonly authority?: Authority;
}

/** Starts one; about two seconds. Nothing in it is worth an fsync. */
export async function startTlsPostgres(options: TlsPostgresOptions = {}): Promise<TlsPostgres> {
  const { database = 'plumbline', trustsFront = false, names = [] } = options;
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-tls-'));
  await chmod(dir, 0o755);
  await mkdir(join(dir, 'log'));
  const authority = options.authority ?? (await createAuthority());
  const own = await authority.issue(['localhost', host, ...names]);
  const binaries = await findBinaries();
  const dataDir = join(dir, 'postgres');
  const user = await findServerUser(binaries, dataDir, dir);
  const files = {
    certificate: join(dir, 'server.pem'),
    key: join(dir, 'server.key'),
    hba: join(dir, 'pg_hba.conf'),
  };
  const password = randomBytes(12).toString('hex');
  const cluster = {
    dataDir,
    logFile: join(dir, 'log', 'postgres.log'),
    binaries,
    user,
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      autovacuum: 'off',
      ssl: 'on',
      ssl_cert_file: files.certificate,
      ssl_key_file: files.key,
      hba_file: files.hba,
    },
  };
  await createCluster(cluster, password);
  const hba = [
    ...(trustsFront ? [`hostnossl all ${iamRoles.join(',')} ${host}/32 trust`] : []),
    ...(trustsFront ? [`hostnossl all all ${host}/32 scram-sha-256`] : []),
    `hostssl all all ${host}/32 scram-sha-256`,
  ];
  await writeFile(files.certificate, own.certificate);
  await writeFile(files.key, own.key, { mode: 0o600 });
  await writeFile(files.hba, `${hba.join('\n')}\n`);
  if (user.ids !== undefined) await chown(files.key, user.ids.uid, user.ids.gid);
  const configOf = (port: number, name: string): pg.ClientConfig => ({
    host: 'localhost',
    port,
    user: adminName,
    password,
    database: name,
    ssl: { ca: authority.ca },
  });
  const server = await startServer(cluster, {
    isReady: async ({ port }) => {
      try {
        await (await connectClient(configOf(port, 'postgres'), 'the test server')).end();
        return true;
      } catch {
        return false;
      }
    },
  });
  const connect = (name = database): Promise<pg.Client> =>
    connectClient(configOf(server.port, name), 'the test server');
  const admin = await connect('postgres');
  await admin.query(`create database ${admin.escapeIdentifier(database)}`);
  await admin.end();
  return {
    host,
    port: server.port,
    ca: authority.ca,
    authority,
    user: adminName,
    password,
    database,
    connect,
    stop: async () => {
      await stopServer(server);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
