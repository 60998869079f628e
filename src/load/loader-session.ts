import { setTimeout as wait } from 'node:timers/promises';

import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { sqlState } from '../warehouse/transaction.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** One connection of the loader, kept for the many small steps of a source and made anew when it broke. */
export interface LoaderSession {
  /** Runs `work` on the connection. When it throws, the next call gets a new connection. */
  readonly use: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  /** The same for one short thing that may be done twice: tried again while the server may be on its way back. */
  readonly retry: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  readonly end: () => Promise<void>;
}

const attemptsMax = 5;

export function createLoaderSession(warehouse: Warehouse): LoaderSession {
  let client: pg.Client | undefined;
  const end = async (): Promise<void> => {
    const ended = client;
    client = undefined;
    await ended?.end().catch(() => undefined);
  };
  const use = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    client ??= await warehouse.connect('loader');
    try {
      return await work(client);
    } catch (error) {
      await end();
      throw error;
    }
  };
  return { use, retry: (work) => retryPassing(() => use(work)), end };
}

/** Calls `work` up to five times while it fails for reasons that may pass. */
export async function retryPassing<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attemptsMax || !isPassing(error)) throw error;
      await wait(100 * 2 ** attempt);
    }
  }
}

/**
 * Connection lost, deadlock, serialization failure, shutdown, out of resources, a server that became
 * read-only since another took its place: worth another try.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof PlumblineError) return error.retryable;
  const state = sqlState(error);
  if (state === undefined) {
    return (
      error instanceof Error && /connection|terminated|socket|ECONN|EPIPE/i.test(error.message)
    );
  }
  return /^(?:08|40|53|57P|55P03|25006|25P03)/.test(state) || /^E[A-Z]+$/.test(state);
}
