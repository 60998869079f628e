import { randomBytes, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { activityPage, type ActivityRecord, pageSize } from './activities.ts';

export interface ActivityServer {
  /** `http://127.0.0.1:PORT/v1/activities` */
  readonly url: string;
  /** What requests must carry as `Authorization: Bearer …`. New at each start. */
  readonly token: string;
  readonly stop: () => Promise<void>;
}

/**
 * The company's customer relations system, as far as Plumbline sees it: a REST API on loopback that
 * lists activities by the time they changed, a thousand a page, with a cursor to the next page.
 */
export async function startActivityServer(
  records: readonly ActivityRecord[],
): Promise<ActivityServer> {
  const token = randomBytes(24).toString('base64url');
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (status: number, body: string) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(body);
    };
    if (!isAllowed(request.headers.authorization, token)) {
      send(401, '{"error":"a valid token is needed"}');
    } else if (url.pathname === '/v1/activities') {
      send(200, page(records, url.searchParams));
    } else {
      send(404, '{"error":"there is only /v1/activities"}');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  // The project's commands end when their work is done, whether or not this server was stopped.
  server.unref();
  return {
    url: `http://127.0.0.1:${port}/v1/activities`,
    token,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isAllowed(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Where a window begins, and where a page of it begins. */
function page(records: readonly ActivityRecord[], query: URLSearchParams): string {
  const from = firstSince(records, query.get('since'));
  const start = query.has('after') ? positionOf(query.get('after') ?? '', records.length) : from;
  const end = Math.min(records.length, start + pageSize);
  const shown = activityPage(records, { from, start });
  const next = end < records.length ? JSON.stringify(tokenOf(end)) : 'null';
  return `{"data":[${shown.map((record) => record.json).join(',')}],"meta":{"next":${next}}}`;
}

/** The first record that changed at or after an instant; records are sorted by it. */
function firstSince(records: readonly ActivityRecord[], since: string | null): number {
  if (since === null) return 0;
  const at = new Date(since).getTime();
  const index = records.findIndex((record) => Date.parse(record.updatedAt) >= at);
  return index < 0 ? records.length : index;
}

function tokenOf(position: number): string {
  return Buffer.from(`position ${position}`).toString('base64url');
}

function positionOf(token: string, length: number): number {
  const match = /^position (\d+)$/u.exec(Buffer.from(token, 'base64url').toString());
  return match === null ? length : Math.min(length, Number(match[1]));
}
