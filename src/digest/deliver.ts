import { createHash } from 'node:crypto';

import addressparser from 'nodemailer/lib/addressparser';
import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import type { MailContent } from './mail.ts';
import { claimForSending, settle } from './outbox.ts';
import type { OutboxKey, OutboxState } from './outbox.ts';
import { sendMail } from './send-mail.ts';
import type { SendOutcome, SendTimeouts } from './send-mail.ts';
import type { SmtpServer } from './smtp-server.ts';
import { writeEml } from './write-eml.ts';

/** How a mail to one recipient ended. */
export interface Delivered {
  readonly recipient: string;
  readonly state: OutboxState;
  readonly reason: string | undefined;
}

export interface DeliverOptions {
  /** Of a role that writes the outbox. */
  readonly pool: pg.Pool;
  readonly server: SmtpServer;
  readonly digest: string;
  /** ISO instant. */
  readonly occurrence: string;
  readonly recipients: readonly string[];
  readonly from: string;
  readonly unsubscribe: string;
  readonly content: MailContent;
  /** Why the digest is held, for a notice; undefined for the digest itself. */
  readonly held: string | undefined;
  readonly releaseId: string | undefined;
  readonly now: () => string;
  readonly signal: AbortSignal;
  /** Waits between attempts. */
  readonly pause: (ms: number) => Promise<void>;
  readonly timeouts?: SendTimeouts | undefined;
}

/** Waits before the second and the third attempt. */
const pausesMs = [2000, 15_000] as const;

/**
 * Sends a mail to each recipient, once: its row is taken before the first byte leaves and says how it
 * ended after. A refusal that may pass is tried three times; what may have arrived is never tried again.
 */
export async function deliver(options: DeliverOptions): Promise<readonly Delivered[]> {
  const delivered: Delivered[] = [];
  let unreachable: string | undefined;
  for (const recipient of options.recipients) {
    options.signal.throwIfAborted();
    // A server that did not answer for one will not for the next.
    const result =
      unreachable === undefined
        ? await deliverOne(options, recipient)
        : { recipient, state: 'failed' as const, reason: unreachable, unreachable: true };
    if (result.unreachable) unreachable = result.reason;
    delivered.push({ recipient, state: result.state, reason: result.reason });
  }
  return delivered;
}

async function deliverOne(
  options: DeliverOptions,
  recipient: string,
): Promise<Delivered & { readonly unreachable: boolean }> {
  const { pool, digest, occurrence, content, held, releaseId } = options;
  const key = { digest, occurrence, recipient };
  const messageId = messageIdOf(key, options);
  const mail = { from: options.from, to: [recipient], unsubscribe: options.unsubscribe };
  // Before the row is taken: what cannot be written is not half sent.
  const message = await writeEml({ ...content, ...mail, messageId, date: options.now() });
  const { subject } = content;
  const claim = await claimForSending(pool, {
    ...key,
    messageId,
    subject,
    reason: held,
    releaseId,
  });
  if (!claim.claimed) {
    return { recipient, state: claim.state, reason: claim.reason, unreachable: false };
  }
  const outcome = await attempt(options, { recipient, message });
  const end = endOf(outcome, held);
  await settle(pool, claim.id, end);
  return { recipient, ...end, unreachable: outcome.state === 'unreachable' };
}

async function attempt(
  options: DeliverOptions,
  mail: { readonly recipient: string; readonly message: Buffer },
): Promise<SendOutcome> {
  const { server, signal, pause, timeouts } = options;
  const envelope = { from: addressOf(options.from), to: mail.recipient };
  for (let index = 0; ; index += 1) {
    const outcome = await sendMail({
      server,
      envelope,
      message: mail.message,
      ...(timeouts === undefined ? {} : { timeouts }),
    });
    const pauseMs = pausesMs[index];
    const again = 'retryable' in outcome && outcome.retryable;
    if (!again || pauseMs === undefined) return outcome;
    await pause(pauseMs);
    // Nothing has arrived: a run that is told to stop may leave it at that.
    if (signal.aborted) return outcome;
  }
}

function endOf(
  outcome: SendOutcome,
  held: string | undefined,
): { readonly state: OutboxState; readonly reason: string | undefined; readonly sent: boolean } {
  switch (outcome.state) {
    case 'sent':
      return { state: held === undefined ? 'sent' : 'held', reason: held, sent: true };
    case 'refused':
    case 'unreachable':
      return { state: 'failed', reason: outcome.reason, sent: false };
    case 'unknown':
      return { state: 'unknown', reason: outcome.reason, sent: false };
  }
}

/** The bare address of a sender. Throws `mail-invalid` unless there is exactly one. */
export function addressOf(from: string): string {
  const [first, ...others] = addressparser(from, { flatten: true });
  if (first === undefined || others.length > 0 || !/^[^\s@]+@[^\s@]+$/u.test(first.address)) {
    throw new PlumblineError('mail-invalid', {
      message: `${JSON.stringify(from)} is no sender; expected one address, as in 'Acme <numbers@acme.example>'.`,
      remedy: 'Correct mail.from in plumbline.config.ts.',
    });
  }
  return first.address;
}

/** Where a reader asks to be taken off the list: a mail to the sender. */
export function unsubscribeAddress(digest: string, from: string): string {
  const address = addressOf(from).replaceAll(/[^\w.+@-]/gu, encodeURIComponent);
  return `mailto:${address}?subject=${encodeURIComponent(`Unsubscribe ${digest}`)}`;
}

/** The same for the same row and the same kind of mail, and like no other. */
export function messageIdOf(
  key: OutboxKey,
  { from, held }: { readonly from: string; readonly held: string | undefined },
): string {
  const address = addressOf(from);
  const parts = [
    key.digest,
    key.occurrence,
    key.recipient,
    address,
    held === undefined ? '' : 'held',
  ];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return `<${hash}@${address.slice(address.lastIndexOf('@') + 1)}>`;
}
