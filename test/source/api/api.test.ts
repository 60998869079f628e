import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { PlumblineError } from '../../../src/errors.ts';
import { api, type ApiOptions } from '../../../src/source/api/api.ts';
import { basic, bearer, header } from '../../../src/source/api/auth.ts';
import type { RetryEffects } from '../../../src/source/api/get-with-retries.ts';
import {
  lastRecord,
  linkHeader,
  nextCursor,
  offset,
  pageNumber,
} from '../../../src/source/api/pages.ts';
import { secret, setting } from '../../../src/source/setting.ts';
import { apiContext, fetchDelivery, readDelivery } from '../../helpers/api-source.ts';
import {
  type Answer,
  inOrder,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../../helpers/scripted-server.ts';

const columns = { id: column.integer({ required: true }), name: column.text() };
type Options = Partial<ApiOptions<typeof columns>>;

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (request: Seen, index: number) => Answer): Promise<ScriptedServer> {
  const server = await startScriptedServer(answer);
  servers.push(server);
  return server;
}

/** Never sleeps; remembers how long it would have. */
function recordedEffects(): RetryEffects & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    sleep: async (ms) => {
      slept.push(ms);
    },
    random: () => 0.5,
    clockMs: () => slept.reduce((sum, ms) => sum + ms, 0),
  };
}

async function fetchFrom(server: ScriptedServer, options: Options = {}, context = apiContext()) {
  const source = api({ url: `${server.origin}/items`, columns, ...options }, recordedEffects());
  return fetchDelivery(source, context);
}

/** The error a fetch ends with, without the address of the server, which changes. */
async function failureOf(
  server: ScriptedServer,
  options: Options = {},
  context = apiContext(),
): Promise<string> {
  try {
    await fetchFrom(server, options, context);
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return `${error.code}: ${error.message.replaceAll(server.origin, '')}`;
  }
  throw new Error('expected a failure');
}

const items = (...ids: number[]) => ids.map((id) => ({ id, name: `n${id}` }));

describe('the landing file', () => {
  it('holds a line a page, the records as received, and an end marker', async () => {
    const server = await serve(
      inOrder({
        body: '\ufeff[\r\n  {"id": 12345678901234567890.10, "name": "a\\nb"},\n  {"id":1e2}\n]',
        headers: { 'content-type': 'application/json; charset=utf-8' },
      }),
    );
    const { text, slot, name, cursor } = await fetchFrom(server);
    expect(text).toBe(
      '{"page":1,"records":[    {"id": 12345678901234567890.10, "name": "a\\nb"},   {"id":1e2} ]}\n' +
        '{"end":true,"pages":1,"records":2,"cursor":null}\n',
    );
    expect([slot, name, cursor]).toEqual(['all', `${server.origin}/items`, undefined]);
  });

  it('is the same for the same answers', async () => {
    const server = await serve(inOrder({ body: items(1, 2) }));
    const first = await fetchFrom(server);
    expect((await fetchFrom(server)).sha256).toBe(first.sha256);
  });

  it('takes gzip and other charsets', async () => {
    const body = gzipSync(Buffer.from('[{"id":1,"name":"Z\u00fcrich"}]', 'latin1'));
    const server = await serve(
      inOrder({
        body,
        headers: { 'content-encoding': 'gzip', 'content-type': 'text/json; charset=iso-8859-1' },
      }),
    );
    expect((await fetchFrom(server)).text).toContain('"Zürich"');
  });
});

