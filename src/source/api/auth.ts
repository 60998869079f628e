import { resolveSetting, type SettingValue } from '../setting.ts';
import { checkOAuth2, type OAuth2Client, type OAuth2Options, resolveOAuth2 } from './oauth2.ts';

/** How a request shows who asks. Built by `bearer`, `basic`, `header` and `oauth2`. */
export type Auth =
  | { readonly kind: 'bearer'; readonly token: SettingValue }
  | { readonly kind: 'basic'; readonly user: SettingValue; readonly password: SettingValue }
  | { readonly kind: 'header'; readonly name: string; readonly value: SettingValue }
  | { readonly kind: 'oauth2'; readonly client: OAuth2Options };

/** `Authorization: Bearer …` (RFC 6750): `bearer(secret('ACTIVITY_TOKEN'))`. */
export function bearer(token: SettingValue): Auth {
  return { kind: 'bearer', token };
}

/** `Authorization: Basic …` (RFC 7617). */
export function basic(user: SettingValue, password: SettingValue): Auth {
  return { kind: 'basic', user, password };
}

/** A header of the API's own: `header('X-Api-Key', secret('SHOP_KEY'))`. */
export function header(name: string, value: SettingValue): Auth {
  return { kind: 'header', name, value };
}

/**
 * A token that is asked for with the client's own credentials (RFC 6749 4.4), and again when it has
 * run out. Throws `project-invalid`.
 */
export function oauth2(client: OAuth2Options): Auth {
  checkOAuth2(client);
  return { kind: 'oauth2', client };
}

/** The header to send, and what of it must never be shown. */
export interface ResolvedAuth {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** The header is made of tokens this client must ask for. */
  readonly client?: OAuth2Client;
}

/** Throws `setting-missing`. Whatever authenticates is a secret, however it was given. */
export function resolveAuth(
  auth: Auth | undefined,
  env: (name: string) => string | undefined,
): ResolvedAuth {
  if (auth === undefined) return { headers: {}, secrets: [] };
  switch (auth.kind) {
    case 'bearer': {
      const token = resolveSetting(auth.token, env);
      return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
    }
    case 'basic': {
      const password = resolveSetting(auth.password, env);
      const pair = `${resolveSetting(auth.user, env)}:${password}`;
      const encoded = Buffer.from(pair).toString('base64');
      return {
        headers: { authorization: `Basic ${encoded}` },
        secrets: [password, encoded, pair],
      };
    }
    case 'header': {
      const value = resolveSetting(auth.value, env);
      return { headers: { [auth.name.toLowerCase()]: value }, secrets: [value] };
    }
    case 'oauth2': {
      const client = resolveOAuth2(auth.client, env);
      return { headers: {}, secrets: client.secrets, client };
    }
  }
}
