import { Buffer } from 'node:buffer';

import { PlumblineError } from '../errors.ts';

/** Postgres cuts longer names off without a word, and two names could then become one. */
const identifierBytesMax = 63;

/**
 * A name as a quoted SQL identifier. The only way names enter SQL text.
 * Throws `project-invalid` when the name is empty, holds NUL or is longer than 63 bytes.
 */
export function quoteIdentifier(name: string): string {
  const sizeBytes = Buffer.byteLength(name);
  if (sizeBytes === 0 || sizeBytes > identifierBytesMax || name.includes('\0')) {
    throw new PlumblineError('project-invalid', {
      message: `${JSON.stringify(name)} cannot name a column or relation: Postgres takes 1 to ${identifierBytesMax} bytes, without NUL.`,
      remedy: 'Choose a shorter, non-empty name.',
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.relation` (split at the first dot) or a relation alone, quoted. */
export function quoteRelation(name: string): string {
  const dot = name.indexOf('.');
  return dot === -1
    ? quoteIdentifier(name)
    : `${quoteIdentifier(name.slice(0, dot))}.${quoteIdentifier(name.slice(dot + 1))}`;
}