describe('pages', () => {
  const numbered = (request: Seen, ids: number) => Number(request.query.get('page') ?? '1') * ids;

  it('follows a next cursor, as a token, a path or an address', async () => {
    const server = await serve((request, index) => ({
      body: {
        data: { items: items(index) },
        meta: {
          next: [
            'tök en&',
            42,
            '/items?step=3',
            `http://${request.headers.host}/items?step=4`,
            null,
          ][index],
        },
      },
    }));
    const { text } = await fetchFrom(server, {
      records: 'data.items',
      query: { size: '1' },
      pages: nextCursor({ param: 'after', at: 'meta.next' }),
    });
    expect(text.split('\n').at(-2)).toBe('{"end":true,"pages":5,"records":5,"cursor":null}');
    expect(server.requests.map((request) => request.query.toString())).toEqual([
      'size=1',
      'size=1&after=t%C3%B6k+en%26',
      'size=1&after=42',
      'step=3',
      'step=4',
    ]);
  });

  it('counts pages until one is empty, or as many as the body says', async () => {
    const empty = await serve((request) => ({
      body: numbered(request, 1) > 2 ? [] : items(numbered(request, 1)),
    }));
    const size = { param: 'size', value: 1 };
    expect((await fetchFrom(empty, { pages: pageNumber({ size }) })).text).toContain('"pages":3');
    expect(empty.requests.map((request) => request.query.toString())).toEqual([
      'size=1&page=1',
      'size=1&page=2',
      'size=1&page=3',
    ]);

    const counted = await serve((request) => ({
      body: { data: items(numbered(request, 1)), meta: { pages: 2 } },
    }));
    const pages = pageNumber({ param: 'page', start: 0, until: { at: 'meta.pages' } });
    await fetchFrom(counted, { records: 'data', pages });
    expect(counted.requests.map((request) => request.query.get('page'))).toEqual(['0', '1']);
  });

  it('goes on from where a server stopped that gives fewer than the limit', async () => {
    const all = items(1, 2, 3, 4, 5);
    const server = await serve((request) => {
      const from = Number(request.query.get('skip'));
      return { body: { rows: all.slice(from, from + 2), total: all.length } };
    });
    const pages = offset({
      param: 'skip',
      limit: { param: 'take', value: 1000 },
      total: { at: 'total' },
    });
    expect((await fetchFrom(server, { records: 'rows', pages })).text).toContain('"records":5');
    expect(server.requests.map((request) => request.query.get('skip'))).toEqual(['0', '2', '4']);
  });

  it('follows Link headers', async () => {
    const server = await serve((_request, index) => ({
      body: items(index),
      ...(index < 2 && {
        headers: {
          link: `</items?a=1,2;3>; title="x, rel=y"; rel="prev", <items?step=${index + 1}>; rel="last next"`,
        },
      }),
    }));
    const { text } = await fetchFrom(server, { pages: linkHeader() });
    expect(text).toContain('"pages":3');
    expect(server.requests.map((request) => request.query.get('step'))).toEqual([null, '1', '2']);
  });

  it('goes on behind the last record', async () => {
    const server = await serve(({ query }) => {
      const after = query.get('starting_after');
      const data = after === null ? [...items(7), ...items(3)] : after === '3' ? items(5) : [];
      return { body: { data, has_more: data.length > 0 } };
    });
    const { text } = await fetchFrom(server, {
      records: 'data',
      pages: lastRecord({ param: 'starting_after', at: 'id' }),
    });
    expect(text).toContain('"pages":3,"records":3');
    expect(server.requests.map(({ query }) => query.get('starting_after'))).toEqual([
      null,
      '3',
      '5',
    ]);
  });

  it.each<[string, Options, object]>([
    ['no pages declared', {}, { has_more: true }],
    ['no pages declared', {}, { meta: { pagination: { nextPageToken: 'x' } } }],
    ['no pages declared', {}, { _links: { next: { href: '/items?page=2' } } }],
    ['another kind of pages', { pages: linkHeader() }, { paging: { next: 3 } }],
    [
      'a field that is not there',
      { pages: nextCursor({ param: 'after', at: 'cursor' }) },
      { '@odata.nextLink': 'https://x' },
    ],
    [
      'a field that is empty',
      { pages: nextCursor({ param: 'after', at: 'token' }) },
      { token: null, hasMore: true },
    ],
  ])('refuses an end that the answer denies: %s', async (_what, options, sign) => {
    const server = await serve(() => ({ body: { data: items(1), ...sign } }));
    expect(await failureOf(server, { records: 'data', ...options })).toMatch(
      /^source-error: \/items: the answer says at '[\w.@]+' that there are more records, but .*; correct `pages`/u,
    );
  });

  it.each([
    { has_more: false, next_cursor: null, next: '', paging: { next: { after: null } } },
    { links: { next: null, prev: '/items?page=1' }, next_page: 0, next: {} },
    { prices: { next: 12 }, steps: [{ has_more: true }] },
  ])('takes an answer that announces nothing for the end: %j', async (around) => {
    const server = await serve(() => ({ body: { data: items(1), ...around } }));
    const { text } = await fetchFrom(server, { records: 'data' });
    expect(text).toContain('"records":1');
  });

  it.each<[string, Options, Answer[], RegExp]>([
    [
      'a last record without what the next page begins behind',
      { pages: lastRecord({ param: 'after', at: 'key' }) },
      [{ body: items(1) }],
      /the last record of page 1 has no text or number at 'key', behind which the next page begins; it has id/u,
    ],
    [
      'a next cursor that repeats',
      { records: 'data', pages: nextCursor({ param: 'after', at: 'next' }) },
      [{ body: { data: items(1), next: 'x' } }],
      /^source-error: \/items\?after=x: page 2 names a next page that was already read/u,
    ],
    [
      'a next cursor that is spelt another way',
      { records: 'data', pages: nextCursor({ param: 'after', at: 'meta.nxt' }) },
      [{ body: { data: items(1), meta: { next: 'x' } } }],
      /has no 'meta.nxt', but 'meta.next'; is that the next page\?/u,
    ],
    [
      'a last page that repeats for ever',
      { pages: pageNumber() },
      [{ body: items(1) }],
      /page 2 repeats page 1, so the end is never reached/u,
    ],
    [
      'an empty page before the end',
      { records: 'data', pages: pageNumber({ until: { at: 'pages' } }) },
      [{ body: { data: items(1), pages: 3 } }, { body: { data: [], pages: 3 } }],
      /page 2 of 3 has no records/u,
    ],
    [
      'fewer records than announced',
      {
        records: 'data',
        pages: offset({ param: 'o', limit: { param: 'l', value: 1 }, total: { at: 'total' } }),
      },
      [{ body: { data: items(1), total: 3 } }, { body: { data: [], total: 3 } }],
      /only 1 of 3 were given/u,
    ],
    [
      'a total that is not there',
      {
        records: 'data',
        pages: offset({ param: 'o', limit: { param: 'l', value: 1 }, total: { at: 'totals' } }),
      },
      [{ body: { data: items(1), total: 3 } }],
      /the body has no 'totals'; there are data, total; did you mean 'total'\?/u,
    ],
    [
      'more pages than allowed',
      { maxPages: 2, records: 'data', pages: nextCursor({ param: 'after', at: 'next' }) },
      [
        { body: { data: items(1), next: 'a' } },
        { body: { data: items(2), next: 'b' } },
        { body: { data: items(3), next: 'c' } },
      ],
      /there are more than 2 pages/u,
    ],
    [
      'a further page nobody declared',
      {},
      [{ body: items(1), headers: { link: '</items?page=2>; rel=next' } }],
      /the source declares no pages; add pages: linkHeader\(\)/u,
    ],
  ])('refuses %s', async (_what, options, answers, expected) => {
    expect(await failureOf(await serve(inOrder(...answers)), options)).toMatch(expected);
  });
});

