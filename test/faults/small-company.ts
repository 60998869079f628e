import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { ClientBase } from 'pg';

import { clusterExists } from '../../src/warehouse/embedded/cluster.ts';
import { quoteIdentifier } from '../../src/warehouse/quote.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Six weeks and some two thousand rows in sixty files: every kind of delivery the full company has. */
const plan = { seed: 7, from: '2026-03-01', until: '2026-04-20', scale: 0.015 };

/** The example company with an embedded Postgres of its own, in a folder of its own. */
export interface SmallCompany {
  readonly dir: string;
  /** Runs everything to its end. */
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

/**
 * Everything that must come out the same however often a run was killed: control totals, rows,
 * rejects, cursors, models. Numbers given in the order of events (batches, releases) are left out.
 */
export async function controlTotals(company: SmallCompany): Promise<Record<string, unknown>> {
  const warehouse = await openWarehouse({ projectDir: company.dir });
  const client = await warehouse.connect('owner');
  try {
    const found: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(totals)) found[name] = (await client.query(sql)).rows;
    for (const schema of ['raw', 'clean', 'marts']) {
      Object.assign(found, await contentsOf(client, schema));
    }
    return found;
  } finally {
    await client.end();
    await warehouse.close();
  }
}

const totals: Readonly<Record<string, string>> = {
  batches: `
    select d.source, d.slot, d.generation, d.sha256, b.state, b.read, b.inserted, b.changed, b.unchanged, b.duplicate,
           b.rejected, b.flagged, b.superseded, b.skipped, b.totals
      from plumbline.delivery d left join plumbline.batch b on b.delivery_id = d.id and b.state in ('loaded', 'superseded')
     -- An API's later windows are there or not, by how often it was asked; they hold nothing new.
     where d.slot not like 'since=%' order by d.source, d.slot, d.generation`,
  unfinished: `select source, state from plumbline.batch where state not in ('loaded', 'superseded')`,
  loadedTwice: `
    select d.source, d.slot, count(*) from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
     where b.state = 'loaded' group by 1, 2, d.generation having count(*) > 1`,
  rejects: `
    select b.source, md5(string_agg(concat_ws('|', d.slot, r.row_number, r.sheet, r.line, r.codes, r.faults, r.raw), '~'
                                    order by d.slot, r.row_number)) as content
      from plumbline.reject r join plumbline.batch b on b.id = r.batch_id join plumbline.delivery d on d.id = b.delivery_id
     where d.slot not like 'since=%' group by 1 order by 1`,
  laterWindows: `
    select d.slot, b.inserted, b.changed, b.superseded from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
     where d.slot like 'since=%' and (b.inserted, b.changed, b.superseded) <> (0, 0, 0)`,
  cursors: 'select source, value from plumbline.cursor order by 1',
  release:
    'select state, verified, passed, warned, failed from plumbline.release order by id desc limit 1',
  relations: `
    select n.nspname || '.' || c.relname as name, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2`,
};

/** Count and hash of the rows of every relation of a schema, without what tells when they came. */
async function contentsOf(client: ClientBase, schema: string): Promise<Record<string, unknown>> {
  const { rows: relations } = await client.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'v', 'm') group by 1 order by 1`,
    [schema],
  );
  const found: Record<string, unknown> = {};
  for (const { name, columns } of relations) {
    const compared = columns
      .filter((column) => !['_batch_id', '_loaded_at', '_superseded_by'].includes(column))
      .map(quoteIdentifier);
    if (columns.includes('_superseded_by')) compared.push('_superseded_by is null');
    const { rows } = await client.query(
      `select count(*), md5(string_agg(t.content, '~' order by t.content)) as content
         from (select row(${compared.join(', ')})::text as content from ${schema}.${quoteIdentifier(name)}) t`,
    );
    found[`${schema}.${name}`] = rows[0];
  }
  return found;
}
