import type { Columns } from '../../contract/column.ts';
import { PlumblineError } from '../../errors.ts';
import { describeSetting, resolveSetting, type Setting, type SettingValue } from '../setting.ts';
import type { SourceContext } from '../source.ts';
import type { ApiOptions } from './api-options.ts';
import { resolveAuth } from './auth.ts';
import type { OAuth2Client } from './oauth2.ts';
import { createGrowingRedact, isCredential, partsOfAddress, type Redact } from './redact.ts';

/** What the settings make of the options for one run. */
export interface Call {
  /** Without what asks for a window. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Asks for the tokens that requests are sent with. */
  readonly client: OAuth2Client | undefined;
  readonly redact: Redact;
  /** Adds what must never be shown either. */
  readonly keepSecret: (secret: string) => void;
  /** The API as people call it, without secrets. */
  readonly name: string;
}

const isSecretAddress = (address: SettingValue): address is Setting =>
  typeof address !== 'string' && address.kind === 'secret';

/** A secret address is known by the name of its variable. */
const nameOf = (address: SettingValue, url: URL): string =>
  isSecretAddress(address) ? describeSetting(address) : `${url.origin}${url.pathname}`;

/** Throws `setting-missing`, and `source-error` for an address or header that is none. */
export function resolveCall<C extends Columns>(
  options: ApiOptions<C>,
  { env }: SourceContext,
): Call {
  const { add, redact } = createGrowingRedact();
  const auth = resolveAuth(options.auth, env);
  add(...auth.secrets);
  const resolve = (name: string, value: SettingValue): string => {
    const resolved = resolveSetting(value, env);
    const declared = typeof value !== 'string' && value.kind === 'secret';
    if (declared || isCredential(name, resolved)) add(resolved);
    return resolved;
  };
  const address = resolve('url', options.url);
  if (isSecretAddress(options.url)) add(...partsOfAddress(address));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers[name.toLowerCase()] = resolve(name, value);
  }
  const query = Object.entries(options.query ?? {}).map(
    ([name, value]) => [name, resolve(name, value)] as const,
  );
  const url = parseAddress(address, options.url, redact);
  if (url.password !== '' || url.username !== '') {
    // node:http would send it too; here it is also kept out of every message.
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    const encoded = Buffer.from(pair).toString('base64');
    headers['authorization'] ??= `Basic ${encoded}`;
    add(encoded, decodeURIComponent(url.password));
    url.username = '';
    url.password = '';
  }
  for (const [name, value] of query) url.searchParams.set(name, value);
  Object.assign(headers, auth.headers);
  refuseBadHeaders(headers);
  if (auth.client !== undefined && options.auth?.kind === 'oauth2') {
    const { tokenUrl } = options.auth.client;
    if (isSecretAddress(tokenUrl)) add(...partsOfAddress(auth.client.tokenUrl));
    parseAddress(auth.client.tokenUrl, tokenUrl, redact);
  }
  const name = redact(nameOf(options.url, url));
  return { url, headers, client: auth.client, redact, keepSecret: add, name };
}

/** Throws `source-error` when it is no address that can be asked. `given` is where it comes from. */
export function parseAddress(address: string, given: SettingValue, redact: Redact): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const shown = isSecretAddress(given) ? '***' : redact(address);
    throw new PlumblineError('source-error', {
      message: `The address '${shown}'${typeof given === 'string' ? '' : `, from ${describeSetting(given)},`} is no http or https address.`,
      remedy: 'Give the whole address, such as https://api.example.com/v1/orders.',
    });
  }
  return url;
}

/** Node refuses such a header too, but without saying which variable to look at. */
function refuseBadHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\t\u0020-\u007e\u0080-\u00ff]*$/u.test(value)) continue;
    throw new PlumblineError('source-error', {
      message: `The value of the header '${name}' holds a character that no header may hold, such as a line break.`,
      remedy: 'Set the variable again without the line break.',
    });
  }
}