describe('answers that are not the records', () => {
  it.each<[string, Options, Answer, RegExp]>([
    [
      'HTML',
      {},
      { body: '<!DOCTYPE html><p>Log in</p>', headers: { 'content-type': 'text/html' } },
      /^source-error: \/items: the body \(text\/html, 28 bytes\) is not JSON: expected a value at byte 0, near "<!DOCTYPE html><p>Log in<\/p>"$/u,
    ],
    [
      'JSON with an error',
      {},
      { body: '[{"id":1},{"id":}]' },
      /expected a value at byte 16, near/u,
    ],
    ['JSON that ends early', {}, { body: '[{"id":1}' }, /expected ',' or '\]' at its end, byte 9/u],
    [
      'no field of that name',
      { records: 'data.items' },
      { body: { data: { item: [], meta: 1 } } },
      /'data' has no 'items', where the records should be \(records: 'data.items'\); it has item, meta; did you mean 'item'\?/u,
    ],
    [
      'an object instead of the array',
      {},
      { body: { meta: { total: 1 }, data: [] } },
      /the body is an object, expected the array of records; did you mean records: 'data'\?/u,
    ],
    [
      'a text instead of the array',
      { records: 'data' },
      { body: { data: 'x' } },
      /'data' is a string, expected/u,
    ],
    [
      'bytes that are no UTF-8',
      {},
      { body: Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]) },
      /not valid UTF-8/u,
    ],
  ])('refuses %s', async (_what, options, answer, expected) => {
    expect(await failureOf(await serve(inOrder(answer)), options)).toMatch(expected);
  });
});

