import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { connectionDetails } from '../../src/proxy/connection-details.ts';
import type { Authority } from '../helpers/certificates.ts';
import { createAuthority } from '../helpers/certificates.ts';
import { startTlsPostgres } from '../helpers/tls-postgres.ts';
import type { TlsPostgres } from '../helpers/tls-postgres.ts';
import { startDnsServer } from './dns-server.ts';
import type { DnsServer } from './dns-server.ts';
import { findNginx, startNginx, testNginx, writeNginxFiles } from './nginx.ts';
import type { Nginx } from './nginx.ts';
import { planWith, refs, variants } from './plans.ts';

const module = findNginx();
const own = { cidr: '127.0.0.1/32', note: 'this machine' };
const other = { cidr: '127.0.0.3/32', note: 'another allowed one' };

describe.skipIf(module === undefined)('nginx itself', () => {
  test.each([...variants])('takes the configuration of %s', async (_, plan) => {
    const authority = await createAuthority();
    const folder = await writeNginxFiles({
      module: module ?? '',
      plan,
      refs,
      certificate: await authority.issue([plan.proxy.domain ?? 'localhost']),
      resolver: '127.0.0.1',
      upstreamPort: 5432,
      dashboardsPort: 7777,
    });
    expect(testNginx(folder)).toEqual({ status: 0, said: '' });
    await rm(folder, { recursive: true });
  });
});

