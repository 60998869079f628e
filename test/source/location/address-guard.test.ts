import http from 'node:http';
import type { LookupFunction } from 'node:net';

import { describe, expect, it } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { api } from '../../../src/source/api/api.ts';
import {
  AddressRefused,
  createAddressGuard,
  type Network,
  reachOf,
} from '../../../src/source/location/address-guard.ts';
import { http as httpLocation } from '../../../src/source/location/http.ts';
import type { SourceContext } from '../../../src/source/source.ts';
import { apiContext, fetchDelivery } from '../../helpers/api-source.ts';
import { inOrder, startScriptedServer } from '../../helpers/scripted-server.ts';

describe('how far away an address is', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ])('%s is link-local', (address) => {
    expect(reachOf(address)).toBe('link-local');
  });

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'no address',
  ])('%s is private', (address) => {
    expect(reachOf(address)).toBe('private');
  });

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (address) => {
    expect(reachOf(address)).toBe('public');
  });
});

/** Names lead where the test says. */
const leadingTo =
  (...addresses: string[]): LookupFunction =>
  (_host, _options, done) => {
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

const refusalOf = (
  network: Network | undefined,
  url: string,
  resolve: LookupFunction,
  allowPrivate = false,
): Promise<string | undefined> => {
  const guard = createAddressGuard({ network, allowPrivate, resolve });
  try {
    guard.check(new URL(url));
  } catch (error) {
    if (error instanceof AddressRefused) return Promise.resolve(error.message);
    throw error;
  }
  const { hostname } = new URL(url);
  return new Promise((done) => {
    guard.lookup(hostname, { all: true }, (error) => done(error?.message));
  });
};

describe('the guard', () => {
  it('refuses what a name leads to, and one bad address among good ones', async () => {
    const name = 'http://api.example.com/';
    expect(await refusalOf('open', name, leadingTo('169.254.169.254'))).toBe(
      'api.example.com leads to 169.254.169.254, a link-local address, which may not be asked',
    );
    expect(await refusalOf('open', name, leadingTo('10.0.0.1'))).toBeUndefined();
    expect(await refusalOf('public-only', name, leadingTo('10.0.0.1'))).toContain('private');
    expect(await refusalOf('public-only', name, leadingTo('8.8.8.8', '::1'))).toContain('::1');
    expect(await refusalOf('public-only', name, leadingTo('8.8.8.8'))).toBeUndefined();
    expect(await refusalOf('public-only', name, leadingTo('10.0.0.1'), true)).toBeUndefined();
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
  ])('refuses %s however it is written', async (url) => {
    expect(await refusalOf(undefined, url, leadingTo('8.8.8.8'))).toContain('link-local');
  });

  it('connects to the address it looked at, though the name leads elsewhere a moment later', async () => {
    const server = await startScriptedServer(inOrder({ body: 'here' }));
    const { port } = new URL(server.origin);
    let lookups = 0;
    const rebinding: LookupFunction = (host, options, done) => {
      lookups += 1;
      leadingTo(lookups === 1 ? '127.0.0.1' : '169.254.169.254')(host, options, done);
    };
    const guard = createAddressGuard({ network: 'open', allowPrivate: false, resolve: rebinding });
    const get = () =>
      new Promise<number | string>((done) => {
        http
          .get(
            `http://rebound.example:${port}/`,
            { lookup: guard.lookup, agent: false },
            (response) => {
              response.resume();
              done(response.statusCode ?? 0);
            },
          )
          .on('error', (error) => done(error.message));
      });
    expect(await get()).toBe(200);
    expect(await get()).toContain('link-local');
    expect(lookups).toBe(2);
    await server.close();
  });
});

describe('sources', () => {
  const columns = { id: column.integer() };
  const failure = async (
    source: ReturnType<typeof api>,
    context: SourceContext,
  ): Promise<string> => {
    try {
      await fetchDelivery(source, context);
      return 'fetched';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  };

  it('follow no redirect to such an address, and send no token there', async () => {
    const server = await startScriptedServer(
      inOrder({ status: 302, headers: { location: 'http://169.254.169.254/latest' } }),
    );
    const context = apiContext();
    expect(await failure(api({ url: server.origin, columns }), context)).toBe('address-refused');
    const file = async (): Promise<void> => {
      for await (const offer of httpLocation(`${server.origin}/a.csv`).list(context)) {
        for await (const part of offer.open()) void part;
      }
    };
    await expect(file()).rejects.toMatchObject({ code: 'address-refused' });
    await server.close();
  });

  it('ask this machine where the network is open, and on others when they are told to', async () => {
    const server = await startScriptedServer(inOrder({ body: [{ id: 1 }] }));
    const url = server.origin;
    const inside: SourceContext = { ...apiContext(), network: 'public-only' };
    expect(await failure(api({ url, columns }), apiContext())).toBe('fetched');
    expect(await failure(api({ url, columns }), inside)).toBe('address-refused');
    expect(
      await failure(api({ url: url.replace('127.0.0.1', 'localhost'), columns }), inside),
    ).toBe('address-refused');
    expect(await failure(api({ url, columns, allowPrivate: true }), inside)).toBe('fetched');
    await server.close();
  });
});
