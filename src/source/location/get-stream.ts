import nodeHttp, { type IncomingMessage } from 'node:http';
import https from 'node:https';

import type { AddressGuard } from './address-guard.ts';

export interface GetStream {
  readonly url: URL;
  /** Stay with the origin of `url` when the server redirects elsewhere. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds of silence after which the connection is given up. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly guard: AddressGuard;
}

const redirectsMax = 5;

/**
 * The answer to a GET, its body still to be read; redirects are followed. Built on `node:http`
 * because `fetch` takes a chunked body that was cut short for a whole one. Rejects on faults of
 * the network, in words, and with AddressRefused.
 */
export async function getStream(request: GetStream): Promise<IncomingMessage> {
  let { url } = request;
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const response = await exchange(request, url);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status < 300 || status > 399 || location === undefined) return response;
    response.destroy();
    if (!URL.canParse(location, url.href)) throw new Error('the server redirects to no address');
    url = new URL(location, url);
  }
  throw new Error(`the server redirects more than ${redirectsMax} times`);
}

async function exchange(request: GetStream, url: URL): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`the server redirects to ${url.protocol}, which is neither http: nor https:`);
  }
  request.guard.check(url);
  const headers = url.origin === request.url.origin ? request.headers : {};
  return await new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? https : nodeHttp).get(
      url,
      {
        agent: false,
        lookup: request.guard.lookup,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'plumbline', ...headers },
        signal: request.signal,
        timeout: request.timeoutMs,
      },
      resolve,
    );
    outgoing.on('timeout', () => {
      outgoing.destroy(new Error(`the server was silent for ${request.timeoutMs} ms`));
    });
    outgoing.on('error', (error) => reject(inWords(error)));
  });
}

/** Codes of https://nodejs.org/api/errors.html#common-system-errors. */
function inWords(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return new Error('the server refuses connections', { cause: error });
  if (code === 'ENOTFOUND') return new Error('the host name is not known', { cause: error });
  if (code === 'ECONNRESET') return new Error('the connection broke off', { cause: error });
  return error;
}
