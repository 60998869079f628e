import type { Context } from 'hono';
import type { HtmlEscapedString } from 'hono/utils/html';

import type { Snapshot } from '../dashboard/query.ts';
import { notFoundPage } from './error-page.tsx';
import type { WebContext } from './web-project.ts';

/** What a page is made from. */
export interface PageInput {
  readonly context: WebContext;
  readonly snapshot: Snapshot;
  /** The query of the address. */
  readonly address: URLSearchParams;
}

/** A whole page as text, another answer, or undefined where there is nothing. */
export type PageResult = HtmlEscapedString | Promise<HtmlEscapedString> | Response | undefined;

/** Answers a request with a page made in one snapshot of the warehouse. */
export type Respond = (
  c: Context,
  page: (input: PageInput) => PageResult | Promise<PageResult>,
) => Promise<Response>;

/** Builds the one way in which all pages are answered. */
export function createRespond(contextNow: () => WebContext): Respond {
  return async (c, page) => {
    const context = contextNow();
    const address = addressOf(c.req.url);
    const result = await context.queries.snapshot(
      async (snapshot) => await page({ context, snapshot, address }),
    );
    if (result instanceof Response) return result;
    // A browser may keep a page, but asks before it shows it again.
    c.header('cache-control', 'private, no-cache');
    if (result === undefined) return c.html(notFoundPage(context), 404);
    return c.html(result);
  };
}

/** The query of an address. NUL, which no text of Postgres can hold, is nothing anyone can mean. */
function addressOf(url: string): URLSearchParams {
  const given = new URL(url).searchParams;
  return new URLSearchParams(
    [...given].map(([name, value]) => [
      name.replaceAll('\0', ''),
      value.replaceAll('\0', '\ufffd'),
    ]),
  );
}
