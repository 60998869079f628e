import type { LookupFunction } from 'node:net';

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** With its quotes; another content has another. */
  readonly etag: string;
  /** Milliseconds since 1970. S3 keeps whole seconds. */
  readonly modifiedMs: number;
  /** When the bucket is versioned and this was asked of the object itself. */
  readonly versionId?: string | undefined;
}

export interface ListRequest {
  readonly prefix: string;
  /** Leave out what lies behind another `/`. */
  readonly isFlat: boolean;
  /** `next` of the page before. */
  readonly token?: string | undefined;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

export interface GetRequest {
  readonly key: string;
  readonly etag: string;
  readonly versionId: string | undefined;
  /** The first byte wanted. */
  readonly from: number;
}

export interface ObjectBody {
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Bytes still to come, as the server says. */
  readonly length: number | undefined;
  readonly etag: string | undefined;
  readonly versionId: string | undefined;
}

/**
 * What the location asks of a bucket. Each rejects with the client's own error, once its retries
 * are used up; `s3-fault.ts` says it in words.
 */
export interface S3Driver {
  readonly list: (request: ListRequest, signal: AbortSignal) => Promise<ListedPage>;
  readonly head: (key: string, signal: AbortSignal) => Promise<ListedObject>;
  readonly get: (request: GetRequest, signal: AbortSignal) => Promise<ObjectBody>;
}

export interface S3Connection {
  readonly bucket: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly pathStyle: boolean;
  /** Undefined: the chain of the AWS client (environment, profile, single sign-on, role). */
  readonly credentials: S3Keys | undefined;
  readonly profile: string | undefined;
  /** Keeps requests away from addresses that a declared endpoint may not lead to. */
  readonly lookup: LookupFunction | undefined;
  /** Milliseconds of silence after which a request is given up. */
  readonly timeoutMs: number;
}

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
