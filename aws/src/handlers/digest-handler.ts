import type { Context } from 'aws-lambda';
import { PlumblineError, recordRun, runDigest, systemClock } from 'plumbline/runtime';
import type { DigestResult, ProjectAtWork } from 'plumbline/runtime';

import { createHandler, openInvocation } from './invocation.ts';
import type { FunctionParts, Invocation, OpenedProject } from './invocation.ts';
import { parseEvent } from './parse-event.ts';
import type { FunctionEvent } from './parse-event.ts';
import { runOccurrence } from './run-occurrence.ts';
import { sayLate } from './say-late.ts';

export interface DigestAnswer {
  readonly job: string;
  readonly outcome: 'nothing-due' | 'lost' | DigestResult['state'];
  readonly reason?: string;
  readonly subject?: string;
  readonly occurrence?: string;
}

type DigestEvent = Extract<FunctionEvent, { kind: 'schedule' | 'run' }>;

/**
 * The function that sends one digest. Data that is late or failed its checks makes it a notice, as it
 * does locally. A mail server that cannot be reached is a fault: Lambda tries again, and whoever has
 * got the mail by then does not get it twice.
 */
export function createDigestHandler(
  parts: FunctionParts,
): (event: unknown, context: Context) => Promise<DigestAnswer> {
  return createHandler(parts, async (value, invocation) => {
    const event: DigestEvent = parseEvent(value, { job: parts.job, kinds: ['schedule', 'run'] });
    invocation.log.info('an event came', { event: event.kind });
    const open = await openInvocation(invocation, { checkAs: 'reader', archives: false });
    try {
      requireMailServer(open);
      return await sendFor(event, invocation, open);
    } finally {
      await sayLate(invocation, open, 'reader');
      await open.close();
    }
  });
}

/** A mail in the outbox folder of a function is one that nobody ever sees. */
function requireMailServer({ project }: ProjectAtWork): void {
  if (project.config.mail.smtp !== undefined) return;
  throw new PlumblineError('setting-missing', {
    message: 'There is no SMTP_URL, so the mail cannot be sent; on AWS there is no outbox folder.',
    remedy:
      'Fill in the secret SMTP_URL with the SMTP credentials of SES: smtps://user:password@email-smtp.REGION.amazonaws.com:465, by `aws secretsmanager put-secret-value`.',
  });
}

async function sendFor(
  event: DigestEvent,
  invocation: Invocation,
  open: OpenedProject,
): Promise<DigestAnswer> {
  const { job } = invocation;
  if (event.kind === 'run') {
    const { warehouse } = open;
    const { signal } = new AbortController();
    const occurrence = systemClock.now();
    const isOk = ({ ok }: DigestResult): boolean => ok;
    const result = await recordRun({ warehouse, job, isOk }, () =>
      send(invocation, open, { occurrence, signal }),
    );
    return answerOf(job, result);
  }
  const schedule = open.project.digests.get(job)?.schedule;
  if (schedule === undefined) throw new Error(`digest ${job} is not in this function`);
  let last: DigestResult | undefined;
  const result = await runOccurrence({
    invocation,
    open,
    schedule,
    firedAt: event.scheduledTime,
    run: async (runs, signal) => {
      for (const { occurrence } of runs) {
        last = await send(invocation, open, {
          occurrence: occurrence ?? event.scheduledTime,
          signal,
        });
      }
      const tryAgain = last?.state === 'failed';
      return { kind: 'done', outcome: { ok: last?.ok === true, result: last, tryAgain } };
    },
  });
  if (result.kind === 'nothing-due') {
    invocation.log.info('nothing is due', { reason: result.reason });
    return { job, outcome: 'nothing-due', reason: result.reason };
  }
  if (result.kind !== 'done' || last === undefined) return { job, outcome: 'lost' };
  return { ...answerOf(job, last), occurrence: result.occurrence };
}

interface Sending {
  readonly occurrence: string;
  readonly signal: AbortSignal;
}

/** Sends it; when the server refused the login, once more with what the secret is by now. */
async function send(
  invocation: Invocation,
  open: OpenedProject,
  sending: Sending,
): Promise<DigestResult> {
  const { log, job: name, secrets } = invocation;
  const began = Date.now();
  const now = systemClock.now;
  const warn = (message: string): void => log.warn(message);
  let result = await runDigest({ open, name, ...sending, now, warn });
  if (result.state === 'failed' && (await secrets.refresh())) {
    log.info('the mail was refused and SMTP_URL was changed since; it is tried again');
    const smtp = (await secrets.values()).get('SMTP_URL');
    const { config } = open.project;
    const project = { ...open.project, config: { ...config, mail: { ...config.mail, smtp } } };
    result = await runDigest({ open: { ...open, project }, name, ...sending, now, warn });
  }
  const seconds = (Date.now() - began) / 1000;
  const { state, recipients, reason } = result;
  log.metrics({ Seconds: seconds });
  const say = result.ok ? log.info : log.warn;
  say(`the digest is ${state}`, { recipients: recipients.length, reason, seconds });
  return result;
}

function answerOf(job: string, { state, subject, reason }: DigestResult): DigestAnswer {
  if (state === 'failed') {
    throw new PlumblineError('mail-unsent', {
      message: reason ?? `The digest ${job} did not reach everyone.`,
      retryable: true,
    });
  }
  return { job, outcome: state, subject, ...(reason !== undefined && { reason }) };
}
