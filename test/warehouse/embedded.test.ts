import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { afterEach, expect, onTestFinished, test, vi } from 'vitest';

import { findBinaries } from '../../src/warehouse/embedded/binaries.ts';
import { clusterExists, createCluster } from '../../src/warehouse/embedded/cluster.ts';
import { processIdentity } from '../../src/warehouse/embedded/process-identity.ts';
import { findServerUser } from '../../src/warehouse/embedded/server-user.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';

const asRoot = process.getuid?.() === 0;
const dirs: string[] = [];
const open: Warehouse[] = [];

async function projectDir(mode = 0o755): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-embedded-'));
  await chmod(dir, mode);
  dirs.push(dir);
  return dir;
}

async function start(dir: string): Promise<Warehouse> {
  const warehouse = await openWarehouse({ projectDir: dir });
  open.push(warehouse);
  return warehouse;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((warehouse) => warehouse.close()));
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

const server = (dir: string): string => join(dir, '.plumbline', 'postgres');

async function serverPid(dir: string): Promise<number> {
  return Number((await readFile(join(server(dir), 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** A killed command's child that nobody has waited for yet is not running. */
const isRunning = (pid: number): boolean => processIdentity(pid) !== undefined;

async function close(warehouse: Warehouse): Promise<void> {
  open.splice(open.indexOf(warehouse), 1);
  await warehouse.close();
}

test('makes a server, finds it running, and the last to leave stops it', async () => {
  const dir = await projectDir();
  const first = await start(dir);
  expect(first.description).toMatch(/^embedded PostgreSQL 17\.\d+ in \/.*\.plumbline$/);
  const pid = await serverPid(dir);
  await first.pool('owner').query('create schema marts');
  const second = await start(dir);
  expect(await serverPid(dir)).toBe(pid);
  await close(first);
  expect(isRunning(pid)).toBe(true);
  const { rows } = await second
    .pool('owner')
    .query(
      "select current_setting('server_encoding') as encoding, current_setting('fsync') as fsync",
    );
  expect(rows).toEqual([{ encoding: 'UTF8', fsync: 'on' }]);
  await close(second);
  expect(isRunning(pid)).toBe(false);
  const third = await start(dir);
  const { rows: schemas } = await third
    .pool('owner')
    .query("select to_regnamespace('marts') is not null as kept");
  expect(schemas).toEqual([{ kept: true }]);
  expect(await readdir(join(dir, '.plumbline'))).not.toContain('postgres.lock');
});

test('passwords are readable by their owner alone and open nothing without being known', async () => {
  const dir = await projectDir();
  await start(dir);
  const file = join(dir, '.plumbline', 'credentials.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, '.plumbline'))).mode & 0o007).toBe(0);
  const hba = await readFile(join(server(dir), 'pg_hba.conf'), 'utf8');
  const methods = hba.split('\n').filter((line) => /^(?:local|host)/.test(line));
  expect(methods.every((line) => line.endsWith('scram-sha-256'))).toBe(true);
});

test('six commands on a new project at once share one server', async () => {
  const dir = await projectDir();
  const warehouses = await Promise.all(Array.from({ length: 6 }, () => start(dir)));
  const ports = await Promise.all(
    warehouses.map(async (warehouse) => {
      const { rows } = await warehouse
        .pool('reader')
        .query(
          "select current_setting('port') as port, (select count(*) from plumbline.migration)",
        );
      return JSON.stringify(rows);
    }),
  );
  expect(new Set(ports).size).toBe(1);
});

test('a command that was killed leaves its server to the next one', async () => {
  const dir = await projectDir();
  const script = `
    import { openWarehouse } from ${JSON.stringify(new URL('../../src/warehouse/warehouse.ts', import.meta.url).href)};
    await openWarehouse({ projectDir: ${JSON.stringify(dir)} });
    process.stdout.write('up');
    setInterval(() => {}, 1000);`;
  const command = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(command.stdout, 'data');
  const pid = await serverPid(dir);
  command.kill('SIGKILL');
  await once(command, 'exit');
  expect(isRunning(pid)).toBe(true);
  const warehouse = await start(dir);
  expect(await serverPid(dir)).toBe(pid);
  await close(warehouse);
  expect(isRunning(pid)).toBe(false);
});

test('a server that was killed recovers under the command that uses it', async () => {
  const dir = await projectDir();
  const warehouse = await start(dir);
  await warehouse.pool('owner').query('create table raw.t as select 1 as a');
  process.kill(await serverPid(dir), 'SIGKILL');
  await vi.waitFor(
    async () => {
      const { rows } = await warehouse.pool('owner').query('select a from raw.t');
      expect(rows).toEqual([{ a: 1 }]);
    },
    { timeout: 20_000, interval: 50 },
  );
});

test.runIf(process.platform === 'linux')(
  'a dead server that nobody has waited for does not keep the next one down',
  async () => {
    const dir = await projectDir();
    await close(await start(dir));
    // The shell becomes a program that never waits for the shell's child, as a container's process 1.
    const { uid } = await stat(server(dir));
    const careless = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      uid,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void careless.kill());
    const [said] = await once(careless.stdout, 'data');
    const zombie = Number(String(said));
    const state = (): Promise<string> => readFile(`/proc/${zombie}/stat`, 'utf8');
    await expect.poll(state).toContain(') Z ');
    await writeFile(join(server(dir), 'postmaster.pid'), `${zombie}\n${server(dir)}\n1\n5432\n\n`);
    await start(dir);
    expect(await serverPid(dir)).not.toBe(zombie);
  },
);

test('a stale postmaster.pid that names another living program does not keep the server down', async () => {
  const dir = await projectDir();
  await close(await start(dir));
  const lines = [process.pid, server(dir), 1, 1, '', '127.0.0.1', '', 'ready'];
  await writeFile(join(server(dir), 'postmaster.pid'), lines.join('\n'));
  const warehouse = await start(dir);
  expect(await serverPid(dir)).not.toBe(process.pid);
  await close(warehouse);
});

test('what was left of an interrupted first start is cleared away', async () => {
  const dir = await projectDir();
  await close(await start(dir));
  await rm(server(dir), { recursive: true });
  const half = `${server(dir)}.new-1`;
  await writeFile(half, 'half');
  await start(dir);
  expect(await readdir(join(dir, '.plumbline'))).not.toContain('postgres.new-1');
});

test('an initdb whose command was killed may write on while its folder is cleared away', async () => {
  const dir = await projectDir();
  await close(await start(dir));
  await rm(server(dir), { recursive: true });
  const half = `${server(dir)}.new-1`;
  await mkdir(half);
  // Ends by itself, at the latest when the folder is gone.
  const writer = spawn('sh', [
    '-c',
    `i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo > ${half}/$i || exit; done 2>/dev/null`,
  ]);
  const ended = once(writer, 'close');
  while ((await readdir(half)).length === 0) await setImmediate();
  await start(dir);
  await ended;
  expect(await readdir(join(dir, '.plumbline'))).not.toContain('postgres.new-1');
});

test('without its passwords a server is not touched, and the remedy says what to do', async () => {
  const dir = await projectDir();
  await close(await start(dir));
  await rm(join(dir, '.plumbline', 'credentials.json'));
  await expect(start(dir)).rejects.toMatchObject({
    code: 'warehouse-start-failed',
    message: expect.stringContaining('credentials.json is missing'),
  });
});

test.runIf(asRoot)('as root under a folder that only root may enter', async () => {
  const dir = await projectDir(0o700);
  const warehouse = await start(dir);
  const { rows } = await warehouse.pool('owner').query('select current_user as name');
  expect(rows).toEqual([{ name: 'plumbline_owner' }]);
  const status = await readFile(`/proc/${await serverPid(dir)}/status`, 'utf8');
  expect(/^Uid:\s+0\b/m.test(status)).toBe(false);
});

test.runIf(asRoot)('as root in an open folder, without any capability', async ({ skip }) => {
  if (!(await isOpenToAll((await findBinaries()).postgres))) {
    skip(
      'SKIP: this checkout lies in a folder only root may enter, so Postgres needs a capability',
    );
  }
  const dir = await projectDir();
  await start(dir);
  const status = await readFile(`/proc/${await serverPid(dir)}/status`, 'utf8');
  expect(/^Uid:\s+0\b/m.test(status)).toBe(false);
  expect(/^CapEff:\s+0+$/m.test(status)).toBe(true);
});

/** Whether every folder above a file may be entered by anyone. */
async function isOpenToAll(path: string): Promise<boolean> {
  const parent = dirname(path);
  if (parent === path) return true;
  return ((await stat(parent)).mode & 0o001) !== 0 && isOpenToAll(parent);
}

test.skipIf(asRoot)('as a normal user the server is that user’s', async () => {
  const dir = await projectDir(0o700);
  await start(dir);
  expect((await stat(server(dir))).uid).toBe(process.getuid?.());
});

test.runIf(asRoot)('as root with everything, Postgres included, under such a folder', async () => {
  const dir = await projectDir(0o700);
  // A home that only root may enter, with its own node_modules.
  const home = await mkdtemp(join(tmpdir(), 'plumbline-home-'));
  dirs.push(home);
  const { postgres, initdb } = await findBinaries();
  const native = dirname(dirname(postgres));
  await cp(native, join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  const moved = (path: string): string => join(home, 'native', relative(native, path));
  const binaries = { postgres: moved(postgres), initdb: moved(initdb) };
  const dataDir = join(dir, 'postgres');
  const user = await findServerUser(binaries, dataDir, dir);
  const cluster = { dataDir, logFile: join(dir, 'log'), binaries, user };
  await createCluster(cluster, 'for this test only');
  expect(await clusterExists(dataDir)).toBe(true);
});
