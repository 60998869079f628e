import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { withFileLock } from '../../src/warehouse/embedded/file-lock.ts';
import { processIdentity } from '../../src/warehouse/embedded/process-identity.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-lock-'));
  path = join(dir, 'lock');
});
afterEach(() => rm(dir, { recursive: true }));

const patient = { timeoutMs: 20_000 };

/** Twenty workers at once; gives the largest number that were inside together. */
async function crowd(): Promise<number> {
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      withFileLock(path, patient, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await turn();
        inside -= 1;
      }),
    ),
  );
  return most;
}

test('one at a time, and the file is gone afterwards', async () => {
  expect(await crowd()).toBe(1);
  expect(await readdir(dir)).toEqual([]);
});

test('a dead process’s lock is broken once, however many wait for it', async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, identity: 'gone' }));
  expect(await crowd()).toBe(1);
  expect(await readdir(dir)).toEqual([]);
});

test('a living process with the number of a dead one does not hold its lock', async () => {
  await writeFile(path, JSON.stringify({ pid: process.pid, identity: 'an earlier start' }));
  expect(await withFileLock(path, patient, async () => 'in')).toBe('in');
});

test('a file whose process was killed before it wrote its name is broken when it is old', async () => {
  await writeFile(path, '');
  await utimes(path, new Date(0), new Date(0));
  expect(await withFileLock(path, patient, async () => 'in')).toBe('in');
});

test('a lock that stays held ends in warehouse-busy, naming who holds it', async () => {
  const holder = { pid: process.pid, identity: processIdentity(process.pid) };
  await writeFile(path, JSON.stringify(holder));
  const waiting = withFileLock(path, { timeoutMs: 10 }, async () => 'in');
  await expect(waiting).rejects.toMatchObject({
    code: 'warehouse-busy',
    message: expect.stringContaining(`Process ${process.pid}`),
  });
});

test('the lock is given back when the work fails', async () => {
  const failing = withFileLock(path, patient, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await readdir(dir)).toEqual([]);
});
