import { setTimeout as wait } from 'node:timers/promises';

import type { ClientBase } from 'pg';

import { PlumblineError } from '../errors.ts';
import { quoteIdentifier, quoteRelation } from '../warehouse/quote.ts';
import { sqlState } from '../warehouse/transaction.ts';
import { stagedName } from './build-relation.ts';
import { nextSchema } from './redirect-relations.ts';
import type { RelationKind } from './warehouse-state.ts';

export interface Publication {
  /** Relations to take away, dependents first. */
  readonly drops: readonly { readonly name: string; readonly kind: RelationKind }[];
  /** Relations to put where readers see them. */
  readonly staged: readonly string[];
}

/** How long one attempt may make new readers queue behind the ones it waits for. */
const lockTimeoutMs = 150;
/** How long to go on trying while somebody reads a relation without a pause. */
const patienceMs = 60_000;

/**
 * Puts relations that were built aside in the place of the ones readers see: only names change
 * here, so it takes milliseconds, and locks are held from here to the commit. A query that is still
 * reading an old relation is waited for, in short attempts: while Postgres waits for a lock, every
 * later reader waits behind it. Throws `relation-in-use`.
 */
export async function publish(client: ClientBase, publication: Publication): Promise<void> {
  if (publication.drops.length === 0 && publication.staged.length === 0) return;
  const grants = await readGrants(client, publication);
  const until = performance.now() + patienceMs;
  await client.query('savepoint publication');
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`set local lock_timeout = '${lockTimeoutMs}ms'`);
      await exchange(client, publication);
      for (const grant of grants) await client.query(grant);
      await client.query('set local lock_timeout = 0');
      await client.query('release savepoint publication');
      return;
    } catch (error) {
      await client.query('rollback to savepoint publication');
      if (sqlState(error) !== '55P03' || performance.now() > until) throw asInUse(error);
      await wait(Math.min(50 * attempt, 1000));
    }
  }
}

async function exchange(client: ClientBase, { drops, staged }: Publication): Promise<void> {
  for (const { name, kind } of drops) {
    await client.query(`drop ${kind} if exists ${quoteRelation(name)}`);
  }
  for (const name of staged) {
    const schema = name.slice(0, name.indexOf('.'));
    await client.query(
      `alter table ${stagedName(name, new Set(staged))} set schema ${quoteIdentifier(schema)}`,
    );
  }
  for (const schema of new Set(staged.map((name) => name.slice(0, name.indexOf('.'))))) {
    await client.query(`drop schema ${quoteIdentifier(nextSchema(schema))}`);
  }
}

/** Rights that were given on a relation by hand or by the access plan outlive its replacement. */
async function readGrants(
  client: ClientBase,
  publication: Publication,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ grant: string }>(
    `select format('grant %s on %I.%I to %s%s', a.privilege_type, n.nspname, c.relname,
         case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
         case when a.is_grantable then ' with grant option' else '' end) as grant
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral aclexplode(c.relacl) a
     where n.nspname || '.' || c.relname = any ($1) and c.relkind in ('r', 'v', 'm')
       and a.grantee <> c.relowner`,
    [publication.staged],
  );
  return rows.map((row) => row.grant);
}

function asInUse(error: unknown): unknown {
  const state = sqlState(error);
  if (!(error instanceof Error) || (state !== '55P03' && state !== '2BP01')) return error;
  if (state === '55P03') {
    return new PlumblineError('relation-in-use', {
      message: `a query has been reading a relation that is to be replaced for over ${patienceMs / 1000} s`,
      retryable: true,
      cause: error,
    });
  }
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
  return new PlumblineError('relation-in-use', {
    message: `${error.message}: ${detail.replaceAll('\n', '; ')}`,
    cause: error,
  });
}
