import type { LookupFunction } from 'node:net';
import path from 'node:path';

import { suggest } from '../../../contract/suggest.ts';
import { PlumblineError } from '../../../errors.ts';
import { createRedact } from '../../api/redact.ts';
import { checkNames, invalidOption } from '../../check-options.ts';
import { resolveSetting, type Setting, settingsIn, type SettingValue } from '../../setting.ts';
import type { Location, Offer, SourceContext } from '../../source.ts';
import { createAddressGuard } from '../address-guard.ts';
import { folder } from '../folder.ts';
import { createAwsDriver } from './aws-driver.ts';
import { isLiteral, isNeverData, parseKeyPattern } from './key-pattern.ts';
import { readObject } from './read-object.ts';
import type { ListedObject, S3Connection, S3Driver } from './s3-driver.ts';
import { addressOf, type Asked, faultName, s3Fault, statusOf } from './s3-fault.ts';

export interface S3Options {
  /** The bucket's region. Default: AWS_REGION, or that of the profile. */
  readonly region?: SettingValue;
  /** Another store that speaks S3, e.g. `'https://minio.example.com'`. Default: AWS_ENDPOINT_URL_S3. */
  readonly endpoint?: SettingValue;
  /** Write the bucket into the path instead of the host name. Default: true with an endpoint. */
  readonly pathStyle?: boolean;
  /** Default: what AWS' own client finds: the environment, the project's .env, a profile, a role. */
  readonly credentials?: S3Credentials;
  /** Lets `endpoint` be a link-local address, or a private one on servers that refuse them. */
  readonly allowPrivate?: boolean;
  /** Milliseconds without a byte after which the server counts as silent. Default 60,000. */
  readonly timeoutMs?: number;
  /**
   * Files that stand for the bucket where the project does not run on AWS, as `folder` takes them:
   * `'data/payments/*.xlsx'`. On AWS (the variable PLUMBLINE_STACK is set there) it means nothing.
   */
  readonly local?: string;
}

/** An access key that is the source's own. */
export interface S3Credentials {
  readonly accessKeyId: SettingValue;
  readonly secretAccessKey: Setting;
  readonly sessionToken?: Setting;
}

/**
 * Objects of a bucket: `s3('acme-landing/payments/*.csv')`, with the wildcards of `folder`. Oldest
 * first by LastModified, then by key. Only keys after the text before the first wildcard are listed,
 * and of these, key, size, ETag and time of those that match are held to sort them.
 *
 * A key without wildcards that is not there throws `source-not-found`. `open` throws
 * `source-changed` when the object was overwritten or deleted since it was listed, and
 * `source-unreachable` when it breaks off again and again. Needs the package `@aws-sdk/client-s3`
 * (`package-missing`). Throws `project-invalid` on a wrong pattern or option.
 */
export function s3(pattern: string, options: S3Options = {}): Location {
  const { bucket, key } = parseAddress(pattern);
  checkOptions(options);
  const local = options.local === undefined ? undefined : folder(options.local);
  return {
    kind: 's3',
    description:
      local === undefined
        ? `s3 ${bucket}/${key}`
        : `${local.description}, on AWS s3 ${bucket}/${key}`,
    place: { kind: 's3', bucket, pattern: key, isElsewhere: options.endpoint !== undefined },
    settings: settingsIn(options),
    list: async function* list(context) {
      context.signal.throwIfAborted();
      if (local !== undefined && context.env('PLUMBLINE_STACK') === undefined) {
        yield* local.list(context);
        return;
      }
      const place = await openBucket(bucket, options, context);
      const objects = isLiteral(key) ? [await findObject(place, key)] : await listAll(place, key);
      for (const object of objects) {
        context.signal.throwIfAborted();
        if (object !== undefined) yield offerOf(place, object);
      }
    },
  };
}

interface Bucket {
  readonly driver: S3Driver;
  readonly signal: AbortSignal;
  readonly asked: (doing: Asked['doing'], key: string) => Asked;
}

function parseAddress(pattern: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^(?:s3:\/\/)?([^/]*)\/([^]+)$/u.exec(pattern) ?? [];
  if (!/^[\w.-]{3,255}$/u.test(bucket) || key === '' || key.endsWith('/')) {
    throw invalidOption(
      's3',
      `${JSON.stringify(pattern)} names no objects; expected a bucket, a slash and a key or pattern, such as 'acme-landing/payments/*.csv'.`,
    );
  }
  return { bucket, key };
}

