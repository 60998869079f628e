import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { PlumblineError } from '../../../errors.ts';
import type { ListedObject, S3Connection, S3Driver } from './s3-driver.ts';

const packageName = '@aws-sdk/client-s3';

/**
 * Of the AWS client what is used of it, so that neither its code nor its types are needed by those
 * who have no bucket. `test/source/location/s3/aws-driver.test.ts` holds it against the real one.
 */
export interface AwsModule {
  readonly S3Client: new (settings: {
    endpoint?: string;
    region?: string;
    profile?: string;
    credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
    forcePathStyle?: boolean;
    followRegionRedirects?: boolean;
    maxAttempts?: number;
    requestHandler?: {
      connectionTimeout?: number;
      requestTimeout?: number;
      throwOnRequestTimeout?: boolean;
      socketTimeout?: number;
      httpAgent?: { lookup: LookupFunction };
      httpsAgent?: { lookup: LookupFunction };
    };
  }) => {
    send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>;
  };
  readonly ListObjectsV2Command: new (input: {
    Bucket: string;
    Prefix: string;
    Delimiter?: string;
    ContinuationToken?: string;
    EncodingType: 'url';
  }) => object;
  readonly HeadObjectCommand: new (input: { Bucket: string; Key: string }) => object;
  readonly GetObjectCommand: new (input: {
    Bucket: string;
    Key: string;
    IfMatch: string;
    VersionId?: string;
    Range?: string;
    ChecksumMode?: 'ENABLED';
  }) => object;
}

export interface ListOutput {
  readonly Contents?:
    | readonly {
        readonly Key?: string | undefined;
        readonly Size?: number | undefined;
        readonly ETag?: string | undefined;
        readonly LastModified?: Date | undefined;
      }[]
    | undefined;
  readonly EncodingType?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
}

export interface HeadOutput {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly VersionId?: string | undefined;
}

export interface GetOutput extends HeadOutput {
  readonly Body?: unknown;
}

/** Tries in all of a request that the service throttles or that breaks off; the client waits between them. */
const attemptsMax = 4;
const connectTimeoutMs = 10_000;

/**
 * A bucket through AWS' own client, loaded here and only when it is used. Looked for where
 * Plumbline is installed, then in the project. Throws `package-missing`.
 */
export async function createAwsDriver(
  connection: S3Connection,
  projectDir: string,
): Promise<S3Driver> {
  const aws = await loadAws(projectDir);
  const { bucket: Bucket, region, endpoint, profile, credentials, timeoutMs, lookup } = connection;
  const client = new aws.S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: connection.pathStyle,
    followRegionRedirects: true,
    maxAttempts: attemptsMax,
    requestHandler: {
      connectionTimeout: Math.min(connectTimeoutMs, timeoutMs),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
      ...(lookup === undefined ? {} : { httpAgent: { lookup }, httpsAgent: { lookup } }),
    },
  });
  // A command's output has the shape that AWS documents for it.
  const send = async <T>(command: object, abortSignal: AbortSignal): Promise<T> =>
    (await client.send(command, { abortSignal })) as T;
  return {
    list: async ({ prefix, isFlat, token }, signal) => {
      const input = {
        Bucket,
        Prefix: prefix,
        ...(isFlat ? { Delimiter: '/' } : {}),
        ...(token === undefined ? {} : { ContinuationToken: token }),
        // XML has no way to write some letters that a key may have.
        EncodingType: 'url',
      } as const;
      const page = await send<ListOutput>(new aws.ListObjectsV2Command(input), signal);
      const isEncoded = page.EncodingType === 'url';
      return {
        objects: (page.Contents ?? []).map((found) =>
          listed(isEncoded ? decodeKey(found.Key ?? '') : (found.Key ?? ''), {
            ...found,
            ContentLength: found.Size,
          }),
        ),
        next: page.IsTruncated === true ? page.NextContinuationToken : undefined,
      };
    },
    head: async (Key, signal) =>
      listed(Key, await send<HeadOutput>(new aws.HeadObjectCommand({ Bucket, Key }), signal)),
    get: async ({ key: Key, etag: IfMatch, versionId, from }, signal) => {
      const input = {
        Bucket,
        Key,
        IfMatch,
        ...(versionId === undefined ? {} : { VersionId: versionId }),
        // A part of an object has no checksum of its own.
        ...(from === 0 ? { ChecksumMode: 'ENABLED' as const } : { Range: `bytes=${from}-` }),
      };
      const answer = await send<GetOutput>(new aws.GetObjectCommand(input), signal);
      return {
        // In Node the body is a readable stream.
        blocks: answer.Body as AsyncIterable<Uint8Array>,
        length: answer.ContentLength,
        etag: answer.ETag,
        versionId: answer.VersionId,
      };
    },
  };
}

const listed = (key: string, found: HeadOutput): ListedObject => ({
  key,
  sizeBytes: found.ContentLength ?? 0,
  etag: found.ETag ?? '',
  modifiedMs: found.LastModified?.getTime() ?? 0,
  versionId: found.VersionId,
});

/** A space comes as `+`, and a `+` as `%2B`. */
const decodeKey = (encoded: string): string => decodeURIComponent(encoded.replaceAll('+', ' '));

async function loadAws(projectDir: string): Promise<AwsModule> {
  const fromProject = (): string =>
    pathToFileURL(createRequire(path.join(projectDir, 'package.json')).resolve(packageName)).href;
  const loaded = await importOwn().catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return undefined;
  });
  if (loaded !== undefined) return loaded;
  try {
    return await importModule(fromProject());
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PlumblineError('package-missing', {
      message: `s3() reads buckets with the package ${packageName}, which is not installed in ${projectDir}.`,
      cause: error,
    });
  }
}

/** Written out, so that bundlers find it; it is resolved no sooner than a bucket is read. */
const importOwn = (): Promise<AwsModule> => import('@aws-sdk/client-s3');

const importModule = async (specifier: string): Promise<AwsModule> => {
  const loaded: unknown = await import(specifier);
  // Held against the real client's types by a test.
  return loaded as AwsModule;
};

/** Whether it is the package itself that was not found, not a part of it. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const isNotFound = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
  return isNotFound && error.message.includes(packageName);
}
