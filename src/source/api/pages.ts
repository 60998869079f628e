import { suggest } from '../../contract/suggest.ts';
import { checkNames, invalidOption } from '../check-options.ts';
import { findAnnouncedPage } from './announced-pages.ts';
import { jsonKind, stringBetween } from './json-bytes.ts';
import { followPath, listNames, type PathResult } from './json-fields.ts';

/** How an API gives its records page by page. */
export interface Pages {
  readonly description: string;
  /** The address of the first page, from the address with query and cursor. */
  readonly first: (base: URL) => URL;
  /** The address of the page after this one, or undefined at the end. Throws PageFault. */
  readonly next: (page: PageSeen) => URL | undefined;
  /** The end is known by an empty page only, so a server that repeats its last page never ends. */
  readonly endsEmpty: boolean;
}

/** A page as it was received. */
export interface PageSeen {
  /** The address of the first page. */
  readonly base: URL;
  readonly url: URL;
  /** From 1. */
  readonly number: number;
  /** Records on this page. */
  readonly records: number;
  /** Records on this page and those before. */
  readonly recordsSoFar: number;
  /** The body's bytes, known to be JSON, and where its value starts. */
  readonly body: Buffer;
  readonly start: number;
  /** Where its last record starts; undefined when it has none. */
  readonly last: number | undefined;
  readonly link: string | undefined;
}

/** The sequence of pages broke; the message says how. */
export class PageFault extends Error {
  override readonly name = 'PageFault';
}

/** A misspelt option would page through something else, or for ever. Throws `project-invalid`. */
function checkPageOptions(
  builder: string,
  options: object,
  names: { readonly needed?: readonly string[]; readonly optional?: readonly string[] },
): void {
  const { needed = [], optional = [] } = names;
  checkNames(builder, options, [...needed, ...optional]);
  const lacking = needed.find((name) => !Object.hasOwn(options, name));
  if (lacking !== undefined) throw invalidOption(builder, `${lacking} is missing.`);
}

/**
 * The body names the next page: `nextCursor({ param: 'after', at: 'meta.next' })`. `at` is the path of
 * a token, sent as `param`, or of a whole address. The end is null, `''`, false or no such field.
 */
export function nextCursor(options: { readonly param: string; readonly at: string }): Pages {
  checkPageOptions('nextCursor', options, { needed: ['param', 'at'] });
  return {
    description: `next cursor at ${options.at}`,
    endsEmpty: false,
    first: (base) => base,
    next: (page) => {
      const result = followPath(page.body, page.start, options.at);
      if (!result.found) {
        refuseMisspelling(options.at, result);
        refuseEarlyEnd(page, `it has no '${options.at}'`);
        return undefined;
      }
      const token = scalarAt(page.body, result.start, result.end);
      if (token === undefined)
        throw new PageFault(`'${options.at}' is neither a text nor a number`);
      if (token === '') {
        refuseEarlyEnd(page, `'${options.at}' is empty`);
        return undefined;
      }
      if (isAddress(token) && URL.canParse(token, page.url.href)) return new URL(token, page.url);
      return withParameter(page.base, options.param, token);
    },
  };
}

/**
 * Pages by number. Ends at the first empty page, or at the number of pages the body names:
 * `until: { at: 'meta.pages' }`. `param` is `'page'` and `start` 1 unless told.
 */
export function pageNumber(
  options: {
    readonly param?: string;
    readonly start?: number;
    readonly size?: { readonly param: string; readonly value: number };
    readonly until?: 'empty' | { readonly at: string };
  } = {},
): Pages {
  checkPageOptions('pageNumber', options, { optional: ['param', 'start', 'size', 'until'] });
  const { param = 'page', start = 1, size, until = 'empty' } = options;
  return {
    description: `page number as ${param}`,
    endsEmpty: until === 'empty',
    first: (base) => {
      const sized = size === undefined ? base : withParameter(base, size.param, String(size.value));
      return withParameter(sized, param, String(start));
    },
    next: (page) => {
      if (until === 'empty') {
        if (page.records === 0) return undefined;
      } else {
        const pages = countAt(page, until.at);
        if (page.number >= pages) return undefined;
        if (page.records === 0) {
          throw new PageFault(`page ${page.number} of ${pages} has no records`);
        }
      }
      return withParameter(page.base, param, String(start + page.number));
    },
  };
}

/**
 * Pages by the number of records passed over. Ends at the first empty page, or at the number of
 * records the body names: `total: { at: 'meta.total' }`. A server that gives fewer than `limit` is
 * asked to go on from where it stopped.
 */
export function offset(options: {
  readonly param: string;
  readonly limit: { readonly param: string; readonly value: number };
  readonly total?: { readonly at: string };
}): Pages {
  checkPageOptions('offset', options, { needed: ['param', 'limit'], optional: ['total'] });
  const { param, limit, total } = options;
  return {
    description: `offset as ${param}`,
    endsEmpty: total === undefined,
    first: (base) =>
      withParameter(withParameter(base, limit.param, String(limit.value)), param, '0'),
    next: (page) => {
      if (total === undefined) {
        if (page.records === 0) return undefined;
      } else {
        const records = countAt(page, total.at);
        if (page.recordsSoFar >= records) return undefined;
        if (page.records === 0) {
          throw new PageFault(
            `page ${page.number} has no records, but only ${page.recordsSoFar} of ${records} were given`,
          );
        }
      }
      return withParameter(page.base, param, String(page.recordsSoFar));
    },
  };
}

