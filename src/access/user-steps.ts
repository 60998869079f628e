import { escapeLiteral } from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import type { AccessStep } from './access-changes.ts';
import type { AccessUser } from './access.ts';
import { markOf } from './role-state.ts';
import type { RoleState } from './role-state.ts';

/**
 * How a session of a user begins. A user can change its own settings: they keep honest tools from
 * doing harm, while what it may not do is a matter of grants. Statements end, and sessions that do
 * nothing do too: a connection that a BI tool leaves open keeps a serverless database awake.
 */
function settingsOf(user: AccessUser): Readonly<Record<string, string>> {
  return {
    default_transaction_read_only: 'on',
    statement_timeout: '5min',
    idle_session_timeout: '10min',
    idle_in_transaction_session_timeout: '5min',
    search_path: user.schemas.join(', '),
  };
}

/** Makes the role of a declared user, or brings it to what is declared. */
export function declaredUserSteps(
  user: AccessUser,
  role: RoleState | undefined,
  database: string,
): readonly AccessStep[] {
  const name = quoteIdentifier(user.name);
  const sql: string[] = [];
  const what: string[] = [];
  const limit = `${user.connections} ${user.connections === 1 ? 'connection' : 'connections'} at once`;
  if (role === undefined) {
    sql.push(
      `create role ${name} login connection limit ${user.connections}`,
      `comment on role ${name} is ${escapeLiteral(markOf(database))}`,
    );
    what.push('is made and logs in with a password', limit, 'reads only');
  } else {
    if (!role.login) what.push('logs in again, with a new password');
    if (role.connections !== user.connections) what.push(limit);
    if (what.length > 0) sql.push(`alter role ${name} login connection limit ${user.connections}`);
  }
  const changed = settingStatements(user, role, database);
  sql.push(...changed.sql);
  if (role !== undefined && changed.names.length > 0) {
    what.push(`its own settings are set again: ${changed.names.join(', ')}`);
  }
  const steps: AccessStep[] =
    sql.length === 0
      ? []
      : [{ kind: 'give', user: user.name, text: `${user.name}: ${what.join('; ')}`, sql }];
  return role === undefined ? steps : [...steps, ...powerSteps(role)];
}

function settingStatements(
  user: AccessUser,
  role: RoleState | undefined,
  database: string,
): { readonly sql: readonly string[]; readonly names: readonly string[] } {
  const name = quoteIdentifier(user.name);
  const wanted = settingsOf(user);
  const present = role?.settings ?? {};
  const missing = Object.keys(wanted).filter(
    // Postgres keeps a list of names with those quoted that need it.
    (key) => present[key]?.replaceAll('"', '') !== wanted[key],
  );
  const beyond = Object.keys(present).filter((key) => !Object.hasOwn(wanted, key));
  const here = role?.settingsHere ?? [];
  const valueOf = (key: string): string =>
    key === 'search_path'
      ? user.schemas.map((schema) => quoteIdentifier(schema)).join(', ')
      : escapeLiteral(wanted[key] ?? '');
  return {
    sql: [
      ...missing.map((key) => `alter role ${name} set ${key} = ${valueOf(key)}`),
      ...beyond.map((key) => `alter role ${name} reset ${settingName(key)}`),
      ...here.map(
        (key) =>
          `alter role ${name} in database ${quoteIdentifier(database)} reset ${settingName(key)}`,
      ),
    ],
    names: [...missing, ...beyond, ...here],
  };
}

/** `app.tenant` is two identifiers. */
const settingName = (key: string): string =>
  key
    .split('.')
    .map((part) => quoteIdentifier(part))
    .join('.');

/** Ends the login of a user that is declared no more. The role stays: others may have given it things. */
export function retiredUserSteps(role: RoleState): readonly AccessStep[] {
  const steps = [...powerSteps(role)];
  if (!role.login) return steps;
  const sql = [`alter role ${quoteIdentifier(role.name)} nologin password null`];
  const text = `${role.name} is declared no more: its login and its password end`;
  return [{ kind: 'take', user: role.name, text, sql }, ...steps];
}

/** What goes beyond grants: attributes and memberships that somebody gave by hand. */
function powerSteps({ name, powers, memberOf }: RoleState): readonly AccessStep[] {
  const user = quoteIdentifier(name);
  const steps: AccessStep[] = powers.map((power) => ({
    kind: 'take',
    user: name,
    text: `${name} loses the attribute ${power}`,
    sql: [`alter role ${user} no${power}`],
  }));
  const memberships = memberOf.map(({ role, grantor }): AccessStep => ({
    kind: 'take',
    user: name,
    text: `${name} is no member of ${role} any more`,
    sql: [
      `revoke ${quoteIdentifier(role)} from ${user} granted by ${quoteIdentifier(grantor)} cascade`,
    ],
  }));
  return [...steps, ...memberships];
}
