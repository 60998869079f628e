import { resolveSetting, type SettingValue } from '../setting.ts';

/** How a request shows who asks. Built by `bearer`, `basic` and `header`. */
export type Auth =
  | { readonly kind: 'bearer'; readonly token: SettingValue }
  | { readonly kind: 'basic'; readonly user: SettingValue; readonly password: SettingValue }
  | { readonly kind: 'header'; readonly name: string; readonly value: SettingValue };

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

/** The header to send, and what of it must never be shown. */
export interface ResolvedAuth {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
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
  }
}
