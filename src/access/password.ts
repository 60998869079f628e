import type { Buffer } from 'node:buffer';
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

import { PlumblineError } from '../errors.ts';

/** 192 bits, in an alphabet that needs no escaping in SQL, a URL or a shell. */
export const newPassword = (): string => randomBytes(24).toString('base64url');

const lengthMin = 16;
const lengthMax = 128;

/**
 * Throws `usage` for a password that is too weak to stand alone between the internet and the numbers,
 * or that clients would encode in different ways; says nothing of it but for whom it was.
 */
export function checkPassword(user: string, password: string): void {
  if (new RegExp(`^[\\x21-\\x7e]{${lengthMin},${lengthMax}}$`).test(password)) return;
  throw new PlumblineError('usage', {
    message: `The password for ${user} has ${password.length} characters; expected ${lengthMin} to ${lengthMax} letters, digits and marks of ASCII, without spaces.`,
    remedy: 'Leave it out: plumbline makes one of 192 bits.',
  });
}

/** As many as Postgres itself takes (`scram_iterations`). */
const iterations = 4096;

/**
 * What Postgres keeps of a password (SCRAM-SHA-256, RFC 5802 and 7677). Computed here, so that the
 * password itself is in no statement and therefore in no log of the server.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}