const optionNames = [
  'region',
  'endpoint',
  'pathStyle',
  'credentials',
  'allowPrivate',
  'timeoutMs',
  'local',
];

function checkOptions(options: S3Options): void {
  checkNames('s3', options, optionNames);
  const { region, endpoint, pathStyle, credentials, allowPrivate, timeoutMs, local } = options;
  if (local !== undefined && typeof local !== 'string')
    throw invalidOption(
      's3',
      `local is ${JSON.stringify(local)}; expected a pattern of files, such as 'data/payments/*.xlsx'.`,
    );
  for (const [name, value] of Object.entries({ pathStyle, allowPrivate })) {
    if (value !== undefined && typeof value !== 'boolean')
      throw invalidOption('s3', `${name} is ${JSON.stringify(value)}; expected true or false.`);
  }
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs > 0))
    throw invalidOption(
      's3',
      `timeoutMs is ${JSON.stringify(timeoutMs)}; expected milliseconds, such as 60_000.`,
    );
  if (typeof region === 'string' && !/^[a-z0-9-]+$/u.test(region))
    throw invalidOption(
      's3',
      `region is ${JSON.stringify(region)}; expected one such as 'eu-central-1'.`,
    );
  if (typeof endpoint === 'string') checkEndpoint(endpoint);
  if (credentials !== undefined) checkCredentials(credentials);
}

