import { randomBytes } from 'node:crypto';

import type pg from 'pg';

import type { Access } from '../../src/access/access.ts';
import { applyAccess } from '../../src/access/apply-access.ts';
import { planAccess } from '../../src/access/plan-access.ts';
import type { Model, Procedure } from '../../src/model/model.ts';
import { parseModel } from '../../src/model/parse-model.ts';
import type { ReleaseResult } from '../../src/model/release-result.ts';
import { runRelease } from '../../src/model/release.ts';
import { connectClient } from '../../src/warehouse/connections.ts';
import { createDatabase } from '../helpers/database.ts';
import { createRawTable } from '../helpers/raw-table.ts';
import type { RawTable } from '../helpers/raw-table.ts';

/** A released project, its users with names of the test's own, and whoever applies access. */
export interface AccessScene {
  readonly url: string;
  readonly orders: RawTable;
  /** The superuser. */
  readonly admin: pg.Client;
  readonly owner: pg.Client;
  /** `bi` becomes a name that no other test has: roles are the cluster's. */
  readonly name: (user: string) => string;
  readonly release: (
    models: readonly Model[],
    procedures?: readonly Procedure[],
  ) => Promise<ReleaseResult>;
  /** Plans and applies as `by`, and gives the steps' texts. */
  readonly apply: (access: Access, by?: pg.Client) => Promise<readonly string[]>;
  readonly plan: (access: Access, by?: pg.Client) => Promise<readonly string[]>;
  /** A new connection; the default is that of a user after `apply`. */
  readonly connect: (user: string, password?: string) => Promise<pg.Client>;
  /** A second superuser. */
  readonly another: () => Promise<pg.Client>;
  readonly end: () => Promise<void>;
}

export const password = 'correct-horse-battery';
/** Those of the models, whether or not they are declared. */
export const schemas = ['marts', 'finance'] as const;

export const model = (name: string, sql: string, materialize = 'view'): Model => {
  const [schema = '', relation = ''] = name.split('.');
  const place = { file: `models/${schema}/${relation}.sql`, schema, relation };
  return parseModel(`/*---\nmaterialize: ${materialize}\n---*/\n${sql}`, place);
};

export async function createScene(): Promise<AccessScene> {
  const database = await createDatabase();
  const suffix = randomBytes(5).toString('hex');
  const clients: pg.Client[] = [];
  const open = async (url: string): Promise<pg.Client> => {
    const client = await connectClient({ connectionString: url }, 'the test server');
    clients.push(client);
    return client;
  };
  const admin = await open(database.url);
  const owner = await database.warehouse.connect('owner');
  clients.push(owner);
  const orders = await createRawTable(owner, 'orders', { id: 'bigint', amount: 'int' });
  await orders.load([
    [1, 10],
    [2, 20],
  ]);
  const name = (user: string): string => `${user}_${suffix}`;
  const plan = async (access: Access, by = admin) =>
    (await planAccess(by, access, schemas)).steps.map((step) => step.text);
  return {
    url: database.url,
    orders,
    admin,
    owner,
    name,
    release: (models, procedures = []) =>
      runRelease({
        client: owner,
        models,
        procedures,
        checks: [],
        sources: ['orders'],
        now: () => '2026-11-02T06:00:00.000Z',
      }),
    plan,
    apply: async (access, by = admin) => {
      const changes = await planAccess(by, access, schemas);
      const passwords = new Map(changes.withoutPassword.map((user) => [user, password]));
      return (await applyAccess(by, changes, passwords)).steps.map((step) => step.text);
    },
    connect: (user, secret = password) => {
      const url = new URL(database.url);
      url.username = name(user);
      url.password = secret;
      return open(url.href);
    },
    another: () => open(database.url),
    end: async () => {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      const { rows } = await withRoles(suffix);
      await database.drop();
      await dropRoles(rows.map((row) => row.rolname));
    },
  };

  function withRoles(ending: string): Promise<pg.QueryResult<{ rolname: string }>> {
    return database.warehouse
      .pool('reader')
      .query(`select rolname from pg_roles where rolname like '%' || $1`, [ending]);
  }

  async function dropRoles(names: readonly string[]): Promise<void> {
    const url = new URL(database.url);
    url.pathname = '/postgres';
    const client = await connectClient({ connectionString: url.href }, 'the test server');
    // One that made another must go after it.
    for (const each of names) await client.query(`drop owned by "${each}" cascade`);
    for (const each of names) await client.query(`drop role "${each}"`);
    await client.end();
  }
}

/** Users of the scene as `access` declares them. */
export const declare = (
  scene: AccessScene,
  users: Readonly<Record<string, readonly string[]>>,
): Access => ({
  allow: [],
  users: Object.entries(users).map(([user, readable]) => ({
    name: scene.name(user),
    schemas: readable,
    connections: 3,
  })),
});
