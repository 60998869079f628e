import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

import { suggest } from '../../contract/suggest.ts';
import { PlumblineError } from '../../errors.ts';
import { type CursorOrder, guessCursorOrder, isBefore, laterCursor } from './cursor.ts';
import { excerptOf, getWithRetries, type Requester } from './get-with-retries.ts';
import type { HttpResponse } from './http-get.ts';
import { JsonSyntaxError, jsonKind, scanArray, scanDocument, stringBetween } from './json-bytes.ts';
import {
  compileFields,
  createFieldSpans,
  type FieldTree,
  findFields,
  followPath,
  listNames,
  listPaths,
} from './json-fields.ts';
import { PageFault, type Pages } from './pages.ts';
import type { Redact } from './redact.ts';

export interface FetchOptions {
  readonly url: URL;
  readonly requester: Requester;
  readonly pages: Pages;
  readonly pagesMax: number;
  /** Path of the array of records, `''` for the body itself. */
  readonly records: string;
  readonly cursor:
    | {
        /** Paths of the cursor column in a record. */
        readonly paths: readonly string[];
        readonly order: CursorOrder | undefined;
        /** The present cursor: the new one is never before it. */
        readonly held: string | undefined;
        /** The records come by this column, the smallest first, so the rest may be left to another delivery. */
        readonly sorted?: {
          readonly column: string;
          /** Whether so many pages are enough for now. */
          readonly mayStop: (pages: number) => boolean;
        };
      }
    | undefined;
  /** Begin and end of a window of time, which tell its landing file from that of another. */
  readonly window: readonly [string, string] | undefined;
}

/** How a fetch ended. */
export interface FetchEnd {
  /** The largest value of the cursor's column; when there are more pages, the one before it. */
  readonly cursor: string | undefined;
  /** There are more pages: the fetch stopped where it may. */
  readonly more: boolean;
}

/**
 * The landing file of an API window: a line a page, `{"page":1,"records":[…]}` with the records as
 * received, then `{"end":true,"pages":n,"records":m,"cursor":…}`. Nothing in it depends on when it
 * was fetched, so the same answers have the same hash. `done` is told the new cursor after the end.
 */
export async function* fetchPages(
  options: FetchOptions,
  done: (end: FetchEnd) => void,
): AsyncIterable<Uint8Array> {
  const { requester, pages, pagesMax } = options;
  const base = pages.first(options.url);
  const cursor = trackCursor(options.cursor);
  const asked = new Set<string>();
  let recordsSoFar = 0;
  let previousHash: string | undefined;
  let url: URL | undefined = base;
  let number = 0;
  let more = false;
  while (url !== undefined) {
    number += 1;
    const fail = failAt(url, requester);
    if (number > pagesMax) {
      throw fail(`there are more than ${pagesMax} pages`, 'Raise maxPages, or narrow the query.');
    }
    asked.add(url.href);
    const response = await getWithRetries(url, requester);
    const page = parsePage(response, options.records, { fail, redact: requester.redact });
    let records = 0;
    let last: number | undefined;
    scanArray(page.body, page.from, (start) => {
      records += 1;
      last = start;
      const problem = cursor.see(page.body, start);
      if (problem !== undefined)
        throw fail(`record ${records} of page ${number} ${problem}`, unsortedRemedy);
    });
    recordsSoFar += records;
    const line = Buffer.concat([
      Buffer.from(`{"page":${number},"records":`),
      onOneLine(page.body.subarray(page.from, page.to)),
      Buffer.from('}\n'),
    ]);
    const hash = createHash('sha256').update(page.body.subarray(page.from, page.to)).digest('hex');
    if (pages.endsEmpty && records > 0 && hash === previousHash) {
      throw fail(`page ${number} repeats page ${number - 1}, so the end is never reached`);
    }
    previousHash = hash;
    yield line;
    try {
      url = pages.next({
        base,
        url: response.url,
        number,
        records,
        recordsSoFar,
        body: page.body,
        start: page.start,
        last,
        link: response.headers.link?.toString(),
      });
    } catch (error) {
      throw error instanceof PageFault ? fail(error.message) : error;
    }
    if (url !== undefined && asked.has(url.href)) {
      throw fail(`page ${number} names a next page that was already read: ${url.href}`);
    }
    // Records on the next page may share the last value: the one before it loses none of them. Only
    // when that has moved would another delivery go on from somewhere else.
    const hasMoved = ![undefined, options.cursor?.held].includes(cursor.valueBefore());
    if (url !== undefined && hasMoved && options.cursor?.sorted?.mayStop(number) === true) {
      more = true;
      break;
    }
  }
  const next = more ? cursor.valueBefore() : cursor.value();
  const end = {
    end: true,
    pages: number,
    records: recordsSoFar,
    cursor: next ?? null,
    ...(options.window !== undefined && { window: options.window }),
    ...(more && { more }),
  };
  yield Buffer.from(`${JSON.stringify(end)}\n`);
  done({ cursor: next, more });
}

const unsortedRemedy =
  "Ask the API for an ascending order, or remove `sorted` from the source's cursor; nothing of this delivery was loaded.";

type Fail = (problem: string, remedy?: string) => PlumblineError;

function failAt(url: URL, requester: Requester): Fail {
  return (problem, remedy) =>
    new PlumblineError('source-error', {
      message: requester.redact(`${url.href}: ${problem}`),
      ...(remedy !== undefined && { remedy }),
    });
}

interface ParsedPage {
  readonly body: Buffer;
  /** Where the body's value starts. */
  readonly start: number;
  /** The array of records is `body[from .. to)`. */
  readonly from: number;
  readonly to: number;
}