function checkEndpoint(endpoint: string): void {
  if (/^https?:\/\//iu.test(endpoint) && URL.canParse(endpoint)) return;
  throw invalidOption(
    's3',
    `endpoint is ${JSON.stringify(createRedact([])(endpoint))}; expected an address such as 'https://minio.example.com'.`,
  );
}

const credentialNames = ['accessKeyId', 'secretAccessKey', 'sessionToken'];

function checkCredentials(credentials: S3Credentials): void {
  checkNames('s3', credentials, credentialNames);
  const parts: Readonly<Record<string, unknown>> = { ...credentials };
  for (const name of credentialNames) {
    const value = parts[name];
    const isSetting = value !== null && typeof value === 'object' && 'name' in value;
    const isFine =
      isSetting ||
      (name === 'accessKeyId' && typeof value === 'string' && value !== '') ||
      (name === 'sessionToken' && value === undefined);
    // The value is not shown: it would be a secret in a message.
    if (!isFine)
      throw invalidOption(
        's3',
        `credentials.${name} is ${value === undefined ? 'missing' : 'written in the file'}; expected secret('NAME') with the name of a variable.`,
      );
  }
}

async function openBucket(
  bucket: string,
  options: S3Options,
  context: SourceContext,
): Promise<Bucket> {
  const settings = connectionOf(bucket, options, context.env);
  const { credentials, endpoint, region } = settings;
  const redact = createRedact(
    [credentials?.secretAccessKey, credentials?.sessionToken].filter((part) => part !== undefined),
  );
  const at = endpoint ?? (region === undefined ? 'AWS' : `AWS in ${region}`);
  const asked: Bucket['asked'] = (doing, key) => ({ doing, bucket, key, at, redact });
  const lookup = guardedLookup(endpoint, options, context, asked('list', ''));
  return {
    driver: await createAwsDriver({ ...settings, lookup }, context.projectDir),
    signal: context.signal,
    asked,
  };
}

/**
 * An endpoint that was declared may lead nowhere else than other addresses may. Without one the
 * client asks AWS, which inside a private network has private addresses.
 */
function guardedLookup(
  endpoint: string | undefined,
  { allowPrivate }: S3Options,
  { network }: SourceContext,
  asked: Asked,
): LookupFunction | undefined {
  if (endpoint === undefined) return undefined;
  const guard = createAddressGuard({ network, allowPrivate });
  try {
    guard.check(new URL(endpoint));
  } catch (error) {
    throw s3Fault(error, asked);
  }
  return guard.lookup;
}

/** What the AWS client takes from the environment may stand in the project's .env too. */
function connectionOf(
  bucket: string,
  options: S3Options,
  env: SourceContext['env'],
): Omit<S3Connection, 'lookup'> {
  const variable = (...names: readonly string[]): string | undefined =>
    names.map(env).find((value) => value !== undefined && value !== '');
  const given = (value: SettingValue | undefined): string | undefined =>
    value === undefined ? undefined : resolveSetting(value, env);
  const endpoint = given(options.endpoint) ?? variable('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL');
  if (endpoint !== undefined) checkEndpoint(endpoint);
  const region = given(options.region) ?? variable('AWS_REGION', 'AWS_DEFAULT_REGION');
  const { credentials } = options;
  const accessKeyId = credentials ? given(credentials.accessKeyId) : variable('AWS_ACCESS_KEY_ID');
  const secretAccessKey = credentials
    ? given(credentials.secretAccessKey)
    : variable('AWS_SECRET_ACCESS_KEY');
  const sessionToken = credentials
    ? given(credentials.sessionToken)
    : variable('AWS_SESSION_TOKEN');
  return {
    bucket,
    // Stores that are not AWS' take any region, but the signature must have one.
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    endpoint,
    pathStyle: options.pathStyle ?? endpoint !== undefined,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    profile: variable('AWS_PROFILE'),
    timeoutMs: options.timeoutMs ?? 60_000,
  };
}

async function listAll(place: Bucket, pattern: string): Promise<ListedObject[]> {
  const { prefix, isFlat, matches } = parseKeyPattern(pattern);
  const found: ListedObject[] = [];
  for await (const object of listPrefix(place, prefix, isFlat)) {
    // A name with brackets may be meant as written, as in a folder.
    if (object.key === pattern && matches(object.key)) return [object];
    if (matches(object.key)) found.push(object);
  }
  return found.sort(
    (a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
}

async function* listPrefix(
  { driver, signal, asked }: Bucket,
  prefix: string,
  isFlat: boolean,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await driver.list({ prefix, isFlat, token }, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw s3Fault(error, asked('list', prefix));
    });
    yield* page.objects;
    token = page.next;
  } while (token !== undefined);
}

/** The one object of a key without wildcards; undefined when files of its name are never data. */
async function findObject(place: Bucket, key: string): Promise<ListedObject | undefined> {
  if (isNeverData(path.posix.basename(key))) return undefined;
  try {
    return await place.driver.head(key, place.signal);
  } catch (error) {
    place.signal.throwIfAborted();
    if (statusOf(error) === 404) throw await notFound(place, key);
    throw (await reasonBehind(place, key, error)) ?? s3Fault(error, place.asked('read', key));
  }
}

/**
 * The answer to a HEAD has no body that says why; that of a listing has. Who may list only what is
 * under this key is told of a missing object that it is denied: the listing says that it is missing.
 */
async function reasonBehind(
  place: Bucket,
  key: string,
  error: unknown,
): Promise<PlumblineError | undefined> {
  if (statusOf(error) === undefined || /^[A-Z][a-z]+[A-Z]/u.test(faultName(error)))
    return undefined;
  try {
    const { objects } = await place.driver.list({ prefix: key, isFlat: true }, place.signal);
    return objects.some((object) => object.key === key) ? undefined : await notFound(place, key);
  } catch (reason) {
    place.signal.throwIfAborted();
    const isOther = faultName(reason) !== 'AccessDenied';
    return isOther ? s3Fault(reason, place.asked('list', key)) : undefined;
  }
}

async function notFound(place: Bucket, key: string): Promise<PlumblineError> {
  const { bucket } = place.asked('read', key);
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  let near: string | undefined;
  try {
    const { objects } = await place.driver.list({ prefix: folder, isFlat: true }, place.signal);
    const names = objects.map((object) => object.key.slice(folder.length));
    near = suggest(
      key.slice(folder.length),
      names.filter((name) => name !== ''),
    );
  } catch (error) {
    // Without the right to list there is no suggestion.
    if (statusOf(error) !== 403) return s3Fault(error, place.asked('list', folder));
  }
  return new PlumblineError('source-not-found', {
    message:
      `${addressOf(bucket, key)} is not there` +
      (near === undefined ? '.' : `; did you mean '${bucket}/${folder}${near}'?`),
  });
}

function offerOf(place: Bucket, object: ListedObject): Offer {
  const { key, sizeBytes, modifiedMs, etag } = object;
  const asked = place.asked('read', key);
  return {
    slot: addressOf(asked.bucket, key),
    name: key.slice(key.lastIndexOf('/') + 1),
    sizeBytes,
    modifiedAt: new Date(modifiedMs).toISOString(),
    // The ETag is of the content or of the write; the time tells a store whose ETags are weaker.
    fingerprint: () => (etag === '' ? undefined : `${etag} ${sizeBytes} ${modifiedMs}`),
    open: () => readObject({ driver: place.driver, object, asked, signal: place.signal }),
  };
}
