import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { removeAbandonedParts } from '../../src/landing/land.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-parts-'));
});
afterEach(() => rm(dir, { recursive: true }));

const now = Date.now();
const started = performance.timeOrigin;

async function write(name: string, modifiedMs: number): Promise<void> {
  await writeFile(join(dir, name), 'half');
  await utimes(join(dir, name), modifiedMs / 1000, modifiedMs / 1000);
}

test('parts of living processes stay, those of ended ones go', async () => {
  // No process has a number beyond 2^22 (man 5 proc_sys_kernel).
  await write('.4194305-a.part', now);
  await write(`.${process.ppid}-a.part`, now);
  await write(`.${process.ppid}-old.part`, now - 25 * 3_600_000);
  await write(`.${process.pid}-a.part`, now);
  await write('a'.repeat(64), now - 25 * 3_600_000);
  await removeAbandonedParts(dir, now);
  expect((await readdir(dir)).toSorted()).toEqual(
    [`.${process.pid}-a.part`, `.${process.ppid}-a.part`, 'a'.repeat(64)].toSorted(),
  );
});

test('a part of our number from before we started is that of a process before us', async () => {
  await write(`.${process.pid}-before.part`, started - 60_000);
  await write(`.${process.pid}-now.part`, started + 1000);
  await removeAbandonedParts(dir, now);
  expect(await readdir(dir)).toEqual([`.${process.pid}-now.part`]);
});
