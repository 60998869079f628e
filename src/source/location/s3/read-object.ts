import { setTimeout as wait } from 'node:timers/promises';

import { PlumblineError } from '../../../errors.ts';
import type { ListedObject, ObjectBody, S3Driver } from './s3-driver.ts';
import { addressOf, type Asked, s3Fault } from './s3-fault.ts';

/** Times a body that breaks off is taken up again where it broke. */
const resumesMax = 3;
const firstDelayMs = 200;

export interface ReadObject {
  readonly driver: S3Driver;
  readonly object: ListedObject;
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

/**
 * The content that was listed, and no other: every request names its ETag, and once the service
 * said which version that is, the version too. A body that breaks off is taken up again from the
 * byte where it broke. Ends normally only when all bytes came.
 *
 * Throws `source-changed` when the object was overwritten or deleted since it was listed.
 */
export async function* readObject(reading: ReadObject): AsyncGenerator<Uint8Array> {
  const { object, signal } = reading;
  let { versionId } = object;
  let received = 0;
  for (let resumes = 0; ; resumes += 1) {
    const body = await getFrom(reading, received, versionId);
    versionId = body.versionId ?? versionId;
    try {
      for await (const block of body.blocks) {
        received += block.byteLength;
        yield block;
      }
    } catch (error) {
      signal.throwIfAborted();
      // What came before is not to be trusted then, so that there is nothing to go on from.
      if (isChecksumFault(error) || received >= object.sizeBytes) {
        throw broken(
          reading,
          'what was sent does not have the checksum that S3 keeps of it',
          error,
        );
      }
      if (resumes === resumesMax) throw brokeOff(reading, received, error);
    }
    if (received === object.sizeBytes) return;
    if (received > object.sizeBytes || resumes === resumesMax) throw brokeOff(reading, received);
    await wait(Math.random() * firstDelayMs * 2 ** resumes, undefined, { signal });
  }
}

async function getFrom(
  { driver, object, asked, signal }: ReadObject,
  from: number,
  versionId: string | undefined,
): Promise<ObjectBody> {
  const { key, etag } = object;
  const body = await driver.get({ key, etag, versionId, from }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw s3Fault(error, asked);
  });
  // A store that takes no If-Match, or no Range, gives something else without a word.
  if ((body.etag ?? etag) !== etag || (body.length ?? 0) !== object.sizeBytes - from) {
    closeBody(body.blocks);
    throw new PlumblineError('source-changed', {
      message: `${addressOf(asked.bucket, key)}: it was overwritten after it was listed, or the store gives another part of it than was asked for: ${object.sizeBytes - from} bytes with the ETag ${etag} were expected, ${body.length ?? 0} with ${body.etag ?? 'none'} are sent.`,
      retryable: true,
    });
  }
  return body;
}

/** The client gives this fault no name of its own. */
const isChecksumFault = (error: unknown): boolean =>
  error instanceof Error && /checksum/iu.test(error.message);

/** Ends the transfer of a body that nobody will read. */
function closeBody(blocks: unknown): void {
  if (
    blocks !== null &&
    typeof blocks === 'object' &&
    'destroy' in blocks &&
    typeof blocks.destroy === 'function'
  ) {
    if ('on' in blocks && typeof blocks.on === 'function') blocks.on('error', () => undefined);
    blocks.destroy();
  }
}

const brokeOff = (reading: ReadObject, received: number, cause?: unknown): PlumblineError =>
  broken(
    reading,
    `the transfer broke off after ${received} of ${reading.object.sizeBytes} bytes, and again when it was taken up there`,
    cause,
  );

const broken = ({ asked }: ReadObject, says: string, cause: unknown): PlumblineError =>
  new PlumblineError('source-unreachable', {
    message: `${addressOf(asked.bucket, asked.key)}: ${says}.`,
    retryable: true,
    cause,
  });