/** The response's `Link` header names the next page: `<…>; rel="next"` (RFC 8288). */
export function linkHeader(): Pages {
  return {
    description: 'Link header',
    endsEmpty: false,
    first: (base) => base,
    next: (page) => {
      const next = nextLink(page);
      if (next === undefined) refuseEarlyEnd(page, 'it has no Link header that names a next page');
      return next;
    },
  };
}

/**
 * The next page begins behind the last record of this one: `lastRecord({ param: 'starting_after', at:
 * 'id' })`. `at` is the path of a text or number in the record. Ends at the first empty page.
 */
export function lastRecord(options: { readonly param: string; readonly at: string }): Pages {
  checkPageOptions('lastRecord', options, { needed: ['param', 'at'] });
  return {
    description: `after the last record's ${options.at}`,
    endsEmpty: true,
    first: (base) => base,
    next: (page) => {
      if (page.last === undefined) return undefined;
      const result = followPath(page.body, page.last, options.at);
      const token = result.found ? scalarAt(page.body, result.start, result.end) : undefined;
      if (token === undefined || token === '') {
        throw new PageFault(
          `the last record of page ${page.number} has no text or number at '${options.at}', behind which the next page begins${result.found ? '' : `; it has ${listNames(result.keys)}`}`,
        );
      }
      return withParameter(page.base, options.param, token);
    },
  };
}

/** No pages: one answer is everything. One that announces more is refused rather than cut off. */
export function singlePage(): Pages {
  return {
    description: 'one answer',
    endsEmpty: false,
    first: (base) => base,
    next: (page) => {
      if (nextLink(page) === undefined) {
        refuseEarlyEnd(page, 'the source declares no pages');
        return undefined;
      }
      throw new PageFault(
        'the answer names a next page in its Link header, but the source declares no pages; add pages: linkHeader()',
      );
    },
  };
}

function nextLink(page: PageSeen): URL | undefined {
  // Commas and semicolons inside <…> belong to the address.
  for (const [, target = '', parameters = ''] of (page.link ?? '').matchAll(
    /<([^>]*)>((?:\s*;\s*[^;,"]+(?:"[^"]*")?)*)/gu,
  )) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^;,\s]+))/iu.exec(parameters);
    const names = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/u);
    if (!names.includes('next')) continue;
    if (!URL.canParse(target, page.url.href)) {
      throw new PageFault('the Link header names a next page whose address is none');
    }
    return new URL(target, page.url);
  }
  return undefined;
}

/** A whole address, or the path and query of one; no token of base64 holds a `?`. */
function isAddress(token: string): boolean {
  return /^(?:https?:\/\/|\/[^?]*\?|\?)/iu.test(token);
}

function withParameter(url: URL, name: string, value: string): URL {
  const changed = new URL(url);
  changed.searchParams.set(name, value);
  return changed;
}

/** A text's or number's text; `''` for null and false, undefined for anything else. */
function scalarAt(body: Buffer, start: number, end: number): string | undefined {
  switch (jsonKind(body, start)) {
    case 'string':
      return stringBetween(body, start + 1, end - 1);
    case 'number':
      return body.toString('latin1', start, end);
    case 'null':
      return '';
    case 'boolean':
      return body.toString('latin1', start, end) === 'false' ? '' : undefined;
    default:
      return undefined;
  }
}

function countAt(page: PageSeen, path: string): number {
  const result = followPath(page.body, page.start, path);
  if (!result.found) {
    const known = result.keys.length === 0 ? '' : `; there are ${listNames(result.keys)}`;
    const meant = suggest(result.missing, result.keys);
    throw new PageFault(
      `the body has no '${path}'${known}${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
    );
  }
  const text = scalarAt(page.body, result.start, result.end) ?? '';
  if (!/^\d{1,15}$/u.test(text)) {
    throw new PageFault(`'${path}' is ${JSON.stringify(text)}, expected a whole number`);
  }
  return Number(text);
}

/** An absent field means the end, unless its neighbour is spelt nearly like it: then rows would be lost. */
function refuseMisspelling(path: string, result: Extract<PathResult, { found: false }>): void {
  const meant = suggest(result.missing, result.keys);
  if (meant === undefined) return;
  throw new PageFault(
    `the body has no '${path}', but '${result.reached === '' ? '' : `${result.reached}.`}${meant}'; is that the next page?`,
  );
}

/** The end that is found is none when the answer itself says so: what is left out would never be missed. */
function refuseEarlyEnd(page: PageSeen, why: string): void {
  const sign = findAnnouncedPage(page.body, page.start);
  if (sign === undefined) return;
  throw new PageFault(
    `the answer says at '${sign}' that there are more records, but ${why}; correct \`pages\` in the source's file`,
  );
}
