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
 *
 * Readers lock what they read in an order of their own: one that holds the second relation and
 * queues for the first, which we hold, would wait for us and we for it. The relation an attempt
 * stumbled over is therefore locked first in the next one, which leads to the readers' own order
 * in as many attempts as there are relations.
 */
export async function publish(client: ClientBase, publication: Publication): Promise<void> {
  if (publication.drops.length === 0 && publication.staged.length === 0) return;
  const grants = await readGrants(client, publication);
  const order = publication.drops.map((drop) => drop.name);
  const until = performance.now() + patienceMs;
  await client.query('savepoint publication');
  for (let attempt = 1; ; attempt += 1) {
    const locked: string[] = [];
    try {
      await client.query(`set local lock_timeout = '${lockTimeoutMs}ms'`);
      await setAside(client, order, locked);
      await exchange(client, publication);
      for (const grant of grants) await client.query(grant);
      await client.query('set local lock_timeout = 0');
      await client.query('release savepoint publication');
      return;
    } catch (error) {
      if (sqlState(error) !== lockNotAvailable) throw inUse(error);
      await client.query('rollback to savepoint publication');
      const [stumbled] = order.splice(locked.length, 1);
      if (performance.now() > until || stumbled === undefined) throw inUse(error, stumbled);
      order.unshift(stumbled);
      await wait(Math.min(20 * attempt, 500));
    }
  }
}

const lockNotAvailable = '55P03';
const dependentObjectsStillExist = '2BP01';

/** Moves the old relations out of the way, which locks them whatever kind they are. */
async function setAside(
  client: ClientBase,
  order: readonly string[],
  locked: string[],
): Promise<void> {
  for (const schema of schemasOf(order)) {
    await client.query(`create schema ${quoteIdentifier(oldSchema(schema))}`);
  }
  for (const name of order) {
    const schema = quoteIdentifier(oldSchema(schemaOf(name)));
    await client.query(`alter table ${quoteRelation(name)} set schema ${schema}`);
    locked.push(name);
  }
}

async function exchange(client: ClientBase, { drops, staged }: Publication): Promise<void> {
  for (const name of staged) {
    const schema = quoteIdentifier(schemaOf(name));
    await client.query(`alter table ${stagedName(name, new Set(staged))} set schema ${schema}`);
  }
  for (const { name, kind } of drops) {
    const relation = name.slice(name.indexOf('.') + 1);
    const old = `${quoteIdentifier(oldSchema(schemaOf(name)))}.${quoteIdentifier(relation)}`;
    await client.query(`drop ${kind} ${old}`);
  }
  const emptied = [
    ...schemasOf(staged).map((schema) => nextSchema(schema)),
    ...schemasOf(drops.map((drop) => drop.name)).map((schema) => oldSchema(schema)),
  ];
  for (const schema of emptied) await client.query(`drop schema ${quoteIdentifier(schema)}`);
}

function schemaOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

function schemasOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => schemaOf(name)))];
}

function oldSchema(schema: string): string {
  return `_old_${schema}`;
}

/**
 * Rights that were given on a relation by hand or by the access plan outlive its replacement. A new
 * one has those that were given by default in its schema: Postgres gives them by the schema in which
 * a relation is made, which here is the one where it was built aside.
 */
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
       and a.grantee <> c.relowner
     union
     select format('grant %s on %I.%I to %s%s', a.privilege_type, n.nspname, s.relation,
         case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
         case when a.is_grantable then ' with grant option' else '' end)
     from (select split_part(name, '.', 1) as schema, substr(name, strpos(name, '.') + 1) as relation
           from unnest($1::text[]) name) s
     join pg_namespace n on n.nspname = s.schema
     join pg_default_acl d on d.defaclnamespace = n.oid and d.defaclobjtype = 'r'
     cross join lateral aclexplode(d.defaclacl) a
     where d.defaclrole = current_user::regrole and a.grantee <> d.defaclrole`,
    [publication.staged],
  );
  return rows.map((row) => row.grant);
}

function inUse(error: unknown, relation?: string): unknown {
  if (!(error instanceof Error)) return error;
  if (relation !== undefined) {
    return new PlumblineError('relation-in-use', {
      message: `${relation} has a new definition, and a query has been reading the old one for over ${patienceMs / 1000} s`,
      retryable: true,
      cause: error,
    });
  }
  if (sqlState(error) !== dependentObjectsStillExist) return error;
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
  const message = `${error.message}: ${detail}`.replaceAll('\n', '; ').replaceAll('_old_', '');
  return new PlumblineError('relation-in-use', { message, cause: error });
}
