import type { AddressInfo } from 'node:net';

import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

/** A mail server on a free loopback port that keeps what it is sent. */
export interface MailCatcher {
  readonly port: number;
  /** `smtp://127.0.0.1:PORT` */
  readonly url: string;
  /** Mails it has taken, in order. */
  readonly mails: readonly ParsedMail[];
  /** Every attempt that reached the content, those it did not take included. */
  readonly attempts: readonly string[];
  readonly close: () => Promise<void>;
}

export interface CatcherOptions {
  /** What becomes of the content of attempt number n, from 0: taken, an SMTP code, or a cut connection. */
  readonly answer?: (attempt: number) => 'take' | 'cut' | number | Promise<'take'>;
  /** The same for the recipient, before any content. */
  readonly recipient?: (attempt: number) => 'take' | 'cut' | number;
  readonly smtp?: SMTPServerOptions;
}

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

export async function startMailCatcher(options: CatcherOptions = {}): Promise<MailCatcher> {
  const mails: ParsedMail[] = [];
  const attempts: string[] = [];
  let recipients = 0;
  const server: SMTPServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_, session, done) => {
      const answer = options.recipient?.(recipients) ?? 'take';
      recipients += 1;
      if (answer === 'take') return done();
      if (answer === 'cut') return cut(session.id);
      return done(refusal(answer, 'the recipient is refused'));
    },
    onData: (stream, session, done) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of stream) parts.push(Buffer.from(part));
        const text = Buffer.concat(parts).toString();
        attempts.push(text);
        const answer = await (options.answer?.(attempts.length - 1) ?? 'take');
        if (answer === 'cut') return cut(session.id);
        if (answer !== 'take') return done(refusal(answer, 'the content is refused'));
        mails.push(await simpleParser(text));
        return done();
      })();
    },
    ...options.smtp,
  });
  function cut(session: string): void {
    // What a server that dies looks like from outside: no answer, and the connection is gone.
    for (const connection of server.connections) {
      // The library has no other way to its sockets.
      // oxlint-disable-next-line no-underscore-dangle
      if (connection.id === session) connection._socket.destroy();
    }
  }
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails,
    attempts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
