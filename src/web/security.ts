import type { MiddlewareHandler } from 'hono';

/** Host names that mean this machine, whatever the port. */
const ownHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Nothing inline and nothing from elsewhere. Charts are SVG without style attributes, so that not
 * even `style-src-attr` has to be opened.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface SecurityOptions {
  /** Further names under which the pages are reached, e.g. of a proxy, without port. */
  readonly hosts?: readonly string[];
}

/**
 * Refuses what a browser was talked into by another site: a foreign Host (DNS rebinding), and unsafe
 * requests from another origin. Every answer carries the headers that keep pages to themselves.
 */
export function security(options: SecurityOptions = {}): MiddlewareHandler {
  const hosts = new Set([...ownHosts, ...(options.hosts ?? [])].map((host) => host.toLowerCase()));
  return async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host;
    if (!hosts.has(hostName(host))) {
      return refuse(421, 'This server does not answer for that host name.');
    }
    if (!['GET', 'HEAD'].includes(context.req.method)) {
      const site = context.req.header('sec-fetch-site');
      const origin = context.req.header('origin');
      // A browser sends at least one of them with such a request; what sends neither is refused too.
      const same =
        origin === undefined
          ? site === 'same-origin'
          : originIs(origin, host) && site !== 'cross-site';
      if (!same) return refuse(403, 'This request comes from another site.');
    }
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
    return undefined;
  };
}

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

function refuse(status: 403 | 421, message: string): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
  });
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/u, '');
}

/** Same name and port; the scheme may differ behind a proxy that ends TLS. */
function originIs(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host.toLowerCase();
  } catch {
    return false;
  }
}
