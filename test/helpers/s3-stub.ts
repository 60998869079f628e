import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** One stored content of a key. */
export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
  readonly versionId: string;
}

/** A request as it was seen. */
export interface S3Request {
  readonly kind: 'list' | 'head' | 'get' | 'put';
  /** The key, or the prefix that is listed. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: http.IncomingHttpHeaders;
}

/** What goes wrong with a request. */
export type S3Fault =
  | {
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The body ends after so many bytes although more were promised. */
  | { readonly cutAfter: number }
  /** The bytes are others than those of the checksum. */
  | 'corrupt'
  /** No answer comes. */
  | 'silent';

export interface S3StubOptions {
  readonly isVersioned?: boolean;
  /** Keys on a page of a listing at most. S3 has 1,000. */
  readonly pageMax?: number;
  /** Called with every request that is otherwise fine; what it gives goes wrong. */
  readonly fault?: (request: S3Request, index: number) => S3Fault | undefined;
}

export interface S3Stub {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly requests: readonly S3Request[];
  /** Stores a content as of the given minute of 2026, or a moment. */
  put(key: string, body: string | Uint8Array, modified?: number | Date): StoredObject;
  remove(key: string): void;
  /** Of what is stored now. */
  keys(): readonly string[];
  /** The newest content of a key; undefined when there is none. */
  read(key: string): Buffer | undefined;
  readonly close: () => Promise<void>;
}

export const stubBucket = 'acme-landing';

/**
 * A store that speaks as much of S3 as a reader needs, on a free loopback port, path style:
 * ListObjectsV2 with pages, delimiter and `encoding-type=url`, HeadObject, and GetObject with
 * If-Match, versions, ranges and checksums, and PutObject in one piece
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html).
 * Without a signature everything is denied, as in a bucket that is not public.
 */
export async function startS3Stub(options: S3StubOptions = {}): Promise<S3Stub> {
  const store = new Map<string, StoredObject[]>();
  const requests: S3Request[] = [];
  const server = http.createServer((incoming, response) => {
    const [path = '', search = ''] = (incoming.url ?? '').split('?');
    const query = parseQuery(search);
    const [, bucket = '', rawKey] = /^\/([^/]*)\/?([^]*)$/u.exec(path) ?? [];
    const key = decodeURIComponent(rawKey ?? '');
    const kind = key === '' ? 'list' : kindOf(incoming.method);
    const request: S3Request = {
      kind,
      key: kind === 'list' ? (query.get('prefix') ?? '') : key,
      query,
      headers: incoming.headers,
    };
    requests.push(request);
    const answer = new Answer(response, incoming.method === 'HEAD');
    if (incoming.headers.authorization === undefined) {
      answer.error({ status: 403, code: 'AccessDenied', message: 'Access Denied' });
    } else if (bucket !== stubBucket) {
      answer.error({
        status: 404,
        code: 'NoSuchBucket',
        message: 'The specified bucket does not exist',
      });
    } else {
      const fault = options.fault?.(request, requests.length - 1);
      if (fault === 'silent') return;
      if (typeof fault === 'object' && 'status' in fault) answer.error(fault);
      else if (kind === 'list') answer.xml(200, listing(store, query, options.pageMax ?? 1_000));
      else if (kind === 'put') void receive(incoming, answer, (body) => put(key, body, new Date()));
      else
        sendObject(answer, {
          request,
          fault,
          versions: store.get(key) ?? [],
          isVersioned: options.isVersioned ?? false,
        });
    }
  });

  function put(
    key: string,
    content: string | Uint8Array,
    modified: number | Date = 0,
  ): StoredObject {
    const body = Buffer.from(content);
    const stored: StoredObject = {
      body,
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      modified:
        typeof modified === 'number' ? new Date(Date.UTC(2026, 0, 1, 0, modified)) : modified,
      versionId: randomUUID(),
    };
    const older = options.isVersioned === true ? (store.get(key) ?? []) : [];
    store.set(key, [...older, stored]);
    return stored;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    put,
    keys: () => [...store.keys()],
    read: (key) => store.get(key)?.at(-1)?.body,
    remove: (key) => void store.delete(key),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const kindOf = (method: string | undefined): 'head' | 'put' | 'get' =>
  method === 'HEAD' ? 'head' : method === 'PUT' ? 'put' : 'get';

/** PutObject of a body in one piece that says its length and its SHA-256, as the archive sends it. */
async function receive(
  incoming: http.IncomingMessage,
  answer: Answer,
  store: (body: Buffer) => StoredObject,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const checksum = createHash('sha256').update(body).digest('base64');
  if (incoming.headers['x-amz-checksum-sha256'] !== checksum)
    return answer.error({ status: 400, code: 'BadDigest' });
  answer.bytes(200, Buffer.alloc(0), { etag: store(body).etag });
}

function parseQuery(search: string): ReadonlyMap<string, string> {
  return new Map(
    search.split('&').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [decodeURIComponent(name), decodeURIComponent(value)];
    }),
  );
}

/** What is sent back, with a body only where HTTP allows one. */
class Answer {
  readonly #response: http.ServerResponse;
  readonly #isHead: boolean;

  constructor(response: http.ServerResponse, isHead: boolean) {
    this.#response = response;
    this.#isHead = isHead;
  }

  xml(status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/xml', ...headers });
    this.#response.end(
      this.#isHead ? undefined : `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
    );
  }

  error(fault: {
    status: number;
    code: string;
    message?: string;
    headers?: Readonly<Record<string, string>>;
  }): void {
    const { status, code, message = code, headers } = fault;
    this.xml(
      status,
      `<Error><Code>${code}</Code><Message>${escape(message)}</Message></Error>`,
      headers,
    );
  }

  bytes(
    status: number,
    body: Buffer,
    headers: http.OutgoingHttpHeaders,
    cutAfter = body.length,
  ): void {
    this.#response.writeHead(status, { 'content-length': body.length, ...headers });
    if (this.#isHead) this.#response.end();
    else if (cutAfter >= body.length) this.#response.end(body);
    // Only once it was sent may the connection go.
    else this.#response.write(body.subarray(0, cutAfter), () => this.#response.socket?.end());
  }
}

function listing(
  store: ReadonlyMap<string, readonly StoredObject[]>,
  query: ReadonlyMap<string, string>,
  pageMax: number,
): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const isEncoded = query.get('encoding-type') === 'url';
  // S3 writes a space as `+` here, and leaves the slash.
  const shown = (key: string): string =>
    isEncoded ? encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/') : escape(key);
  const after = query.get('continuation-token') ?? '';
  const entries = new Map<string, StoredObject | undefined>();
  for (const [key, versions] of store) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (end === -1) entries.set(key, versions.at(-1));
    else entries.set(key.slice(0, end + 1), undefined);
  }
  const keys = [...entries.keys()].filter((key) => key > after).sort(byBytes);
  const page = keys.slice(0, pageMax);
  const contents = page.map((key) => {
    const found = entries.get(key);
    return found === undefined
      ? `<CommonPrefixes><Prefix>${shown(key)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${shown(key)}</Key><LastModified>${found.modified.toISOString()}</LastModified><ETag>${escape(found.etag)}</ETag><Size>${found.body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const isTruncated = page.length < keys.length;
  const next = isTruncated
    ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken>`
    : '';
  return `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${stubBucket}</Name><Prefix>${shown(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${pageMax}</MaxKeys>${isEncoded ? '<EncodingType>url</EncodingType>' : ''}<IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

interface Sending {
  readonly request: S3Request;
  readonly fault: S3Fault | undefined;
  readonly versions: readonly StoredObject[];
  readonly isVersioned: boolean;
}

function sendObject(answer: Answer, { request, fault, versions, isVersioned }: Sending): void {
  const wanted = request.query.get('versionId');
  const found =
    wanted === undefined ? versions.at(-1) : versions.find(({ versionId }) => versionId === wanted);
  if (found === undefined)
    return answer.error(
      wanted === undefined
        ? { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' }
        : { status: 404, code: 'NoSuchVersion', message: 'The specified version does not exist.' },
    );
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== found.etag)
    return answer.error({
      status: 412,
      code: 'PreconditionFailed',
      message: 'At least one of the pre-conditions you specified did not hold',
    });
  const from = Number(/^bytes=(\d+)-$/u.exec(request.headers.range ?? '')?.[1] ?? 0);
  const isPart = request.headers.range !== undefined;
  const body = Buffer.from(found.body.subarray(from));
  if (fault === 'corrupt') body.writeUInt8(body.readUInt8(0) ^ 1, 0);
  const checksum = createHash('sha256').update(found.body).digest('base64');
  answer.bytes(
    isPart ? 206 : 200,
    body,
    {
      etag: found.etag,
      'last-modified': found.modified.toUTCString(),
      ...(isVersioned ? { 'x-amz-version-id': found.versionId } : {}),
      ...(isPart
        ? { 'content-range': `bytes ${from}-${found.body.length - 1}/${found.body.length}` }
        : { 'x-amz-checksum-sha256': checksum, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    },
    typeof fault === 'object' && 'cutAfter' in fault ? fault.cutAfter : undefined,
  );
}

/** Keys are listed in the order of their bytes in UTF-8. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
