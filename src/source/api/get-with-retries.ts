import { setTimeout as wait } from 'node:timers/promises';

import { PlumblineError } from '../../errors.ts';
import { type HttpAgents, HttpFault, httpGet, type HttpResponse } from './http-get.ts';
import type { Redact } from './redact.ts';

/** What retrying needs of the world; tests give their own. */
export interface RetryEffects {
  /** Resolves after `ms` milliseconds, rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** At least 0, below 1. */
  readonly random: () => number;
}

export const realEffects: RetryEffects = {
  sleep: async (ms, signal) => {
    await wait(ms, undefined, { signal });
  },
  random: () => Math.random(),
};

/** Everything about the requests of one fetch that does not change from page to page. */
export interface Requester {
  /** Sent to this origin only. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
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
 * and faults of the network. Throws `source-denied` (401, 403), `source-not-found` (404, 410),
 * `source-error` (other answers), `source-unreachable` (tried in vain).
 */
export async function getWithRetries(url: URL, requester: Requester): Promise<HttpResponse> {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await tryOnce(url, requester);
    if ('response' in outcome) return outcome.response;
    if (attempt >= requester.retries) {
      throw unreachable(url, requester, `${outcome.fault}, tried ${attempt + 1} times`);
    }
    const ceiling = Math.min(delayMsMax, firstDelayMs * 2 ** attempt);
    const delayMs = outcome.retryAfterMs ?? Math.round(requester.effects.random() * ceiling);
    if (delayMs > retryAfterMsMax) {
      throw unreachable(
        url,
        requester,
        `${outcome.fault}; the server asks to wait ${Math.round(delayMs / 1000)} s, more than the ${retryAfterMsMax / 1000} s a run waits`,
      );
    }
    await requester.effects.sleep(delayMs, requester.signal);
  }
}

type Outcome =
  | { readonly response: HttpResponse }
  | { readonly fault: string; readonly retryAfterMs: number | undefined };

async function tryOnce(url: URL, requester: Requester): Promise<Outcome> {
  let response: HttpResponse;
  try {
    response = await httpGet({
      url,
      headers: url.origin === requester.origin ? requester.headers : {},
      timeoutMs: requester.timeoutMs,
      signal: requester.signal,
      agents: requester.agents,
    });
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    if (error.transient) return { fault: requester.redact(error.message), retryAfterMs: undefined };
    throw new PlumblineError('source-error', {
      message: requester.redact(`${url.href}: ${error.message}.`),
    });
  }
  const { status } = response;
  if (status >= 200 && status <= 299) return { response };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return {
      fault: `the server answered ${status}`,
      retryAfterMs: parseRetryAfter(response.headers['retry-after'], requester.now()),
    };
  }
  throw refusal(url, response, requester);
}

/** Milliseconds to wait, from seconds or an HTTP date (RFC 9110, 10.2.3); undefined when neither. */
export function parseRetryAfter(value: string | undefined, now: string): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/u.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.parse(now));
}

function unreachable(url: URL, requester: Requester, problem: string): PlumblineError {
  return new PlumblineError('source-unreachable', {
    message: requester.redact(`${url.href}: ${problem}.`),
    retryable: true,
  });
}

function refusal(url: URL, response: HttpResponse, requester: Requester): PlumblineError {
  const { status } = response;
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
