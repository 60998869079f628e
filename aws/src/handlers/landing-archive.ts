import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { PlumblineError } from 'plumbline/runtime';
import type { Landed, LandingArchive } from 'plumbline/runtime';

/** Where kept copies lie in the bucket of the stack; partners have no right there. */
const prefix = 'landing/';

/** What S3 takes in one request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const objectMaxBytes = 5 * 1024 ** 3;

/**
 * Keeps every delivery in the bucket under its SHA-256, which S3 compares with what arrived. Throws
 * `archive-failed`, retryable.
 */
export function createLandingArchive(options: {
  readonly bucket: string;
  readonly region: string;
}): LandingArchive {
  const { bucket: Bucket, region } = options;
  // Loaded when there is something to keep.
  const connect = async () => {
    const aws = await import('@aws-sdk/client-s3');
    return { aws, client: new aws.S3Client({ region, followRegionRedirects: true }) };
  };
  return {
    keep: async (landed) => {
      const { sha256, sizeBytes, path } = landed;
      if (sizeBytes > objectMaxBytes) throw tooLarge(landed);
      const Key = prefix + sha256;
      const { aws, client } = await connect();
      try {
        const held = await client
          .send(new aws.HeadObjectCommand({ Bucket, Key }))
          .catch((error: unknown) => {
            if (isAbsent(error)) return undefined;
            throw error;
          });
        if (held?.ContentLength === sizeBytes) return;
        await client.send(
          new aws.PutObjectCommand({
            Bucket,
            Key,
            Body: createReadStream(path),
            ContentLength: sizeBytes,
            ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
          }),
        );
      } catch (error) {
        throw failed(`s3://${Bucket}/${Key} could not be written`, error);
      } finally {
        client.destroy();
      }
    },
    bringBack: async ({ sha256, sizeBytes, path }) => {
      const Key = prefix + sha256;
      const { aws, client } = await connect();
      try {
        const { Body } = await client.send(new aws.GetObjectCommand({ Bucket, Key }));
        const read = await writeHashed(Body as AsyncIterable<Uint8Array>, path); // A stream in Node.
        if (read.sha256 === sha256 && read.sizeBytes === sizeBytes) return true;
        throw new Error(`it has ${read.sizeBytes} bytes of SHA-256 ${read.sha256}`);
      } catch (error) {
        if (isAbsent(error)) return false;
        throw failed(`s3://${Bucket}/${Key} could not be brought back`, error);
      } finally {
        client.destroy();
      }
    },
  };
}

async function writeHashed(
  blocks: AsyncIterable<Uint8Array>,
  path: string,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const hashed = new Transform({
    transform: (block: Uint8Array, _encoding, done) => {
      hash.update(block);
      sizeBytes += block.byteLength;
      done(null, block);
    },
  });
  await pipeline(blocks, hashed, createWriteStream(path, { mode: 0o600 }));
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Without the right to list, S3 says 403 of what is not there; a true 403 shows at the next step. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : {};
  return metadata.httpStatusCode === 404 || error.name === 'NoSuchKey' || error.name === 'NotFound';
}

const failed = (what: string, cause: unknown): PlumblineError =>
  new PlumblineError('archive-failed', {
    message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    retryable: true,
    cause,
  });

const tooLarge = ({ sizeBytes }: Landed): PlumblineError =>
  new PlumblineError('archive-failed', {
    message: `A delivery of ${(sizeBytes / 1024 ** 3).toFixed(1)} GiB cannot be kept: one object is 5 GiB at most.`,
    remedy: 'Have it delivered in parts.',
  });
