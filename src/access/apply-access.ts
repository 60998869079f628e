import { escapeLiteral } from 'pg';
import type { ClientBase } from 'pg';

import { PlumblineError } from '../errors.ts';
import { lockGrants } from '../warehouse/grants.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { lockReleases } from '../warehouse/release-lock.ts';
import { inTransaction, retryTransaction, sqlState } from '../warehouse/transaction.ts';
import type { AccessChanges, AccessStep } from './access-changes.ts';
import { checkPassword, scramVerifier } from './password.ts';
import { planAccess } from './plan-access.ts';

export interface AppliedAccess {
  /** What was done; fewer steps than planned when somebody else did some meanwhile. */
  readonly steps: readonly AccessStep[];
  /** Users whose password is now the one given. */
  readonly passwordsOf: readonly string[];
}

/**
 * Does what was planned and shown, in one transaction; nothing else. Waits for a release that is under
 * way. `passwords` are by user: one for each of `changes.withoutPassword`, and any other declared user
 * whose password is to change. A user that another apply let in meanwhile keeps the password it has.
 *
 * Throws `usage` for a password that is missing or weak, `access-changed` when the database is not as
 * it was when the steps were planned, `warehouse-refused` when the connected user may not do a step.
 */
export async function applyAccess(
  client: ClientBase,
  changes: AccessChanges,
  passwords: ReadonlyMap<string, string>,
): Promise<AppliedAccess> {
  const declared = new Set(changes.access.users.map((user) => user.name));
  for (const [user, password] of passwords) {
    if (!declared.has(user)) {
      throw new PlumblineError('usage', { message: `There is no user '${user}' in \`access\`.` });
    }
    checkPassword(user, password);
  }
  const missing = changes.withoutPassword.filter((user) => !passwords.has(user));
  if (missing.length > 0) {
    throw new PlumblineError('usage', {
      message: `There is no password for ${missing.join(', ')}.`,
    });
  }
  try {
    return await retryTransaction(() =>
      inTransaction(client, () => applyLocked(client, changes, passwords)),
    );
  } catch (error) {
    throw explained(error);
  }
}

async function applyLocked(
  client: ClientBase,
  changes: AccessChanges,
  passwords: ReadonlyMap<string, string>,
): Promise<AppliedAccess> {
  await lockReleases(client);
  await lockGrants(client);
  const { access, schemas } = changes;
  const now = await planAccess(client, access, schemas);
  const shown = new Set(changes.steps.flatMap((step) => step.sql));
  const unseen = now.steps.find((step) => step.sql.some((statement) => !shown.has(statement)));
  if (unseen !== undefined) {
    throw new PlumblineError('access-changed', {
      message: `The database has changed since the plan was made; it would now also take: ${unseen.text}.`,
      retryable: true,
    });
  }
  for (const statement of now.steps.flatMap((step) => step.sql)) await client.query(statement);
  const waiting = new Set(now.withoutPassword);
  const passwordsOf = [...passwords.keys()].filter(
    (user) => waiting.has(user) || !changes.withoutPassword.includes(user),
  );
  for (const user of passwordsOf) {
    const verifier = scramVerifier(passwords.get(user) ?? '');
    await client.query(`alter role ${quoteIdentifier(user)} password ${escapeLiteral(verifier)}`);
  }
  const [left] = (await planAccess(client, access, schemas)).steps;
  if (left !== undefined) {
    throw new PlumblineError('warehouse-refused', {
      message: `Postgres did not do what it was told, nothing was changed: ${left.text}.`,
      remedy: 'Apply it as a superuser, or have whoever gave the right take it back.',
    });
  }
  return { steps: now.steps, passwordsOf };
}

/** Postgres' refusals say what is missing; nothing was changed then. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PlumblineError) return error;
  const state = sqlState(error);
  // insufficient_privilege, invalid_grantor
  if (state === '42501' || state === '0LP01' || state === '0L000') {
    return new PlumblineError('warehouse-refused', {
      message: `Postgres refuses, and nothing was changed: ${error.message}.`,
      remedy:
        'Connect as the owner of the database with createrole, or as a superuser, and apply again.',
      cause: error,
    });
  }
  // duplicate_object, unique_violation, and two who changed one row of the catalogue: another database's apply
  if (state === '42710' || state === '23505' || /concurrently updated/.test(error.message)) {
    return new PlumblineError('access-changed', {
      message: `Somebody else changes roles right now, and nothing was changed here: ${error.message}.`,
      retryable: true,
      cause: error,
    });
  }
  return error;
}
