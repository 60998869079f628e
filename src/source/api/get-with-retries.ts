import { setTimeout as wait } from 'node:timers/promises';

import { PlumblineError } from '../../errors.ts';
import { type AddressGuard, AddressRefused, allowRemedy } from '../location/address-guard.ts';
import { type HttpAgents, HttpFault, httpGet, type HttpResponse } from './http-get.ts';
import type { Tokens } from './oauth2.ts';
import { type Pace, type PaceEffects, parseRetryAfter, readSaidLimit } from './pace.ts';
import type { Redact } from './redact.ts';

/** What asking needs of the world; tests give their own. `sleep` rejects when the signal aborts. */
export interface RetryEffects extends PaceEffects {
  /** At least 0, below 1. */
  readonly random: () => number;
}

export const realEffects: RetryEffects = {
  sleep: async (ms, signal) => {
    await wait(ms, undefined, { signal });
  },
  random: () => Math.random(),
  clockMs: () => performance.now(),
};

/** Everything about the requests of one fetch that does not change from page to page. */
export interface Requester {
  /** Sent to this origin only. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that a server gave us and may refuse one day; sent to this origin only too. */
  readonly tokens: Tokens | undefined;
  /** Sent with POST; without it the request is a GET. */
  readonly body?: string;
  /** The error for an answer that is final, where the usual ones do not fit. */
  readonly refuse?: (response: HttpResponse) => PlumblineError | undefined;
  readonly guard: AddressGuard;
  readonly pace: Pace;
  readonly timeoutMs: number;
  /** Tries after the first. */
  readonly retries: number;
  readonly signal: AbortSignal;
  /** ISO instant of "now", for a Retry-After that is a date. */
  readonly now: () => string;
  readonly redact: Redact;
  readonly agents: HttpAgents;
  readonly effects: RetryEffects;
}

/** How much of a body is searched for secrets before a part of it is shown. */
const excerptBytesMax = 1024 * 1024;

const firstDelayMs = 500;
const delayMsMax = 30_000;
/** A server that asks for a longer pause is asked again by the next run instead. */
const retryAfterMsMax = 300_000;

/**
 * A successful answer, tried again with exponential backoff and full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/) on 408, 425, 429, 5xx
 * and faults of the network; once more with a new token on 401. Throws `source-denied` (401, 403),
 * `source-not-found` (404, 410), `source-error` (other answers), `address-refused`, and
 * `source-unreachable` (tried in vain).
 */
export async function getWithRetries(url: URL, requester: Requester): Promise<HttpResponse> {
  const { effects, signal } = requester;
  let isNewToken = false;
  for (let attempt = 0; ;) {
    const outcome = await tryOnce(url, requester);
    if ('response' in outcome) return outcome.response;
    if ('refused' in outcome) {
      const { status } = outcome.refused;
      if (status !== 401 || requester.tokens === undefined || isNewToken) {
        throw refusal(url, outcome.refused, requester);
      }
      requester.tokens.forget();
      isNewToken = true;
      continue;
    }
    if (attempt >= requester.retries) {
      throw unreachable(url, requester, `${outcome.fault}, tried ${attempt + 1} times`);
    }
    const ceiling = Math.min(delayMsMax, firstDelayMs * 2 ** attempt);
    const delayMs = outcome.retryAfterMs ?? Math.round(effects.random() * ceiling);
    if (delayMs > retryAfterMsMax) {
      throw unreachable(
        url,
        requester,
        `${outcome.fault}; the server asks to wait ${Math.round(delayMs / 1000)} s, more than the ${retryAfterMsMax / 1000} s a run waits`,
      );
    }
    await effects.sleep(delayMs, signal);
    attempt += 1;
  }
}

type Outcome =
  | { readonly response: HttpResponse }
  | { readonly refused: HttpResponse }
  | { readonly fault: string; readonly retryAfterMs: number | undefined };

async function tryOnce(url: URL, requester: Requester): Promise<Outcome> {
  const response = await exchange(url, requester);
  if ('fault' in response) return response;
  const { status, headers } = response;
  const now = requester.now();
  const limit = readSaidLimit(headers, now);
  if (status >= 200 && status <= 299) {
    // The next request would be refused; one that may be asked for only much later is left to it.
    const { remaining, resetMs = 0 } = limit;
    if (remaining === 0 && resetMs <= retryAfterMsMax) requester.pace.hold(resetMs);
    return { response };
  }
  // Some servers say 403 where they mean 429.
  const isLimited = status === 429 || (status === 403 && limit.remaining === 0);
  if (status === 408 || status === 425 || isLimited || status >= 500) {
    const said = parseRetryAfter(headers['retry-after'], now);
    return {
      fault: `the server answered ${status}`,
      retryAfterMs: said ?? (isLimited ? limit.resetMs : undefined),
    };
  }
  return { refused: response };
}

async function exchange(
  url: URL,
  requester: Requester,
): Promise<HttpResponse | Extract<Outcome, { readonly fault: string }>> {
  const { signal, redact, guard, agents, timeoutMs } = requester;
  const isOwn = url.origin === requester.origin;
  const token = isOwn ? await requester.tokens?.header() : undefined;
  await requester.pace.turn(signal);
  try {
    return await httpGet({
      url,
      headers: isOwn ? { ...requester.headers, ...token } : {},
      ...(requester.body !== undefined && { body: requester.body }),
      timeoutMs,
      signal,
      agents,
      guard,
    });
  } catch (error) {
    if (error instanceof AddressRefused) {
      throw new PlumblineError('address-refused', {
        message: redact(`${url.href}: ${error.message}.`),
        remedy: allowRemedy,
      });
    }
    if (!(error instanceof HttpFault)) throw error;
    if (error.transient) return { fault: redact(error.message), retryAfterMs: undefined };
    throw new PlumblineError('source-error', {
      message: redact(`${url.href}: ${error.message}.`),
    });
  }
}

function unreachable(url: URL, requester: Requester, problem: string): PlumblineError {
  return new PlumblineError('source-unreachable', {
    message: requester.redact(`${url.href}: ${problem}.`),
    retryable: true,
  });
}

function refusal(url: URL, response: HttpResponse, requester: Requester): PlumblineError {
  const { status } = response;
  const own = requester.refuse?.(response);
  if (own !== undefined) return own;
  const said = excerptOf(response.body, requester.redact);
  const message = requester.redact(
    `${url.href}: the server answered ${status}${said === '' ? '' : `: ${said}`}`,
  );
  if (status === 401 || status === 403) {
    const moved = url.origin !== requester.origin || response.url.origin !== requester.origin;
    return new PlumblineError('source-denied', {
      message,
      ...(moved && {
        remedy: `The answer came from ${response.url.origin}, and credentials are sent to ${requester.origin} only: give the source that address.`,
      }),
    });
  }
  if (status === 404 || status === 410) return new PlumblineError('source-not-found', { message });
  return new PlumblineError('source-error', {
    message,
    remedy: 'The server does not accept the request: check the address, its query and the cursor.',
  });
}

/**
 * A part of a body as one line of text, for messages. A body that repeats a secret is not shown at
 * all: cut in the middle, the secret would no longer be recognised.
 */
export function excerptOf(body: Uint8Array, redact: Redact, from = 0): string {
  if (from > excerptBytesMax) return '';
  const whole = new TextDecoder().decode(body.subarray(0, excerptBytesMax + 4096));
  if (redact(whole) !== whole) return '***';
  const text = new TextDecoder().decode(body.subarray(from, from + 240));
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
