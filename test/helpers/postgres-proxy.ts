import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { createPhases, type Phase } from './load-phases.ts';

/** One message of the Postgres protocol, seen by the proxy before it is passed on. */
export interface Message {
  readonly from: 'client' | 'server';
  /** The letter of the protocol; `startup` for the first message of a connection, which has none. */
  readonly type: string;
  readonly bytes: Buffer;
  /** What the load is at. */
  readonly phase: Phase;
  /** Process number of the backend, once it has told it. */
  readonly backend: number | undefined;
  /** What the client asked for last. */
  readonly statement: string;
}

/** What is done with a message. */
export type Verdict =
  | 'pass'
  /** The connection ends both ways after so many bytes of the message. */
  | { readonly cutAfter: number }
  /** Postgres refuses the message, and its error arrives at the client as this one. */
  | { readonly refuse: InjectedError };

export interface InjectedError {
  readonly state: string;
  readonly message: string;
  /** FATAL ends the connection, as Postgres does. */
  readonly severity: 'ERROR' | 'FATAL';
}

export type Watch = (message: Message) => Verdict | Promise<Verdict>;

/** A TCP proxy in front of Postgres that knows where each message of the protocol begins and ends. */
export interface PostgresProxy {
  /** The address of a database by way of the proxy. */
  readonly address: (url: string) => string;
  /** From now on `watch` decides about each message, on new and open connections. */
  readonly watch: (watch: Watch) => void;
  readonly close: () => Promise<void>;
}

const pass: Watch = () => 'pass';

export async function createPostgresProxy(url: string): Promise<PostgresProxy> {
  const target = { host: new URL(url).hostname, port: Number(new URL(url).port) };
  let watch = pass;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      // Small messages that wait for each other's acknowledgement take 40 ms each.
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    forward(client, upstream, (message) => watch(message));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    address: (direct) => {
      const through = new URL(direct);
      through.hostname = '127.0.0.1';
      through.port = String(address.port);
      return through.href;
    },
    watch: (next) => {
      watch = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What both directions of a connection know of it. */
interface Connection {
  readonly phases: ReturnType<typeof createPhases>;
  backend: number | undefined;
  /** Set: the next error of Postgres is told as this one. */
  injected: InjectedError | undefined;
}

function forward(client: Socket, upstream: Socket, watch: Watch): void {
  const connection: Connection = {
    phases: createPhases(),
    backend: undefined,
    injected: undefined,
  };
  const end = (): void => {
    // What was written before still arrives: only then is the place of a cut exact.
    client.destroySoon();
    upstream.destroySoon();
  };
  readMessages(
    client,
    'client',
    async (type, bytes) => {
      if (type === 'Q' || type === 'P') connection.phases.see(statementOf(type, bytes));
      const verdict = await judge(watch, connection, { from: 'client', type, bytes });
      if (verdict === 'pass') upstream.write(bytes);
      else if ('cutAfter' in verdict) cut(upstream, bytes, verdict.cutAfter);
      else refuse({ client, upstream, connection }, type, { bytes, error: verdict.refuse });
      return verdict === 'pass' || 'refuse' in verdict;
    },
    end,
  );
  readMessages(
    upstream,
    'server',
    async (type, bytes) => {
      if (type === 'K') connection.backend = bytes.readInt32BE(5);
      const verdict = await judge(watch, connection, { from: 'server', type, bytes });
      if (verdict !== 'pass' && 'cutAfter' in verdict) {
        cut(client, bytes, verdict.cutAfter);
        return false;
      }
      const { injected } = connection;
      if (type !== 'E' || injected === undefined) {
        client.write(bytes);
        return true;
      }
      connection.injected = undefined;
      client.write(errorResponse(injected));
      return injected.severity === 'ERROR';
    },
    end,
  );
}

const judge = async (
  watch: Watch,
  { phases, backend }: Connection,
  message: Pick<Message, 'from' | 'type' | 'bytes'>,
): Promise<Verdict> =>
  watch({ ...message, phase: phases.phase(), statement: phases.statement(), backend });

function cut(to: Socket, bytes: Buffer, after: number): void {
  if (after > 0) to.write(bytes.subarray(0, after));
}

/** Makes Postgres itself fail at the message, so that the transaction is in the state it would be in. */
function refuse(
  between: { client: Socket; upstream: Socket; connection: Connection },
  type: string,
  { bytes, error }: { bytes: Buffer; error: InjectedError },
): void {
  between.connection.injected = error;
  if (type === 'startup') {
    between.client.end(errorResponse(error));
    between.upstream.destroy();
  } else if (type === 'Q') between.upstream.write(frame('Q', Buffer.from('injected\0')));
  else if (type === 'P') between.upstream.write(frame('P', Buffer.from('\0injected\0\0\0')));
  else if (type === 'd' || type === 'c')
    between.upstream.write(frame('f', Buffer.from('injected\0')));
  else between.upstream.write(bytes);
}

const frame = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const errorResponse = ({ state, message, severity }: InjectedError): Buffer =>
  frame('E', Buffer.from(`S${severity}\0V${severity}\0C${state}\0M${message}\0\0`));

/** The SQL of a Query or Parse message. */
function statementOf(type: string, bytes: Buffer): string {
  const start = type === 'Q' ? 5 : bytes.indexOf(0, 5) + 1;
  return bytes.toString('utf8', start, bytes.indexOf(0, start));
}

/**
 * Calls `take` for each message, one after the other however the bytes arrive; `end` once it
 * returned false or the socket closed.
 */
function readMessages(
  socket: Socket,
  from: Message['from'],
  take: (type: string, bytes: Buffer) => Promise<boolean>,
  end: () => void,
): void {
  let rest: Buffer = Buffer.alloc(0);
  let started = from === 'server';
  let closed = false;
  let queue: Promise<unknown> = Promise.resolve();
  const handle = async (chunk: Buffer): Promise<void> => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (!closed) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      const bytes = rest.subarray(0, length);
      rest = rest.subarray(length);
      const type = started ? String.fromCharCode(bytes[0] ?? 0) : 'startup';
      started = true;
      if (!(await take(type, bytes))) {
        closed = true;
        end();
      }
    }
  };
  socket.on('data', (chunk: Buffer) => {
    queue = queue.then(() => handle(chunk));
  });
  const finish = async (): Promise<void> => {
    await queue;
    closed = true;
    end();
  };
  socket.on('close', () => void finish());
}
