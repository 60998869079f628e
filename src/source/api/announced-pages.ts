import { jsonKind, scanObject, stringBetween } from './json-bytes.ts';

/** Names, in small letters and without marks, of a field that is true when there are more records. */
const flags = new Set(['hasmore', 'hasnext', 'hasnextpage', 'istruncated']);
/** Names of a field that says where the next page is, whatever is around it. */
const places = new Set([
  'nextcursor',
  'nextlink',
  'nextpage',
  'nextpagetoken',
  'nextpageuri',
  'nextpageurl',
  'nexttoken',
  'nexturl',
  'odatanextlink',
]);
/** Objects in which `next` means a page; elsewhere it may be anything. */
const envelopes = new Set([
  '',
  'cursors',
  'links',
  'meta',
  'page',
  'pages',
  'paging',
  'pagination',
]);
/** Of a place that is an object, such as `"next": { "href": "…" }`: what says where. */
const addresses = new Set(['after', 'cursor', 'href', 'link', 'page', 'token', 'url']);
const depthMax = 3;

/**
 * The field by which an answer says that there are more records than it has, such as `has_more`, as
 * public APIs name it; undefined when it says nothing of the kind. Looks into objects and into no array.
 */
export function findAnnouncedPage(body: Buffer, start: number): string | undefined {
  let found: string | undefined;
  const visit = (at: number, path: readonly string[], isPlace: boolean): void => {
    if (jsonKind(body, at) !== 'object') return;
    const around = plainName(path.at(-1) ?? '');
    scanObject(body, at, (keyStart, keyEnd, valueStart, valueEnd) => {
      const key = stringBetween(body, keyStart, keyEnd);
      const name = plainName(key);
      const says =
        flags.has(name) ||
        places.has(name) ||
        (name === 'next' && envelopes.has(around)) ||
        (isPlace && addresses.has(name));
      const value = body.toString('latin1', valueStart, Math.min(valueEnd, valueStart + 8));
      if (says && (flags.has(name) ? value === 'true' : isSomewhere(value))) {
        found ??= [...path, key].join('.');
      } else if (path.length < depthMax) {
        visit(valueStart, [...path, key], says);
      }
    });
  };
  visit(start, [], false);
  return found;
}

const plainName = (key: string): string => key.toLowerCase().replaceAll(/[^a-z]/gu, '');

/** A text or a number, neither empty nor zero. */
const isSomewhere = (value: string): boolean => /^(?:"[^"]|[1-9])/u.test(value);
