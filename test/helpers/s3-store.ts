import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import net, { type AddressInfo } from 'node:net';

import {
  CreateBucketCommand,
  DeleteObjectCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { type S3Stub, startS3Stub, stubBucket } from './s3-stub.ts';

/** A bucket of a test's own. */
export interface S3Bucket {
  readonly origin: string;
  readonly bucket: string;
  put(key: string, body: string | Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
  /** Keys with this beginning, all of them. */
  keys(prefix: string): Promise<readonly string[]>;
}

/** Whatever speaks S3. */
export interface S3Store {
  /** Keys on a page of its listings. */
  readonly pageMax: number;
  /** Under a name of the store's choice, or this one where the store has a choice. */
  createBucket(isVersioned: boolean, name?: string): Promise<S3Bucket>;
  close(): Promise<void>;
}

/** Names no account: the stores take any key. */
export const s3Environment: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'no secret at all',
  AWS_REGION: 'eu-central-1',
};

/** The store of this repository. */
export async function startStubStore(): Promise<S3Store> {
  const stubs: S3Stub[] = [];
  return {
    pageMax: 1_000,
    createBucket: async (isVersioned) => {
      const stub = await startS3Stub({ isVersioned });
      stubs.push(stub);
      return {
        origin: stub.origin,
        bucket: stubBucket,
        put: async (key, body) => void stub.put(key, body),
        remove: async (key) => stub.remove(key),
        keys: async (prefix) => stub.keys().filter((key) => key.startsWith(prefix)),
      };
    },
    close: async () => {
      for (const stub of stubs) await stub.close();
    },
  };
}

/** `moto_server` (https://docs.getmoto.org), when it is on this machine; undefined, having said so, otherwise. */
export async function startMotoStore(): Promise<S3Store | undefined> {
  const pageMax = 100;
  const port = await freePort();
  const moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: String(pageMax) },
  });
  const isUp = await new Promise<boolean>((resolve) => {
    let said = '';
    moto.on('error', () => resolve(false));
    moto.on('exit', () => resolve(false));
    moto.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Running on')) resolve(true);
    });
  });
  if (!isUp) {
    console.log('SKIP: moto_server is not here');
    return undefined;
  }
  const origin = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'no secret at all' };
  const client = new S3Client({
    endpoint: origin,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials,
  });
  return {
    pageMax,
    createBucket: (isVersioned, Bucket = `acme-${randomBytes(4).toString('hex')}`) =>
      createMotoBucket(client, origin, { Bucket, isVersioned }),
    close: async () => {
      client.destroy();
      const ended = new Promise((resolve) => moto.once('exit', resolve));
      moto.kill();
      await ended;
    },
  };
}

async function createMotoBucket(
  client: S3Client,
  origin: string,
  { Bucket, isVersioned }: { readonly Bucket: string; readonly isVersioned: boolean },
): Promise<S3Bucket> {
  await client.send(new CreateBucketCommand({ Bucket }));
  if (isVersioned) {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  return {
    origin,
    bucket: Bucket,
    put: async (Key, body) => {
      const Body = typeof body === 'string' ? Buffer.from(body) : body;
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: Body.length }));
    },
    remove: async (Key) => void (await client.send(new DeleteObjectCommand({ Bucket, Key }))),
    keys: async (Prefix) => {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      }
      return keys;
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
