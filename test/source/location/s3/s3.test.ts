import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type {
  AwsModule,
  GetOutput,
  HeadOutput,
  ListOutput,
} from '../../../../src/source/location/s3/aws-driver.ts';
import { s3, type S3Options } from '../../../../src/source/location/s3/s3.ts';
import { secret } from '../../../../src/source/setting.ts';
import type { Offer } from '../../../../src/source/source.ts';
import {
  s3Environment,
  type S3Bucket,
  type S3Store,
  startMotoStore,
  startStubStore,
} from '../../../helpers/s3-store.ts';
import {
  type S3Fault,
  type S3Stub,
  startS3Stub,
  type S3StubOptions,
} from '../../../helpers/s3-stub.ts';
import { sourceContext } from '../../read-rows.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function readOffer(offer: Offer | undefined): Promise<string> {
  const parts: Uint8Array[] = await Array.fromAsync(offer?.open() ?? []);
  return Buffer.concat(parts).toString();
}

interface Place {
  readonly origin: string;
  readonly bucket: string;
}

const offersAt = (place: Place, pattern: string, options: S3Options = {}): Promise<Offer[]> =>
  Array.fromAsync(
    s3(`${place.bucket}/${pattern}`, { endpoint: place.origin, ...options }).list(
      sourceContext({ env: s3Environment }),
    ),
  );

const slotsAt = async (place: Place, pattern: string): Promise<string[]> =>
  (await offersAt(place, pattern)).map(({ slot }) => slot);

/** What every store that speaks S3 does, ours as others'. */
const stores = { 'our own store': startStubStore, moto: startMotoStore };

