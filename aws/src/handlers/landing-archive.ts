import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

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
            // Of what is not there S3 says 403 to whoever may list a part of the bucket only. Where
            // it is a matter of rights, the next request says so.
            if (statusOf(error) === 404 || statusOf(error) === 403) return undefined;
            throw error;
          });
        if (held?.ContentLength === sizeBytes) return;
        const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
        await retried(() =>
          client.send(
            new aws.PutObjectCommand({
              Bucket,
              Key,
              Body: createReadStream(path),
              ContentLength: sizeBytes,
              ChecksumSHA256,
            }),
          ),
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
        if (statusOf(error) === 404) return false;
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

const attemptsMax = 3;

/** The client does not send a stream again: it cannot be read twice. Here each attempt has its own. */
async function retried<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const status = statusOf(error);
      const isRefusal = status !== undefined && status >= 400 && status < 500 && status !== 429;
      if (isRefusal || attempt >= attemptsMax) throw error;
      await wait(200 * 3 ** attempt);
    }
  }
}

/** The status of S3's answer; undefined when there was none. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // Every error of the client that comes from an answer has it.
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
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
