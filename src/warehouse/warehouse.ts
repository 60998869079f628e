import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { connectClient, createConnections } from './connections.ts';
import type { Connections } from './connections.ts';
import { openEmbedded } from './embedded/open-embedded.ts';
import { grantRoles, isGranted, letRolesLogIn, prepareRoles } from './grants.ts';
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
  /**
   * A new connection as whoever opened the warehouse: the superuser of the embedded Postgres, or the
   * user of the URL. Not there where each role logs in by itself.
   */
  connectAdmin?(): Promise<pg.Client>;
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
      connectAdmin: () => connectClient(server.config('admin'), server.place),
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

/** A Postgres that is reached as each role itself, as with IAM authentication. */
export interface RoleServer {
  /** What pg needs to connect as the role; `password` may be a function that is asked each time. */
  readonly config: (role: Role) => pg.ClientConfig;
  /** Host, port and database for messages; no password. */
  readonly place: string;
  /** The role that looks whether the warehouse is up to date. */
  readonly checkAs: Role;
}

/**
 * Opens a warehouse that someone else prepares (`prepareWarehouse`): connections are made as each
 * role. Throws `warehouse-unreachable`, `warehouse-newer`, `migration-changed`, and
 * `warehouse-not-prepared` (retryable: it may be under way).
 */
export async function openWarehouseByRole(server: RoleServer): Promise<Warehouse> {
  const client = await connectClient(server.config(server.checkAs), server.place);
  let version: string;
  try {
    const { rows } = await client.query<{ version: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version`,
    );
    version = rows[0]?.version ?? '';
    if (!(await isMigrated(client, await readMigrations()))) {
      throw new PlumblineError('warehouse-not-prepared', {
        message: `The warehouse at ${server.place} has not the tables this plumbline needs.`,
        retryable: true,
      });
    }
  } finally {
    await client.end().catch(() => undefined);
  }
  const connections = createConnections({ ...server, setRole: false });
  return {
    ...connections,
    description: `PostgreSQL ${version} at ${server.place}`,
    close: () => connections.end(),
  };
}

export interface PrepareOptions {
  /** Of a user that may create roles. */
  readonly config: pg.ClientConfig;
  /** Host, port and database for messages; no password. */
  readonly place: string;
  /** Let the roles log in by themselves; with `'iam'` by tokens of AWS where the server knows them. */
  readonly login?: 'iam';
}

/**
 * Makes roles, schemas, tables and grants, or brings them up to date, and gives the server's version.
 * Throws `warehouse-unreachable`, `warehouse-newer`, `migration-changed`, and `warehouse-refused` when
 * the user may not create the roles.
 */
export async function prepareWarehouse(options: PrepareOptions): Promise<string> {
  const { version, setRole, user } = await prepareDatabase(
    await connectClient(options.config, options.place),
    undefined,
  );
  if (!setRole) {
    throw new PlumblineError('warehouse-refused', {
      message: `${user} may not create the roles of plumbline at ${options.place}.`,
    });
  }
  if (options.login === 'iam') {
    const client = await connectClient(options.config, options.place);
    try {
      await letRolesLogIn(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return version;
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
    connectAdmin: () => connectClient(config, place),
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
