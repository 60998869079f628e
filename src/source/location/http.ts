import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

import { PlumblineError } from '../../errors.ts';
import { parseRetryAfter } from '../api/pace.ts';
import { createRedact, partsOfAddress, type Redact } from '../api/redact.ts';
import { checkNames } from '../check-options.ts';
import {
  describeSetting,
  resolveSetting,
  type Setting,
  settingsIn,
  type SettingValue,
} from '../setting.ts';
import type { Location, Offer, SourceContext } from '../source.ts';
import {
  type AddressGuard,
  AddressRefused,
  allowRemedy,
  createAddressGuard,
} from './address-guard.ts';
import { getStream } from './get-stream.ts';

export interface HttpOptions {
  /** Sent with the request, to its own origin only; keep credentials in `secret('NAME')`. */
  readonly headers?: Readonly<Record<string, SettingValue>>;
  /** What people call the file. Default: the last part of the address' path. */
  readonly name?: string;
  /**
   * Lets the request go to link-local addresses, and to private ones on servers that refuse them.
   * Default false.
   */
  readonly allowPrivate?: boolean;
  /** Milliseconds without a byte after which the server counts as silent. Default 60,000. */
  readonly timeoutMs?: number;
}

/** An address as written, in a variable, or made at run time: `({ now }) => …`. */
export type HttpAddress = SettingValue | ((context: SourceContext) => string);

const triesMax = 3;
const firstDelayMs = 500;
const delayMsMax = 30_000;

/**
 * One file by GET: `http('https://example.com/export.csv')`. Faults that may pass (429, 5xx, a
 * connection that breaks off) are tried three times with growing pauses, or those the server asks
 * for. The delivery's slot is the address without credentials: another address is another delivery.
 *
 * `open` throws `source-unreachable` (retryable), also when the body is cut short or its end
 * cannot be told; `source-not-found` on 404 and 410, `source-denied` on 401 and 403, `source-error`
 * on other answers; `address-refused` for a link-local or, where they are refused, private address.
 */
export function http(address: HttpAddress, options: HttpOptions = {}): Location {
  checkNames('http', options, ['headers', 'name', 'timeoutMs', 'allowPrivate']);
  return {
    kind: 'http',
    description:
      typeof address === 'function'
        ? `http ${options.name ?? '(address made at run time)'}`
        : `http ${publicAddress(describeSetting(address))}`,
    place: {
      kind: 'http',
      address: typeof address === 'function' ? undefined : publicAddress(describeSetting(address)),
    },
    settings: settingsIn([address, options]),
    list: async function* list(context) {
      context.signal.throwIfAborted();
      yield offerOf(address, options, context);
    },
  };
}

const isSecret = (value: SettingValue): value is Setting =>
  typeof value !== 'string' && value.kind === 'secret';

function offerOf(address: HttpAddress, options: HttpOptions, context: SourceContext): Offer {
  const secrets: string[] = [];
  const resolve = (value: SettingValue): string => {
    const resolved = resolveSetting(value, context.env);
    if (isSecret(value)) secrets.push(resolved);
    return resolved;
  };
  const text = typeof address === 'function' ? address(context) : resolve(address);
  const hidden = typeof address !== 'function' && isSecret(address);
  if (hidden) secrets.push(...partsOfAddress(text));
  if (!/^https?:\/\//iu.test(text) || !URL.canParse(text)) {
    throw new PlumblineError('project-invalid', {
      message: `http(): ${JSON.stringify(publicAddress(text))} is no address; expected one that starts with https:// or http://.`,
    });
  }
  const url = new URL(text);
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name, resolve(value)]),
  );
  const redact = createRedact(secrets);
  // A secret address is known by the name of its variable.
  const slot = hidden ? describeSetting(address) : redact(publicAddress(url.href));
  const { allowPrivate, timeoutMs = 60_000 } = options;
  const guard = createAddressGuard({ network: context.network, allowPrivate });
  const fetch: Fetch = { url, headers, slot, redact, timeoutMs, guard };
  const lastPart = path.posix.basename(url.pathname);
  return {
    slot,
    name: redact(options.name ?? (hidden ? slot : lastPart === '' ? url.host : lastPart)),
    sizeBytes: undefined,
    modifiedAt: undefined,
    open: () => readBody(fetch, context),
  };
}

