import { createHash } from 'node:crypto';

import type { Columns } from '../../contract/column.ts';
import { parseDuration } from '../../contract/duration.ts';
import { PlumblineError } from '../../errors.ts';
import { createAddressGuard } from '../location/address-guard.ts';
import type { Offer, SourceContext } from '../source.ts';
import type { ApiOptions } from './api-options.ts';
import { type Call, resolveCall } from './call.ts';
import { cursorOrderOf, rewindCursor } from './cursor.ts';
import { fetchPages, type FetchEnd, type FetchOptions } from './fetch-pages.ts';
import type { Requester, RetryEffects } from './get-with-retries.ts';
import { createHttpAgents } from './http-get.ts';
import { createTokens } from './oauth2.ts';
import { createPace } from './pace.ts';
import { singlePage } from './pages.ts';
import { timeWindows } from './time-windows.ts';

/** One run of an API source. */
interface Session<C extends Columns> {
  readonly options: ApiOptions<C>;
  readonly context: SourceContext;
  readonly call: Call;
  readonly requester: Requester;
  /** Whether the run may ask for nothing new any more. */
  readonly isOver: () => boolean;
}

/** Pages after which a sorted cursor makes a delivery of what it has. */
const pagesPerDelivery = 1000;

/**
 * The windows an API has now, each a delivery. Past the deadline no other is begun; at least one is
 * asked for in every run, so that a deadline that is too short still ends some day.
 */
export async function* discoverApi<C extends Columns>(
  options: ApiOptions<C>,
  context: SourceContext,
  effects: RetryEffects,
): AsyncIterable<Offer> {
  const agents = createHttpAgents();
  try {
    const call = resolveCall(options, context);
    const requester = createRequester(options, { context, call, agents, effects });
    const session = { options, context, call, requester, isOver: deadlineOf(options, context) };
    yield* options.windows === undefined ? byCursor(session) : byTime(session, options.windows);
  } finally {
    agents.destroy();
  }
}

/** True once the source's own deadline or that of the run has passed. */
function deadlineOf<C extends Columns>(
  { deadline }: ApiOptions<C>,
  context: SourceContext,
): () => boolean {
  const own =
    deadline === undefined ? Infinity : Date.parse(context.now()) + parseDuration(deadline);
  const atMs = Math.min(
    own,
    context.deadline === undefined ? Infinity : Date.parse(context.deadline),
  );
  return () => Date.parse(context.now()) >= atMs;
}

async function* byTime<C extends Columns>(
  session: Session<C>,
  windows: NonNullable<ApiOptions<C>['windows']>,
): AsyncIterable<Offer> {
  const { call, context, options } = session;
  const { cursor, zone } = context;
  let isFirst = true;
  for (const window of timeWindows(windows, { cursor, now: context.now(), zone })) {
    if (!isFirst && session.isOver()) return context.onDeadline?.(window.begin);
    // The first one may have been refused and be other by now; what lies behind it need not be fetched.
    const isKnown = window.closed && !isFirst;
    isFirst = false;
    const url = new URL(call.url);
    url.searchParams.set(windows.from, window.from);
    url.searchParams.set(windows.to, window.to);
    const fetching = createFetching({
      ...fetchOptions(session, url),
      // Two windows without records are not the same delivery.
      window: [window.begin, window.end],
    });
    yield {
      slot: `from=${window.begin}`,
      name: call.redact(`${call.name} from ${window.from} to ${window.to}`),
      sizeBytes: undefined,
      modifiedAt: undefined,
      open: fetching.open,
      ...(isKnown && { fingerprint: () => fingerprintOf(url, options) }),
      nextCursor: () => (window.closed ? window.end : undefined),
    };
    // The next one would most likely fail too, and the cursor cannot pass this one.
    if (fetching.isBroken()) return;
  }
}

