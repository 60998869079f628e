import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';

import { checkPassword, newPassword } from '../access/password.ts';
import { PlumblineError } from '../errors.ts';

export interface ChosenPasswords {
  readonly passwords: ReadonlyMap<string, string>;
  /** Those of them that nobody knows yet. */
  readonly made: ReadonlyMap<string, string>;
}

/** The variable that holds a user's password, where one is set: `PLUMBLINE_PASSWORD_TABLEAU`. */
const variableOf = (user: string): string => `PLUMBLINE_PASSWORD_${user.toUpperCase()}`;

/**
 * A password for each user: that of the file, else that of its variable, else a new one. Never one of
 * the command line, which every process of the machine can read. Throws `usage`.
 */
export async function choosePasswords(
  users: readonly string[],
  from: {
    readonly file: string | undefined;
    readonly variables: Readonly<Record<string, string | undefined>>;
  },
): Promise<ChosenPasswords> {
  const inFile = from.file === undefined ? {} : await readPasswords(from.file);
  const passwords = new Map<string, string>();
  const made = new Map<string, string>();
  for (const user of users) {
    const given = inFile[user] ?? from.variables[variableOf(user)];
    if (given === undefined || given === '') made.set(user, newPassword());
    else checkPassword(user, given);
    passwords.set(user, made.get(user) ?? given ?? '');
  }
  return { passwords, made };
}

async function readPasswords(file: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return parseEnv(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new PlumblineError('usage', {
      message: `--password-file ${file} cannot be read (${reason}).`,
      remedy: 'Write lines USER=PASSWORD into it, and let nobody else read it.',
    });
  }
}
