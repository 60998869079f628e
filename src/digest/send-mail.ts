import { Readable } from 'node:stream';

import SmtpConnection from 'nodemailer/lib/smtp-connection';

import type { SmtpServer } from './smtp-server.ts';

/** What is known of a mail after an attempt to send it. */
export type SendOutcome =
  /** The server took it. */
  | { readonly state: 'sent' }
  /** The server has not taken it; `retryable` when a later attempt may succeed. */
  | { readonly state: 'refused'; readonly retryable: boolean; readonly reason: string }
  /** No attempt reached the server's mailboxes: whatever is sent next will not either. */
  | { readonly state: 'unreachable'; readonly retryable: boolean; readonly reason: string }
  /** The connection ended after the content was under way: the server may have it or not. */
  | { readonly state: 'unknown'; readonly reason: string };

export interface SendOptions {
  readonly server: SmtpServer;
  /** Bare addresses. */
  readonly envelope: { readonly from: string; readonly to: string };
  /** The mail as `writeEml` made it. */
  readonly message: Buffer;
  readonly timeouts?: SendTimeouts;
}

export interface SendTimeouts {
  /** To connect, and for the server's greeting. Default 15,000. */
  readonly connectMs?: number;
  /** For each answer of the server. Default 60,000. */
  readonly answerMs?: number;
}

/**
 * Sends a mail once. Never throws: what can be known is in the outcome.
 *
 * The moment that matters is when the server asks for the content. Before it, a broken connection
 * means that nothing was sent; after it, only an answer of the server says whether it has the mail.
 */
export async function sendMail(options: SendOptions): Promise<SendOutcome> {
  const { server, envelope, message, timeouts } = options;
  let stage: 'connecting' | 'envelope' | 'content' = 'connecting';
  const connection = new SmtpConnection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    connectionTimeout: timeouts?.connectMs ?? 15_000,
    greetingTimeout: timeouts?.connectMs ?? 15_000,
    socketTimeout: timeouts?.answerMs ?? 60_000,
  });
  // Read from only once the server has said that it wants the content.
  const content = new Readable({
    read() {
      stage = 'content';
      this.push(message);
      this.push(null);
    },
  });
  try {
    const broken = new Promise<never>((_, reject) => connection.once('error', reject));
    // An error may come before anyone waits for it.
    broken.catch(() => undefined);
    const step = <T>(
      run: (done: (error: unknown, result?: T) => void) => void,
    ): Promise<T | undefined> =>
      Promise.race([
        broken,
        new Promise<T | undefined>((resolve, reject) => {
          run((error, result) => (isError(error) ? reject(error) : resolve(result)));
        }),
      ]);
    await step((done) => connection.connect(done));
    const { login } = server;
    if (login !== undefined) {
      const credentials = { user: login.user, pass: login.password };
      await step((done) => connection.login({ credentials }, done));
    }
    stage = 'envelope';
    await step((done) => connection.send({ ...envelope, size: message.length }, content, done));
    connection.quit();
    return { state: 'sent' };
  } catch (error) {
    connection.close();
    content.destroy();
    return outcomeOf(error, { stage, server });
  }
}

function isError(value: unknown): value is Error {
  return value instanceof Error;
}

function outcomeOf(
  error: unknown,
  { stage, server }: { readonly stage: string; readonly server: SmtpServer },
): SendOutcome {
  const { code, responseCode, permanent } = detailsOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const reason = server.redact(
    `${server.place}: ${message.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300)}`,
  );
  if (stage === 'content' && responseCode === undefined) return { state: 'unknown', reason };
  // Without an answer of the server, what is missing here or there does not come by waiting.
  const lasting = ['EAUTH', 'ENOAUTH', 'ETLS', 'EMESSAGE'].includes(code ?? '');
  const retryable = !(permanent ?? lasting);
  return { state: stage === 'connecting' ? 'unreachable' : 'refused', retryable, reason };
}

/** The fields that nodemailer sets on its errors. */
function detailsOf(error: unknown): {
  readonly code: string | undefined;
  readonly responseCode: number | undefined;
  readonly permanent: boolean | undefined;
} {
  // The cast: each field is looked at before it is used.
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<
    Record<string, unknown>
  >;
  const { code, responseCode, permanent } = fields;
  return {
    code: typeof code === 'string' ? code : undefined,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    permanent: typeof permanent === 'boolean' ? permanent : undefined,
  };
}
