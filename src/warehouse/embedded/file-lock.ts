import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { PlumblineError } from '../../errors.ts';
import { processIdentity } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

interface LockOptions {
  /** How long to wait for another process, in milliseconds. */
  readonly timeoutMs: number;
  /** Called once when another process has held the lock for a second. */
  readonly onWait?: (pid: number) => void;
}

/** A wait shorter than this is not worth a line. */
const patienceMs = 1000;

/** Breaking a dead process's lock takes microseconds; one older than this was itself left behind. */
const breakerStaleMs = 10_000;

/**
 * Runs `work` while holding the lock file `path`, made with O_EXCL and naming its holder. A lock
 * whose process is dead is broken. Throws `warehouse-busy` after `timeoutMs`.
 */
export async function withFileLock<T>(
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await takeLock(path, options);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string, options: LockOptions): Promise<void> {
  const start = Date.now();
  const deadline = start + options.timeoutMs;
  const own = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) });
  let told = false;
  while (!(await createFile(path, own))) {
    const holder = await readHolder(path);
    if (holder !== undefined && processIdentity(holder.pid) !== holder.identity) {
      await breakLock(path, holder);
      continue;
    }
    if (Date.now() > deadline) {
      throw new PlumblineError('warehouse-busy', {
        message: `Process ${holder?.pid ?? 'unknown'} has been starting or stopping this project's Postgres for ${options.timeoutMs / 1000} s (${path}).`,
        retryable: true,
      });
    }
    if (!told && holder !== undefined && Date.now() - start > patienceMs) {
      options.onWait?.(holder.pid);
      told = true;
    }
    await wait(50);
  }
}

/** False when the file is there already. */
async function createFile(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when the lock has gone, or its holder has made the file but not yet written it. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    // The cast: written by takeLock alone; anything else fails the comparison of identities.
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    const age = await ageMs(path);
    // Never written: its process was killed between the two steps.
    return age !== undefined && age > breakerStaleMs ? { pid: -1, identity: 'none' } : undefined;
  }
}

async function ageMs(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

/**
 * Removes a dead process's lock. Two processes may both have seen it dead; if the slower one
 * removed the file after the faster one had made its own, both would hold the lock. So removing is
 * itself done under a lock, after a second look.
 */
async function breakLock(path: string, dead: Holder): Promise<void> {
  const breaker = `${path}.break`;
  if (!(await createFile(breaker, String(process.pid)))) {
    const age = await ageMs(breaker);
    if (age !== undefined && age > breakerStaleMs) await rm(breaker, { force: true });
    await wait(20);
    return;
  }
  try {
    const holder = await readHolder(path);
    if (holder?.pid === dead.pid && holder.identity === dead.identity) {
      await rm(path, { force: true });
    }
  } finally {
    await rm(breaker, { force: true });
  }
}
