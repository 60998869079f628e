import { mkdir, mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { connectClient } from '../../src/warehouse/connections.ts';
import { findBinaries } from '../../src/warehouse/embedded/binaries.ts';
import {
  adminName,
  createCluster,
  host,
  startServer,
  stopServer,
} from '../../src/warehouse/embedded/cluster.ts';
import { findServerUser } from '../../src/warehouse/embedded/server-user.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the superuser on the run's own Postgres, with the migrated template database. */
    readonly postgresUrl: string;
  }
}

/** One throw-away Postgres for the whole run. Nothing is worth an fsync. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
  await chmod(dir, 0o755);
  await mkdir(join(dir, 'log'));
  const binaries = await findBinaries();
  const dataDir = join(dir, 'postgres');
  const cluster = {
    dataDir,
    logFile: join(dir, 'log', 'postgres.log'),
    binaries,
    user: await findServerUser(binaries, dataDir, dir),
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
      autovacuum: 'off',
    },
  };
  const password = 'plumbline-test-only';
  await createCluster(cluster, password);
  const urlOf = (port: number, database: string): string =>
    `postgres://${adminName}:${password}@${host}:${port}/${database}`;
  const server = await startServer(cluster, {
    isReady: async ({ port }) => {
      try {
        const config = { connectionString: urlOf(port, 'postgres') };
        await (await connectClient(config, 'the test server')).end();
        return true;
      } catch {
        return false;
      }
    },
  });
  const postgresUrl = urlOf(server.port, 'postgres');
  const admin = await connectClient({ connectionString: postgresUrl }, 'the test server');
  await admin.query('create database template_plumbline');
  await admin.end();
  const url = urlOf(server.port, 'template_plumbline');
  await (await openWarehouse({ projectDir: dir, url })).close();
  project.provide('postgresUrl', postgresUrl);
  return async () => {
    await stopServer(server);
    await rm(dir, { recursive: true, force: true });
  };
}
