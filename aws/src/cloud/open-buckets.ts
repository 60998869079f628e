import type { Buckets } from './cloud.ts';
import type { Connection } from './connection.ts';

/** S3, as far as names of buckets go. */
export function openBuckets({ region, signal, guard }: Connection): Buckets {
  return {
    owner: (Bucket) =>
      guard(async () => {
        const { HeadBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
        // A bucket of another region answers with a redirect, which is an answer as well.
        const client = new S3Client({
          region,
          forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined,
        });
        try {
          await client.send(new HeadBucketCommand({ Bucket }), { abortSignal: signal });
          return 'this account';
        } catch (error) {
          const status = statusOf(error);
          if (status === 404) return 'nobody';
          if (status === 403) return 'someone else';
          if (status === 301) return 'this account';
          throw error;
        }
      }),
  };
}

/** An SDK's error says with which status S3 answered. */
function statusOf(error: unknown): number | undefined {
  const metadata: unknown =
    error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  return metadata !== null &&
    typeof metadata === 'object' &&
    'httpStatusCode' in metadata &&
    typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}
