import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { clusterExists } from '../../src/warehouse/embedded/cluster.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';
import { controlTotals } from './control-totals.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Six weeks and some two thousand rows in sixty files: every kind of delivery the full company has. */
const plan = { seed: 7, from: '2026-03-01', until: '2026-04-20', scale: 0.015 };

/** The example company with an embedded Postgres of its own, in a folder of its own. */
export interface SmallCompany {
  readonly dir: string;
  /** Runs everything there is now to its end. */
  readonly run: () => Promise<CommandResult>;
  /** Whether its Postgres has been made, running or not. */
  readonly hasPostgres: () => Promise<boolean>;
  /** The process number of its Postgres; undefined when there is none. */
  readonly postmaster: () => Promise<number | undefined>;
  readonly remove: () => Promise<void>;
}

export async function createSmallCompany(): Promise<SmallCompany> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-kill-'));
  for (const name of await readdir(join(root, 'examples/acme'))) {
    if (name === 'data' || name === '.plumbline') continue;
    await cp(join(root, 'examples/acme', name), join(dir, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await mkdir(join(dir, 'data'));
  // As a start that was killed while it wrote its data leaves it: the first run writes them.
  await writeFile(join(dir, 'data/state.json'), JSON.stringify({ plan, complete: false }));
  const postmaster = async (): Promise<number | undefined> => {
    const file = join(dir, '.plumbline/postgres/postmaster.pid');
    const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    return Number.isNaN(pid) ? undefined : pid;
  };
  return {
    dir,
    hasPostgres: () => clusterExists(join(dir, '.plumbline/postgres')),
    postmaster,
    run: () => runPlumbline(['run', '--json', '--project', dir]),
    remove: async () => {
      await endProcessesOf(dir);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Ends whatever still runs on the folder: a Postgres, or an initdb whose parent was killed. */
async function endProcessesOf(dir: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,args=']);
    const pids = stdout
      .split('\n')
      .filter((line) => line.includes(`${dir}/`) && !line.includes('<defunct>'))
      .map((line) => Number.parseInt(line, 10));
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await wait(50);
  }
  throw new Error(`processes go on in ${dir}`);
}

/** kill -9; a process that has just ended is as good. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** What the company has come to; see `controlTotals`. */
export async function companyTotals(company: SmallCompany): Promise<Record<string, unknown>> {
  const warehouse = await openWarehouse({ projectDir: company.dir });
  const client = await warehouse.connect('owner');
  try {
    return await controlTotals(client, join(company.dir, '.plumbline/landing'));
  } finally {
    await client.end();
    await warehouse.close();
  }
}
