import type { ClientBase } from 'pg';

import { PlumblineError } from '../errors.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import type { AccessChanges, AccessStep } from './access-changes.ts';
import type { Access } from './access.ts';
import { grantSteps, isDeclared, readSchemas, schemaSteps } from './grant-steps.ts';
import type { GrantContext } from './grant-steps.ts';
import { readHoldings } from './holdings.ts';
import { revokeSteps } from './revoke-steps.ts';
import type { Excess } from './revoke-steps.ts';
import { readPublicRights, readRights } from './right.ts';
import type { Right } from './right.ts';
import { markOf, readRoles } from './role-state.ts';
import type { RoleState } from './role-state.ts';
import { readServerState } from './server-state.ts';
import type { ServerState } from './server-state.ts';
import { declaredUserSteps, retiredUserSteps } from './user-steps.ts';

/**
 * Compares what the database lets its users do with what is declared, and gives the steps from the
 * one to the other; changes nothing. `schemas` are those of the project's models.
 *
 * Only users that Plumbline made for this database are changed, and what everybody (`PUBLIC`) may do
 * with the database, schema `public` and the project's schemas. The connected user is the one that
 * would apply it: a superuser, the owner of the database, or one that may create roles.
 *
 * Throws `access-conflict` when a declared user is a role that somebody else made.
 */
export async function planAccess(
  client: ClientBase,
  access: Access,
  schemas: readonly string[],
): Promise<AccessChanges> {
  const server = await readServerState(client);
  const roles = await readRoles(
    client,
    access.users.map((user) => user.name),
  );
  refuseForeign(roles, server.database);
  const names = roles.map((role) => role.name);
  const own = [...new Set(['plumbline', 'raw', 'clean', ...schemas])];
  const wanted = [...new Set(access.users.flatMap((user) => user.schemas))];
  const context: GrantContext = {
    ...server,
    rights: await readRights(client, names),
    schemas: new Map((await readSchemas(client, wanted)).map((each) => [each.name, each])),
  };
  const open = await readPublicRights(client, own);
  const known = new Map(roles.map((role) => [role.name, role]));
  const declared = new Map(access.users.map((user) => [user.name, user]));
  const excesses = context.rights.flatMap((right): readonly Excess[] => {
    const user = declared.get(right.to);
    const wantedRight = user !== undefined && isDeclared(right, user, context);
    if (!wantedRight) return [{ right, onlyPassingOn: false }];
    return right.grantable ? [{ right, onlyPassingOn: true }] : [];
  });
  const publicExcesses = open.map((right) => ({ right, onlyPassingOn: false }));
  const steps = [
    ...ownRoleSteps(server),
    ...withStrangers(revokeSteps(publicExcesses.filter(({ right }) => right.ours)), server),
    ...schemaSteps(context),
    ...access.users.flatMap((user) => [
      ...declaredUserSteps(user, known.get(user.name), server.database),
      ...grantSteps(user, context),
    ]),
    ...roles.filter((role) => !declared.has(role.name)).flatMap((role) => retiredUserSteps(role)),
    ...revokeSteps(excesses.filter(({ right }) => right.ours)),
  ];
  return {
    access,
    schemas,
    steps,
    withoutPassword: access.users
      .map((user) => user.name)
      .filter((name) => known.get(name)?.login !== true),
    notes: [
      ...serverNotes(server, access),
      ...[...publicExcesses, ...excesses]
        .filter(({ right }) => !right.ours)
        .map(({ right }) => beyondUs(right, server)),
      ...schemaNotes(context, server),
      ...(await readHoldings(client, names, own)),
    ],
  };
}

function refuseForeign(roles: readonly RoleState[], database: string): void {
  const foreign = roles.filter((role) => role.mark !== markOf(database));
  if (foreign.length === 0) return;
  const lines = foreign.map(({ name, mark }) =>
    mark === null
      ? `'${name}' is a role of this Postgres that plumbline did not make`
      : `'${name}' is a user of another database of this Postgres (${mark.replace(/^.* user of /, '')})`,
  );
  throw new PlumblineError('access-conflict', { message: `${lines.join('; ')}.` });
}

/** Before everybody loses the right to connect, those who run the pipeline get one of their own. */
function ownRoleSteps({ unconnected, database, ownsDatabase }: ServerState): readonly AccessStep[] {
  if (unconnected.length === 0 || !ownsDatabase) return [];
  const on = `on database ${quoteIdentifier(database)}`;
  return [
    {
      kind: 'give',
      user: null,
      text: `plumbline's own roles connect to database ${database} by a right of their own`,
      sql: unconnected.map((role) =>
        role === 'plumbline_reader'
          ? `grant connect ${on} to ${role}`
          : `grant connect, temporary ${on} to ${role}`,
      ),
    },
  ];
}

/** Says by name who else can no longer connect. */
function withStrangers(
  steps: readonly AccessStep[],
  { strangers }: ServerState,
): readonly AccessStep[] {
  if (strangers.length === 0) return steps;
  const more = strangers.length > 8 ? ` and ${strangers.length - 8} more` : '';
  const who = `${strangers.slice(0, 8).join(', ')}${more}`;
  return steps.map((step) =>
    /: .*\bconnect\b.* on database /.test(step.text)
      ? { ...step, text: `${step.text}; that keeps out ${who}, unless you grant it to them` }
      : step,
  );
}

function serverNotes(server: ServerState, { users }: Access): readonly string[] {
  const { connectedAs, database, openDatabases } = server;
  const notes: string[] = [];
  if (users.length > 0 && !server.createsRoles) {
    notes.push(`${connectedAs} may not create roles, so it cannot make or change users.`);
  }
  if (!server.ownsDatabase) {
    notes.push(
      `Database ${database} is not ${connectedAs}'s: who may connect to it is left as it is.`,
    );
  }
  if (users.length > 0 && openDatabases.length > 0) {
    notes.push(
      `Everybody may connect to the other databases of this Postgres (${openDatabases.join(', ')}), users too; nothing of this project is in them.`,
    );
  }
  return notes;
}

function beyondUs({ to, privilege, target }: Right, { connectedAs }: ServerState): string {
  const who = to === 'PUBLIC' ? 'everybody' : to;
  return `${who} has ${privilege.toLowerCase()} on ${target}, which ${connectedAs} may not take away.`;
}

function schemaNotes({ schemas }: GrantContext, { connectedAs }: ServerState): readonly string[] {
  return [...schemas.values()].flatMap(({ name, owner, ours, relations }) => {
    if (owner !== null && !ours) {
      return [`Schema ${name} is ${owner}'s: ${connectedAs} may not give rights on it.`];
    }
    return relations
      .filter((relation) => !relation.ours)
      .map((relation) => `${relation.name} is not ${connectedAs}'s to give: users cannot read it.`);
  });
}