function parsePage(
  response: HttpResponse,
  records: string,
  { fail, redact }: { fail: Fail; redact: Redact },
): ParsedPage {
  // 204: the server has nothing to say.
  const body =
    response.status === 204 && records === '' ? Buffer.from('[]') : textOf(response, fail);
  let start: number;
  try {
    start = scanDocument(body);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw invalidJson(response, body, { error, fail, redact });
  }
  const result = followPath(body, start, records);
  if (!result.found) {
    const place = result.reached === '' ? 'the body' : `'${result.reached}'`;
    const meant = suggest(result.missing, result.keys);
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
    const known = result.keys.length === 0 ? 'no fields' : listNames(result.keys);
    throw fail(
      `${place} has no '${result.missing}', where the records should be (records: '${records}'); it has ${known}${hint}`,
      "Correct `records` in the source's file to the path of the array of records.",
    );
  }
  const kind = jsonKind(body, result.start);
  if (kind !== 'array') throw wrongType(body, result.start, { kind, records, fail });
  return { body, start, from: result.start, to: result.end };
}

/** The body as UTF-8 without a byte order mark, from whatever charset the server names. */
function textOf(response: HttpResponse, fail: Fail): Buffer {
  const charset = /charset\s*=\s*"?([\w.:-]+)/iu.exec(response.headers['content-type'] ?? '')?.[1];
  let body = response.body;
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/iu.test(charset)) {
    try {
      body = Buffer.from(new TextDecoder(charset, { fatal: true }).decode(body));
    } catch {
      throw fail(`the body is not text in '${charset}', as its Content-Type says`);
    }
  }
  if (body.length === 0) {
    throw fail(
      'the body is empty, expected JSON',
      'Open the address by hand and look at what it answers; nothing was loaded.',
    );
  }
  if (!isUtf8(body) || body.subarray(0, 4).includes(0)) {
    const seen = body.subarray(0, 4).includes(0) ? '; by its NUL bytes it is UTF-16' : '';
    throw fail(
      `the body is not valid UTF-8${seen}`,
      'Ask the sender for JSON in UTF-8 (RFC 8259).',
    );
  }
  return body.subarray(0, 3).equals(byteOrderMark) ? body.subarray(3) : body;
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function invalidJson(
  response: HttpResponse,
  body: Buffer,
  { error, fail, redact }: { error: JsonSyntaxError; fail: Fail; redact: Redact },
): PlumblineError {
  const type = response.headers['content-type'] ?? 'no content type';
  const shown = excerptOf(body, redact, Math.max(0, error.position - 40));
  const place = error.atEnd ? `its end, byte ${error.position}` : `byte ${error.position}`;
  return fail(
    `the body (${type}, ${body.length} bytes) is not JSON: ${error.message} at ${place}, near ${JSON.stringify(shown)}`,
    'Open the address by hand and look at what it answers; nothing was loaded.',
  );
}

function wrongType(
  body: Buffer,
  start: number,
  { kind, records, fail }: { kind: string; records: string; fail: Fail },
): PlumblineError {
  const place = records === '' ? 'the body' : `'${records}'`;
  const arrays =
    kind === 'object'
      ? listPaths(body, start).filter((path) => {
          const result = followPath(body, start, path);
          return result.found && jsonKind(body, result.start) === 'array';
        })
      : [];
  const prefix = records === '' ? '' : `${records}.`;
  const meant = arrays.map((path) => `'${prefix}${path}'`).join(' or ');
  const hint = meant === '' ? '' : `; did you mean records: ${meant}?`;
  return fail(
    `${place} is ${kind === 'object' ? 'an object' : `a ${kind}`}, expected the array of records${hint}`,
    "Correct `records` in the source's file to the path of the array of records.",
  );
}

/** White space between tokens is the only place where JSON may hold line breaks. */
function onOneLine(json: Buffer): Buffer {
  if (!json.includes(0x0a) && !json.includes(0x0d)) return json;
  const line = Buffer.from(json);
  for (let i = 0; i < line.length; i += 1) {
    if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20;
  }
  return line;
}

interface CursorTracker {
  /** Takes a record; what is wrong with its place, when it has to be sorted and is not. */
  readonly see: (body: Buffer, start: number) => string | undefined;
  /** The largest value, and the one before it. */
  readonly value: () => string | undefined;
  readonly valueBefore: () => string | undefined;
}

function trackCursor(options: FetchOptions['cursor']): CursorTracker {
  const none = (): undefined => undefined;
  if (options === undefined) return { see: none, value: none, valueBefore: none };
  const tree: FieldTree = compileFields([options.paths]);
  const found = createFieldSpans(tree);
  let value = options.held;
  let valueBefore: string | undefined;
  let last: string | undefined;
  let order = options.order;
  return {
    see: (body, start) => {
      findFields(tree, body, start, found);
      const [from = -1, to = -1] = found.spans;
      if (from < 0) return undefined;
      const kind = jsonKind(body, from);
      if (kind !== 'string' && kind !== 'number') return undefined;
      const text =
        kind === 'string'
          ? stringBetween(body, from + 1, to - 1)
          : body.toString('latin1', from, to);
      order ??= guessCursorOrder(value ?? text);
      const later = laterCursor(value, text, order);
      if (later !== value) valueBefore = value;
      value = later;
      if (options.sorted === undefined) return undefined;
      const before = last;
      last = laterCursor(last, text, order);
      return before !== undefined && isBefore(text, before, order)
        ? `has ${options.sorted.column} ${text} after ${before}, though the source says that they are sorted`
        : undefined;
    },
    value: () => value,
    valueBefore: () => valueBefore,
  };
}
