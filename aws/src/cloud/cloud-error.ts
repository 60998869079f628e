import { PlumblineError } from 'plumbline/runtime';

export interface CloudPlace {
  readonly region: string;
  /** Where the credentials were looked for. */
  readonly credentials: string;
}

const expired = /ExpiredToken|TokenRefreshRequired|RequestExpired/;
const refused =
  /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure|IncompleteSignature|MissingAuthenticationToken/;
const denied = /AccessDenied|UnauthorizedOperation|NotAuthorized|ForbiddenException/;
const unreachable =
  /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|NetworkingError/;

/** What an SDK threw, in words with a next step. What is a PlumblineError already stays one. */
export function cloudError(error: unknown, place: CloudPlace): PlumblineError {
  if (error instanceof PlumblineError) return error;
  const { name, message } = namesOf(error);
  const { region, credentials } = place;
  const said = firstSentence(message);
  if (/CredentialsProvider|CouldNotLoadCredentials|ProcessCredential|TokenProvider/.test(name)) {
    return noCredentials({ said, credentials, cause: error });
  }
  if (expired.test(name) || /token.*expired/i.test(message)) {
    return new PlumblineError('aws-credentials', {
      message: `The AWS credentials (${credentials}) have expired.`,
      remedy: signIn(credentials),
      cause: error,
    });
  }
  if (refused.test(name)) {
    return new PlumblineError('aws-credentials', {
      message: `AWS does not accept the credentials (${credentials}) in ${region}: ${said}`,
      remedy:
        'Check the access key and its secret, and that the clock of this machine is right; `aws sts get-caller-identity` tries them too.',
      cause: error,
    });
  }
  if (denied.test(name)) {
    return new PlumblineError('aws-denied', {
      message: `These credentials (${credentials}) may not do it: ${said}`,
      remedy: 'Have the right that is named given to them; docs/aws.md lists all that are needed.',
      cause: error,
    });
  }
  if (unreachable.test(name)) {
    return new PlumblineError('aws-unreachable', {
      message: `AWS does not answer in ${region}: ${said}`,
      retryable: true,
      cause: error,
    });
  }
  return new PlumblineError('aws-failed', {
    message: `AWS answered in ${region}: ${name}: ${said}`,
    cause: error,
  });
}

interface NoCredentials {
  readonly said: string;
  readonly credentials: string;
  readonly cause: unknown;
}

function noCredentials({ said, credentials, cause }: NoCredentials): PlumblineError {
  const sso = /sso/i.test(said);
  return new PlumblineError('aws-credentials', {
    message: `There are no AWS credentials: looked for ${credentials}. ${said}`,
    remedy: sso
      ? signIn(credentials)
      : 'Set AWS_PROFILE to a profile of ~/.aws/config (`aws configure sso` makes one), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    cause,
  });
}

/** `profile 'work'` is signed in by name. */
function signIn(credentials: string): string {
  const profile = /^profile '(.+)'$/.exec(credentials)?.[1];
  return profile === undefined
    ? 'Get new ones (`aws sso login`, or new values of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN), then run the command again.'
    : `Run \`aws sso login --profile ${profile}\`, or renew the profile's keys, then run the command again.`;
}

/** The name an SDK gives, or the code of Node's network. */
function namesOf(error: unknown): { name: string; message: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  const message = error.message === '' && first instanceof Error ? first.message : error.message;
  return { name: `${error.name}${code === '' || code === error.name ? '' : ` ${code}`}`, message };
}

/** SDKs write paragraphs; ends with a full stop. */
const firstSentence = (message: string): string => {
  const line = message.split('\n')[0]?.trim() ?? '';
  return line.endsWith('.') ? line : `${line}.`;
};
