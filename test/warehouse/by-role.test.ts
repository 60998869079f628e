import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';

import { openWarehouseByRole, prepareWarehouse } from '../../src/warehouse/warehouse.ts';
import type { Role } from '../../src/warehouse/warehouse.ts';

/** A database nobody has prepared, and a user that may create roles but is no superuser, as on RDS. */
let database: string;
let master: string;
let admin: pg.Client;

const place = 'the test server';
const at = (changes: (url: URL) => void): string => {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${database}`;
  changes(url);
  return url.href;
};

beforeEach(async () => {
  const suffix = randomBytes(6).toString('hex');
  database = `byrole_${suffix}`;
  master = `master_${suffix}`;
  admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`create role ${master} login createrole password 'master'`);
  // The roles are the cluster's: another test made them, and a master user is let into its own.
  await admin.query(
    `grant plumbline_owner, plumbline_loader, plumbline_reader to ${master} with admin option`,
  );
  await admin.query(`create database ${database} owner ${master}`);
});

afterEach(async () => {
  await admin.query(`drop database ${database} with (force)`);
  await admin.query(`drop owned by ${master} cascade`);
  await admin.query(`drop role ${master}`);
  await admin.end();
});

const asMaster = (): pg.ClientConfig => ({
  connectionString: at((url) => {
    url.username = master;
    url.password = 'master';
  }),
});

const server = (asked: Role[] = []) => ({
  config: (role: Role): pg.ClientConfig => ({
    connectionString: at(() => undefined),
    // Stands for a token that is made for each connection.
    options: `-c role=plumbline_${role}`,
    application_name: `as ${asked.push(role)}`,
  }),
  place,
  checkAs: 'reader' as const,
});

test('a warehouse that nobody prepared is refused by name, and may be tried again', async () => {
  await expect(openWarehouseByRole(server())).rejects.toMatchObject({
    code: 'warehouse-not-prepared',
    retryable: true,
  });
});

test('a user that may create roles prepares it; each role then works as itself', async () => {
  const version = await prepareWarehouse({ config: asMaster(), place });
  expect(version).toMatch(/^17/);
  expect(await prepareWarehouse({ config: asMaster(), place })).toBe(version);
  const asked: Role[] = [];
  const warehouse = await openWarehouseByRole(server(asked));
  expect(asked).toEqual(['reader']);
  const loader = await warehouse.connect('loader');
  const { rows } = await loader.query('select current_user as me');
  await loader.end();
  expect(rows).toEqual([{ me: 'plumbline_loader' }]);
  await expect(
    warehouse.pool('reader').query('delete from plumbline.migration'),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^(?:42501|25006)$/) });
  await warehouse.close();
});

test('a user that may not create roles is told so', async () => {
  const plain = `${master}_plain`;
  await admin.query(`create role ${plain} login password 'plain'`);
  try {
    const config = {
      connectionString: at((url) => {
        url.username = plain;
        url.password = 'plain';
      }),
    };
    await expect(prepareWarehouse({ config, place })).rejects.toThrow(/may not create|permission/);
  } finally {
    await admin.query(`drop owned by ${plain} cascade`);
    await admin.query(`drop role ${plain}`);
  }
});

test('on AWS the roles log in by tokens, and only there', async () => {
  await prepareWarehouse({ config: asMaster(), place, login: 'iam' });
  const members = `select count(*)::int as members from pg_auth_members
    where roleid = to_regrole('rds_iam') and member::regrole::text like 'plumbline_%'`;
  expect((await admin.query(members)).rows).toEqual([{ members: 0 }]);
  await admin.query('create role rds_iam');
  try {
    await admin.query(`grant rds_iam to ${master} with admin option`);
    await prepareWarehouse({ config: asMaster(), place, login: 'iam' });
    expect((await admin.query(members)).rows).toEqual([{ members: 3 }]);
    const logins = await admin.query(
      `select bool_and(rolcanlogin) as may from pg_roles where rolname like 'plumbline_%'`,
    );
    expect(logins.rows).toEqual([{ may: true }]);
  } finally {
    await admin.query('drop role rds_iam');
  }
});
