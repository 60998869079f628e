import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

import { PlumblineError } from '../../errors.ts';
import type { Binaries } from './binaries.ts';

const execute = promisify(execFile);

/** Which user Postgres runs as, and how a program is started as that user. */
export interface ServerUser {
  /** Set when that is another user than ours: the data folder must be theirs. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** The command line that runs `program` as the user. */
  readonly command: (program: string, args: readonly string[]) => readonly [string, string[]];
  /** Options of `spawn` for it. */
  readonly spawnOptions: { readonly uid?: number; readonly gid?: number };
}

const ourselves: ServerUser = {
  ids: undefined,
  command: (program, args) => [program, [...args]],
  spawnOptions: {},
};

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts fit for a database server, best first. initdb wants the user to be in /etc/passwd. */
const accounts = ['postgres', 'nobody'];

async function findAccount(dataDir: string): Promise<Ids> {
  const entries = new Map<string, Ids>();
  const known = new Set<number>();
  for (const entry of (await readFile('/etc/passwd', 'utf8')).split('\n')) {
    const [name, , uid, gid] = entry.split(':');
    if (name === undefined || uid === undefined || gid === undefined) continue;
    entries.set(name, { uid: Number(uid), gid: Number(gid) });
    known.add(Number(uid));
  }
  // An existing data folder stays its owner's, whatever accounts have come since.
  const existing = await stat(dataDir).catch(() => undefined);
  if (existing !== undefined && existing.uid !== 0 && known.has(existing.uid)) {
    return { uid: existing.uid, gid: existing.gid };
  }
  for (const name of accounts) {
    const ids = entries.get(name);
    if (ids !== undefined && ids.uid !== 0) return ids;
  }
  throw new PlumblineError('warehouse-start-failed', {
    message:
      'Postgres refuses to run as root, and this machine has neither a user postgres nor nobody.',
    remedy: 'Run plumbline as a normal user, or set DATABASE_URL to a Postgres of your own.',
  });
}

/**
 * Postgres refuses to run as root. As root it is started as another user; that user may not be
 * able to enter the folder of the project or of the binaries (a home of mode 0700). Then it is
 * given the one capability to read through folders, so that all paths can stay where they are.
 *
 * Throws `warehouse-start-failed` when there is no way, with what was tried.
 */
export async function findServerUser(
  binaries: Binaries,
  dataDir: string,
  readable: string,
): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return ourselves;
  const ids = await findAccount(dataDir);
  const plain: ServerUser = {
    ids,
    command: ourselves.command,
    spawnOptions: { uid: ids.uid, gid: ids.gid },
  };
  const tried: string[] = [];
  for (const user of [plain, ...capabilities.map((each) => withCapability(ids, each))]) {
    const problem = await probe(user, binaries, readable);
    if (problem === undefined) return user;
    tried.push(problem);
  }
  throw new PlumblineError('warehouse-start-failed', {
    message: `Postgres refuses to run as root, and user ${ids.uid} cannot reach ${readable} or ${binaries.postgres}: ${tried.join('; ')}.`,
    remedy:
      'Run plumbline as a normal user, move the project to a folder that others may enter (chmod o+x), or set DATABASE_URL to a Postgres of your own.',
  });
}

interface Capability {
  readonly name: string;
  readonly securebits?: string;
}

/**
 * Containers often withhold the first capability and grant the second, which includes it. Postgres
 * asks with access(2) whether it may run its own binary, and the kernel answers that for other users
 * without their capabilities, unless this securebit is set (fs/open.c, access_override_creds).
 * Setting it takes CAP_SETPCAP; without it an installation that all may enter still works.
 */
const capabilities: readonly Capability[] = [
  { name: 'dac_read_search', securebits: '+no_setuid_fixup' },
  { name: 'dac_override', securebits: '+no_setuid_fixup' },
  { name: 'dac_read_search' },
  { name: 'dac_override' },
];

/** Through setpriv of util-linux: another user that keeps one capability of root. */
function withCapability(ids: Ids, { name, securebits }: Capability): ServerUser {
  return {
    ids,
    command: (program, args) => [
      'setpriv',
      [
        `--reuid=${ids.uid}`,
        `--regid=${ids.gid}`,
        '--clear-groups',
        // initdb asks access(2) whether it may run postgres, which otherwise forgets capabilities.
        '--securebits=+no_setuid_fixup',
        `--inh-caps=+${name}`,
        `--ambient-caps=+${name}`,
        ...(securebits === undefined ? [] : [`--securebits=${securebits}`]),
        '--',
        program,
        ...args,
      ],
    ],
    spawnOptions: {},
  };
}

/** Runs both checks as the user; undefined when it can do what a server must. */
async function probe(
  user: ServerUser,
  binaries: Binaries,
  readable: string,
): Promise<string | undefined> {
  try {
    const { stderr } = await execute(...user.command(binaries.postgres, ['--version']), {
      ...user.spawnOptions,
      cwd: '/',
    });
    // "invalid binary": it would not find its own files.
    if (stderr.trim() !== '') return stderr.trim();
    await execute(...user.command('/bin/ls', ['-d', '--', `${readable}/.`]), {
      ...user.spawnOptions,
      cwd: '/',
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}
