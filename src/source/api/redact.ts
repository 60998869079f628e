import querystring from 'node:querystring';

/** Replaces every secret in a text by `***`. */
export type Redact = (text: string) => string;

/** Query parameters that carry credentials by custom, whatever they hold. */
const secretParameters =
  /([?&;](?:[^=&#\s]*(?:key|token|secret|password|passwd|signature|sig|auth)[^=&#\s]*)=)[^&#\s"'<>]+/giu;
const userInfo = /(\w+:\/\/)[^/@\s"'<>]+@/gu;

/**
 * Redacts the secrets given in every form they take on the way: as they are, percent-encoded, in
 * base64, as JSON; and what custom says is secret in an address.
 */
export function createRedact(secrets: Iterable<string>): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === '') continue;
    for (const form of formsOf(secret)) forms.add(form);
  }
  // The longest first: one form may be a part of another.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let redacted = text;
    for (const form of longestFirst) redacted = redacted.replaceAll(form, '***');
    return redacted.replaceAll(userInfo, '$1***@').replaceAll(secretParameters, '$1***');
  };
}

/** A redaction that learns of secrets as they come to be known, such as tokens. */
export function createGrowingRedact(): {
  readonly add: (...secrets: readonly string[]) => void;
  readonly redact: Redact;
} {
  const secrets = new Set<string>();
  let redact = createRedact(secrets);
  return {
    add: (...added) => {
      for (const secret of added) secrets.add(secret);
      redact = createRedact(secrets);
    },
    redact: (text) => redact(text),
  };
}

/**
 * Whether a literal value looks like a credential that was written into a source's file: long, and
 * under a name that says so.
 */
export function isCredential(name: string, value: string): boolean {
  return value.length >= 8 && /key|token|secret|passw|signature|auth/iu.test(name);
}

/** A part of a secret address that is shorter is a word of anyone's, such as `orders`. */
const partLengthMin = 8;

/** What must not be shown of an address that is a secret: the whole, and each part but the host. */
export function partsOfAddress(address: string): string[] {
  if (!URL.canParse(address)) return [address];
  const { href, origin, pathname, username, password, searchParams } = new URL(address);
  const parts = [pathname, ...pathname.split('/'), username, password].flatMap((part) => [
    part,
    querystring.unescape(part),
  ]);
  return [
    address,
    href,
    `${origin}${pathname}`,
    ...[...parts, ...searchParams.values()].filter((part) => part.length >= partLengthMin),
  ];
}

function formsOf(secret: string): string[] {
  const encoded = new URLSearchParams({ s: secret }).toString().slice(2);
  const base64 = Buffer.from(secret).toString('base64');
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    encodeURIComponent(encodeURIComponent(secret.toWellFormed())),
    encoded,
    base64,
    base64.replaceAll('=', ''),
    Buffer.from(secret).toString('base64url'),
    JSON.stringify(secret).slice(1, -1),
  ];
}
