import { PlumblineError } from 'plumbline/runtime';
import type { ErrorCode } from 'plumbline/runtime';

export interface FaultPlace {
  /** The source or digest, `release` or `migrate`. */
  readonly job: string;
}

/**
 * An error as Lambda keeps it with the event in the dead-letter queue, where someone reads it days
 * later: its type is the code, its message says what, for which job, and what to do.
 */
export function asHandlerFault(error: unknown, { job }: FaultPlace): Error {
  const { code, message, remedy } = describeFault(error);
  const fault = new Error(`${job}: ${message} What to do: ${remedy}`, { cause: error });
  fault.name = code;
  return fault;
}

/** What a function has not: files and variables that people set by hand. */
const isForLaptops = /DATABASE_URL|\.env\b|in the environment/;

const onAws: Partial<Record<ErrorCode, string>> = {
  'warehouse-unreachable':
    'See in RDS that the database is available; `plumbline status --aws` asks it again. The next run goes on from here.',
  'setting-missing':
    'Name it in `variables` of plumbline.aws.ts, or fill in its secret by `aws secretsmanager put-secret-value`; then run `plumbline deploy`.',
  'source-denied':
    'Put a credential that the server takes into its secret by `aws secretsmanager put-secret-value`; the next run reads it.',
};

type FaultText = Readonly<Record<'code' | 'message' | 'remedy', string>>;

function describeFault(error: unknown): FaultText {
  if (error instanceof PlumblineError) {
    const { code, message, remedy } = error;
    const here = isForLaptops.test(remedy) ? onAws[code] : undefined;
    return { code, message: asSentence(message), remedy: here ?? remedy };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: asSentence(message),
    remedy:
      'Look at the function’s log (`plumbline logs --aws`); when it was something that passes, the next run goes on from here.',
  };
}

/** The same as fields of a log line, beside its own message. */
export function faultFields(
  error: unknown,
): Readonly<Record<'code' | 'reason' | 'remedy', string>> {
  const { code, message, remedy } = describeFault(error);
  return { code, reason: message, remedy };
}

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
