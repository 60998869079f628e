import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { pageRange } from './activities.ts';

export interface ActivityServer {
  /** `http://127.0.0.1:PORT/v1/activities` */
  readonly url: string;
  /** What requests must carry as `Authorization: Bearer …`. New at each start. */
  readonly token: string;
  readonly stop: () => Promise<void>;
}

/** The records as one block of memory: sixty thousand objects would slow every garbage collection. */
interface Records {
  readonly bytes: Buffer;
  /** Record i is `bytes[starts[i] .. starts[i + 1] - 1)`, without its line end. */
  readonly starts: readonly number[];
  readonly count: number;
}

/**
 * The company's customer relations system, as far as Plumbline sees it: a REST API on loopback that
 * lists activities by the time they changed, a thousand a page, with a cursor to the next page.
 * `file` holds them in that order, a JSON object a line.
 */
export async function startActivityServer(file: string): Promise<ActivityServer> {
  const records = indexLines(await readFile(file));
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

function indexLines(bytes: Buffer): Records {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return { bytes, starts, count: starts.length - 1 };
}

function textOf({ bytes, starts }: Records, first: number, end: number): string {
  return bytes.toString('utf8', starts[first], Math.max(0, (starts[end] ?? 0) - 1));
}

/** A page of the window that `since` asks for. */
function page(records: Records, query: URLSearchParams): string {
  const from = firstSince(records, query.get('since'));
  const start = query.has('after') ? positionOf(query.get('after') ?? '', records.count) : from;
  const [first, end] = pageRange(records.count, { from, start });
  const shown = first < end ? textOf(records, first, end).replaceAll('\n', ',') : '';
  const next = end < records.count ? JSON.stringify(tokenOf(end)) : 'null';
  return `{"data":[${shown}],"meta":{"next":${next}}}`;
}

/** The first record that changed at or after an instant, by halving. */
function firstSince(records: Records, since: string | null): number {
  if (since === null) return 0;
  const at = Date.parse(since);
  let low = 0;
  let high = records.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (updatedAt(records, middle) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function updatedAt(records: Records, index: number): number {
  const match = /"updated_at":"([^"]*)"/u.exec(textOf(records, index, index + 1));
  return Date.parse(match?.[1] ?? '');
}

function tokenOf(position: number): string {
  return Buffer.from(`position ${position}`).toString('base64url');
}

function positionOf(token: string, count: number): number {
  const match = /^position (\d+)$/u.exec(Buffer.from(token, 'base64url').toString());
  return match === null ? count : Math.min(count, Number(match[1]));
}
