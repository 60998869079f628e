import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/web/app.ts';
import { startServer } from '../../../src/web/server.ts';
import type { RunningServer } from '../../../src/web/server.ts';
import { createDatabase } from '../../../test/helpers/database.ts';
import type { TestDatabase } from '../../../test/helpers/database.ts';
import { startScriptedServer } from '../../../test/helpers/scripted-server.ts';
import type { ScriptedServer } from '../../../test/helpers/scripted-server.ts';
import { launchBrowser } from '../../../test/web/browser.ts';
import { seedShop, shop, shopNow } from '../../../test/web/shop.ts';
import type { Authority } from '../helpers/certificates.ts';
import { createAuthority } from '../helpers/certificates.ts';
import { findNginx, freePorts, startNginx } from './nginx.ts';
import type { Nginx } from './nginx.ts';
import { planWith, refs } from './plans.ts';

const module = findNginx();
const domain = 'dashboards.example.com';
const allow = [{ cidr: '127.0.0.1/32', note: 'this machine' }];

let authority: Authority;
const running: { stop: () => Promise<void> }[] = [];

async function start(
  dashboardsPort: number,
  changes: Parameters<typeof planWith>[0] = {},
): Promise<Nginx> {
  const plan = planWith({ allow, company: "O'Brien & Söhne", ...changes });
  const nginx = await startNginx({
    module: module ?? '',
    plan,
    refs: { ...refs, proxyAddress: '127.0.0.1' },
    certificate: await authority.issue([plan.proxy.domain ?? '127.0.0.1']),
    resolver: '127.0.0.1',
    upstreamPort: 1,
    dashboardsPort,
  });
  running.push(nginx);
  return nginx;
}

interface Asked {
  readonly path?: string;
  readonly from?: string;
  readonly host?: string;
  /** The name in TLS; empty: none, as for a bare address. */
  readonly servername?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request, TLS verified against the test's authority and the name asked for. */
async function ask(port: number, asked: Asked = {}) {
  const { path = '/', from = '127.0.0.1', host = domain, servername = domain, headers } = asked;
  const request = https.get({
    host: '127.0.0.1',
    port,
    path,
    localAddress: from,
    servername,
    ca: authority.ca,
    agent: false,
    headers: { host, ...headers },
  });
  const [response] = await once(request, 'response');
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string | undefined>,
    body: await text(response),
  };
}

