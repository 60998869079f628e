import type { Columns } from '../../contract/column.ts';
import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import { checkNames, invalidOption, sharedNames } from '../check-options.ts';
import { contractOf } from '../contract-of.ts';
import { describeReading } from '../describe-reading.ts';
import { describeSetting, resolveSetting, type Setting, type SettingValue } from '../setting.ts';
import type { Offer, Source, SourceContext, SourceOptions } from '../source.ts';
import { apiFields } from './api-fields.ts';
import { type Auth, resolveAuth } from './auth.ts';
import { buildChild, type ChildOptions } from './child-table.ts';
import { cursorOrderOf, isOverlap, rewindCursor } from './cursor.ts';
import { fetchPages, type FetchOptions } from './fetch-pages.ts';
import { realEffects, type Requester, type RetryEffects } from './get-with-retries.ts';
import { createHttpAgents, type HttpAgents } from './http-get.ts';
import { type Pages, singlePage } from './pages.ts';
import { readLanded } from './read-landed.ts';
import { createRedact, isCredential, partsOfAddress, type Redact } from './redact.ts';

/** A REST API that answers GET with JSON. */
export interface ApiOptions<C extends Columns> extends SourceOptions<C> {
  /** An http or https address, or the setting that holds it. */
  readonly url: SettingValue;
  /** `bearer(…)`, `basic(…)` or `header(…)`. Sent to the address's own host only. */
  readonly auth?: Auth;
  /** Parameters added to the address. */
  readonly query?: Readonly<Record<string, SettingValue>>;
  readonly headers?: Readonly<Record<string, SettingValue>>;
  /** Path of the array of records in the body, e.g. `'data.items'`. Default: the body is the array. */
  readonly records?: string;
  /** `nextCursor`, `pageNumber`, `offset` or `linkHeader`. Default: one answer is everything. */
  readonly pages?: Pages;
  /** Asks only for what is new since the last delivery. Without it everything is fetched each time. */
  readonly cursor?: {
    /** The column whose largest value is the cursor, such as `updated_at`. */
    readonly column: keyof C & string;
    /** The parameter the cursor is sent as. */
    readonly param: string;
    /** How far to ask back, for records that arrive late: `'1 hour'`; a number for numeric cursors. Repeats are removed by the key. */
    readonly overlap?: string;
    /** Where to start the first time. Default: the parameter is not sent. */
    readonly start?: string;
  };
  /** For one request, redirects included. Default 30,000. */
  readonly timeoutMs?: number;
  /** More pages than this are a fault. Default 10,000. */
  readonly maxPages?: number;
  /** Tries after the first, on 429, 5xx and faults of the network. Default 5. */
  readonly retries?: number;
  /** Paths beside the columns' that `transform` reads. */
  readonly fields?: readonly string[];
  /**
   * A field that not one record of a delivery has: refuse the delivery (default), since a renamed
   * field would load as nulls; or take it as empty, for APIs that leave out what has no value.
   */
  readonly absentFields?: 'refuse' | 'empty';
  /** Tables of the records in arrays of each record: `lines` of source `orders` are loaded as `orders-lines`. */
  readonly children?: Readonly<Record<string, ChildOptions<keyof C & string>>>;
}

/**
 * A source that reads a REST API. Each delivery is one window, from the cursor on; numbers keep every
 * digit they were sent with. `effects` is for tests. Throws `project-invalid` for options that can
 * never work.
 */
