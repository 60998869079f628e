import type pg from 'pg';

/** Runs queries in one read-only transaction that may see schema `raw`. */
export type ReadRaw = <T>(read: (client: Pick<pg.ClientBase, 'query'>) => Promise<T>) => Promise<T>;

/** A page waits no longer for what a delivery changed. */
const timeoutMs = 10_000;

/** Reads through a pool of the loader role without the loader's right to write. */
export function createReadRaw(pool: pg.Pool): ReadRaw {
  return async (read) => {
    const client = await pool.connect();
    const ignore = (): void => undefined;
    client.on('error', ignore);
    let broken = true;
    try {
      await client.query(
        `begin transaction isolation level repeatable read, read only; set local statement_timeout = ${timeoutMs}`,
      );
      const result = await read(client);
      await client.query('rollback');
      broken = false;
      return result;
    } finally {
      client.off('error', ignore);
      // What is left in an unknown state is not given back to the pool; ending it ends its transaction.
      client.release(broken);
    }
  };
}
