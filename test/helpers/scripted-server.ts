import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server answers: a whole response, or what a broken one does to the connection. */
export type Answer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as it is when text or bytes, as JSON otherwise. */
      readonly body?: unknown;
    }
  /** Promises the length and closes in the middle, or sends chunks without the last one. */
  | { readonly cut: 'length' | 'chunked'; readonly body: string }
  /** Closes without an answer, or never answers. */
  | { readonly broken: 'reset' | 'silent' };

/** A request as it was seen. */
export interface Seen {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly method: string;
  readonly body: string;
}

export interface ScriptedServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly requests: readonly Seen[];
  readonly close: () => Promise<void>;
}

/** A server on a free loopback port that answers as the script says. */
export async function startScriptedServer(
  answer: (request: Seen, index: number) => Answer,
): Promise<ScriptedServer> {
  const requests: Seen[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const seen = {
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        method: request.method ?? '',
        body: Buffer.concat(parts).toString(),
      };
      requests.push(seen);
      send(response, answer(seen, requests.length - 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers in the order given, the last one again and again. */
export function inOrder(...answers: readonly Answer[]): (request: Seen, index: number) => Answer {
  return (_request, index) => answers[Math.min(index, answers.length - 1)] ?? { status: 500 };
}

function send(response: http.ServerResponse, answer: Answer): void {
  if ('broken' in answer) {
    if (answer.broken === 'reset') response.socket?.destroy();
    return;
  }
  if ('cut' in answer) {
    const headers: http.OutgoingHttpHeaders = { connection: 'close' };
    if (answer.cut === 'length') headers['content-length'] = Buffer.byteLength(answer.body) + 100;
    response.writeHead(200, headers);
    // Only once it was sent may the connection go.
    response.write(answer.body, () => response.socket?.end());
    return;
  }
  const { status = 200, headers = {}, body = '' } = answer;
  const bytes =
    typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  response.writeHead(status, headers);
  response.end(bytes);
}