export function api<const C extends Columns>(
  options: ApiOptions<C>,
  effects: RetryEffects = realEffects,
): Source<C> {
  checkOptions(options);
  const fields = apiFields(options.columns, {
    transformed: options.transform !== undefined,
    extra: options.fields ?? [],
    mayLack: options.absentFields === 'empty',
  });
  const children = Object.entries(options.children ?? {}).map(([name, child]) => {
    const { columns, key, absentFields } = options;
    return [
      name,
      buildChild(name, child, { columns, key, mayLack: absentFields === 'empty' }),
    ] as const;
  });
  const nested = Object.fromEntries(children.map(([name, { reading }]) => [name, reading]));
  return {
    kind: 'api',
    contract: contractOf(options),
    schedule: options.schedule,
    freshness: options.freshness,
    reading: describeReading(options, children.length === 0 ? fields : { fields, nested }),
    description: describe(options),
    discover: (context) => discover(options, context, effects),
    read: async (landed, context) => readLanded(landed, fields, context.signal),
    ...(children.length > 0 && {
      children: Object.fromEntries(children.map(([name, { table }]) => [name, table])),
    }),
  };
}

async function* discover<C extends Columns>(
  options: ApiOptions<C>,
  context: SourceContext,
  effects: RetryEffects,
): AsyncIterable<Offer> {
  const call = resolveCall(options, context);
  let nextCursor: string | undefined;
  const open = async function* (): AsyncIterable<Uint8Array> {
    nextCursor = undefined;
    const agents = createHttpAgents();
    try {
      const requester = createRequester(options, { context, call, agents, effects });
      yield* fetchPages(fetchOptions(options, { context, call, requester }), (cursor) => {
        nextCursor = cursor;
      });
    } finally {
      agents.destroy();
    }
  };
  const since = call.since === undefined ? '' : ` since ${call.since}`;
  yield {
    slot: call.since === undefined ? 'all' : `since=${call.since}`,
    name: call.redact(`${nameOf(options.url, call.url)}${since}`),
    sizeBytes: undefined,
    modifiedAt: undefined,
    open,
    nextCursor: () => nextCursor,
  };
}

const isSecretAddress = (address: SettingValue): address is Setting =>
  typeof address !== 'string' && address.kind === 'secret';

/** A secret address is known by the name of its variable. */
const nameOf = (address: SettingValue, url: URL): string =>
  isSecretAddress(address) ? describeSetting(address) : `${url.origin}${url.pathname}`;

/** What the settings and the cursor make of the options for one run. */
interface Call {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly redact: Redact;
  /** Where the window begins. */
  readonly since: string | undefined;
}

function resolveCall<C extends Columns>(options: ApiOptions<C>, context: SourceContext): Call {
  const { env } = context;
  const auth = resolveAuth(options.auth, env);
  const secrets = [...auth.secrets];
  const resolve = (name: string, value: SettingValue): string => {
    const resolved = resolveSetting(value, env);
    const declared = typeof value !== 'string' && value.kind === 'secret';
    if (declared || isCredential(name, resolved)) secrets.push(resolved);
    return resolved;
  };
  const address = resolve('url', options.url);
  if (isSecretAddress(options.url)) secrets.push(...partsOfAddress(address));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers[name.toLowerCase()] = resolve(name, value);
  }
  const query = Object.entries(options.query ?? {}).map(
    ([name, value]) => [name, resolve(name, value)] as const,
  );
  const url = parseAddress(address, options.url, createRedact(secrets));
  if (url.password !== '' || url.username !== '') {
    // node:http would send it too; here it is also kept out of every message.
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    const encoded = Buffer.from(pair).toString('base64');
    headers['authorization'] ??= `Basic ${encoded}`;
    secrets.push(encoded, decodeURIComponent(url.password));
    url.username = '';
    url.password = '';
  }
  for (const [name, value] of query) url.searchParams.set(name, value);
  const since = sinceOf(options, context.cursor);
  if (options.cursor !== undefined && since !== undefined) {
    url.searchParams.set(options.cursor.param, since);
  }
  Object.assign(headers, auth.headers);
  refuseBadHeaders(headers);
  return { url, headers, redact: createRedact(secrets), since };
}

function parseAddress(address: string, given: SettingValue, redact: Redact): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const shown = typeof given !== 'string' && given.kind === 'secret' ? '***' : redact(address);
    throw new PlumblineError('source-error', {
      message: `The address '${shown}'${typeof given === 'string' ? '' : `, from ${describeSetting(given)},`} is no http or https address.`,
      remedy: 'Give the whole address, such as https://api.example.com/v1/orders.',
    });
  }
  return url;
}

