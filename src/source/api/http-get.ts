import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

import { type AddressGuard, AddressRefused } from '../location/address-guard.ts';

/**
 * One request, its whole body or an error. Built on `node:http` because `fetch` takes a chunked body that
 * was cut short for a whole one when the server closes the connection.
 */
export interface HttpGet {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole exchange, redirects included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly agents: HttpAgents;
  readonly guard: AddressGuard;
  /** Sent with POST, which no redirect is followed for; without it the request is a GET. */
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** False when only the closing of the connection said where the body ends. */
  readonly delimited: boolean;
}

/** Connections kept open between pages. */
export interface HttpAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  readonly destroy: () => void;
}

export function createHttpAgents(): HttpAgents {
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true });
  return {
    http: plain,
    https: secure,
    destroy: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** A fault in the exchange; trying again may help when it is `transient`. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  readonly transient: boolean;
  constructor(message: string, transient: boolean) {
    super(message);
    this.transient = transient;
  }
}

const redirectsMax = 5;
/** One page is held in memory; a body beyond this is no page. */
const bodyBytesMax = 256 * 1024 * 1024;

const gunzip = promisify(zlib.gunzip);
const inflate = promisify(zlib.inflate);
const brotliDecompress = promisify(zlib.brotliDecompress);

/**
 * Throws HttpFault, or AddressRefused. Follows redirects; what is sent beyond the standard headers stays with the host
 * it was meant for.
 */
export async function httpGet(request: HttpGet): Promise<HttpResponse> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  let url = request.url;
  try {
    for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
      const headers = url.origin === request.url.origin ? request.headers : {};
      const response = await exchange({ ...request, url, headers, signal });
      const location = response.headers.location;
      if (response.status < 300 || response.status > 399 || location === undefined) return response;
      if (request.body !== undefined) {
        throw new HttpFault(
          'the server redirects; credentials are sent to no other address',
          false,
        );
      }
      if (!URL.canParse(location, url.href)) {
        throw new HttpFault(`the server redirected to an address that is none`, false);
      }
      url = new URL(location, url);
    }
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    if (timeout.aborted) {
      throw new HttpFault(`no whole answer within ${request.timeoutMs} ms`, true);
    }
    throw asFault(error);
  }
  throw new HttpFault(`more than ${redirectsMax} redirects`, false);
}

async function exchange(request: HttpGet): Promise<HttpResponse> {
  const { url, signal, body, guard } = request;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HttpFault(`${url.protocol} is neither http: nor https:`, false);
  }
  guard.check(url);
  const secure = url.protocol === 'https:';
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const outgoing = (secure ? https : http).request(url, {
      agent: secure ? request.agents.https : request.agents.http,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip',
        'user-agent': 'plumbline',
        ...request.headers,
      },
      method: body === undefined ? 'GET' : 'POST',
      lookup: guard.lookup,
      signal,
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const received = await readBody(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await decompress(received, response.headers['content-encoding']),
    url,
    delimited:
      response.headers['content-length'] !== undefined ||
      response.headers['transfer-encoding'] !== undefined,
  };
}

async function readBody(response: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    // An IncomingMessage without an encoding yields Buffers.
    const bytes = part as Buffer;
    size += bytes.length;
    if (size > bodyBytesMax) throw tooLarge();
    parts.push(bytes);
  }
  if (!response.complete) throw new HttpFault('the body was cut short', true);
  return Buffer.concat(parts);
}

async function decompress(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  if (body.length === 0) return body;
  const limit = { maxOutputLength: bodyBytesMax };
  try {
    switch (encoding.toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return await gunzip(body, limit);
      case 'deflate':
        return await inflate(body, limit);
      case 'br':
        return await brotliDecompress(body, limit);
      default:
        throw new HttpFault(`the body is encoded as '${encoding}', which nobody asked for`, false);
    }
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new HttpFault(`the ${encoding} body is damaged or was cut short`, true);
  }
}

function tooLarge(): HttpFault {
  return new HttpFault(`one answer is larger than ${bodyBytesMax} bytes; ask for pages`, false);
}

/** Faults of the network in words; codes of https://nodejs.org/api/errors.html. */
function asFault(error: unknown): HttpFault | AddressRefused {
  if (error instanceof HttpFault || error instanceof AddressRefused) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ECONNREFUSED') return new HttpFault('the server refuses connections', true);
  if (code === 'ENOTFOUND') return new HttpFault('the host name is not known', true);
  if (code === 'ECONNRESET') {
    return new HttpFault('the connection was closed before the answer was whole', true);
  }
  return new HttpFault(
    code === undefined || message.includes(code) ? message : `${message} (${code})`,
    !permanentCodes.test(code ?? ''),
  );
}

/** Certificates, characters that no header may hold: the next try meets them again. */
const permanentCodes =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|ERR_INVALID_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/u;

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