describe.each(Object.entries(stores))('%s', (_, start) => {
  let store: S3Store | undefined;
  beforeAll(async () => {
    store = await start();
  });
  afterAll(() => store?.close());

  test('keys are taken as they are, whatever is in them', async () => {
    const bucket = await store?.createBucket(false);
    if (bucket === undefined) return;
    const names = [
      'a b.csv',
      'a+b.csv',
      '100%.csv',
      '%2B.csv',
      'ü漢😀.csv',
      '/b.csv',
      'q?#&=.csv',
      '"<\'>.csv',
      'a:b@c,d;e!(1)$.csv',
      '1/2/c.csv',
      'c\u0001.csv',
      '[1].csv',
    ];
    const contentOf = (name: string): string => `content of ${name}`;
    for (const name of names) await bucket.put(`in/${name}`, contentOf(name));
    for (const name of ['', '1/', '.hidden.csv', '~$lock.csv', 'other.txt']) {
      await bucket.put(`in/${name}`, name === 'other.txt' ? 'x' : '');
    }
    const offers = await offersAt(bucket, 'in/**/*.csv');
    expect(offers.map(({ slot }) => slot).sort()).toEqual(
      names.map((name) => `s3://${bucket.bucket}/in/${name}`).sort(),
    );
    for (const offer of offers) {
      const name = offer.slot.slice(`s3://${bucket.bucket}/in/`.length);
      expect(offer.name).toBe(name.slice(name.lastIndexOf('/') + 1));
      expect(offer.sizeBytes).toBe(Buffer.byteLength(contentOf(name)));
      expect(offer.modifiedAt).toMatch(/^20\d\d-/u);
      expect(await readOffer(offer)).toBe(contentOf(name));
    }
    expect(await slotsAt(bucket, 'in/*.csv')).toHaveLength(names.length - 2);
    expect(await slotsAt(bucket, 'in//*.csv')).toEqual([`s3://${bucket.bucket}/in//b.csv`]);
    for (const name of ['a b.csv', 'a+b.csv', '100%.csv', '/b.csv', 'ü漢😀.csv']) {
      expect(await Promise.all((await offersAt(bucket, `in/${name}`)).map(readOffer))).toEqual([
        contentOf(name),
      ]);
    }
    // As written, not the class of the letter 1.
    expect(await slotsAt(bucket, 'in/[1].csv')).toEqual([`s3://${bucket.bucket}/in/[1].csv`]);
  });

  test('all pages of a listing are read', async () => {
    const bucket = await store?.createBucket(false);
    if (bucket === undefined) return;
    const keys = Array.from(
      { length: 2_600 },
      (__, index) => `many/${String(index).padStart(5, '0')}.csv`,
    );
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => bucket.put(key, 'x')));
    }
    expect((await slotsAt(bucket, 'many/*.csv')).sort()).toEqual(
      keys.map((key) => `s3://${bucket.bucket}/${key}`),
    );
    expect(await slotsAt(bucket, 'many/0025?.csv')).toHaveLength(10);
    expect(await slotsAt(bucket, 'none/*.csv')).toEqual([]);
  });

  test.each<[string, (bucket: S3Bucket) => Promise<void>]>([
    ['overwritten', (bucket) => bucket.put('a.csv', 'other')],
    ['deleted', (bucket) => bucket.remove('a.csv')],
  ])('an object that was %s after it was listed has changed', async (_what, change) => {
    const bucket = await store?.createBucket(false);
    if (bucket === undefined) return;
    await bucket.put('a.csv', 'first');
    const offers = [...(await offersAt(bucket, 'a.csv')), ...(await offersAt(bucket, '*.csv'))];
    await change(bucket);
    for (const offer of offers) {
      await expect(readOffer(offer)).rejects.toMatchObject({
        code: 'source-changed',
        retryable: true,
      });
    }
  });

  test('of a versioned bucket the version that was found is read', async () => {
    const bucket = await store?.createBucket(true);
    if (bucket === undefined) return;
    await bucket.put('a.csv', 'first');
    const [found] = await offersAt(bucket, 'a.csv');
    await bucket.put('a.csv', 'second');
    expect(await readOffer(found)).toBe('first');
    expect(await readOffer((await offersAt(bucket, 'a.csv'))[0])).toBe('second');
  });

  test('what is not there is said, with what was meant', async () => {
    const bucket = await store?.createBucket(false);
    if (bucket === undefined) return;
    await bucket.put('in/orders.csv', 'x');
    await expect(offersAt(bucket, 'in/odrers.csv')).rejects.toMatchObject({
      code: 'source-not-found',
      message: `s3://${bucket.bucket}/in/odrers.csv is not there; did you mean '${bucket.bucket}/in/orders.csv'?`,
    });
    for (const pattern of ['*.csv', 'a.csv']) {
      await expect(offersAt({ ...bucket, bucket: 'acme-lost' }, pattern)).rejects.toMatchObject({
        code: 'source-not-found',
        message: expect.stringContaining("there is no bucket 'acme-lost' at http://127.0.0.1:"),
      });
    }
  });
});

async function stubWith(options: S3StubOptions = {}): Promise<S3Stub & Place> {
  const stub = await startS3Stub(options);
  closing.push(stub.close);
  return { ...stub, bucket: 'acme-landing' };
}

test('objects are offered oldest first, then by key', async () => {
  const stub = await stubWith({ pageMax: 2 });
  for (const [key, minute] of Object.entries({
    'b.csv': 3,
    'a.csv': 3,
    'c.csv': 1,
    'd.txt': 0,
    'e/f.csv': 0,
  })) {
    stub.put(key, key, minute);
  }
  const offers = await offersAt(stub, '*.csv');
  expect(offers).toMatchObject([
    {
      slot: 's3://acme-landing/c.csv',
      name: 'c.csv',
      sizeBytes: 5,
      modifiedAt: '2026-01-01T00:01:00.000Z',
    },
    { slot: 's3://acme-landing/a.csv' },
    { slot: 's3://acme-landing/b.csv' },
  ]);
});