describe.skipIf(module === undefined)('Postgres behind nginx', () => {
  let authority: Authority;
  let writer: TlsPostgres;
  let dns: DnsServer;
  const running: { stop: () => Promise<void> }[] = [];
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    authority = await createAuthority();
    writer = await startTlsPostgres({ names: [refs.databaseHost], authority });
    dns = await startDnsServer(refs.databaseHost, '127.0.0.1');
  });
  afterAll(async () => {
    for (const client of clients) await client.end().catch(() => undefined);
    for (const nginx of running) await nginx.stop();
    await writer.stop();
    await dns.close();
  });

  async function start(proxy: Parameters<typeof planWith>[0] = {}): Promise<Nginx> {
    const nginx = await startNginx({
      module: module ?? '',
      plan: planWith({ allow: [own, other], ...proxy }),
      refs,
      certificate: await authority.issue(['dashboards.example.com']),
      resolver: dns.address,
      upstreamPort: writer.port,
      dashboardsPort: 1,
    });
    running.push(nginx);
    return nginx;
  }

  /** As a BI tool does, from one of the addresses of this machine. */
  function clientFrom(localAddress: string, port: number, name = refs.databaseHost): pg.Client {
    const client = new pg.Client({
      host: name,
      port,
      user: writer.user,
      password: writer.password,
      database: writer.database,
      ssl: { ca: authority.ca },
      stream: () => socketFrom(localAddress),
    });
    // What ends a session is looked at by the test; unheard it would end the process.
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  }

  /** Its `connect(port, host)` ignores the host's name, as `hostaddr` and a hosts file do. */
  function socketFrom(localAddress: string): net.Socket {
    const socket = new net.Socket();
    const connect = socket.connect.bind(socket);
    return Object.assign(socket, {
      connect: (port: number) => connect({ port, host: '127.0.0.1', localAddress }),
    });
  }

  async function connectFrom(localAddress: string, port: number): Promise<pg.Client> {
    const client = clientFrom(localAddress, port);
    await client.connect();
    return client;
  }

  const serverPort = async (client: pg.Client): Promise<number> => {
    const { rows } = await client.query<{ port: number }>(`select inet_server_port() as port`);
    return rows[0]?.port ?? 0;
  };

  test('an allowed address gets through, TLS being the database’s own; another does not', async () => {
    const nginx = await start();
    const client = await connectFrom('127.0.0.1', nginx.databasePort);
    const { rows } = await client.query(
      'select ssl, inet_server_port() as port from pg_stat_ssl where pid = pg_backend_pid()',
    );
    expect(rows).toEqual([{ ssl: true, port: writer.port }]);
    await client.end();
    await expect(connectFrom('127.0.0.2', nginx.databasePort)).rejects.toThrow(
      /terminated unexpectedly|ECONNRESET/u,
    );
    // The proxy's own name is not in the database's certificate: nothing in between could pretend.
    await expect(
      clientFrom('127.0.0.1', nginx.databasePort, 'dashboards.example.com').connect(),
    ).rejects.toThrow(/does not match certificate/u);
    await expect
      .poll(nginx.accessLog)
      .toMatch(/^127\.0\.0\.1 database status=200 sent=\d+ received=\d+/mu);
    await expect.poll(nginx.accessLog).toMatch(/^127\.0\.0\.2 database status=403/mu);
    expect(await nginx.accessLog()).not.toContain(writer.password);
  });

  test('the line printed for psql works as it is pasted, and only with the right authority', async () => {
    if (spawnSync('psql', ['--version']).error !== undefined) {
      process.stdout.write('SKIP: psql is not here\n');
      return;
    }
    const nginx = await start();
    const psql = async (ca: string) => {
      const certificatesFile = join(tmpdir(), `plumbline ca ${process.pid}.pem`);
      await writeFile(certificatesFile, ca);
      const { tools } = connectionDetails({
        plan: planWith(),
        user: writer.user,
        proxyAddress: '127.0.0.1',
        databaseHost: refs.databaseHost,
        secret: 'x',
        port: nginx.databasePort,
        certificatesFile,
      });
      const line = tools.find(({ tool }) => tool === 'psql')?.paste ?? '';
      // Not `spawnSync`: the DNS server lives in this process.
      const child = spawn('bash', ['-c', `${line} -X -A -t -c 'select 1 + 1'`], {
        env: { ...process.env, PGPASSWORD: writer.password },
      });
      const exit = once(child, 'exit');
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [status] = await exit;
      await rm(certificatesFile);
      return { status, stdout, stderr };
    };
    expect(await psql(authority.ca)).toEqual({ status: 0, stdout: '2\n', stderr: '' });
    const { ca: foreign } = await createAuthority('Somebody else');
    expect((await psql(foreign)).stderr).toContain('certificate verify failed');
  });

  test('one address has so many connections, all together so many; a freed one is given again', async () => {
    const nginx = await start({
      proxy: { databaseConnectionsPerAddress: 3, databaseConnectionsMax: 4 },
    });
    const port = nginx.databasePort;
    const first = await connectFrom('127.0.0.1', port);
    await connectFrom('127.0.0.1', port);
    await connectFrom('127.0.0.1', port);
    await expect(connectFrom('127.0.0.1', port)).rejects.toThrow(/terminated|ECONNRESET/u);
    // Another address has its own, until the total is reached.
    await connectFrom('127.0.0.3', port);
    await expect(connectFrom('127.0.0.3', port)).rejects.toThrow(/terminated|ECONNRESET/u);
    await first.end();
    const again = await vi.waitFor(() => connectFrom('127.0.0.1', port), { timeout: 20_000 });
    expect(await serverPort(again)).toBe(writer.port);
    expect(await nginx.accessLog()).toMatch(/^127\.0\.0\.1 database status=503/mu);
  });

  test('a session that says nothing is closed, one that works is not', async () => {
    const nginx = await start({ proxy: { databaseIdleMinutes: 0.02 } });
    const idle = await connectFrom('127.0.0.1', nginx.databasePort);
    const busy = await connectFrom('127.0.0.1', nginx.databasePort);
    const session = { isOpen: true };
    idle.on('end', () => {
      session.isOpen = false;
    });
    while (session.isOpen) await busy.query('select pg_sleep(0.05)');
    expect(await serverPort(busy)).toBe(writer.port);
  });

  test('after a failover new connections reach the new address, without a reload', async () => {
    const nginx = await start();
    const next = await startTlsPostgres({ names: [refs.databaseHost], authority });
    running.push(next);
    // The database's name leads to another address with the same port, as it does on AWS.
    const relay = net.createServer((socket) => {
      const upstream = net.connect(next.port, '127.0.0.1');
      for (const end of [socket, upstream]) end.on('error', () => end.destroy());
      socket.pipe(upstream).pipe(socket);
      socket.on('close', () => upstream.destroy());
    });
    relay.listen(writer.port, '127.0.0.3');
    await once(relay, 'listening');
    try {
      const before = await connectFrom('127.0.0.1', nginx.databasePort);
      expect(await serverPort(before)).toBe(writer.port);
      const asked = dns.asked();
      expect(asked).toBeGreaterThan(0);
      dns.point('127.0.0.3');
      await vi.waitFor(
        async () => {
          const client = clientAs(next, nginx.databasePort);
          try {
            await client.connect();
            expect(await serverPort(client)).toBe(next.port);
          } finally {
            await client.end();
          }
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(dns.asked()).toBeGreaterThan(asked);
      // Sessions with the old one are its own to end.
      expect(await serverPort(before)).toBe(writer.port);
      await before.end();
    } finally {
      dns.point('127.0.0.1');
      relay.close();
    }
  });

  /** The two servers of the failover share no password. */
  function clientAs(server: TlsPostgres, port: number): pg.Client {
    const client = clientFrom('127.0.0.1', port);
    client.password = server.password;
    return client;
  }
});
