import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { createQueries } from '../../../src/dashboard/query.ts';
import { createConnections } from '../../../src/warehouse/connections.ts';
import { prepareWarehouse } from '../../../src/warehouse/warehouse.ts';
import { createLog } from '../../src/handlers/create-log.ts';
import type { FunctionEnvironment } from '../../src/handlers/function-environment.ts';
import { openDatabase, placeOf, roleConfig } from '../../src/handlers/open-database.ts';
import { type DatabaseFront, startDatabaseFront } from '../helpers/tls-postgres-front.ts';
import { startTlsPostgres, type TlsPostgres } from '../helpers/tls-postgres.ts';

let postgres: TlsPostgres;
let front: DatabaseFront;
let environment: FunctionEnvironment;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'no secret at all');
  postgres = await startTlsPostgres({ trustsFront: true });
  const { user, password, port, database, ca } = postgres;
  await prepareWarehouse({
    config: { host: 'localhost', port, user, password, database, ssl: { ca } },
    place: 'the test server',
    login: 'iam',
  });
  front = await startDatabaseFront({
    postgresPort: port,
    certificate: await postgres.authority.issue(['localhost']),
  });
  environment = {
    stack: 'plumbline-acme',
    region: 'eu-central-1',
    database: { host: 'localhost', port: front.port, name: database, ca },
    landingBucket: 'acme-landing',
    secrets: new Map(),
    releaseFunction: undefined,
    adminSecret: undefined,
    userSecrets: new Map(),
  };
});
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  vi.unstubAllEnvs();
  await front.close();
  await postgres.stop();
});

const quiet = createLog({ stack: 'plumbline-acme', write: () => undefined });

describe('dashboards, which run for months', () => {
  it('log in again by a token of that moment when the server was restarted', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const warehouse = await openDatabase({
      environment,
      checkAs: 'reader',
      log: quiet,
      untilMs: Date.now() + 60_000,
      connectTimeoutMs: 45_000,
    });
    const pool = warehouse.pool('reader');
    // A database that was paused for a day takes 30 s to answer.
    expect(pool.options.connectionTimeoutMillis).toBe(45_000);
    await pool.query('select 1');
    const before = front.logins.at(-1)?.token ?? '';
    // A token is taken for 15 minutes.
    vi.setSystemTime(Date.now() + 20 * 60_000);
    front.cut();
    await vi.waitFor(() => expect(pool.totalCount).toBe(0));
    expect((await pool.query('select current_user as user')).rows).toEqual([
      { user: 'plumbline_reader' },
    ]);
    const dateOf = (token: string): string | undefined => /X-Amz-Date=(\w+)/.exec(token)?.[1];
    expect(dateOf(front.logins.at(-1)?.token ?? '')).not.toBe(dateOf(before));
    await warehouse.close();
  });

  it('give up a server that fell silent, and read on from the one in its place', async () => {
    const connections = createConnections({
      config: (role) => ({ ...roleConfig(environment, role), query_timeout: 300 }),
      setRole: false,
      place: placeOf(environment),
    });
    const pool = connections.pool('reader');
    const queries = createQueries({ pool, zone: 'Europe/Berlin' });
    const read = () => queries.snapshot(({ system }) => system('select current_user::text'));
    await read();
    front.silence();
    await expect(read()).rejects.toMatchObject({
      code: 'warehouse-unreachable',
      cause: { message: 'Query read timeout' },
    });
    expect((await read()).rows).toEqual([['plumbline_reader']]);
    await connections.end();
  });

  it('wait for a silent server longer than Postgres lets a query run, and shorter than nginx waits', async () => {
    const connections = createConnections({
      config: (role) => roleConfig(environment, role),
      setRole: false,
      place: placeOf(environment),
    });
    const pool = connections.pool('reader');
    const { rows } = await pool.query<{ ms: number }>(
      `select setting::int as ms from pg_settings where name = 'statement_timeout'`,
    );
    expect(pool.options.query_timeout).toBeGreaterThan(rows[0]?.ms ?? Infinity);
    expect(pool.options.query_timeout).toBeLessThan(120_000);
    await connections.end();
  });
});
