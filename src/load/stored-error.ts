import { PlumblineError } from '../errors.ts';
import { sqlState } from '../warehouse/transaction.ts';
import type { StoredError } from './result.ts';

/** An error as it is kept with the batch and printed: a fault of the system gets the code it has for people. */
export function storedError(error: unknown): StoredError {
  const { code, message, remedy } = asPlumblineError(error);
  return { code, message, remedy };
}

function asPlumblineError(error: unknown): PlumblineError {
  if (error instanceof PlumblineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (sqlState(error) === diskFull) {
    return new PlumblineError('disk-full', {
      message: `the disk of Postgres is full: ${message}.`,
      remedy: 'Free some space on the disk of Postgres, then run again; nothing was lost.',
      cause: error,
    });
  }
  return new PlumblineError('batch-failed', { message, cause: error });
}

/** The SQLSTATE `disk_full`. */
const diskFull = '53100';
