import { PlumblineError } from '../errors.ts';
import { sqlState } from '../warehouse/transaction.ts';

/** What stands before a tile's own SQL in what Postgres is sent. */
export const cursorPrefix = 'declare tile no scroll cursor for ';

/**
 * Classes of SQLSTATE that no query is to blame for: connection, rollback by the server, resources,
 * shutdown, input and output, internal. https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
const warehouseFaults: ReadonlySet<string> = new Set(['08', '40', '53', '57', '58', 'F0', 'XX']);

/** query_canceled: the statement timeout. */
const canceled = '57014';

/**
 * True for what no query is to blame for: a server that shut down, ran out of something or broke, and
 * a connection that ended or fell silent, which has no SQLSTATE at all.
 */
export function isWarehouseFault(error: unknown): boolean {
  if (error instanceof PlumblineError || !(error instanceof Error)) return false;
  const state = sqlState(error);
  // Only what the server said has a severity; a socket's code (EPIPE) can look like a SQLSTATE.
  if (state !== undefined && 'severity' in error) {
    return state !== canceled && warehouseFaults.has(state.slice(0, 2));
  }
  return state !== undefined || /connection|client|read timeout/iu.test(error.message);
}

export function warehouseFault(cause: unknown): PlumblineError {
  return new PlumblineError('warehouse-unreachable', {
    message: 'the warehouse does not answer',
    retryable: true,
    cause,
  });
}

/** What was wrong with a query, in the words of Postgres, with the line of the tile's SQL. */
export function queryError(cause: unknown, text: string): unknown {
  const state = sqlState(cause);
  if (!(cause instanceof Error) || state === undefined) return cause;
  if (state === canceled) {
    return new PlumblineError('query-too-slow', {
      message: 'the query took longer than a page may wait for it',
      cause,
    });
  }
  const position = 'position' in cause ? Number(cause.position) : Number.NaN;
  const before = text.slice(0, Math.max(0, position - 1 - cursorPrefix.length));
  const line = Number.isNaN(position) ? '' : ` (line ${before.split('\n').length} of its SQL)`;
  return new PlumblineError('query-failed', {
    message: `Postgres refused the query: ${cause.message}${line}`,
    cause,
  });
}
