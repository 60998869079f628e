import type { Columns } from '../../contract/column.ts';
import { parseDuration } from '../../contract/duration.ts';
import { suggest } from '../../contract/suggest.ts';
import { checkNames, invalidOption, sharedNames } from '../check-options.ts';
import type { SettingValue } from '../setting.ts';
import type { SourceOptions } from '../source.ts';
import type { Auth } from './auth.ts';
import { parseAddress } from './call.ts';
import type { ChildOptions } from './child-table.ts';
import { isOverlap } from './cursor.ts';
import type { RateLimit } from './pace.ts';
import type { Pages } from './pages.ts';
import { checkWindows, type WindowOptions } from './time-windows.ts';

/** A REST API that answers GET with JSON. */
export interface ApiOptions<C extends Columns> extends SourceOptions<C> {
  /** An http or https address, or the setting that holds it. */
  readonly url: SettingValue;
  /** `bearer(…)`, `basic(…)`, `header(…)` or `oauth2(…)`. Sent to the address's own host only. */
  readonly auth?: Auth;
  /** Parameters added to the address. */
  readonly query?: Readonly<Record<string, SettingValue>>;
  readonly headers?: Readonly<Record<string, SettingValue>>;
  /** Path of the array of records in the body, e.g. `'data.items'`. Default: the body is the array. */
  readonly records?: string;
  /** `nextCursor`, `lastRecord`, `pageNumber`, `offset` or `linkHeader`. Default: one answer is everything. */
  readonly pages?: Pages;
  /** Asks only for what is new since the last delivery. Without it everything is fetched each time. */
  readonly cursor?: CursorOptions<keyof C & string>;
  /** Asks for one span of time after the other, each a delivery of its own. */
  readonly windows?: WindowOptions;
  /**
   * A run asks for nothing new after this long (`'10 minutes'`); the next one goes on from there.
   * Needs places to stop at: `windows`, or a cursor that is `sorted`.
   */
  readonly deadline?: string;
  /** No more requests than the server allows, however fast it answers: `{ requests: 10, per: '1 second' }`. */
  readonly rateLimit?: RateLimit;
  /** For one request, redirects included. Default 30,000. */
  readonly timeoutMs?: number;
  /** More pages than this in one delivery are a fault. Default 10,000. */
  readonly maxPages?: number;
  /** Tries after the first, on 429, 5xx and faults of the network. Default 5. */
  readonly retries?: number;
  /**
   * Lets requests go to link-local addresses, and to private ones on servers that refuse them.
   * Default false.
   */
  readonly allowPrivate?: boolean;
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

/** How far an API has been read, by the largest value of a column. */
export interface CursorOptions<Name extends string = string> {
  /** The column whose largest value is the cursor, such as `updated_at`. */
  readonly column: Name;
  /** The parameter the cursor is sent as. */
  readonly param: string;
  /** How far to ask back, for records that arrive late: `'1 hour'`; a number for numeric cursors. Repeats are removed by the key. */
  readonly overlap?: string;
  /** Where to start the first time. Default: the parameter is not sent. */
  readonly start?: string;
  /**
   * The API lists records by this column, the smallest first: what has been read can be loaded
   * before the rest is there, and a run can stop in between. Held to: other orders are refused.
   */
  readonly sorted?: boolean;
  /** With `sorted`: pages after which what has been read becomes a delivery. Default 1,000. */
  readonly pagesPerDelivery?: number;
}

const ownNames = [
  'url',
  'auth',
  'query',
  'headers',
  'records',
  'pages',
  'cursor',
  'windows',
  'deadline',
  'rateLimit',
  'timeoutMs',
  'maxPages',
  'retries',
  'allowPrivate',
  'fields',
  'absentFields',
  'children',
];

const fail = (problem: string): Error => invalidOption('api', problem);

/** Refuses what can never work. Throws `project-invalid`. */
export function checkApiOptions<C extends Columns>(options: ApiOptions<C>): void {
  const { url, cursor, windows, deadline, rateLimit } = options;
  checkNames('api', options, [...ownNames, ...sharedNames]);
  if (url === undefined) throw fail("url is missing; expected an address or setting('NAME').");
  if (typeof url === 'string') parseAddress(url, url, (text) => text);
  if (options.children !== undefined && options.transform !== undefined) {
    throw fail(
      'children cannot be used with a transform, which may change the key that nested rows are tied to; derive columns in a model instead.',
    );
  }
  if (windows !== undefined && cursor !== undefined) {
    throw fail('windows and cursor are two ways to tell what is new; expected one of them.');
  }
  if (windows !== undefined) checkWindows(windows);
  if (cursor !== undefined) checkCursor(cursor, options.columns);
  if (rateLimit !== undefined) checkRateLimit(rateLimit);
  if (deadline !== undefined) {
    checkLength('deadline', deadline);
    if (windows === undefined && cursor?.sorted !== true) {
      throw fail(
        'deadline has no place to stop at; expected `windows`, or a cursor with sorted: true.',
      );
    }
  }
}

function checkCursor(cursor: CursorOptions, columns: Columns): void {
  checkNames('api() cursor', cursor, [
    'column',
    'param',
    'overlap',
    'start',
    'sorted',
    'pagesPerDelivery',
  ]);
  if (!Object.hasOwn(columns, cursor.column)) {
    const meant = suggest(cursor.column, Object.keys(columns));
    throw fail(
      `cursor.column is '${cursor.column}', which is no column of the contract${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
    );
  }
  if (cursor.overlap !== undefined && !isOverlap(cursor.overlap)) {
    throw fail(
      `cursor.overlap is '${cursor.overlap}', expected a length of time such as '1 hour', or a number for numeric cursors`,
    );
  }
  const pages = cursor.pagesPerDelivery;
  if (pages !== undefined && (!Number.isSafeInteger(pages) || pages < 1)) {
    throw fail(`cursor.pagesPerDelivery is ${pages}; expected a number of pages from 1.`);
  }
  if (pages !== undefined && cursor.sorted !== true) {
    throw fail(
      'cursor.pagesPerDelivery needs sorted: true; in another order what was not read yet may lie before the cursor.',
    );
  }
}

function checkRateLimit(limit: RateLimit): void {
  checkNames('api() rateLimit', limit, ['requests', 'per']);
  if (!Number.isSafeInteger(limit.requests) || limit.requests < 1) {
    throw fail(`rateLimit.requests is ${limit.requests}; expected a number of requests from 1.`);
  }
  checkLength('rateLimit.per', limit.per);
  if (parseDuration(limit.per) === 0)
    throw fail(`rateLimit.per is '${limit.per}', which limits nothing.`);
}

function checkLength(name: string, value: string): void {
  try {
    parseDuration(value);
  } catch (error) {
    throw fail(`${name} ${error instanceof Error ? error.message : String(error)}.`);
  }
}
