import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';

import type { Certificate } from './certificates.ts';
import { iamRoles } from './tls-postgres.ts';

/** What goes wrong with a connection. */
export type FrontFault =
  /** As Postgres says while it starts: SQLSTATE 57P03. */
  | 'starting'
  /** The connection is cut as soon as it is there. */
  | 'reset'
  /** The token is not accepted: SQLSTATE 28000, as RDS says it. */
  | 'denied';

export interface DatabaseFront {
  readonly port: number;
  /** The users that came in, in order, and whether they came by a token. */
  readonly logins: readonly { readonly user: string; readonly token: string | undefined }[];
  /** Connections that were begun, those that went wrong too. */
  readonly connections: () => number;
  /** Ends every connection there is, as a server that is restarted does. */
  cut(): void;
  /** Whoever is connected hears nothing more and is told of no end, as of a zone that is lost. */
  silence(): void;
  close(): Promise<void>;
}

export interface FrontOptions {
  /** Of the Postgres behind, on 127.0.0.1. */
  readonly postgresPort: number;
  readonly certificate: Certificate;
  /** What goes wrong with the connection of this index, from 0. */
  readonly fault?: (index: number) => FrontFault | undefined;
}

/**
 * Stands before a Postgres as RDS does: TLS and nothing else, and roles with IAM authentication must
 * give a token that was made for this host, port and user in the last 15 minutes
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html).
 * Others authenticate with the Postgres behind it.
 */
export async function startDatabaseFront(options: FrontOptions): Promise<DatabaseFront> {
  const logins: { user: string; token: string | undefined }[] = [];
  const sockets = new Set<net.Socket>();
  const answers = new Set<() => void>();
  let count = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    const fault = options.fault?.(count);
    count += 1;
    if (fault === 'reset') {
      socket.destroy();
      return;
    }
    socket.once('data', (asked) => {
      // SSLRequest is 80877103 (https://www.postgresql.org/docs/17/protocol-message-formats.html).
      if (asked.length !== 8 || asked.readInt32BE(4) !== 80_877_103) {
        socket.end(errorMessage('28000', 'no pg_hba.conf entry for host, no encryption'));
        return;
      }
      socket.write('S');
      const { certificate: cert, key } = options.certificate;
      const secured = new tls.TLSSocket(socket, { isServer: true, cert, key });
      secured.on('error', () => socket.destroy());
      serve(
        secured,
        { ...options, fault: () => fault },
        {
          logins,
          answers,
          port: () => portOf(server),
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    logins,
    connections: () => count,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    silence: () => answers.forEach((stop) => stop()),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// A TCP server's address is an AddressInfo once it listens.
const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;

interface Serving {
  readonly logins: { user: string; token: string | undefined }[];
  /** Stops what the server says, one for each connection. */
  readonly answers: Set<() => void>;
  readonly port: () => number;
}

function serve(client: tls.TLSSocket, options: FrontOptions, serving: Serving): void {
  client.once('data', (startup) => {
    if (options.fault?.(0) === 'starting') {
      client.end(errorMessage('57P03', 'the database system is starting up'));
      return;
    }
    const user = userOf(startup);
    if (!(iamRoles as readonly string[]).includes(user)) {
      serving.logins.push({ user, token: undefined });
      forward(client, startup, { ...serving, to: options.postgresPort });
      return;
    }
    client.once('data', (message) => {
      // PasswordMessage: 'p', length, the token, 0.
      const token = message.subarray(5, -1).toString('utf8');
      serving.logins.push({ user, token });
      if (options.fault?.(0) !== 'denied' && isTokenFor(token, serving.port(), user))
        forward(client, startup, { ...serving, to: options.postgresPort });
      else client.end(errorMessage('28000', `PAM authentication failed for user "${user}"`));
    });
    // AuthenticationCleartextPassword: as RDS asks for tokens, which are longer than SCRAM allows.
    client.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
  });
}

function forward(
  client: tls.TLSSocket,
  startup: Buffer,
  { to, answers }: Pick<Serving, 'answers'> & { readonly to: number },
): void {
  const behind = net.connect(to, '127.0.0.1');
  const stop = (): void => void behind.unpipe(client).resume();
  answers.add(stop);
  behind.on('error', () => client.destroy());
  client.on('close', () => {
    answers.delete(stop);
    behind.destroy();
  });
  behind.on('close', () => client.end());
  behind.write(startup);
  behind.pipe(client);
  client.pipe(behind);
}

function userOf(startup: Buffer): string {
  const words = startup.subarray(8).toString('utf8').split('\0');
  return words[words.indexOf('user') + 1] ?? '';
}

const tokenLifeMs = 15 * 60_000;

function isTokenFor(token: string, port: number, user: string): boolean {
  if (!URL.canParse(`https://${token}`)) return false;
  const { host, searchParams: asked } = new URL(`https://${token}`);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(asked.get('X-Amz-Date') ?? '') ?? [];
  const madeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return (
    host === `localhost:${port}` &&
    asked.get('Action') === 'connect' &&
    asked.get('DBUser') === user &&
    (asked.get('X-Amz-Credential') ?? '').endsWith('/rds-db/aws4_request') &&
    /^[0-9a-f]{64}$/.test(asked.get('X-Amz-Signature') ?? '') &&
    Math.abs(Date.now() - madeMs) < tokenLifeMs
  );
}

function errorMessage(state: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${text}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