async function* byCursor<C extends Columns>(session: Session<C>): AsyncIterable<Offer> {
  const { call, context, options } = session;
  let { cursor } = context;
  for (;;) {
    const since = sinceOf(session, cursor);
    const url = new URL(call.url);
    if (options.cursor !== undefined && since !== undefined) {
      url.searchParams.set(options.cursor.param, since);
    }
    const fetching = createFetching({
      ...fetchOptions(session, url),
      cursor: cursorFetch(session, cursor),
    });
    yield {
      slot: since === undefined ? 'all' : `since=${since}`,
      name: call.redact(`${call.name}${since === undefined ? '' : ` since ${since}`}`),
      sizeBytes: undefined,
      modifiedAt: undefined,
      open: fetching.open,
      nextCursor: () => fetching.end()?.cursor,
    };
    const end = fetching.end();
    if (end?.more !== true || end.cursor === undefined) return;
    if (session.isOver()) return context.onDeadline?.(end.cursor);
    cursor = end.cursor;
  }
}

interface Fetching {
  readonly open: () => AsyncIterable<Uint8Array>;
  /** How the fetch ended; undefined before it has. */
  readonly end: () => FetchEnd | undefined;
  /** It was begun and did not end. */
  readonly isBroken: () => boolean;
}

/** A window that is closed gives the same answer to the same question. */
function fingerprintOf<C extends Columns>(url: URL, { records, pages }: ApiOptions<C>): string {
  const question = JSON.stringify([url.href, records, pages?.description]);
  return `closed ${createHash('sha256').update(question).digest('hex').slice(0, 32)}`;
}

function createFetching(options: FetchOptions): Fetching {
  let end: FetchEnd | undefined;
  let isBegun = false;
  return {
    isBroken: () => isBegun && end === undefined,
    open: async function* open() {
      end = undefined;
      isBegun = true;
      yield* fetchPages(options, (ended) => {
        end = ended;
      });
    },
    end: () => end,
  };
}

function fetchOptions<C extends Columns>(
  { options, requester }: Session<C>,
  url: URL,
): FetchOptions {
  return {
    url,
    requester,
    pages: options.pages ?? singlePage(),
    pagesMax: options.maxPages ?? 10_000,
    records: options.records ?? '',
    cursor: undefined,
    window: undefined,
  };
}

function cursorFetch<C extends Columns>(
  { options, isOver }: Session<C>,
  held: string | undefined,
): FetchOptions['cursor'] {
  const { cursor, columns } = options;
  const spec = cursor === undefined ? undefined : columns[cursor.column];
  if (cursor === undefined || spec === undefined) return undefined;
  const header = spec.header ?? cursor.column;
  const pagesMax = cursor.pagesPerDelivery ?? pagesPerDelivery;
  return {
    paths: typeof header === 'string' ? [header] : header,
    order: cursorOrderOf(spec.type),
    held,
    ...(cursor.sorted === true && {
      sorted: { column: cursor.column, mayStop: (pages) => pages >= pagesMax || isOver() },
    }),
  };
}

/** Where the window begins; undefined asks for everything. */
function sinceOf<C extends Columns>(
  { options, call }: Session<C>,
  cursor: string | undefined,
): string | undefined {
  if (options.cursor === undefined) return undefined;
  if (cursor === undefined) return options.cursor.start;
  if (options.cursor.overlap === undefined) return cursor;
  try {
    return rewindCursor(cursor, options.cursor.overlap);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PlumblineError('source-error', {
      message: `${call.name}: ${error.message}.`,
      remedy: "Correct `cursor.overlap` in the source's file.",
    });
  }
}

function createRequester<C extends Columns>(
  options: ApiOptions<C>,
  given: {
    readonly context: SourceContext;
    readonly call: Call;
    readonly agents: Requester['agents'];
    readonly effects: RetryEffects;
  },
): Requester {
  const { context, call, agents, effects } = given;
  const requester: Requester = {
    origin: call.url.origin,
    headers: call.headers,
    tokens: undefined,
    guard: createAddressGuard({ network: context.network, allowPrivate: options.allowPrivate }),
    pace: createPace(options.rateLimit, effects),
    timeoutMs: options.timeoutMs ?? 30_000,
    retries: options.retries ?? 5,
    signal: context.signal,
    now: context.now,
    redact: call.redact,
    agents,
    effects,
  };
  if (call.client === undefined) return requester;
  // The server of tokens has limits of its own.
  const asking = { ...requester, pace: createPace(undefined, effects) };
  return { ...requester, tokens: createTokens(call.client, asking, call.keepSecret) };
}