describe('faults of the network', () => {
  const good: Answer = { body: items(1, 2) };

  it.each<[string, Answer]>([
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['429', { status: 429 }],
    ['408', { status: 408 }],
    ['a body shorter than promised', { cut: 'length', body: '[{"id":1}]' }],
    ['chunks without an end', { cut: 'chunked', body: '[{"id":1}]' }],
    [
      'gzip cut short',
      { body: gzipSync('[{"id":1}]').subarray(0, 18), headers: { 'content-encoding': 'gzip' } },
    ],
    ['a closed connection', { broken: 'reset' }],
  ])('tries again after %s', async (_what, answer) => {
    const server = await serve(inOrder(answer, answer, good));
    expect((await fetchFrom(server)).text).toContain('"records":2');
    expect(server.requests).toHaveLength(3);
  });

  it('tries again after a timeout', async () => {
    const server = await serve(inOrder({ broken: 'silent' }, good));
    expect((await fetchFrom(server, { timeoutMs: 100 })).text).toContain('"records":2');
  });

  it('gives up after five more tries, each after a longer pause', async () => {
    const server = await serve(inOrder({ status: 502 }));
    const effects = recordedEffects();
    const source = api({ url: `${server.origin}/items`, columns }, effects);
    await expect(fetchDelivery(source, apiContext())).rejects.toMatchObject({
      code: 'source-unreachable',
      retryable: true,
      message: `${server.origin}/items: the server answered 502, tried 6 times.`,
    });
    expect(effects.slept).toEqual([250, 500, 1000, 2000, 4000]);
    expect(server.requests).toHaveLength(6);
  });

  it('waits as long as Retry-After says, in seconds or until a date', async () => {
    const server = await serve(
      inOrder(
        { status: 429, headers: { 'retry-after': '7' } },
        { status: 503, headers: { 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT' } },
        { status: 503, headers: { 'retry-after': 'soon' } },
        good,
      ),
    );
    const effects = recordedEffects();
    await fetchDelivery(api({ url: server.origin, columns }, effects), apiContext());
    expect(effects.slept).toEqual([7000, 60_000, 1000]);
  });

  it('does not wait longer than five minutes', async () => {
    const server = await serve(inOrder({ status: 429, headers: { 'retry-after': '301' } }));
    expect(await failureOf(server)).toMatch(/^source-unreachable: .*asks to wait 301 s/u);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [401, 'source-denied'],
    [403, 'source-denied'],
    [404, 'source-not-found'],
    [422, 'source-error'],
  ])('fails at once on %d', async (status, code) => {
    const server = await serve(inOrder({ status, body: '{"error":\n"no such thing"}' }));
    expect(await failureOf(server)).toBe(
      `${code}: /items: the server answered ${status}: {"error": "no such thing"}`,
    );
    expect(server.requests).toHaveLength(1);
  });

  it('names a server that is down', async () => {
    const server = await serve(inOrder(good));
    await server.close();
    expect(await failureOf(server, { retries: 1 })).toBe(
      'source-unreachable: /items: the server refuses connections, tried 2 times.',
    );
  });

  it('gives no cursor and no end when a later page fails', async () => {
    const server = await serve(
      inOrder({ body: { data: items(1), next: 'a' } }, { cut: 'chunked', body: '{"data":[]}' }),
    );
    const source = api(
      {
        url: server.origin,
        columns,
        records: 'data',
        pages: nextCursor({ param: 'after', at: 'next' }),
        cursor: { column: 'id', param: 'since' },
      },
      recordedEffects(),
    );
    for await (const offer of source.discover(apiContext({ cursor: '0' }))) {
      const lines: string[] = [];
      await expect(
        (async () => {
          for await (const part of offer.open()) lines.push(Buffer.from(part).toString());
        })(),
      ).rejects.toMatchObject({ code: 'source-unreachable' });
      expect(lines).toHaveLength(1);
      expect(offer.nextCursor?.()).toBeUndefined();
    }
  });

  it('stops when the run is cancelled', async () => {
    const controller = new AbortController();
    const server = await serve(() => {
      controller.abort(new Error('cancelled'));
      return { broken: 'silent' };
    });
    await expect(fetchFrom(server, {}, apiContext({ signal: controller.signal }))).rejects.toThrow(
      'cancelled',
    );
    expect(server.requests).toHaveLength(1);
  });
});

describe('cursor', () => {
  const withCursor = {
    records: 'data',
    columns: { id: column.integer(), at: column.timestamp({ header: 'meta.at' }) },
    cursor: { column: 'at', param: 'since', overlap: '1 hour' },
  } as const;
  const at = (...instants: unknown[]) => ({
    body: { data: instants.map((instant, id) => ({ id, meta: { at: instant } })) },
  });

  it('asks for what is new since the cursor, less the overlap, and moves on', async () => {
    const server = await serve(
      inOrder(at('2026-02-01T10:00:00+01:00', 'broken', '2026-02-01T09:30:00Z', null)),
    );
    const source = api({ url: server.origin, ...withCursor });
    const first = await fetchDelivery(source, apiContext());
    expect([first.slot, first.cursor]).toEqual(['all', '2026-02-01T09:30:00Z']);
    expect(first.text).toContain('"cursor":"2026-02-01T09:30:00Z"}');
    const second = await fetchDelivery(source, apiContext({ cursor: first.cursor }));
    expect(second.slot).toBe('since=2026-02-01T08:30:00Z');
    expect(second.name).toBe(`${server.origin}/ since 2026-02-01T08:30:00Z`);
    expect(server.requests.map((request) => request.query.get('since'))).toEqual([
      null,
      '2026-02-01T08:30:00Z',
    ]);
  });

  it('never goes back', async () => {
    const server = await serve(inOrder(at('2020-01-01T00:00:00Z')));
    const source = api({ url: server.origin, ...withCursor });
    const cursor = '2026-02-01T08:30:00Z';
    expect((await fetchDelivery(source, apiContext({ cursor }))).cursor).toBe(cursor);
  });

  it('starts where it is told the first time', async () => {
    const server = await serve(inOrder(at()));
    const source = api({
      url: server.origin,
      ...withCursor,
      cursor: { ...withCursor.cursor, start: '2024-01-01' },
    });
    const { slot, cursor } = await fetchDelivery(source, apiContext());
    expect([slot, cursor]).toEqual(['since=2024-01-01', undefined]);
  });

  it('names an option that is none, and what was meant', () => {
    const build = (options: object) => () =>
      api({ url: 'http://x', columns: { id: column.integer() }, ...options });
    expect(build({ recrods: 'data' })).toThrow(
      "api(): recrods is not one of its options; did you mean 'records'?",
    );
    expect(build({ cursor: { column: 'id', parm: 'x' } })).toThrow(/parm .* did you mean 'param'/u);
    expect(build({ url: undefined })).toThrow('api(): url is missing');
    const misspelt: object = { parm: 'after', at: 'next' };
    // The casts: a project's files run without a type check.
    expect(() => nextCursor(misspelt as { param: string; at: string })).toThrow(
      "nextCursor(): parm is not one of its options; did you mean 'param'?",
    );
    expect(() => nextCursor({ at: 'next' } as { param: string; at: string })).toThrow(
      'nextCursor(): param is missing.',
    );
  });

  it('refuses what can never work when the project is read', () => {
    const build = (cursor: object) => () =>
      api({ url: 'http://x', ...withCursor, cursor: { ...withCursor.cursor, ...cursor } });
    expect(build({ overlap: 'a while' })).toThrow(
      /cursor.overlap is 'a while', expected a length/u,
    );
    expect(build({ column: 'att' })).toThrow(/no column of the contract; did you mean 'at'\?/u);
    expect(() => api({ url: 'ftp://x', columns })).toThrow(/is no http or https address/u);
  });

  it('refuses an overlap that does not fit the cursor', async () => {
    const server = await serve(inOrder(at()));
    const source = api({ url: server.origin, ...withCursor });
    await expect(fetchDelivery(source, apiContext({ cursor: '17' }))).rejects.toMatchObject({
      code: 'source-error',
      message: expect.stringContaining("the cursor '17' cannot be moved back by '1 hour'"),
    });
  });
});

describe('secrets', () => {
  const canary = 'c4n4ry+/=ü"';
  const ascii = 'c4n4ry+/= "x';
  const env = { TOKEN: ascii, USER: 'ann', KEY: canary };
  const context = apiContext({ env });

  it('are sent as declared', async () => {
    const server = await serve(inOrder({ body: [] }));
    await fetchFrom(server, { auth: bearer(secret('TOKEN')) }, context);
    await fetchFrom(server, { auth: basic(setting('USER'), secret('KEY')) }, context);
    await fetchFrom(
      server,
      { auth: header('X-Api-Key', secret('TOKEN')), query: { key: secret('KEY') } },
      context,
    );
    const sent = server.requests.map(({ headers, query }) => [
      headers.authorization,
      headers['x-api-key'],
      query.get('key'),
    ]);
    expect(sent).toEqual([
      [`Bearer ${ascii}`, undefined, null],
      [`Basic ${Buffer.from(`ann:${canary}`).toString('base64')}`, undefined, null],
      [undefined, ascii, canary],
    ]);
  });

  it('are named when they are missing', async () => {
    const server = await serve(inOrder({ body: [] }));
    await expect(fetchFrom(server, { auth: bearer(secret('TOKEN')) })).rejects.toMatchObject({
      code: 'setting-missing',
      message: expect.stringContaining('TOKEN'),
    });
    expect(server.requests).toHaveLength(0);
  });

  it('are nowhere in errors, names and landing files, whatever the server sends back', async () => {
    const echo = (request: Seen) =>
      `${request.headers.authorization ?? ''} ${request.query.toString()} ${canary} ${JSON.stringify(canary)}`;
    const answers: ((request: Seen) => Answer)[] = [
      (request) => ({ status: 403, body: echo(request) }),
      (request) => ({ status: 400, body: echo(request) }),
      (request) => ({ status: 404, body: encodeURIComponent(echo(request)) }),
      () => ({ status: 500 }),
      (request) => ({ body: `<html>${echo(request)}` }),
      (request) => ({ body: { [echo(request)]: 1 } }),
      () => ({ status: 302, headers: { location: `ftp://x/${encodeURIComponent(canary)}` } }),
      () => ({ cut: 'length', body: '[' }),
    ];
    for (const answer of answers) {
      const server = await serve(answer);
      const options: Options[] = [
        {
          auth: basic(setting('USER'), secret('KEY')),
          query: { q: secret('KEY'), api_key: 'literal-value' },
        },
        {
          auth: bearer(secret('TOKEN')),
          headers: { 'x-trace': secret('TOKEN') },
          query: { q: secret('KEY') },
        },
      ];
      for (const each of options) {
        const source = api({ url: `${server.origin}/items`, columns, ...each }, recordedEffects());
        let shown = source.description;
        try {
          for await (const offer of source.discover(context)) {
            shown += offer.name + offer.slot;
            for await (const part of offer.open()) shown += Buffer.from(part).toString();
          }
        } catch (error) {
          for (let each: unknown = error; each instanceof Error; each = each.cause) {
            shown += `${each.message} ${each.stack} ${JSON.stringify(each)}`;
          }
        }
        expect(shown).toContain('/items');
        expect(shown).not.toMatch(/c4n4ry|literal/u);
        expect(shown).not.toContain(Buffer.from(`ann:${canary}`).toString('base64').slice(0, 16));
      }
    }
  });

  it('stay with the host they are for', async () => {
    const other = await serve(inOrder({ body: { data: items(2), next: null } }));
    const first = await serve(
      inOrder(
        { status: 307, headers: { location: '/moved' } },
        { body: { data: items(1), next: `${other.origin}/more` } },
      ),
    );
    const options: Options = {
      auth: bearer(secret('TOKEN')),
      headers: { 'x-trace': secret('KEY2') },
      records: 'data',
      pages: nextCursor({ param: 'after', at: 'next' }),
    };
    const both = apiContext({ env: { TOKEN: 't0ken', KEY2: 'k3y' } });
    await fetchFrom(first, options, both);
    const elsewhere = await serve(inOrder({ status: 302, headers: { location: other.origin } }));
    await fetchFrom(elsewhere, options, both);

    expect(first.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/items', 'Bearer t0ken'],
      ['/moved', 'Bearer t0ken'],
    ]);
    expect(other.requests).toHaveLength(2);
    for (const { headers } of other.requests) {
      expect([headers.authorization, headers['x-trace']]).toEqual([undefined, undefined]);
    }
  });

  it('in the address are sent as a header and shown nowhere', async () => {
    const server = await serve(inOrder({ status: 401, body: 'no' }));
    const url = server.origin.replace('http://', 'http://ann:s3cret@');
    const source = api({ url: setting('URL'), columns }, recordedEffects());
    await expect(fetchDelivery(source, apiContext({ env: { URL: url } }))).rejects.toMatchObject({
      message: `${server.origin}/: the server answered 401: no`,
    });
    expect(server.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('ann:s3cret').toString('base64')}`,
    );
    expect(source.description).toBe('API $URL');
  });
});

describe('reading a landing file', () => {
  const shop = api({
    url: 'http://shop.example',
    columns: {
      id: column.integer(),
      amount: column.decimal(30, 2),
      client: column.text({ header: ['client.name', 'customer'] }),
      paid: column.boolean(),
      lines: column.json(),
    },
  });
  const landed = (...pages: readonly string[]) =>
    `${pages.map((records, i) => `{"page":${i + 1},"records":${records}}\n`).join('')}{"end":true,"pages":${pages.length},"records":${pages.reduce((sum, page) => sum + (JSON.parse(page) as unknown[]).length, 0)},"cursor":null}\n`;

  it('gives cells in the order of the contract, digits as received', async () => {
    const text = landed(
      '[{"client":{"name":"M\\u00fcller \\"&\\" Söhne"},"id":1,"amount":12345678901234567890.10,"paid":true,"lines":[{"a": 1}],"more":1}]',
      '[]',
      '[{"id":2,"customer":"","amount":"1,5","paid":null,"lines":"x"},{"id":-1E+2,"client":{"name":null},"amount":{}},7]',
    );
    const { header: labels, records } = await readDelivery(shop, text);
    expect(labels).toEqual(['id', 'amount', 'client.name', 'paid', 'lines']);
    expect(records).toEqual([
      {
        sheet: 'page 1',
        line: 1,
        cells: [
          'number:1',
          'number:12345678901234567890.10',
          'text:Müller "&" Söhne',
          'boolean:true',
          'json:[{"a": 1}]',
        ],
        faults: [],
      },
      {
        sheet: 'page 3',
        line: 1,
        cells: ['number:2', 'text:1,5', 'text:', null, 'json:"x"'],
        faults: [],
      },
      {
        sheet: 'page 3',
        line: 2,
        cells: ['number:-1E+2', 'json:{}', null, null, null],
        faults: [],
      },
      { sheet: 'page 3', line: 3, cells: [null, null, null, null, null], faults: ['format-error'] },
    ]);
  });

  it('faults half of a surrogate pair instead of replacing it', async () => {
    const one = api({ url: 'http://x', columns: { name: column.text() } });
    const { records } = await readDelivery(
      one,
      landed('[{"name":"\\ud83d"},{"name":"\\ud83d\\ude00"}]'),
    );
    expect(records.map((record) => [record.cells[0], record.faults])).toEqual([
      ['text:\ufffd', ['encoding-error']],
      ['text:😀', []],
    ]);
  });

  it('splits a long page into chunks and keeps its lines', async () => {
    const one = api({ url: 'http://x', columns: { id: column.integer() } });
    const page = JSON.stringify(Array.from({ length: 5000 }, (_, id) => ({ id })));
    const { records } = await readDelivery(one, landed(page));
    expect(records.map((record) => record.cells[0])).toEqual(
      Array.from({ length: 5000 }, (_, id) => `number:${id}`),
    );
    expect(records.at(-1)).toMatchObject({ sheet: 'page 1', line: 5000 });
  });

  it('refuses a delivery none of whose records has a column', async () => {
    const renamed = landed(
      '[{"id":1,"amout":2,"client":{"name":"a"},"paid":true,"lines":[]}]',
      '[{"id":2}]',
    );
    await expect(readDelivery(shop, renamed)).rejects.toMatchObject({
      code: 'missing-label',
      message:
        "No record of api has 'amount' (did you mean 'amout'?); the records have id, amout, client.name, paid, lines.",
    });
    const empty = await readDelivery(shop, landed('[]'));
    expect(empty.records).toEqual([]);
  });

  it('refuses a field that the contract does not name, wherever it is, when the source says so', async () => {
    const strict = api({
      url: 'http://shop.example',
      columns: {
        id: column.integer(),
        client: column.text({ header: 'client.name' }),
        more: column.json({ header: 'extra' }),
      },
      key: ['id'],
      extraColumns: 'refuse',
      absentFields: 'empty',
      children: {
        lines: { path: 'lines', parent: { shop_id: 'id' }, columns: { product: column.text() } },
      },
    });
    const known =
      '{"id":1,"client":{"name":"a"},"extra":{"any":{"thing":1}},"lines":[{"product":"x"}]}';
    expect((await readDelivery(strict, landed(`[${known}]`))).records).toHaveLength(1);
    for (const [record, place] of [
      ['{"id":2,"discount":1}', "record 2 of page 1 has 'discount'"],
      ['{"id":2,"client":{"name":"a","e":{"mail":"b"}}}', "record 2 of page 1 has 'client.e.mail'"],
    ]) {
      await expect(readDelivery(strict, landed(`[${known},${record}]`))).rejects.toMatchObject({
        code: 'delivery-rejected',
        message: `api: ${place}, which the contract does not name, and extraColumns is 'refuse'.`,
      });
    }
  });

  it('takes a field that is nowhere as empty when the source says so', async () => {
    const sparse = api({ url: 'http://x', columns, absentFields: 'empty' });
    const { records } = await readDelivery(sparse, landed('[{"id":1}]'));
    expect(records[0]?.cells).toEqual(['number:1', null]);
  });

  it('reads the fields a transform asks for, and leaves the columns to it', async () => {
    const derived = api({
      url: 'http://x',
      columns,
      fields: ['first', 'last.name'],
      transform: (row) => ({ id: row['id'], name: `${row['first']} ${row['last.name']}` }),
    });
    const { header: labels, records } = await readDelivery(
      derived,
      landed('[{"id":1,"first":"A","last":{"name":"B"}}]'),
    );
    expect(labels).toEqual(['id', 'name', 'first', 'last.name']);
    expect(records[0]?.cells).toEqual(['number:1', null, 'text:A', 'text:B']);
    await expect(readDelivery(derived, landed('[{"id":1,"last":{"name":"B"}}]'))).rejects.toThrow(
      "has 'first'",
    );
  });

  it.each([
    ['', /no end marker/u],
    ['{"page":1,"records":[]}\n', /no end marker/u],
    [
      '{"page":1,"records":[]}\n{"end":true,"pages":2,"records":0}\n',
      /says 2 pages at its end and holds 1/u,
    ],
    ['{"page":1,"records":[1]}\n{"end":true,"pages":1,"records":2}\n', /says 2 records/u],
    ['{"end":true,"pages":0,"records":0}\n{"page":1,"records":[]}\n', /goes on after its end/u],
    [
      '{"page":1,"records":[]}\n{"end":true,"pages":1,"records":0}',
      /ends in the middle of a line/u,
    ],
  ])('refuses a landing file that is not whole: %j', async (text, expected) => {
    await expect(readDelivery(shop, text)).rejects.toThrow(expected);
  });
});
