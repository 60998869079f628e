import { setTimeout as wait } from 'node:timers/promises';

/** What a transaction needs of a client; `pg.Client` and `pg.PoolClient` both fit. */
interface Queryable {
  query: (text: string) => Promise<unknown>;
}

/**
 * Runs `work` in one transaction: commits when it returns, rolls back when it throws. The error
 * thrown is always that of `work`, even if the connection is gone and the rollback fails too.
 */
export async function inTransaction<C extends Queryable, T>(
  client: C,
  work: (client: C) => Promise<T>,
): Promise<T> {
  await client.query('begin');
  try {
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** serialization_failure and deadlock_detected: Postgres asks for the whole transaction again. */
const retryableStates: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/** The SQLSTATE of an error of pg; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/**
 * Calls `work` again when Postgres ended its transaction for a deadlock or a serialization
 * failure: `attempts` times in all (default 3), with a short, growing pause.
 */
export async function retryTransaction<T>(work: () => Promise<T>, attempts = 3): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !retryableStates.has(sqlState(error))) throw error;
      await wait(20 * 2 ** attempt);
    }
  }
}