test('only what the pattern can match is listed', async () => {
  const stub = await stubWith();
  stub.put('2026/01/a.csv', 'x');
  stub.put('2026/b.csv', 'x');
  expect(await slotsAt(stub, '2026/*.csv')).toEqual(['s3://acme-landing/2026/b.csv']);
  expect(Object.fromEntries(stub.requests[0]?.query ?? [])).toMatchObject({
    prefix: '2026/',
    delimiter: '/',
  });
  expect(await slotsAt(stub, '2026/**/a*.csv')).toEqual(['s3://acme-landing/2026/01/a.csv']);
  expect(stub.requests[1]?.query.get('delimiter')).toBeUndefined();
});

test('every request for content names the ETag, and the version where there is one', async () => {
  const stub = await stubWith({ isVersioned: true });
  const { etag, versionId } = stub.put('a.csv', 'x');
  await readOffer((await offersAt(stub, 'a.csv'))[0]);
  const request = stub.requests.find(({ kind }) => kind === 'get');
  expect(request?.headers['if-match']).toBe(etag);
  expect(request?.query.get('versionId')).toBe(versionId);
});

const big = Buffer.alloc(300_000, 'plumb line ');

test('a body that breaks off is taken up again where it broke, at the same version', async () => {
  const stub = await stubWith({
    isVersioned: true,
    fault: ({ kind, headers }) =>
      kind === 'get' && headers.range === undefined ? { cutAfter: 100_000 } : undefined,
  });
  const first = stub.put('a.csv', big);
  const [offer] = await offersAt(stub, '*.csv');
  const blocks = offer?.open()[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  for (let step = await blocks?.next(); step?.done === false; step = await blocks?.next()) {
    // Overwritten while it is read: the version that was begun is the one that is read to its end.
    if (parts.length === 0) stub.put('a.csv', 'other');
    parts.push(step.value);
  }
  expect(Buffer.concat(parts).equals(big)).toBe(true);
  const resumed = stub.requests.at(-1);
  expect(resumed?.headers.range).toMatch(/^bytes=[1-9]\d*-$/u);
  expect(resumed?.query.get('versionId')).toBe(first.versionId);
});

test('overwritten while it is read and broken off, an object without versions has changed', async () => {
  const stub = await stubWith({
    fault: ({ kind }) => (kind === 'get' ? { cutAfter: 100_000 } : undefined),
  });
  stub.put('a.csv', big);
  const [offer] = await offersAt(stub, '*.csv');
  const blocks = offer?.open()[Symbol.asyncIterator]();
  await blocks?.next();
  stub.put('a.csv', 'other');
  const rest = (async () => {
    while ((await blocks?.next())?.done === false);
  })();
  await expect(rest).rejects.toMatchObject({ code: 'source-changed' });
});

const denied = { status: 403, code: 'AccessDenied', message: 'Access Denied' };

interface FaultCase {
  readonly on: 'list' | 'head' | 'get';
  readonly fault: S3Fault;
  readonly code: string;
  readonly says: string;
  readonly remedy?: string;
}

const faultCases: readonly FaultCase[] = [
  {
    on: 'list',
    fault: denied,
    code: 'source-denied',
    says: 'may not list it (AccessDenied: Access Denied)',
    remedy: 'Allow s3:ListBucket on arn:aws:s3:::acme-landing ',
  },
  {
    on: 'get',
    fault: denied,
    code: 'source-denied',
    says: 'may not read it (AccessDenied: Access Denied)',
    remedy: 'Allow s3:GetObject on arn:aws:s3:::acme-landing/in/* ',
  },
  {
    on: 'head',
    fault: denied,
    code: 'source-denied',
    says: 'may not read it',
    remedy: 'without s3:ListBucket a missing object is denied too',
  },
  {
    on: 'list',
    fault: { status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' },
    code: 'source-denied',
    says: 'have expired (ExpiredToken: The provided token has expired)',
    remedy: 'aws sso login',
  },
  {
    on: 'list',
    fault: {
      status: 403,
      code: 'InvalidAccessKeyId',
      message: 'The AWS Access Key Id you provided does not exist in our records.',
    },
    code: 'source-denied',
    says: 'the credentials are refused (InvalidAccessKeyId',
  },
  {
    on: 'get',
    fault: { status: 403, code: 'SignatureDoesNotMatch' },
    code: 'source-denied',
    says: 'the credentials are refused (SignatureDoesNotMatch)',
  },
  {
    on: 'list',
    fault: {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'The difference between the request time and the current time is too large.',
    },
    code: 'source-denied',
    says: 'the clock of this machine is wrong',
    remedy: 'Set the clock',
  },
  {
    on: 'list',
    fault: {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      message:
        "The authorization header is malformed; the region 'eu-central-1' is wrong; expecting 'eu-west-3'",
    },
    code: 'source-error',
    says: 'the bucket is in the region eu-west-3',
    remedy: "Set region: 'eu-west-3'",
  },
  {
    on: 'list',
    fault: {
      status: 301,
      code: 'PermanentRedirect',
      message: 'Use the specified endpoint.',
      headers: { 'x-amz-bucket-region': 'eu-west-3' },
    },
    code: 'source-error',
    says: 'the bucket is in the region eu-west-3',
    remedy: "Set region: 'eu-west-3'",
  },
  {
    on: 'head',
    fault: { status: 400, code: 'ExpiredToken' },
    code: 'source-error',
    says: 'S3 refuses the request (400',
  },
  {
    on: 'get',
    fault: {
      status: 403,
      code: 'InvalidObjectState',
      message: "The operation is not valid for the object's storage class",
    },
    code: 'source-error',
    says: 'it is archived',
    remedy: 'Restore the object',
  },
  {
    on: 'get',
    fault: { status: 404, code: 'NoSuchKey' },
    code: 'source-changed',
    says: 'it was deleted after it was listed',
  },
  {
    on: 'get',
    fault: { status: 412, code: 'PreconditionFailed' },
    code: 'source-changed',
    says: 'it was overwritten after it was listed',
  },
  {
    on: 'list',
    fault: { status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
    code: 'source-unreachable',
    says: 'S3 answered 500 (InternalError: We encountered an internal error), tried several times',
  },
  {
    on: 'get',
    fault: 'corrupt',
    code: 'source-unreachable',
    says: 'does not have the checksum that S3 keeps of it',
  },
  {
    on: 'get',
    fault: { cutAfter: 0 },
    code: 'source-unreachable',
    says: 'the transfer broke off after 0 of 8 bytes',
  },
  {
    on: 'get',
    fault: 'silent',
    code: 'source-unreachable',
    says: 'the server was silent for too long',
  },
];

describe.concurrent('faults', () => {
  test.for(faultCases)(
    '$on: $fault.code $fault, $code',
    async ({ on, fault, code, says, remedy = '' }, { onTestFinished }) => {
      const stub = await startS3Stub({ fault: ({ kind }) => (kind === on ? fault : undefined) });
      onTestFinished(stub.close);
      stub.put('in/a.csv', 'a\n1\n2\n3\n');
      const place = { origin: stub.origin, bucket: 'acme-landing' };
      const reading = offersAt(place, on === 'head' ? 'in/a.csv' : 'in/*.csv', {
        timeoutMs: fault === 'silent' ? 100 : 20_000,
      }).then(([offer]) => readOffer(offer));
      await expect(reading).rejects.toMatchObject({
        code,
        message: expect.stringMatching(/^s3:\/\/acme-landing\/in\//u),
        retryable: /changed|unreachable/u.test(code),
      });
      await expect(reading).rejects.toThrow(says);
      await expect(reading).rejects.toMatchObject({ remedy: expect.stringContaining(remedy) });
    },
  );
});

test('what has expired is said of a single object too', async () => {
  const fault: S3Fault = {
    status: 400,
    code: 'ExpiredToken',
    message: 'The provided token has expired.',
  };
  const stub = await stubWith({ fault: () => fault });
  await expect(offersAt(stub, 'in/a.csv')).rejects.toMatchObject({ code: 'source-denied' });
});

test('a missing object is missing also where nothing may be listed', async () => {
  const stub = await stubWith({ fault: ({ kind }) => (kind === 'list' ? denied : undefined) });
  await expect(offersAt(stub, 'in/a.csv')).rejects.toMatchObject({
    code: 'source-not-found',
    message: 's3://acme-landing/in/a.csv is not there.',
  });
});

test('a missing object is missing also where only what is under its key may be listed', async () => {
  const stub = await stubWith({
    fault: ({ kind, query }) =>
      kind === 'head' || (kind === 'list' && query.get('prefix') !== 'in/a.csv')
        ? denied
        : undefined,
  });
  await expect(offersAt(stub, 'in/a.csv')).rejects.toMatchObject({
    code: 'source-not-found',
    message: 's3://acme-landing/in/a.csv is not there.',
  });
  stub.put('in/a.csv', 'x');
  await expect(offersAt(stub, 'in/a.csv')).rejects.toMatchObject({ code: 'source-denied' });
});

test('a request that is throttled is sent again, a few times', async () => {
  const fault: S3Fault = {
    status: 503,
    code: 'SlowDown',
    message: 'Please reduce your request rate.',
  };
  const busy = await stubWith({ fault: (__, index) => (index < 2 ? fault : undefined) });
  busy.put('a.csv', 'x');
  expect(await slotsAt(busy, '*.csv')).toHaveLength(1);
  expect(busy.requests).toHaveLength(3);
  const down = await stubWith({ fault: () => fault });
  await expect(slotsAt(down, '*.csv')).rejects.toMatchObject({
    code: 'source-unreachable',
    retryable: true,
  });
  expect(down.requests).toHaveLength(4);
});

test('a bucket of another region is found there', async () => {
  const stub = await stubWith({
    fault: ({ headers }) =>
      headers.authorization?.includes('/eu-west-3/') === true
        ? undefined
        : {
            status: 301,
            code: 'PermanentRedirect',
            headers: { 'x-amz-bucket-region': 'eu-west-3' },
          },
  });
  stub.put('a.csv', 'x');
  expect(await readOffer((await offersAt(stub, '*.csv'))[0])).toBe('x');
  expect(await readOffer((await offersAt(stub, 'a.csv'))[0])).toBe('x');
});

test('nobody listens', async () => {
  const nowhere = { origin: 'http://127.0.0.1:1', bucket: 'acme-landing' };
  await expect(slotsAt(nowhere, '*.csv')).rejects.toMatchObject({
    code: 'source-unreachable',
    message: 's3://acme-landing/: the server refuses connections.',
  });
});

test('credentials of the source itself are used, and never shown', async () => {
  const stub = await stubWith({
    fault: () => ({ status: 403, code: 'AccessDenied', message: 'CANARY/of+secret may not' }),
  });
  const list = s3('acme-landing/*.csv', {
    endpoint: stub.origin,
    region: 'eu-north-1',
    credentials: { accessKeyId: secret('OTHER_ID'), secretAccessKey: secret('OTHER_KEY') },
  }).list;
  const env = { ...s3Environment, OTHER_ID: 'AKIAOTHER', OTHER_KEY: 'CANARY/of+secret' };
  await expect(Array.fromAsync(list(sourceContext({ env })))).rejects.toMatchObject({
    code: 'source-denied',
    message: expect.not.stringContaining('CANARY'),
  });
  expect(stub.requests[0]?.headers.authorization).toContain('AKIAOTHER');
  expect(stub.requests[0]?.headers.authorization).toContain('/eu-north-1/s3/');
  await expect(Array.fromAsync(list(sourceContext({ env: s3Environment })))).rejects.toMatchObject({
    code: 'setting-missing',
    message: expect.stringContaining('OTHER_ID'),
  });
});

test('an endpoint leads to no address that is refused elsewhere', async () => {
  const stub = await stubWith();
  const list = (endpoint: string, allowPrivate: boolean): Promise<Offer[]> => {
    const context = { ...sourceContext({ env: s3Environment }), network: 'public-only' } as const;
    return Array.fromAsync(s3('acme/in/*.csv', { endpoint, allowPrivate }).list(context));
  };
  const port = new URL(stub.origin).port;
  for (const endpoint of ['http://169.254.169.254', stub.origin, `http://localhost:${port}`]) {
    await expect(list(endpoint, false)).rejects.toMatchObject({
      code: 'address-refused',
      message: expect.stringMatching(/^s3:\/\/acme\/.*: the endpoint .*may not be asked\.$/u),
      remedy: expect.stringContaining('allowPrivate: true'),
    });
  }
  expect(stub.requests).toHaveLength(0);
  await expect(list(stub.origin, true)).rejects.toMatchObject({ code: 'source-not-found' });
});

test('lock files, hidden files and what is not an object are never data', async () => {
  const stub = await stubWith();
  for (const key of ['in/~$a.csv', 'in/.a.csv', 'in/.b/a.csv', 'in/c.csv/']) stub.put(key, '');
  expect(await slotsAt(stub, 'in/**/*')).toEqual([]);
  expect(await slotsAt(stub, 'in/~$a.csv')).toEqual([]);
});

test.each<[string, S3Options, string]>([
  ['acme-landing', {}, 's3(): "acme-landing" names no objects'],
  ['acme-landing/', {}, 'names no objects'],
  ['acme-landing/in/', {}, 'names no objects'],
  ['acme-*/a.csv', {}, 'names no objects'],
  ['https://acme.s3.amazonaws.com/a.csv', {}, 'names no objects'],
  [
    'acme/a.csv',
    { region: 'Frankfurt am Main' },
    'region is "Frankfurt am Main"; expected one such as',
  ],
  ['acme/a.csv', { endpoint: 'minio:9000' }, 'endpoint is "minio:9000"; expected an address'],
  ['acme/a.csv', { endpoint: 'minio' }, 'endpoint is "minio"; expected an address'],
  ['acme/a.csv', { timeoutMs: 0 }, 'timeoutMs is 0; expected milliseconds'],
  // What a project's file says that no compiler has seen.
  ['acme/a.csv', { reigon: 'eu-central-1' } as S3Options, "did you mean 'region'?"],
  [
    'acme/a.csv',
    { pathStyle: 'yes' } as unknown as S3Options,
    'pathStyle is "yes"; expected true or false',
  ],
  [
    'acme/a.csv',
    { credentials: { accessKeyId: 'AKIA', secretAccessKey: 'geheim' } } as unknown as S3Options,
    "secretAccessKey is written in the file; expected secret('NAME')",
  ],
  [
    'acme/a.csv',
    { credentials: { accessKeyId: 'AKIA' } } as unknown as S3Options,
    'secretAccessKey is missing',
  ],
])('s3(%j, %j) is a mistake', (pattern, options, says) => {
  const build = (): unknown => s3(pattern, options);
  expect(build).toThrow(expect.objectContaining({ code: 'project-invalid' }));
  expect(build).toThrow(says);
  expect(build).not.toThrow('geheim');
});

test('a bucket may be written as an address', () => {
  expect(s3('s3://acme/in/*.csv').description).toBe('s3 acme/in/*.csv');
});

test('the client is the one that its shape was declared for', async () => {
  const aws = await import('@aws-sdk/client-s3');
  // The compiler holds both against each other: a name or type that AWS changes fails here.
  const declared: AwsModule = aws;
  type Output<Command extends (typeof aws)[keyof typeof aws]> = Command extends abstract new (
    input: never,
  ) => { resolveMiddleware: (...args: never) => (...args: never) => Promise<{ output: infer Out }> }
    ? Out
    : never;
  const outputs = (
    list: Output<typeof aws.ListObjectsV2Command>,
    head: Output<typeof aws.HeadObjectCommand>,
    get: Output<typeof aws.GetObjectCommand>,
  ): readonly [ListOutput, HeadOutput, GetOutput] => [list, head, get];
  expect(Object.keys(declared)).toContain('S3Client');
  expect(outputs).toBeTypeOf('function');
});
