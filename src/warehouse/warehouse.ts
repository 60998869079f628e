import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { connectClient, createConnections } from './connections.ts';
import type { Connections } from './connections.ts';
import { openEmbedded } from './embedded/open-embedded.ts';
import { grantRoles, isGranted, prepareRoles } from './grants.ts';
import type { RolePasswords } from './grants.ts';
import { isMigrated, migrate, readMigrations } from './migrate.ts';
import { roleName } from './role.ts';
import type { Role } from './role.ts';

export type { Role } from './role.ts';

/** The Postgres a project lives in, migrated and ready. */
export interface Warehouse {
  /** `embedded PostgreSQL 17.10 in examples/acme/.plumbline`; never a password. */
  readonly description: string;
  /** A new connection that acts as the role; the caller ends it. Throws `warehouse-unreachable`. */
  connect(role: Role): Promise<pg.Client>;
  /** A small pool shared by all callers, made at first use. */
  pool(role: Role): pg.Pool;
  /** Ends the pools; stops an embedded Postgres that no other command uses. */
  close(): Promise<void>;
}

export interface WarehouseOptions {
  /** Absolute path of the project folder; the embedded Postgres lives in its `.plumbline`. */
  readonly projectDir: string;
  /** Use this Postgres instead of the embedded one. */
  readonly url?: string | undefined;
  /** Told what takes long: one line for people at a time. */
  readonly log?: (message: string) => void;
}

/**
 * Starts or finds the project's Postgres and brings it up to date.
 *
 * Throws `warehouse-unreachable` (DATABASE_URL), `warehouse-start-failed` and `warehouse-busy`
 * (embedded), `warehouse-newer` and `migration-changed`.
 */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  return options.url === undefined ? openOwn(options) : openGiven(options.url);
}

async function openOwn(options: WarehouseOptions): Promise<Warehouse> {
  const server = await openEmbedded(options.projectDir, options.log ?? (() => undefined));
  try {
    const admin = await connectClient(server.config('admin'), server.place);
    const { version } = await prepareDatabase(admin, server.passwords);
    const connections = createConnections({ ...server, setRole: false });
    return {
      ...connections,
      description: `embedded PostgreSQL ${version} in ${server.folder}`,
      close: async () => {
        await connections.end();
        await server.release();
      },
    };
  } catch (error) {
    await server.release();
    throw error;
  }
}

async function openGiven(url: string): Promise<Warehouse> {
  if (!/^postgres(?:ql)?:\/\//.test(url)) {
    // Not shown: it may be a password that landed in the wrong variable.
    throw new PlumblineError('warehouse-unreachable', {
      message: 'DATABASE_URL is not the address of a Postgres.',
      remedy: 'Write it as postgres://user:password@host:5432/database.',
    });
  }
  const place = placeOf(url);
  const config = { connectionString: url };
  const admin = await connectClient(config, place);
  const { user, setRole, version } = await prepareDatabase(admin, undefined);
  const connections: Connections = createConnections({ config: () => config, setRole, place });
  const warning = setRole
    ? ''
    : ` (warning: everything runs as ${user}, which may not create the roles owner, loader and reader)`;
  return {
    ...connections,
    description: `PostgreSQL ${version} at ${place}${warning}`,
    close: () => connections.end(),
  };
}

/** Host, port and database of a connection URL; no user, no password. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname || 'localhost'}:${port || '5432'}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}

interface Prepared {
  readonly user: string;
  readonly setRole: boolean;
  readonly version: string;
}

/** Roles, migrations, grants. Ends the client. A warehouse that is up to date costs three queries. */
async function prepareDatabase(
  admin: pg.Client,
  passwords: RolePasswords | undefined,
): Promise<Prepared> {
  try {
    const migrations = await readMigrations();
    const setRole = await prepareRoles(admin, passwords);
    const current = await isMigrated(admin, migrations);
    const { rows } = await admin.query<{ user: string; version: string }>(
      `select current_user as user, split_part(current_setting('server_version'), ' ', 1) as version`,
    );
    if (!current || (setRole && !(await isGranted(admin)))) {
      if (setRole) await admin.query(`set role ${roleName('owner')}`);
      await migrate(admin, migrations);
      if (setRole) await grantRoles(admin);
    }
    return { user: rows[0]?.user ?? '', setRole, version: rows[0]?.version ?? '' };
  } finally {
    await admin.end();
  }
}
