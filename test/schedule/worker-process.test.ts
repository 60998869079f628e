import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';

const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));
const jobs = ['activity', 'costs', 'payments'];

let database: TestDatabase;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
afterEach(() => {
  for (const process of processes.splice(0)) process.kill('SIGKILL');
});

/** Starts a worker; `lines` is what it printed so far, `printed` waits for so many lines. */
function startProcess(name: string, mode: 'hang' | 'finish') {
  const child = spawn(process.execPath, [script, database.url, name, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const lines = (): string[] => output.split('\n').filter((line) => line !== '');
  const printed = async (count: number): Promise<void> => {
    while (lines().length < count) await once(child.stdout, 'data');
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { lines, printed, kill };
}

/** As a job that was known long ago and missed its last occurrence: due at once. */
async function makeDue(): Promise<void> {
  await database.warehouse.pool('owner').query(
    `insert into plumbline.job (name, schedule, since)
     select name, '{"kind":"daily","time":"00:00"}', now() - interval '3 days'
     from unnest($1::text[]) as job (name)`,
    [jobs],
  );
}

it('three processes run what is due once, and one takes over from another that is killed', async () => {
  await makeDue();
  const first = startProcess('first', 'hang');
  await first.printed(jobs.length);
  const others = ['second', 'third'].map((name) => startProcess(name, 'finish'));
  await first.kill();
  const states = async (): Promise<unknown[]> => {
    const { rows } = await database.warehouse
      .pool('owner')
      .query('select job, state, attempts from plumbline.run order by job');
    return rows;
  };
  const ran = (): string[] =>
    others.flatMap((other) => other.lines().map((line) => line.split(' ')[1] ?? '')).sort();
  await expect.poll(states).toEqual(jobs.map((job) => ({ job, state: 'succeeded', attempts: 2 })));
  await expect.poll(ran).toEqual(jobs);
});
