import type { ClientBase } from 'pg';

import { roleName, roles } from './role.ts';
import type { Role } from './role.ts';
import { retryTransaction, inTransaction, sqlState } from './transaction.ts';

/** Passwords of roles that log in themselves; without them roles are taken on with `set role`. */
export type RolePasswords = Readonly<Record<Role, string>>;

/**
 * What each role may do. Run as the owner of schema `plumbline`; repeating it changes nothing.
 *
 * The loader writes the system's tables and makes tables in `raw` and views in `clean`. The owner is
 * a member of the loader, since its models read what the loader made. The reader sees the system's
 * tables, `clean` and the project's schemas, never `raw`: rows that are not released yet are there.
 * Default privileges say so for what is made later.
 */
const grants = `
  grant usage on schema plumbline, raw, clean to plumbline_loader;
  grant create on schema raw, clean to plumbline_loader;
  grant select, insert, update on all tables in schema plumbline to plumbline_loader;
  grant delete on plumbline.reject, plumbline.claim to plumbline_loader;
  revoke insert, update on plumbline.migration from plumbline_loader;
  grant usage, select on all sequences in schema plumbline to plumbline_loader;
  alter default privileges for role plumbline_owner in schema plumbline
    grant select, insert, update on tables to plumbline_loader;
  alter default privileges for role plumbline_owner in schema plumbline
    grant usage, select on sequences to plumbline_loader;
  alter default privileges for role plumbline_owner in schema raw
    grant select, insert, update on tables to plumbline_loader;
  alter default privileges for role plumbline_owner in schema clean
    grant select on tables to plumbline_loader;

  grant usage on schema plumbline, clean to plumbline_reader;
  grant select on all tables in schema plumbline, clean to plumbline_reader;
  alter default privileges for role plumbline_owner grant usage on schemas to plumbline_reader;
  alter default privileges for role plumbline_owner grant select on tables to plumbline_reader;
  alter default privileges for role plumbline_loader in schema clean
    grant select on tables to plumbline_reader;
`;

interface RoleState {
  /** All three exist and the connected user can act as each. */
  readonly usable: boolean;
  /** The owner may create schemas in this database. */
  readonly creates: boolean;
  /** Schema `plumbline` is the owner's, or is not there yet. */
  readonly owns: boolean;
}

async function readRoleState(client: ClientBase): Promise<RoleState> {
  const { rows } = await client.query<RoleState>(
    `select
       (select count(*) = $1 and bool_and(pg_has_role(oid, 'member'))
          from pg_roles where rolname = any ($2)) as usable,
       coalesce((select has_database_privilege(oid, current_database(), 'create')
          from pg_roles where rolname = $3), false) as creates,
       coalesce((select pg_get_userbyid(nspowner) = $3
          from pg_namespace where nspname = 'plumbline'), true) as owns`,
    [roles.length, roles.map((role) => roleName(role)), roleName('owner')],
  );
  return rows[0] ?? { usable: false, creates: false, owns: false };
}

/** Roles belong to the cluster: another database's process may make the same one right now. */
async function createRole(client: ClientBase, role: Role, password: string | undefined) {
  const login = password === undefined ? 'nologin' : 'login';
  await client.query(`
    do $do$ begin
      create role ${roleName(role)} ${login};
    exception when duplicate_object or unique_violation then null;
    end $do$`);
  if (password !== undefined) {
    await client.query(
      `alter role ${roleName(role)} login password ${client.escapeLiteral(password)}`,
    );
  }
}

async function createRoles(client: ClientBase, passwords: RolePasswords | undefined) {
  for (const role of roles) await createRole(client, role, passwords?.[role]);
  await client.query('grant plumbline_loader to plumbline_owner');
  if (passwords === undefined) {
    const { rows } = await client.query<{ superuser: boolean }>(
      'select rolsuper as superuser from pg_roles where rolname = current_user',
    );
    // A user that made a role may still have to be let into it (PostgreSQL 16 and later).
    if (rows[0]?.superuser !== true) {
      await client.query(
        'grant plumbline_owner, plumbline_loader, plumbline_reader to current_user',
      );
    }
  }
  await client.query(`
    do $do$ begin
      execute format('grant create on database %I to plumbline_owner', current_database());
    end $do$`);
  // Acting as each role is what all this is for: fail here rather than at the first query.
  for (const role of roles) await client.query(`set local role ${roleName(role)}`);
}

/** Two processes granting the same thing at once: Postgres refuses one with XX000. */
function isConcurrentUpdate(error: unknown): boolean {
  return error instanceof Error && error.message.includes('concurrently updated');
}

/** insufficient_privilege, and grants only the database's owner can give. */
function isRefused(error: unknown): boolean {
  return sqlState(error) === '42501' || sqlState(error) === '0LP01';
}

/**
 * Makes the roles where the connected user may, and says whether they are in use. False means
 * that everything runs as the connected user: it may not create roles, or the schema is already
 * another user's.
 */
export async function prepareRoles(
  client: ClientBase,
  passwords: RolePasswords | undefined,
): Promise<boolean> {
  const state = await readRoleState(client);
  if (!state.owns) return false;
  if (state.usable && state.creates) return true;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await retryTransaction(() => inTransaction(client, () => createRoles(client, passwords)));
      return true;
    } catch (error) {
      if (isRefused(error)) return false;
      if (!isConcurrentUpdate(error) || attempt >= 10) throw error;
    }
  }
}

/**
 * Lets the roles log in. Where the server has RDS' role `rds_iam` they do so with tokens of AWS, and
 * with nothing else; anywhere else the server's own rules (pg_hba.conf) decide.
 */
export async function letRolesLogIn(client: ClientBase): Promise<void> {
  await inTransaction(client, async () => {
    for (const role of roles) await client.query(`alter role ${roleName(role)} login`);
    const { rowCount } = await client.query("select 1 from pg_roles where rolname = 'rds_iam'");
    if (rowCount === 0) return;
    for (const role of roles) await client.query(`grant rds_iam to ${roleName(role)}`);
  });
}

/** Whether the grants have been made in this database. */
export async function isGranted(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ granted: boolean }>(
    `select coalesce((select bool_and(has_schema_privilege('plumbline_reader', oid, 'usage'))
       from pg_namespace where nspname in ('plumbline', 'clean')), false)
     as granted`,
  );
  return rows[0]?.granted === true;
}

/** Granting touches the same catalogue rows in every process: one at a time, until the transaction ends. */
export async function lockGrants(client: ClientBase): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('plumbline grants'))");
}

/** Gives the roles their rights on the schemas; the caller acts as the owner. */
export async function grantRoles(client: ClientBase): Promise<void> {
  await inTransaction(client, async () => {
    await lockGrants(client);
    await client.query(grants);
  });
}
