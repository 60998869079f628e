import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { s3Environment, startMotoStore } from '../../../test/helpers/s3-store.ts';
import {
  type S3Fault,
  type S3Stub,
  startS3Stub,
  stubBucket,
} from '../../../test/helpers/s3-stub.ts';
import { createLandingArchive } from '../../src/handlers/landing-archive.ts';

const region = 'eu-central-1';
let dir: string;
let fault: ((kind: string) => S3Fault | undefined) | undefined;
let s3: S3Stub;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'plumbline-archive-'));
  s3 = await startS3Stub({ fault: ({ kind }) => fault?.(kind) });
  for (const [name, value] of Object.entries(s3Environment)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.origin);
});
afterEach(() => {
  fault = undefined;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3.close();
  await rm(dir, { recursive: true });
});

async function landed(text: string) {
  const file = path.join(dir, 'landed');
  await writeFile(file, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { sha256, sizeBytes: Buffer.byteLength(text), path: file };
}

const back = async (content: Awaited<ReturnType<typeof landed>>) => {
  const file = path.join(dir, 'back');
  await rm(file, { force: true });
  const isThere = await createLandingArchive({ bucket: stubBucket, region }).bringBack({
    ...content,
    path: file,
  });
  return isThere ? await readFile(file, 'utf8') : undefined;
};

const puts = (): number => s3.requests.filter(({ kind }) => kind === 'put').length;

describe('the archive of deliveries', () => {
  it('keeps a content once, under its SHA-256, and brings it back', async () => {
    const content = await landed('a delivery');
    const archive = createLandingArchive({ bucket: stubBucket, region });
    await archive.keep(content);
    await archive.keep(content);
    expect(puts()).toBe(1);
    expect(s3.keys()).toEqual([`landing/${content.sha256}`]);
    expect(await back(content)).toBe('a delivery');
  });

  it('keeps it also where S3 says 403 of what is not there, as to who may not list', async () => {
    fault = (kind) => (kind === 'head' ? { status: 403, code: 'AccessDenied' } : undefined);
    const content = await landed('another delivery');
    await createLandingArchive({ bucket: stubBucket, region }).keep(content);
    expect(s3.keys()).toContain(`landing/${content.sha256}`);
  });

  it('says that there is none', async () => {
    expect(await back(await landed('never kept'))).toBeUndefined();
  });

  it('refuses a copy that is not what was kept', async () => {
    const content = await landed('whole');
    s3.put(`landing/${content.sha256}`, 'other', new Date());
    await expect(back(content)).rejects.toMatchObject({ code: 'archive-failed', retryable: true });
  });

  it('refuses bytes that were changed on the way there', async () => {
    const content = { ...(await landed('sent')), sha256: 'a'.repeat(64) };
    const keep = createLandingArchive({ bucket: stubBucket, region }).keep(content);
    await expect(keep).rejects.toMatchObject({ code: 'archive-failed' });
    expect(s3.keys()).not.toContain(`landing/${content.sha256}`);
  });

  it('is sent again when the store was busy', async () => {
    let refused = 0;
    fault = (kind) => {
      if (kind !== 'put' || refused === 2) return undefined;
      refused += 1;
      return { status: 503, code: 'SlowDown' };
    };
    const content = await landed('busy');
    await createLandingArchive({ bucket: stubBucket, region }).keep(content);
    expect(await back(content)).toBe('busy');
  });

  it('has no right to write: an error that names the object', async () => {
    fault = (kind) => (kind === 'get' ? undefined : { status: 403, code: 'AccessDenied' });
    const content = await landed('denied');
    const keep = createLandingArchive({ bucket: stubBucket, region }).keep(content);
    await expect(keep).rejects.toMatchObject({
      code: 'archive-failed',
      message: expect.stringContaining(`s3://${stubBucket}/landing/${content.sha256}`),
    });
  });
});

// A second store, not written by those who wrote the client of it.
const moto = await startMotoStore();
afterAll(async () => moto?.close());

describe.skipIf(moto === undefined)('the archive in moto', () => {
  it('keeps and brings back', async () => {
    const { origin, bucket } = (await moto?.createBucket(true)) ?? { origin: '', bucket: '' };
    vi.stubEnv('AWS_ENDPOINT_URL_S3', origin);
    const content = await landed('x'.repeat(100_000));
    const archive = createLandingArchive({ bucket, region });
    await archive.keep(content);
    const file = path.join(dir, 'from-moto');
    expect(await archive.bringBack({ ...content, path: file })).toBe(true);
    expect(await readFile(file, 'utf8')).toHaveLength(100_000);
    expect(await archive.bringBack({ ...content, sha256: 'b'.repeat(64), path: file })).toBe(false);
  });
});
