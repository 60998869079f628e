import { afterEach, describe, expect, it } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { PlumblineError } from '../../../src/errors.ts';
import { api, type ApiOptions } from '../../../src/source/api/api.ts';
import { oauth2 } from '../../../src/source/api/auth.ts';
import type { OAuth2Options } from '../../../src/source/api/oauth2.ts';
import { pageNumber } from '../../../src/source/api/pages.ts';
import { secret, setting } from '../../../src/source/setting.ts';
import { apiContext, fetchDelivery } from '../../helpers/api-source.ts';
import {
  type Answer,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../../helpers/scripted-server.ts';

const columns = { id: column.integer() };
const env = { ID: 'cli ent', SECRET: 'hush&hush+1' };

/** A shop that gives tokens and takes only those it says are good. */
interface Shop {
  readonly server: ScriptedServer;
  /** Tokens given so far. */
  readonly given: string[];
  /** The request as a page, or another answer. */
  page: (request: Seen, token: string | undefined) => Answer;
  token: (count: number) => Answer;
  clockMs: number;
}

const shops: Shop[] = [];
afterEach(async () => {
  await Promise.all(shops.splice(0).map(({ server }) => server.close()));
});

async function openShop(changed: Partial<Pick<Shop, 'page' | 'token'>> = {}): Promise<Shop> {
  const server = await startScriptedServer((request) => {
    if (request.path !== '/token') {
      return shop.page(request, request.headers.authorization?.replace('Bearer ', ''));
    }
    const answer = shop.token(shop.given.length + 1);
    if ('body' in answer && !('status' in answer)) {
      shop.given.push(`token-${shop.given.length + 1}`);
    }
    return answer;
  });
  const shop: Shop = {
    server,
    given: [],
    clockMs: 0,
    token: (count) => ({
      body: { access_token: `token-${count}`, token_type: 'Bearer', expires_in: 3600 },
    }),
    page: (_request, token) =>
      token === shop.given.at(-1) ? { body: [{ id: 1 }] } : { status: 401, body: 'expired' },
    ...changed,
  };
  shops.push(shop);
  return shop;
}

function sourceOf(
  shop: Shop,
  client: Partial<OAuth2Options> = {},
  options: Partial<ApiOptions<typeof columns>> = {},
) {
  const effects = {
    clockMs: () => shop.clockMs,
    random: () => 0.5,
    sleep: async (ms: number) => {
      shop.clockMs += ms;
    },
  };
  return api(
    {
      url: `${shop.server.origin}/items`,
      auth: oauth2({
        tokenUrl: `${shop.server.origin}/token`,
        clientId: setting('ID'),
        clientSecret: secret('SECRET'),
        ...client,
      }),
      columns,
      ...options,
    },
    effects,
  );
}

const failureOf = async (...given: Parameters<typeof sourceOf>): Promise<string> => {
  try {
    await fetchDelivery(sourceOf(...given), apiContext({ env }));
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return `${error.code}: ${error.message.replaceAll(given[0].server.origin, '')}`;
  }
  throw new Error('expected a failure');
};

const asked = (shop: Shop): string[] =>
  shop.server.requests.map(({ path, headers }) =>
    path === '/token' ? path : `${path} ${headers.authorization}`,
  );

describe('a token for client credentials', () => {
  it('is asked for once and shown with every request', async () => {
    const shop = await openShop();
    shop.page = (request) => ({
      body: request.query.get('page') === '3' ? [] : [{ id: 1 }, { id: request.query.get('page') }],
    });
    await fetchDelivery(
      sourceOf(shop, { scope: 'read orders', audience: 'shop' }, { pages: pageNumber() }),
      apiContext({ env }),
    );
    expect(asked(shop)).toEqual([
      '/token',
      '/items Bearer token-1',
      '/items Bearer token-1',
      '/items Bearer token-1',
    ]);
    const [request] = shop.server.requests;
    expect(request?.method).toBe('POST');
    expect(request?.body).toBe('grant_type=client_credentials&scope=read+orders&audience=shop');
    const [user, password] = Buffer.from(request?.headers.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':');
    expect([user, password]).toEqual(['cli+ent', 'hush%26hush%2B1']);
  });

  it('is asked for in the body where the server wants that', async () => {
    const shop = await openShop();
    await fetchDelivery(sourceOf(shop, { style: 'body' }), apiContext({ env }));
    const [request] = shop.server.requests;
    expect(request?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: env.ID,
      client_secret: env.SECRET,
    });
  });

  it('is asked for anew before it runs out', async () => {
    const shop = await openShop();
    shop.page = (request, token) => {
      // A page takes half an hour; a token lives for one, less a minute.
      shop.clockMs += 1_800_000;
      if (token !== shop.given.at(-1)) return { status: 401 };
      return { body: request.query.get('page') === '4' ? [] : [{ id: request.query.get('page') }] };
    };
    await fetchDelivery(sourceOf(shop, {}, { pages: pageNumber() }), apiContext({ env }));
    expect(asked(shop).map((each) => each.replace('/items Bearer ', ''))).toEqual([
      '/token',
      'token-1',
      'token-1',
      '/token',
      'token-2',
      'token-2',
    ]);
  });

  it('is asked for anew once when the server refuses it, and then the fetch fails', async () => {
    const shop = await openShop();
    let refusals = 1;
    shop.page = () => {
      refusals -= 1;
      return refusals >= 0 ? { status: 401, body: 'token expired' } : { body: [{ id: 1 }] };
    };
    await fetchDelivery(sourceOf(shop), apiContext({ env }));
    expect(asked(shop)).toEqual([
      '/token',
      '/items Bearer token-1',
      '/token',
      '/items Bearer token-2',
    ]);
    refusals = Infinity;
    expect(await failureOf(shop)).toBe(
      'source-denied: /items: the server answered 401: token expired',
    );
    expect(shop.given).toHaveLength(4);
  });

  it.each([
    [
      { status: 401, body: { error: 'invalid_client' } },
      'source-denied: /token: the server gives no token, it answered 401: {"error":"invalid_client"}',
    ],
    [
      { status: 400, body: `{"error":"invalid_scope","you sent":"${env.SECRET}"}` },
      'source-denied: /token: the server gives no token, it answered 400: ***',
    ],
    [
      { body: { token: 'x' } },
      'source-error: /token: access_token of the answer is missing; expected a bearer token (RFC 6749 5.1).',
    ],
    [
      { body: { access_token: 'abc', token_type: 'mac' } },
      'source-error: /token: access_token of the answer is of type "mac"; expected a bearer token (RFC 6749 5.1).',
    ],
    [
      { body: '<html>' },
      'source-error: /token: access_token of the answer is missing; expected a bearer token (RFC 6749 5.1).',
    ],
    [
      { body: { access_token: 'a\nb' } },
      'source-error: /token: access_token of the answer is missing; expected a bearer token (RFC 6749 5.1).',
    ],
    [
      { status: 307, headers: { location: 'http://127.0.0.1:1/steal' } },
      'source-error: /token: the server redirects; credentials are sent to no other address.',
    ],
    [{ status: 503 }, 'source-unreachable: /token: the server answered 503, tried 6 times.'],
  ])('that the server does not give fails the fetch: %o', async (token, expected) => {
    const shop = await openShop({ token: () => token });
    expect(await failureOf(shop)).toBe(expected);
  });

  it('is shown nowhere, whatever the server sends back', async () => {
    const shop = await openShop({
      page: (_request, token) => ({ status: 422, body: `no such item for ${token}` }),
    });
    const message = await failureOf(shop);
    expect(message).toBe('source-error: /items: the server answered 422: ***');
  });

  it('is sent to the address of the source only', async () => {
    const other = await openShop({ page: () => ({ body: [{ id: 1 }] }) });
    const shop = await openShop({
      page: () => ({ status: 302, headers: { location: `${other.server.origin}/items` } }),
    });
    await fetchDelivery(sourceOf(shop), apiContext({ env }));
    expect(other.server.requests.map((request) => request.headers.authorization)).toEqual([
      undefined,
    ]);
  });

  it('cannot be asked for with options that are none', () => {
    // The casts: a project's files run without a type check.
    const client = {
      tokenUrl: 'https://example.com/token',
      clientId: 'a',
      clientSecret: secret('S'),
    };
    expect(() => oauth2({ ...client, scopes: 'a' } as OAuth2Options)).toThrow(
      "did you mean 'scope'?",
    );
    expect(() => oauth2({ ...client, style: 'header' } as never)).toThrow(
      "expected 'basic' or 'body'",
    );
  });
});

describe('rate limits', () => {
  it('are kept by waiting, for every request of a run', async () => {
    const shop = await openShop();
    const times: number[] = [];
    shop.page = (request) => {
      times.push(shop.clockMs);
      return { body: request.query.get('page') === '6' ? [] : [{ id: request.query.get('page') }] };
    };
    await fetchDelivery(
      sourceOf(shop, {}, { pages: pageNumber(), rateLimit: { requests: 2, per: '1 second' } }),
      apiContext({ env }),
    );
    expect(times).toEqual([0, 0, 1000, 1000, 2000, 2000]);
  });

  it('are kept as the server says them, also before it refuses anything', async () => {
    const shop = await openShop();
    const answers: Answer[] = [
      { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, body: [{ id: 1 }] },
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '20' } },
      { status: 429, headers: { 'ratelimit-reset': '30' } },
      { body: [{ id: 2 }] },
      { body: [] },
    ];
    const times: number[] = [];
    shop.page = () => {
      times.push(shop.clockMs);
      return answers.shift() ?? { status: 500 };
    };
    await fetchDelivery(sourceOf(shop, {}, { pages: pageNumber() }), apiContext({ env }));
    expect(times).toEqual([0, 7000, 27_000, 57_000, 57_000]);
  });
});
