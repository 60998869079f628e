import type { Buckets } from './cloud.ts';
import type { Connection } from './connection.ts';

/** S3, as far as names of buckets go. */
export function openBuckets({ region, signal, guard }: Connection): Buckets {
  return {
    owner: (Bucket) =>
      guard(async () => {
        const { HeadBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
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
          // 301: it lies in another region, whoever's it is.
          if (status === 403 || status === 301) return 'someone else';
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
