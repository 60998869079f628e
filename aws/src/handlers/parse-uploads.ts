import type { SQSRecord } from 'aws-lambda';
import { parseKeyPattern } from 'plumbline/runtime';
import type { Place } from 'plumbline/runtime';
import { z } from 'zod';

/** What a batch of messages about a bucket means for one source. */
export interface Uploads {
  /** Messages that speak of a file the source reads, with the keys. */
  readonly wanted: readonly { readonly messageId: string; readonly keys: readonly string[] }[];
  /** What needs nothing done, each with why: told once, then forgotten. */
  readonly ignored: readonly { readonly messageId: string; readonly why: string }[];
  /** Messages that cannot be read: they go to the dead-letter queue and block nobody. */
  readonly unreadable: readonly { readonly messageId: string; readonly why: string }[];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const notificationSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({ key: z.string() }),
      }),
    }),
  ),
});

/** S3 sends one when notifications are set up. */
const testEventSchema = z.object({ Event: z.literal('s3:TestEvent') });

/**
 * Sorts messages by what they mean to a source. Loading is an ordinary run of the source, which lists
 * its bucket: which object or version a message speaks of decides only whether there is a run at all.
 */
export function parseUploads(messages: readonly SQSRecord[], place: Place | undefined): Uploads {
  const wanted: { messageId: string; keys: readonly string[] }[] = [];
  const ignored: { messageId: string; why: string }[] = [];
  const unreadable: { messageId: string; why: string }[] = [];
  const accepts = acceptedBy(place);
  for (const { messageId, body } of messages) {
    const read = readMessage(body);
    if (typeof read === 'string') {
      unreadable.push({ messageId, why: read });
      continue;
    }
    const keys: string[] = [];
    for (const upload of read) {
      const why = typeof upload === 'string' ? upload : accepts(upload);
      if (why !== undefined) ignored.push({ messageId, why });
      else if (typeof upload !== 'string') keys.push(upload.key);
    }
    if (keys.length > 0) wanted.push({ messageId, keys });
  }
  return { wanted, ignored, unreadable };
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly eventName: string;
}

/** Uploads and reasons to ignore; a text alone says why the message cannot be read. */
function readMessage(body: string): readonly (Upload | string)[] | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'it is no JSON';
  }
  if (testEventSchema.safeParse(value).success) return ['a test event of S3'];
  const parsed = notificationSchema.safeParse(value);
  if (!parsed.success)
    return 'it is no notification of S3: it has no Records with eventName and s3';
  const uploads: Upload[] = [];
  for (const { eventName, s3 } of parsed.data.Records) {
    const key = decodeKey(s3.object.key);
    if (key === undefined) return `the key ${JSON.stringify(s3.object.key)} is not URL-encoded`;
    uploads.push({ eventName, bucket: s3.bucket.name, key });
  }
  return uploads.length === 0 ? ['a notification without records'] : uploads;
}

/** As in a form: a space comes as `+`, and a `+` as `%2B`. */
function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Gives why an upload is none of the source's; undefined when it is one. */
function acceptedBy(place: Place | undefined): (upload: Upload) => string | undefined {
  if (place?.kind !== 's3') return () => 'the source reads no bucket';
  const pattern = parseKeyPattern(place.pattern);
  return ({ bucket, key, eventName }) => {
    if (eventName.startsWith('ObjectRemoved') || eventName.startsWith('LifecycleExpiration'))
      return `${key} was removed; what was loaded from it stays`;
    if (!eventName.startsWith('ObjectCreated') && !eventName.startsWith('ObjectRestore'))
      return `${eventName} of ${key} brings nothing new`;
    if (bucket !== place.bucket) return `${key} is in ${bucket}, not in ${place.bucket}`;
    if (key.endsWith('/')) return `${key} is the marker of a folder`;
    if (!pattern.matches(key)) return `${key} does not match ${place.pattern}`;
    return undefined;
  };
}
