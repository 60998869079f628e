import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';

import { z } from 'zod';

import { PlumblineError } from '../../errors.ts';

const password = z.string().min(16);
const schema = z.object({ admin: password, owner: password, loader: password, reader: password });

/** Passwords of the embedded Postgres: its superuser and the three roles. */
export type Credentials = z.infer<typeof schema>;

/** 192 bits, in an alphabet that needs no escaping in SQL or a URL. */
const newPassword = (): string => randomBytes(24).toString('base64url');

/** The credentials kept in `path`; undefined when there are none. */
export async function readCredentials(path: string): Promise<Credentials | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // The cause would quote the file: it stays out.
    throw new PlumblineError('warehouse-start-failed', {
      message: `${path} does not hold the passwords of the embedded Postgres.`,
      remedy: 'Restore the file, or delete .plumbline in the project to load everything again.',
    });
  }
}

/** Writes new random passwords to `path`, readable by its owner alone, all or nothing. */
export async function createCredentials(path: string): Promise<Credentials> {
  const credentials: Credentials = {
    admin: newPassword(),
    owner: newPassword(),
    loader: newPassword(),
    reader: newPassword(),
  };
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, 0o600);
  await rename(temporary, path);
  return credentials;
}