describe.skipIf(module === undefined)('the dashboards behind nginx', () => {
  let database: TestDatabase;
  let server: RunningServer;
  let nginx: Nginx;
  let browser: Browser;

  beforeAll(async () => {
    authority = await createAuthority();
    database = await createDatabase();
    await seedShop(database);
    const app = createApp({
      project: () => shop,
      reader: database.warehouse.pool('reader'),
      now: () => shopNow,
      hosts: [domain],
    });
    server = await startServer({ app, port: 0 });
    nginx = await start(server.port, { proxy: { requestsPerSecond: 50 } });
    browser = await launchBrowser([`--host-resolver-rules=MAP ${domain} 127.0.0.1`]);
  });
  afterAll(async () => {
    await browser.close();
    for (const each of running) await each.stop();
    await server.close();
    await database.drop();
  });

  test('an allowed address reads them over TLS, with the headers they should have', async () => {
    const page = await ask(nginx.pagesPort, {
      path: '/dashboards/sales?region=North',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'cache-control': 'private, no-cache',
      'content-encoding': 'gzip',
      server: 'nginx',
      'x-frame-options': 'DENY',
    });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(await ask(nginx.pagesPort)).toMatchObject({
      status: 302,
      headers: { location: '/dashboards/sales' },
    });
    const log = await nginx.accessLog();
    expect(log).toContain('127.0.0.1 "GET /dashboards/sales" status=200');
    expect(log).not.toContain('North');
  });

  test('any other address is refused, whatever it asks for', async () => {
    for (const path of ['/', '/dashboards/sales', '/assets/x', '/nothing']) {
      expect(await ask(nginx.pagesPort, { path, from: '127.0.0.2' })).toMatchObject({
        status: 403,
      });
    }
    // What it claims about itself changes nothing.
    const headers = { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' };
    expect(await ask(nginx.pagesPort, { from: '127.0.0.2', headers })).toMatchObject({
      status: 403,
    });
  });

  test('another host is refused, in TLS and in the request', async () => {
    const asking = { host: 'evil.example', servername: 'evil.example' };
    await expect(ask(nginx.pagesPort, asking)).rejects.toThrow(/unrecognized name/u);
    await expect(ask(nginx.pagesPort, { servername: '' })).rejects.toThrow(/unrecognized name/u);
    for (const host of ['evil.example', '127.0.0.1', `${domain}.evil.example`]) {
      expect(await ask(nginx.pagesPort, { host })).toMatchObject({ status: 421 });
    }
  });

  test('speaks HTTP/2, and neither old TLS nor plain HTTP', async () => {
    const session = http2.connect(`https://127.0.0.1:${nginx.pagesPort}`, {
      ca: authority.ca,
      servername: domain,
    });
    const stream = session.request({ ':path': '/sources', ':authority': domain });
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(200);
    stream.close();
    session.close();
    const old = tls.connect({
      host: '127.0.0.1',
      port: nginx.pagesPort,
      servername: domain,
      ca: authority.ca,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await expect(once(old, 'secureConnect')).rejects.toThrow(/protocol version|unsupported/iu);
    const plain = net.connect(nginx.pagesPort, '127.0.0.1');
    plain.end(`GET / HTTP/1.1\r\nHost: ${domain}\r\nConnection: close\r\n\r\n`);
    expect(await text(plain)).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('a browser shows a dashboard and goes on from it', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const failures: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') failures.push(message.text());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`https://${domain}:${nginx.pagesPort}/`);
    expect(await page.textContent('h1')).toContain('Sales');
    await page.click('a[href="/sources"] >> visible=true');
    await page.waitForURL('**/sources');
    expect(await page.textContent('h1')).toContain('Sources');
    expect(failures).toEqual([]);
    await context.close();
  });

  test('where there is no domain, the pages are reached by the address of the proxy', async () => {
    const bare = await start(server.port, {
      proxy: { domain: undefined, certificate: { kind: 'self-signed' } },
    });
    const page = await ask(bare.pagesPort, { host: '127.0.0.1', servername: '', path: '/sources' });
    expect(page.status).toBe(200);
    expect(page.headers['strict-transport-security']).toBeUndefined();
    expect(await ask(bare.pagesPort, { servername: '' })).toMatchObject({ status: 421 });
  });
});

describe.skipIf(module === undefined)('nginx before any server', () => {
  let upstream: ScriptedServer;
  let browser: Browser;
  beforeAll(async () => {
    authority = await createAuthority();
    upstream = await startScriptedServer(() => ({ body: 'ok' }));
    browser = await launchBrowser([`--host-resolver-rules=MAP ${domain} 127.0.0.1`]);
  });
  afterAll(async () => {
    await browser.close();
    for (const each of running.splice(0)) await each.stop();
    await upstream.close();
  });

  test('says who asks, and passes nothing on that a client claims about that', async () => {
    const nginx = await start(Number(new URL(upstream.origin).port));
    await ask(nginx.pagesPort, {
      path: '/x?period=a%20b',
      headers: {
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        'x-real-ip': '203.0.113.9',
        forwarded: 'for=203.0.113.9;host=evil.example',
      },
    });
    const seen = upstream.requests.at(-1);
    expect([seen?.path, seen?.query.get('period')]).toEqual(['/x', 'a b']);
    expect(seen?.headers).toMatchObject({
      host: domain,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': domain,
      'x-forwarded-proto': 'https',
      'x-real-ip': '127.0.0.1',
    });
    expect(seen?.headers['forwarded']).toBeUndefined();
  });

  test('beyond the burst an address is told to wait; another is not', async () => {
    const nginx = await start(Number(new URL(upstream.origin).port), {
      proxy: { requestsPerSecond: 1 },
      allow: [{ cidr: '127.0.0.0/8', note: 'this machine' }],
    });
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(nginx.pagesPort)));
    const refused = answers.filter(({ status }) => status === 429);
    // One, a burst of ten, and what a slow machine let grow back meanwhile.
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(11);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect(refused[0]?.body).toBe(
      'More than 1 requests a second came from your address. Wait a moment, then load the page again.\n',
    );
    expect(await ask(nginx.pagesPort, { from: '127.0.0.2' })).toMatchObject({ status: 200 });
  });

  test('a body larger than any form is refused', async () => {
    const nginx = await start(Number(new URL(upstream.origin).port));
    const answer = await ask(nginx.pagesPort, { headers: { 'content-length': '1048577' } });
    expect(answer.status).toBe(413);
  });

  test('while the dashboards are away a page says so, and tries again', async () => {
    const [port = 0] = await freePorts(1);
    const nginx = await start(port);
    const answer = await ask(nginx.pagesPort, { path: '/dashboards/sales' });
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      'retry-after': '5',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.body).toContain('O&#39;Brien &amp; Söhne');
    // Nobody can ask for the page itself.
    expect((await ask(nginx.pagesPort, { path: '/plumbline-starting.html' })).status).toBe(404);

    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`https://${domain}:${nginx.pagesPort}/dashboards/sales`);
    expect(await page.textContent('h1')).toBe('The dashboards are starting');
    // Its style sheet is allowed by the hash in the header.
    expect(await page.$eval('main', (main) => getComputedStyle(main).borderRadius)).toBe('12px');
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);

    // They are there again: the page that waits becomes the dashboard by itself.
    const app = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(
        'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Sales</h1>',
      );
    });
    app.listen(port, '127.0.0.1');
    await once(app, 'listening');
    await page.waitForSelector('h1:text("Sales")', { timeout: 60_000 });
    await context.close();
    app.close();
  });
});
