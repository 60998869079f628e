import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { ClientBase } from 'pg';

import { PlumblineError } from '../errors.ts';
import { inTransaction, sqlState } from './transaction.ts';

/** One file of `sql/`: `001_foundation.sql` is version 1. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** Of the text with LF line ends, so that a checkout with CRLF is the same migration. */
  readonly sha256: string;
}

/** The package's `sql/`: two levels above this file in `src/` and in `dist/` alike, beside it in a bundle. */
const ownMigrations = ['./sql/', '../../sql/']
  .map((place) => fileURLToPath(new URL(place, import.meta.url)))
  .find((place) => existsSync(place));

/** Any constant will do, as long as every version of Plumbline uses the same. */
const lockKey = '7241960310462915';

/** Reads the migrations in order. Throws when versions are not 1, 2, 3 … without a gap. */
export async function readMigrations(
  directory = ownMigrations ?? 'sql',
): Promise<readonly Migration[]> {
  const files = (await readdir(directory)).filter((file) => /^\d{3}_\w+\.sql$/.test(file)).sort();
  const migrations = await Promise.all(
    files.map(async (file) => {
      const sql = (await readFile(`${directory}/${file}`, 'utf8')).replaceAll('\r\n', '\n');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return { version: Number(file.slice(0, 3)), name: file.slice(4, -4), sql, sha256 };
    }),
  );
  const misplaced = migrations.find((migration, index) => migration.version !== index + 1);
  if (misplaced !== undefined || migrations.length === 0) {
    throw new Error(`migrations in ${directory} are not numbered 1, 2, 3 …`);
  }
  return migrations;
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

/** Compares what was applied with what this code knows; gives the migrations still to apply. */
function pendingMigrations(
  applied: readonly Applied[],
  migrations: readonly Migration[],
): readonly Migration[] {
  for (const { version, name, sha256 } of applied) {
    const known = migrations[version - 1];
    if (known === undefined) {
      throw new PlumblineError('warehouse-newer', {
        message: `This warehouse was written by a newer plumbline: it has schema version ${version} (${name}), this plumbline knows versions up to ${migrations.length}.`,
      });
    }
    if (known.sha256 !== sha256) {
      throw new PlumblineError('migration-changed', {
        message: `Migration ${version} (${name}) is not the file that was applied to this warehouse: its SHA-256 was ${sha256.slice(0, 12)}…, it is ${known.sha256.slice(0, 12)}… now.`,
      });
    }
  }
  return migrations.slice(applied.length);
}

async function appliedMigrations(client: ClientBase): Promise<readonly Applied[]> {
  const { rows } = await client.query<Applied>(
    'select version, name, sha256 from plumbline.migration order by version',
  );
  return rows;
}

/**
 * Whether the schema is the one this code knows, without taking a lock.
 * Throws `warehouse-newer` and `migration-changed`.
 */
export async function isMigrated(
  client: ClientBase,
  migrations: readonly Migration[],
): Promise<boolean> {
  try {
    return pendingMigrations(await appliedMigrations(client), migrations).length === 0;
  } catch (error) {
    // undefined_table, invalid_schema_name: nothing was applied yet.
    if (sqlState(error) === '42P01' || sqlState(error) === '3F000') return false;
    throw error;
  }
}

/**
 * Brings schema `plumbline` to the version this code knows and gives the number of migrations
 * applied. Each one is a transaction that first takes one advisory lock and then reads anew what
 * has been applied, so any number of processes may start at once. The lock is the transaction's,
 * never the session's: connection poolers hand a session to others.
 *
 * Throws `warehouse-newer` when the warehouse has a version this code does not know, and
 * `migration-changed` when an applied file was edited since.
 */
export async function migrate(
  client: ClientBase,
  migrations: readonly Migration[],
): Promise<number> {
  for (let count = 0; ; count += 1) {
    const applied = await inTransaction(client, () => applyNext(client, migrations));
    if (!applied) return count;
  }
}

async function applyNext(client: ClientBase, migrations: readonly Migration[]): Promise<boolean> {
  await client.query('select pg_advisory_xact_lock($1)', [lockKey]);
  if (
    (await client.query("select 1 from pg_namespace where nspname = 'plumbline'")).rowCount === 0
  ) {
    await client.query('create schema plumbline');
  }
  await client.query(`
    create table if not exists plumbline.migration (
      version     integer primary key,
      name        text not null,
      sha256      text not null,
      applied_at  timestamptz not null default now()
    )`);
  const [next] = pendingMigrations(await appliedMigrations(client), migrations);
  if (next === undefined) return false;
  await client.query(next.sql);
  await client.query(
    'insert into plumbline.migration (version, name, sha256) values ($1, $2, $3)',
    [next.version, next.name, next.sha256],
  );
  return true;
}