interface Fetch {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly slot: string;
  readonly redact: Redact;
  readonly timeoutMs: number;
  readonly guard: AddressGuard;
}

/** An address without user, password and the parameters that carry credentials by custom. */
function publicAddress(address: string): string {
  if (!URL.canParse(address)) return createRedact([])(address);
  const url = new URL(address);
  url.username = '';
  url.password = '';
  url.hash = '';
  const secretNames = [...url.searchParams.keys()].filter((name) =>
    /key|token|secret|pass|sig|auth|credential/iu.test(name),
  );
  for (const name of secretNames) url.searchParams.delete(name);
  return url.href;
}

async function* readBody(fetch: Fetch, context: SourceContext): AsyncGenerator<Uint8Array> {
  const response = await getWithTries(fetch, context);
  // Without either, the end of the body and the loss of the connection look the same.
  if (
    response.headers['content-length'] === undefined &&
    response.headers['transfer-encoding'] === undefined
  ) {
    response.destroy();
    throw unreachable(
      fetch,
      'the server does not say how long the file is, so that a part of it would look whole',
    );
  }
  try {
    for await (const block of decoded(response, fetch)) yield block;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof PlumblineError) throw error;
    throw unreachable(fetch, 'the file broke off while it was read', error);
  } finally {
    response.destroy();
  }
  if (!response.complete) throw unreachable(fetch, 'the file was cut short');
}

function decoded(response: IncomingMessage, fetch: Fetch): AsyncIterable<Uint8Array> {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return response;
  if (encoding === 'gzip' || encoding === 'x-gzip') {
    const gunzip = createGunzip();
    response.on('error', (error) => gunzip.destroy(error));
    return response.pipe(gunzip);
  }
  throw new PlumblineError('source-error', {
    message: `${fetch.slot}: the server sent the encoding '${fetch.redact(encoding)}', which was not asked for.`,
  });
}

/** A 2xx answer, its body still to be read. */
async function getWithTries(fetch: Fetch, context: SourceContext): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt += 1) {
    let fault: string;
    let pauseMs: number | undefined;
    try {
      const response = await getStream({ ...fetch, signal: context.signal });
      const status = response.statusCode ?? 0;
      if (status >= 200 && status <= 299) return response;
      response.destroy();
      fault = `the server answered ${status}`;
      if (status < 500 && ![408, 425, 429].includes(status)) throw refusal(fetch, status);
      pauseMs = parseRetryAfter(response.headers['retry-after'], context.now());
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof PlumblineError) throw error;
      if (error instanceof AddressRefused) throw refusedAddress(fetch, error);
      fault = error instanceof Error ? error.message : String(error);
    }
    if (attempt === triesMax) throw unreachable(fetch, `${fault}, tried ${triesMax} times`);
    // Full jitter, as for APIs.
    pauseMs ??= Math.random() * firstDelayMs * 2 ** attempt;
    await wait(Math.min(pauseMs, delayMsMax), undefined, { signal: context.signal });
  }
}

const unreachable = (fetch: Fetch, problem: string, cause?: unknown): PlumblineError =>
  new PlumblineError('source-unreachable', {
    message: `${fetch.slot}: ${fetch.redact(problem)}.`,
    retryable: true,
    cause,
  });

function refusedAddress(fetch: Fetch, error: AddressRefused): PlumblineError {
  return new PlumblineError('address-refused', {
    message: `${fetch.slot}: ${fetch.redact(error.message)}.`,
    remedy: allowRemedy,
  });
}

function refusal(fetch: Fetch, status: number): PlumblineError {
  const message = `${fetch.slot}: the server answered ${status}.`;
  if (status === 404 || status === 410) return new PlumblineError('source-not-found', { message });
  if (status === 401 || status === 403) return new PlumblineError('source-denied', { message });
  return new PlumblineError('source-error', {
    message,
    remedy: 'The server does not accept the request: check the address and the headers.',
  });
}
