import { DatabaseError } from 'pg';

import { PlumblineError } from '../errors.ts';
import { indexOfCharacter, placeOf } from './parse-sql.ts';
import type { Redirected } from './redirect-relations.ts';

/** SQL of a project file as it was sent to Postgres. */
export interface SentSql {
  /** What people know it by: `model marts.sales_daily`. */
  readonly subject: string;
  readonly file: string;
  /** Line of the file on which the SQL starts. */
  readonly line: number;
  /** Undefined for SQL that is written in no file, such as that of a declared check. */
  readonly original?: string;
  readonly redirected?: Redirected;
}

/** Text before the file's SQL in the statement, by which Postgres's positions are off. */
export type Prefix = string;

/**
 * Runs `work`; an error of Postgres in it becomes `model-failed` that names the subject and the place
 * in its file. Faults that are not the SQL's (a lost connection, a deadlock) pass unchanged.
 */
export async function namingFailures<T>(
  sent: SentSql,
  prefix: Prefix,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOfTheSql(error) ? modelFailed(error, sent, prefix) : error;
  }
}

/** Classes of SQLSTATE that say nothing about the SQL: connection, rollback, operator, system. */
const otherClasses: ReadonlySet<string> = new Set(['08', '40', '58', 'XX', '53']);
/** Shut down, crashed, starting up, database dropped. */
const shutdowns: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P04']);

function isOfTheSql(error: unknown): error is DatabaseError {
  if (!(error instanceof DatabaseError) || error.code === undefined) return false;
  return !otherClasses.has(error.code.slice(0, 2)) && !shutdowns.has(error.code);
}

/** Whether the connection to Postgres is gone, as opposed to a statement refused on it. */
export function isConnectionFault(error: unknown): error is Error {
  if (error instanceof DatabaseError) {
    return error.code?.startsWith('08') === true || shutdowns.has(error.code ?? '');
  }
  if (!(error instanceof Error) || error instanceof PlumblineError) return false;
  const code = 'code' in error ? error.code : undefined;
  // pg has no class of its own for a connection that ended; these are its messages.
  return (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    code === 'ETIMEDOUT' ||
    /^(?:Connection terminated|Client has encountered a connection error|Client was closed)/u.test(
      error.message,
    )
  );
}

function modelFailed(error: DatabaseError, sent: SentSql, prefix: Prefix): PlumblineError {
  const place = sent.original === undefined ? `${sent.line}` : placeInFile(error, sent, prefix);
  const more = [error.detail, error.hint].filter((text) => text !== undefined).join(' ');
  const message = `${sent.subject} (${sent.file}:${place}): ${error.message}${more === '' ? '' : `. ${more}`}`;
  return new PlumblineError('model-failed', { message, cause: error });
}

function placeInFile(error: DatabaseError, sent: SentSql, prefix: Prefix): string {
  const { original = '', redirected } = sent;
  const position = Number(error.position ?? Number.NaN);
  if (Number.isNaN(position)) return `${sent.line}`;
  const text = prefix + (redirected?.sql ?? original);
  const inSent = indexOfCharacter(text, position - 1) - prefix.length;
  const index = redirected === undefined ? inSent : redirected.originalIndex(inSent);
  const { line, column } = placeOf(original, Math.max(0, index));
  return `${sent.line + line - 1}:${column}`;
}
