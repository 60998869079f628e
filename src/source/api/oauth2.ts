import { PlumblineError } from '../../errors.ts';
import { checkNames, invalidOption } from '../check-options.ts';
import { resolveSetting, type SettingValue } from '../setting.ts';
import { excerptOf, getWithRetries, type Requester } from './get-with-retries.ts';
import type { HttpResponse } from './http-get.ts';

/** Where and as whom to ask for a token (client credentials, RFC 6749 4.4). */
export interface OAuth2Options {
  /** An http or https address, or the setting that holds it. */
  readonly tokenUrl: SettingValue;
  readonly clientId: SettingValue;
  /** `secret('SHOP_CLIENT_SECRET')` */
  readonly clientSecret: SettingValue;
  /** Scopes asked for, separated by spaces. */
  readonly scope?: string;
  /** Some servers want to know what the token is for. */
  readonly audience?: string;
  /** How the client shows who it is: the `Authorization` header (default), or fields of the body. */
  readonly style?: 'basic' | 'body';
}

/** Throws `project-invalid`. */
export function checkOAuth2(options: OAuth2Options): void {
  const needed = ['tokenUrl', 'clientId', 'clientSecret'];
  checkNames('oauth2', options, [...needed, 'scope', 'audience', 'style']);
  const lacking = needed.find((name) => !Object.hasOwn(options, name));
  if (lacking !== undefined) throw invalidOption('oauth2', `${lacking} is missing.`);
  const { style = 'basic' } = options;
  if (style !== 'basic' && style !== 'body') {
    throw invalidOption('oauth2', `style is '${String(style)}'; expected 'basic' or 'body'.`);
  }
}

/** The client's settings, resolved, and what of them must never be shown. */
export interface OAuth2Client {
  readonly tokenUrl: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export function resolveOAuth2(
  options: OAuth2Options,
  env: (name: string) => string | undefined,
): OAuth2Client {
  const id = resolveSetting(options.clientId, env);
  const secret = resolveSetting(options.clientSecret, env);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (options.scope !== undefined) form.set('scope', options.scope);
  if (options.audience !== undefined) form.set('audience', options.audience);
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  const secrets = [secret];
  if (options.style === 'body') {
    form.set('client_id', id);
    form.set('client_secret', secret);
  } else {
    // Both are form-encoded before they are joined (RFC 6749 2.3.1).
    const encode = (text: string): string => new URLSearchParams({ _: text }).toString().slice(2);
    const pair = Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64');
    headers['authorization'] = `Basic ${pair}`;
    secrets.push(pair);
  }
  return {
    tokenUrl: resolveSetting(options.tokenUrl, env),
    body: form.toString(),
    headers,
    secrets,
  };
}

/** The tokens of one run. */
export interface Tokens {
  /** The header that shows the token, asked for when there is none or it has run out. */
  readonly header: () => Promise<Readonly<Record<string, string>>>;
  /** The server refused the token: the next request gets another. */
  readonly forget: () => void;
}

/** A token is not used in the last minute of its life, nor in the last tenth of a short one. */
const marginMsMax = 60_000;

/**
 * Asks `requester` for tokens, which are kept in memory alone. `header` throws `source-denied` when the
 * client is refused, `source-error` when the answer is no token, `source-unreachable` as all requests do.
 */
export function createTokens(
  client: OAuth2Client,
  requester: Requester,
  keepSecret: (token: string) => void,
): Tokens {
  const url = new URL(client.tokenUrl);
  const { clockMs } = requester.effects;
  let token: { readonly text: string; readonly usableUntil: number } | undefined;
  const ask = async (): Promise<NonNullable<typeof token>> => {
    const response = await getWithRetries(url, {
      ...requester,
      origin: url.origin,
      headers: { ...client.headers, accept: 'application/json' },
      body: client.body,
      tokens: undefined,
      refuse: (answer) => refusedClient(url, answer, requester),
    });
    const { text, livesMs } = readToken(url, response, requester);
    keepSecret(text);
    const margin = Math.min(marginMsMax, livesMs / 10);
    return { text, usableUntil: clockMs() + livesMs - margin };
  };
  return {
    header: async () => {
      if (token === undefined || clockMs() >= token.usableUntil) token = await ask();
      return { authorization: `Bearer ${token.text}` };
    },
    forget: () => {
      token = undefined;
    },
  };
}

function refusedClient(
  url: URL,
  response: HttpResponse,
  { redact }: Requester,
): PlumblineError | undefined {
  // 400 is how RFC 6749 5.2 has a server say most of what it may not like.
  if (![400, 401, 403].includes(response.status)) return undefined;
  const said = excerptOf(response.body, redact);
  return new PlumblineError('source-denied', {
    message: redact(
      `${url.href}: the server gives no token, it answered ${response.status}${said === '' ? '' : `: ${said}`}`,
    ),
    remedy: 'Check clientId, clientSecret, scope and style of oauth2() in the source.',
  });
}

function readToken(
  url: URL,
  response: HttpResponse,
  { redact }: Requester,
): { readonly text: string; readonly livesMs: number } {
  const answer = parseAnswer(response.body);
  const text = answer['access_token'];
  const type = answer['token_type'] ?? 'bearer';
  // What a token may be made of (RFC 6750 2.1); anything else could not be sent in a header.
  const isToken = typeof text === 'string' && /^[\x21-\x7e]+$/u.test(text);
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  if (!isToken || !isBearer) {
    const problem = isToken ? `is of type ${JSON.stringify(type)}` : 'is missing';
    throw new PlumblineError('source-error', {
      message: redact(
        `${url.href}: access_token of the answer ${problem}; expected a bearer token (RFC 6749 5.1).`,
      ),
      remedy: "Check tokenUrl of oauth2() in the source's file.",
    });
  }
  const seconds = Number(answer['expires_in']);
  // Without a lifetime it is used until the server refuses it.
  return { text, livesMs: seconds > 0 ? seconds * 1000 : Number.MAX_SAFE_INTEGER };
}

function parseAnswer(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    // An object's entries are all that is read of it.
    return value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value))
      : {};
  } catch {
    return {};
  }
}
