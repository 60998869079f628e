import { Client, Pool } from 'pg';
import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { roleName } from './role.ts';
import type { Role } from './role.ts';
import { sqlState } from './transaction.ts';
import { valueTypes } from './value-types.ts';

/** How to reach Postgres as a role. */
export interface Access {
  /** What pg needs to connect as the role. */
  readonly config: (role: Role) => pg.ClientConfig;
  /** Take the role on with `set role` after connecting. */
  readonly setRole: boolean;
  /** Host, port and database for messages; no password. */
  readonly place: string;
}

export interface Connections {
  connect(role: Role): Promise<pg.Client>;
  pool(role: Role): pg.Pool;
  /** Ends the pools. Clients from `connect` are their callers'. */
  end(): Promise<void>;
}

/** Small on purpose: a laptop's Postgres, or one shared with others. */
const poolSizes: Readonly<Record<Role, number>> = { owner: 2, loader: 4, reader: 8 };

/** Every connection names itself so, followed by what it is for. */
export const applicationName = 'plumbline';

/** Dashboards wait this long for a query at most; Postgres itself ends it then. */
const readerTimeoutMs = 30_000;

/**
 * A server that vanished without a word (a failover, a zone that is lost) ends nothing, and the system
 * would wait for its answer for a quarter of an hour: so long would each connection of the pool be gone.
 */
const readerSilenceMs = readerTimeoutMs + 10_000;

const keepalives = [
  'set tcp_keepalives_idle = 60',
  'set tcp_keepalives_interval = 15',
  'set tcp_keepalives_count = 4',
];

const common: pg.ClientConfig = {
  application_name: applicationName,
  connectionTimeoutMillis: 15_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  types: valueTypes,
};

function sessionSettings(role: Role, setRole: boolean): string {
  const settings = ["set timezone = 'UTC'", "set datestyle = 'ISO, YMD'"];
  // A computer that went to sleep or off the network would hold its source's lock for two hours,
  // the system's own default; with these Postgres ends its session within two minutes.
  if (role !== 'reader') settings.push(...keepalives);
  if (setRole) settings.push(`set role ${roleName(role)}`);
  if (role === 'reader') {
    settings.push(
      'set default_transaction_read_only = on',
      `set statement_timeout = ${readerTimeoutMs}`,
    );
  }
  return settings.join('; ');
}

/** Says why a connection failed in words that hold no password. */
export function unreachable(place: string, error: unknown): PlumblineError {
  const state = sqlState(error);
  const detail = error instanceof AggregateError ? error.errors[0] : error;
  const reason = detail instanceof Error ? detail.message : String(detail);
  return new PlumblineError('warehouse-unreachable', {
    message: `Cannot connect to Postgres at ${place}: ${reason}`,
    // invalid_password and invalid_authorization do not pass by themselves; a network may.
    retryable: state === undefined || !(state.startsWith('28') || state === '3D000'),
    cause: error,
  });
}

/** A connected client with the settings every session needs; the caller ends it. */
export async function connectClient(config: pg.ClientConfig, place: string): Promise<pg.Client> {
  const client = new Client({ ...common, ...config });
  // A connection that breaks while idle emits 'error'; the next query then fails with the cause.
  // Without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw unreachable(place, error);
  }
}

/** Connections and small shared pools by role. */
export function createConnections(access: Access): Connections {
  const pools = new Map<Role, pg.Pool>();

  async function connect(role: Role): Promise<pg.Client> {
    const client = await connectClient(access.config(role), access.place);
    try {
      await client.query(sessionSettings(role, access.setRole));
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  function pool(role: Role): pg.Pool {
    const existing = pools.get(role);
    if (existing !== undefined) return existing;
    const created = new Pool({
      ...common,
      ...(role === 'reader' && { query_timeout: readerSilenceMs }),
      ...access.config(role),
      max: poolSizes[role],
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      // pg-pool waits for this promise before it hands the client out, though typed as void.
      // oxlint-disable-next-line typescript/no-misused-promises
      onConnect: (client) => client.query(sessionSettings(role, access.setRole)),
    });
    created.on('error', () => undefined);
    pools.set(role, created);
    return created;
  }

  return {
    connect,
    pool,
    end: async () => {
      const ending = [...pools.values()].map((each) => each.end());
      pools.clear();
      await Promise.all(ending);
    },
  };
}
