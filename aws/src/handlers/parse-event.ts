import type { SQSRecord } from 'aws-lambda';
import { PlumblineError } from 'plumbline/runtime';
import { z } from 'zod';

/** Where a load goes on that stopped before the time limit. */
export interface Continuation {
  readonly kind: 'continue';
  readonly job: string;
  /** What started the run that is continued. */
  readonly trigger?: 'manual' | 'upload' | undefined;
  /** What came next when it stopped, in words. */
  readonly from?: string | undefined;
}

/** What a function is invoked with. */
export type FunctionEvent =
  | { readonly kind: 'schedule'; readonly job: string; readonly scheduledTime: string }
  | { readonly kind: 'run'; readonly job: string }
  | Continuation
  | { readonly kind: 'uploads'; readonly messages: readonly SQSRecord[] }
  | { readonly kind: 'release'; readonly cause?: unknown }
  | { readonly kind: 'migrate' }
  | { readonly kind: 'status' };

const job = z.string().min(1);

const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('schedule'), job, scheduledTime: z.iso.datetime({ offset: true }) }),
  z.object({ kind: z.literal('run'), job }),
  z.object({
    kind: z.literal('continue'),
    job,
    trigger: z.enum(['manual', 'upload']).optional(),
    from: z.string().optional(),
  }),
  z.object({ kind: z.literal('release'), cause: z.unknown().optional() }),
  z.object({ kind: z.literal('migrate') }),
  z.object({ kind: z.literal('status') }),
]);

const messagesSchema = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })).min(1),
});

/**
 * Reads an event that this function takes. Throws `event-invalid`, which says what was seen and what
 * is expected.
 */
export function parseEvent<K extends FunctionEvent['kind']>(
  value: unknown,
  accepted: { readonly job: string; readonly kinds: readonly K[] },
): Extract<FunctionEvent, { kind: K }> {
  const event = readEvent(value);
  const kinds: readonly string[] = accepted.kinds;
  if (event === undefined || !kinds.includes(event.kind)) throw unknownEvent(value, accepted);
  if ('job' in event && event.job !== accepted.job) throw unknownEvent(value, accepted);
  // The cast: its kind is one of those accepted.
  return event as Extract<FunctionEvent, { kind: K }>;
}

function readEvent(value: unknown): FunctionEvent | undefined {
  const messages = messagesSchema.safeParse(value);
  // The cast: of a message of SQS only these two are read.
  if (messages.success)
    return { kind: 'uploads', messages: messages.data.Records as unknown as SQSRecord[] };
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

const shownMax = 200;

function unknownEvent(
  value: unknown,
  { job: own, kinds }: { readonly job: string; readonly kinds: readonly string[] },
): PlumblineError {
  const shown = JSON.stringify(value) ?? String(value);
  const examples = kinds.map((kind) =>
    kind === 'schedule'
      ? JSON.stringify({ kind, job: own, scheduledTime: '2026-11-23T05:00:00Z' })
      : kind === 'uploads'
        ? 'a batch of SQS messages'
        : JSON.stringify(['run', 'continue'].includes(kind) ? { kind, job: own } : { kind }),
  );
  return new PlumblineError('event-invalid', {
    message: `The event ${shown.length > shownMax ? `${shown.slice(0, shownMax)}…` : shown} is not for this function; expected ${examples.join(' or ')}.`,
  });
}
