import { PlumblineError, type ErrorCode } from '../../../errors.ts';
import type { Redact } from '../../api/redact.ts';
import { AddressRefused, allowRemedy } from '../address-guard.ts';

/** What was asked of the bucket when it went wrong. */
export interface Asked {
  readonly doing: 'list' | 'read';
  readonly bucket: string;
  /** The key, or the prefix that is listed. */
  readonly key: string;
  /** Where the bucket was looked for: the endpoint or the region. */
  readonly at: string;
  readonly redact: Redact;
}

export const addressOf = (bucket: string, key: string): string => `s3://${bucket}/${key}`;

/** The service's name of the fault, e.g. `AccessDenied`; that of a HEAD is its status, it has no body. */
export function faultName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata: unknown = error.$metadata;
  return metadata !== null &&
    typeof metadata === 'object' &&
    'httpStatusCode' in metadata &&
    typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}

interface Words {
  readonly code: ErrorCode;
  readonly says: string;
  readonly remedy?: string;
  readonly retryable?: boolean;
}

const keysRemedy =
  "Renew the credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or the project's .env file, or `aws sso login`.";

type Say = (reason: string, asked: Asked, error: unknown) => Words;

const refusedKeys: Say = (reason, _asked, error) =>
  regionWords(error) ?? {
    code: 'source-denied',
    says: `the credentials are refused (${reason})`,
    remedy: keysRemedy,
  };

const expiredKeys: Say = (reason) => ({
  code: 'source-denied',
  says: `the credentials have expired (${reason})`,
  remedy: keysRemedy,
});

/** Faults that people can mend, by the name that the client or the service gives them. */
const named: Readonly<Record<string, Say>> = {
  CredentialsProviderError: () => ({
    code: 'setting-missing',
    says: 'no AWS credentials were found',
    remedy:
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or the project's .env file, name a profile in AWS_PROFILE, or run where a role gives them.",
  }),
  NoSuchBucket: (_, { bucket, at }) => ({
    code: 'source-not-found',
    says: `there is no bucket '${bucket}' at ${at}`,
    remedy: "Check the bucket's name, which stands before the first slash in s3(…).",
  }),
  ExpiredToken: expiredKeys,
  ExpiredTokenException: expiredKeys,
  InvalidToken: expiredKeys,
  TokenRefreshRequired: expiredKeys,
  AuthorizationHeaderMalformed: refusedKeys,
  InvalidAccessKeyId: refusedKeys,
  SignatureDoesNotMatch: refusedKeys,
  RequestTimeTooSkewed: (reason) => ({
    code: 'source-denied',
    says: `the clock of this machine is wrong (${reason})`,
    remedy: 'Set the clock of this machine; S3 takes requests of a quarter of an hour only.',
  }),
  InvalidObjectState: (reason) => ({
    code: 'source-error',
    says: `it is archived and cannot be read (${reason})`,
    remedy: 'Restore the object from its archive, or leave it out by a narrower pattern.',
  }),
};

/** Names are those of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. */
function wordsOf(error: unknown, asked: Asked): Words {
  const status = statusOf(error);
  const reason = reasonOf(error);
  const say = new Map(Object.entries(named)).get(faultName(error));
  if (say !== undefined) return say(reason, asked, error);
  if (/region is missing/iu.test(reason)) {
    return {
      code: 'setting-missing',
      says: 'it is not known in which region the bucket is',
      remedy: "Set AWS_REGION, or region: 'eu-central-1' (the bucket's own) in s3().",
    };
  }
  if (status === 412) return changedWords('it was overwritten after it was listed');
  if (status === 404 && asked.doing === 'read') {
    return changedWords('it was deleted after it was listed');
  }
  if (status === 401 || status === 403) return deniedWords(reason, asked);
  if (status === 301 || status === 307) {
    return (
      regionWords(error) ?? {
        code: 'source-error',
        says: `the bucket is not at ${asked.at} (${reason})`,
        remedy: "Set region in s3() to that of the bucket, e.g. region: 'eu-central-1'.",
      }
    );
  }
  // What is left of the 4xx will be the same next time; a fault of the network has no status.
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { code: 'source-error', says: `S3 refuses the request (${status} ${reason})` };
  }
  return {
    code: 'source-unreachable',
    says: networkReason(error, reason, status),
    retryable: true,
  };
}

const changedWords = (says: string): Words => ({
  code: 'source-changed',
  says,
  retryable: true,
});

function deniedWords(reason: string, { doing, bucket, key }: Asked): Words {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  return doing === 'list'
    ? {
        code: 'source-denied',
        says: `these credentials may not list it (${reason})`,
        remedy: `Allow s3:ListBucket on arn:aws:s3:::${bucket} to these credentials.`,
      }
    : {
        code: 'source-denied',
        says: `these credentials may not read it (${reason})`,
        remedy: `Allow s3:GetObject on arn:aws:s3:::${bucket}/${folder}* to these credentials, and kms:Decrypt when the bucket has a key of its own; without s3:ListBucket a missing object is denied too.`,
      };
}

/** The service names the right region in a header, or in the text of the fault. */
function regionWords(error: unknown): Words | undefined {
  const region =
    headerOf(error, 'x-amz-bucket-region') ?? /expecting '([\w-]+)'/u.exec(reasonOf(error))?.[1];
  return region === undefined
    ? undefined
    : {
        code: 'source-error',
        says: `the bucket is in the region ${region}`,
        remedy: `Set region: '${region}' in s3(), or AWS_REGION.`,
      };
}

function headerOf(error: unknown, name: string): string | undefined {
  if (!(error instanceof Error) || !('$response' in error)) return undefined;
  const response: unknown = error.$response;
  if (response === null || typeof response !== 'object' || !('headers' in response))
    return undefined;
  const { headers } = response;
  if (headers === null || typeof headers !== 'object') return undefined;
  const found: unknown = Object.entries(headers).find(([header]) => header === name)?.[1];
  return typeof found === 'string' ? found : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message.replace(/\.$/u, '');
  const isNamed =
    /^[A-Z][A-Za-z]+$/u.test(error.name) && !/^(?:Error|UnknownError)$/u.test(error.name);
  if (text === '' || text === 'UnknownError' || text === error.name) return error.name;
  return isNamed ? `${error.name}: ${text}` : text;
}

/** Codes of https://nodejs.org/api/errors.html#common-system-errors. */
function networkReason(error: unknown, reason: string, status: number | undefined): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'the server refuses connections';
  if (code === 'ENOTFOUND') return 'the host name is not known';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection broke off';
  if (faultName(error) === 'TimeoutError') return 'the server was silent for too long';
  return status === undefined ? reason : `S3 answered ${status} (${reason}), tried several times`;
}

/** What went wrong with a bucket, in our words and with what to do. */
export function s3Fault(error: unknown, asked: Asked): PlumblineError {
  if (error instanceof PlumblineError) return error;
  if (error instanceof AddressRefused) {
    return new PlumblineError('address-refused', {
      message: `${addressOf(asked.bucket, asked.key)}: the endpoint ${error.message}.`,
      remedy: allowRemedy,
      cause: error,
    });
  }
  const { code, says, remedy, retryable = false } = wordsOf(error, asked);
  return new PlumblineError(code, {
    message: asked.redact(`${addressOf(asked.bucket, asked.key)}: ${says}.`),
    ...(remedy === undefined ? {} : { remedy }),
    retryable,
    cause: error,
  });
}
