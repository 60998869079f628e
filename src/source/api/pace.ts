import type { IncomingHttpHeaders } from 'node:http';

import { parseDuration } from '../../contract/duration.ts';

/** How often an API may be asked: `{ requests: 10, per: '1 second' }`. */
export interface RateLimit {
  readonly requests: number;
  readonly per: string;
}

/** What pacing needs of the world. */
export interface PaceEffects {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds that only go forward. */
  readonly clockMs: () => number;
}

export interface Pace {
  /** Resolves when the next request may be sent. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** No request for so long: the server said that its limit is reached. */
  readonly hold: (ms: number) => void;
}

/** In no span of `per` are more than `requests` sent, whatever they were for. */
export function createPace(limit: RateLimit | undefined, effects: PaceEffects): Pace {
  const perMs = limit === undefined ? 0 : parseDuration(limit.per);
  const sent: number[] = [];
  let heldUntil = 0;
  return {
    turn: async (signal) => {
      const { sleep, clockMs } = effects;
      const oldest = limit === undefined ? undefined : sent[sent.length - limit.requests];
      const freeAt = oldest === undefined ? 0 : oldest + perMs;
      const waitMs = Math.max(freeAt, heldUntil) - clockMs();
      if (waitMs > 0) await sleep(waitMs, signal);
      sent.push(clockMs());
      if (limit !== undefined && sent.length > limit.requests) sent.shift();
    },
    hold: (ms) => {
      heldUntil = Math.max(heldUntil, effects.clockMs() + ms);
    },
  };
}

/** Milliseconds to wait, from seconds or an HTTP date (RFC 9110, 10.2.3); undefined when neither. */
export function parseRetryAfter(value: string | undefined, now: string): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/u.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.parse(now));
}

/** What the headers of an answer say about the limit; undefined where they say nothing. */
export interface SaidLimit {
  /** Requests left in the span. */
  readonly remaining: number | undefined;
  /** Until the span ends. */
  readonly resetMs: number | undefined;
}

/**
 * Reads `RateLimit: …;r=0;t=30` and `RateLimit-Reset` (seconds, drafts of
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/) and the older
 * `X-RateLimit-Reset`, which some servers give in seconds and others as a moment since 1970.
 */
export function readSaidLimit(headers: IncomingHttpHeaders, now: string): SaidLimit {
  const header = (...names: readonly string[]): string | undefined => {
    const name = names.find((each) => headers[each] !== undefined);
    return name === undefined ? undefined : String(headers[name]).trim();
  };
  const whole = header('ratelimit') ?? '';
  const part = (pattern: RegExp): string | undefined => pattern.exec(whole)?.[1];
  const remaining =
    part(/(?:;\s*r|\bremaining)\s*=\s*(\d+)/u) ??
    header('ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining');
  const reset =
    part(/(?:;\s*t|\breset)\s*=\s*(\d+)/u) ??
    header('ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset');
  return { remaining: wholeNumber(remaining), resetMs: untilReset(wholeNumber(reset), now) };
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;

/** More seconds than thirty years are a moment, and a thousand times that is one in milliseconds. */
const momentMin = 1_000_000_000;

function untilReset(value: number | undefined, now: string): number | undefined {
  if (value === undefined || value < momentMin)
    return value === undefined ? undefined : value * 1000;
  const atMs = value < momentMin * 1000 ? value * 1000 : value;
  return Math.max(0, atMs - Date.parse(now));
}
