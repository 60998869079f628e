import net, { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, expect, test } from 'vitest';

import { http, type HttpAddress, type HttpOptions } from '../../../src/source/location/http.ts';
import { secret, setting } from '../../../src/source/setting.ts';
import type { Offer } from '../../../src/source/source.ts';
import {
  type Answer,
  inOrder,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../../helpers/scripted-server.ts';
import { sourceContext } from '../read-rows.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (request: Seen, index: number) => Answer): Promise<ScriptedServer> {
  const server = await startScriptedServer(answer);
  servers.push(server);
  return server;
}

async function offerOf(
  address: HttpAddress,
  options: HttpOptions = {},
  context = sourceContext(),
): Promise<Offer> {
  for await (const offer of http(address, options).list(context)) return offer;
  throw new Error('nothing was offered');
}

async function fetchFrom(...given: Parameters<typeof offerOf>): Promise<string> {
  const parts: Uint8Array[] = await Array.fromAsync((await offerOf(...given)).open());
  return Buffer.concat(parts).toString();
}

const whole = (body: string): Answer => ({
  headers: { 'content-length': String(Buffer.byteLength(body)) },
  body,
});
/** Asked again at once. */
const busy = (status: number): Answer => ({ status, headers: { 'retry-after': '0' } });

test('a file is fetched whole, under its name', async () => {
  const server = await serve(() => whole('id\n1\n'));
  const offer = await offerOf(`${server.origin}/exports/orders.csv?month=2026-01`);
  expect(offer).toMatchObject({
    slot: `${server.origin}/exports/orders.csv?month=2026-01`,
    name: 'orders.csv',
  });
  expect(await fetchFrom(`${server.origin}/exports/orders.csv`)).toBe('id\n1\n');
});

test('the address may come from a variable, or be made at run time', async () => {
  const server = await serve(({ path }) => whole(path));
  const context = sourceContext({ env: { ORDERS: `${server.origin}/a` } });
  expect(await fetchFrom(setting('ORDERS'), {}, context)).toBe('/a');
  const daily: HttpAddress = ({ now }) => `${server.origin}/${now().slice(0, 10)}.csv`;
  expect(await fetchFrom(daily, {}, context)).toBe('/2026-03-01.csv');
});

test('credentials are sent, and never shown', async () => {
  const server = await serve(inOrder(whole('ok'), { status: 418 }));
  const context = sourceContext({ env: { TOKEN: 'c4nary' } });
  const address = `${server.origin}/a.csv?api_key=c4nary&year=2026`;
  const options = { headers: { authorization: secret('TOKEN') } };
  expect(await fetchFrom(address, options, context)).toBe('ok');
  expect(server.requests[0]?.headers.authorization).toBe('c4nary');
  expect(server.requests[0]?.query.get('api_key')).toBe('c4nary');
  const offer = await offerOf(address, options, context);
  expect(offer.slot).toBe(`${server.origin}/a.csv?year=2026`);
  expect(http(address).description).toBe(`http ${server.origin}/a.csv?year=2026`);
  const error: unknown = await fetchFrom(address, options, context).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'source-error', message: expect.stringContaining('418') });
  expect(JSON.stringify([error, String(error), offer])).not.toContain('c4nary');
});

test.each([429, 500, 503])('an answer of %i is tried again, three times in all', async (status) => {
  const recovering = await serve(inOrder(busy(status), busy(status), whole('late')));
  expect(await fetchFrom(recovering.origin)).toBe('late');
  const down = await serve(() => busy(status));
  await expect(fetchFrom(down.origin)).rejects.toMatchObject({
    code: 'source-unreachable',
    retryable: true,
    message: expect.stringContaining(`answered ${status}, tried 3 times`),
  });
  expect(down.requests).toHaveLength(3);
});

test.each([
  [404, 'source-not-found'],
  [410, 'source-not-found'],
  [401, 'source-denied'],
  [403, 'source-denied'],
  [400, 'source-error'],
])('an answer of %i is %s, at once', async (status, code) => {
  const server = await serve(() => ({ status }));
  await expect(fetchFrom(server.origin)).rejects.toMatchObject({ code, retryable: false });
  expect(server.requests).toHaveLength(1);
});

test.each(['length', 'chunked'] as const)('a body cut short is no file (%s)', async (cut) => {
  const server = await serve(() => ({ cut, body: 'id\n1\n' }));
  await expect(fetchFrom(server.origin)).rejects.toMatchObject({
    code: 'source-unreachable',
    retryable: true,
  });
});

test('a body that ends with the connection cannot be told from a part', async () => {
  const server = net.createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nid\n1\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  await expect(fetchFrom(`http://127.0.0.1:${port}/a.csv`)).rejects.toMatchObject({
    code: 'source-unreachable',
    message: expect.stringContaining('does not say how long the file is'),
  });
  await new Promise((resolve) => server.close(resolve));
});

test('a server that says nothing is given up', async () => {
  const server = await serve(() => ({ broken: 'silent' }));
  await expect(fetchFrom(server.origin, { timeoutMs: 20 })).rejects.toMatchObject({
    code: 'source-unreachable',
    message: expect.stringContaining('silent for 20 ms'),
  });
});

test('gzip on the way is undone', async () => {
  const body = gzipSync('id\n1\n');
  const headers = { 'content-encoding': 'gzip', 'content-length': String(body.length) };
  const server = await serve(() => ({ headers, body }));
  expect(await fetchFrom(server.origin)).toBe('id\n1\n');
});

test('redirects are followed, and credentials stay behind', async () => {
  const other = await serve(() => whole('moved'));
  const server = await serve(() => ({ status: 302, headers: { location: `${other.origin}/b` } }));
  const headers = { authorization: 'Bearer x' };
  expect(await fetchFrom(`${server.origin}/a`, { headers })).toBe('moved');
  expect(server.requests[0]?.headers.authorization).toBe('Bearer x');
  expect(other.requests[0]?.headers.authorization).toBeUndefined();
});

test.each(['ftp://example.com/a.csv', 'example.com/a.csv', ''])(
  '%j is no address',
  async (address) => {
    await expect(offerOf(address)).rejects.toMatchObject({ code: 'project-invalid' });
  },
);