function sinceOf<C extends Columns>(
  options: ApiOptions<C>,
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
      message: `${describe(options)}: ${error.message}.`,
      remedy: "Correct `cursor.overlap` in the source's file.",
    });
  }
}

/** Node refuses such a header too, but without saying which variable to look at. */
function refuseBadHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\t\u0020-\u007e\u0080-\u00ff]*$/u.test(value)) continue;
    throw new PlumblineError('source-error', {
      message: `The value of the header '${name}' holds a character that no header may hold, such as a line break.`,
      remedy: 'Set the variable again without the line break.',
    });
  }
}

function createRequester<C extends Columns>(
  options: ApiOptions<C>,
  given: {
    readonly context: SourceContext;
    readonly call: Call;
    readonly agents: HttpAgents;
    readonly effects: RetryEffects;
  },
): Requester {
  return {
    origin: given.call.url.origin,
    headers: given.call.headers,
    timeoutMs: options.timeoutMs ?? 30_000,
    retries: options.retries ?? 5,
    signal: given.context.signal,
    now: given.context.now,
    redact: given.call.redact,
    agents: given.agents,
    effects: given.effects,
  };
}

function fetchOptions<C extends Columns>(
  options: ApiOptions<C>,
  given: { readonly context: SourceContext; readonly call: Call; readonly requester: Requester },
): FetchOptions {
  const { cursor } = options;
  const spec = cursor === undefined ? undefined : options.columns[cursor.column];
  const header = spec?.header ?? cursor?.column ?? '';
  return {
    url: given.call.url,
    requester: given.requester,
    pages: options.pages ?? singlePage(),
    pagesMax: options.maxPages ?? 10_000,
    records: options.records ?? '',
    cursor:
      cursor === undefined || spec === undefined
        ? undefined
        : {
            paths: typeof header === 'string' ? [header] : header,
            order: cursorOrderOf(spec.type),
            held: given.context.cursor,
          },
  };
}

const ownNames = [
  'url',
  'auth',
  'query',
  'headers',
  'records',
  'pages',
  'cursor',
  'timeoutMs',
  'maxPages',
  'retries',
  'fields',
  'absentFields',
  'children',
];

function checkOptions<C extends Columns>(options: ApiOptions<C>): void {
  const fail = (message: string) => new PlumblineError('project-invalid', { message });
  const { url, cursor } = options;
  checkNames('api', options, [...ownNames, ...sharedNames]);
  if (url === undefined)
    throw invalidOption('api', "url is missing; expected an address or setting('NAME').");
  if (typeof url === 'string') parseAddress(url, url, createRedact([]));
  if (options.children !== undefined && options.transform !== undefined) {
    throw invalidOption(
      'api',
      'children cannot be used with a transform, which may change the key that nested rows are tied to; derive columns in a model instead.',
    );
  }
  if (cursor === undefined) return;
  checkNames('api() cursor', cursor, ['column', 'param', 'overlap', 'start']);
  if (!Object.hasOwn(options.columns, cursor.column)) {
    const meant = suggest(cursor.column, Object.keys(options.columns));
    throw fail(
      `cursor.column is '${cursor.column}', which is no column of the contract${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
    );
  }
  if (cursor.overlap !== undefined && !isOverlap(cursor.overlap)) {
    throw fail(
      `cursor.overlap is '${cursor.overlap}', expected a length of time such as '1 hour', or a number for numeric cursors`,
    );
  }
}

function describe<C extends Columns>(options: ApiOptions<C>): string {
  return `API ${describeAddress(options.url)}${options.pages === undefined ? '' : `, ${options.pages.description}`}`;
}

function describeAddress(url: string | Setting): string {
  if (typeof url !== 'string') return describeSetting(url);
  const parsed = new URL(url);
  return `${parsed.origin}${parsed.pathname}`;
}
