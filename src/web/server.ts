import { serve } from '@hono/node-server';
import type { Hono } from 'hono';

import { PlumblineError } from '../errors.ts';

export interface ServerOptions {
  readonly app: Hono;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. Without login only addresses of this machine are allowed. */
  readonly host?: string;
}

export interface RunningServer {
  /** `http://127.0.0.1:4848`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Answers what was asked, then stops. */
  readonly close: () => Promise<void>;
}

const loopback: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** Serves the pages. Throws `port-taken`, and `usage` for an address other machines can reach. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1';
  if (!loopback.includes(host)) {
    throw new PlumblineError('usage', {
      message: `refusing to serve on '${host}': the pages have no login yet, and other machines could reach them there`,
      remedy: 'Serve on 127.0.0.1 and put a proxy with a login in front.',
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<RunningServer>();
  const server = serve(
    { fetch: options.app.fetch, port: options.port, hostname: host },
    (address) => {
      const name = host.includes(':') ? `[${host}]` : host;
      resolve({
        url: `http://${name}:${address.port}`,
        port: address.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            // A browser keeps its connection open for the next page; nobody waits for that.
            if ('closeIdleConnections' in server) server.closeIdleConnections();
          }),
      });
    },
  );
  server.on('error', (cause: Error & { code?: string }) => {
    reject(
      cause.code === 'EADDRINUSE'
        ? new PlumblineError('port-taken', {
            message: `port ${options.port} on ${host} is taken by another program`,
            cause,
          })
        : cause,
    );
  });
  return promise;
}
