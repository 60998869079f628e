import { PlumblineError } from '../errors.ts';
import { createRedact } from '../source/api/redact.ts';
import type { Redact } from '../source/api/redact.ts';

/** A mail server as its URL says, and how to speak of it without its password. */
export interface SmtpServer {
  readonly host: string;
  /** Undefined: 465 with TLS from the start, else 587. */
  readonly port: number | undefined;
  /** TLS from the start (`smtps:`). */
  readonly secure: boolean;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** A password is not sent in the clear, but to this machine itself. */
  readonly requireTls: boolean;
  /** `mail.example.com:587` */
  readonly place: string;
  /** Takes the password out of what a server said, in every form it may have. */
  readonly redact: Redact;
}

/** Reads `smtp://user:password@host:port`. Throws `mail-invalid`, without quoting the URL. */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^smtps?:$/u.test(url.protocol) || url.hostname === '') {
    throw new PlumblineError('mail-invalid', {
      message:
        'The address of the mail server cannot be read; expected smtp://user:password@host:port.',
      remedy: 'Correct SMTP_URL in the environment, or mail.smtp in plumbline.config.ts.',
    });
  }
  const user = decode(url.username);
  const password = decode(url.password);
  // A URL writes an IPv6 address in brackets, a socket does not.
  const host = url.hostname.replaceAll(/^\[|\]$/gu, '');
  const secure = url.protocol === 'smtps:';
  const port = url.port === '' ? undefined : Number(url.port);
  const isLocal = ['localhost', '127.0.0.1', '::1'].includes(host);
  const plain = `\0${user}\0${password}`;
  return {
    host,
    port,
    secure,
    login: user === '' ? undefined : { user, password },
    requireTls: user !== '' && !secure && !isLocal,
    place: `${url.hostname}:${port ?? (secure ? 465 : 587)}`,
    redact: createRedact([text, password, url.password, plain]),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % was meant as it stands.
    return text;
  }
}
