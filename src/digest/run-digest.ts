import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Digest } from '../dashboard/definition.ts';
import { dayIn } from '../dashboard/period.ts';
import { PlumblineError } from '../errors.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { deliver, messageIdOf, unsubscribeAddress } from './deliver.ts';
import type { Delivered } from './deliver.ts';
import type { DigestProject, MailSettings } from './digest-project.ts';
import { readEdition } from './edition.ts';
import type { Edition } from './edition.ts';
import { markAbandoned, noteWritten, withDigestLock } from './outbox.ts';
import type { SendTimeouts } from './send-mail.ts';
import { parseSmtpUrl } from './smtp-server.ts';
import { writeEml } from './write-eml.ts';

export interface RunDigestOptions {
  /** The digest's file name: `morning-costs`. */
  readonly name: string;
  readonly digest: Digest;
  readonly project: DigestProject;
  readonly mail: MailSettings;
  readonly warehouse: Pick<Warehouse, 'connect' | 'pool'>;
  /** Absolute path of the folder for mails that are not sent. */
  readonly outboxDir: string;
  /** ISO instant: that of the schedule, or now for a run by hand. A recipient gets one mail for each. */
  readonly occurrence: string;
  /** The company's day the mail is of, `YYYY-MM-DD`; default the occurrence's. */
  readonly day?: string;
  /** Absolute path: write the mail there and do nothing else. */
  readonly out?: string;
  /** ISO instant of "now". */
  readonly now: () => string;
  readonly signal?: AbortSignal;
  /** Told what someone should look at: a mail of which nobody knows whether it arrived. */
  readonly warn?: (message: string) => void;
  readonly pause?: (ms: number) => Promise<void>;
  readonly timeouts?: SendTimeouts;
}

/** What became of a digest. */
export interface DigestResult {
  /** It was sent or written; false when it is held, or did not reach everyone. */
  readonly ok: boolean;
  readonly digest: string;
  /** The worst of its recipients'. */
  readonly state: 'sent' | 'written' | 'held' | 'failed' | 'unknown';
  readonly subject: string;
  readonly recipients: readonly string[];
  /** Where it was written; undefined when it was sent. */
  readonly file?: string;
  /** Why it is held, or who was not reached and why. */
  readonly reason?: string;
}

/**
 * Makes a digest of the last release and sends it, or writes it to the outbox folder where no mail
 * server is set. Without a fresh release that passed its checks a notice goes out in its place.
 *
 * For one occurrence every recipient gets it once, however often and by however many processes this
 * is called. Throws `mail-invalid`, `warehouse-busy` and what the warehouse throws.
 */
export async function runDigest(options: RunDigestOptions): Promise<DigestResult> {
  const { name, digest, project, mail, out, occurrence } = options;
  const signal = options.signal ?? new AbortController().signal;
  // What is wrong with the settings shows before anything is claimed.
  const unsubscribe = unsubscribeAddress(name, mail.from);
  const server = mail.smtp === undefined ? undefined : parseSmtpUrl(mail.smtp);
  const edition = await readEdition({
    name,
    digest,
    project,
    pool: options.warehouse.pool('reader'),
    day: options.day ?? dayIn(project.zone, occurrence),
    now: options.now(),
    dashboards: mail.dashboards,
    unsubscribe,
  });
  if (out !== undefined) {
    if (edition.held === undefined) await writeMail(options, { edition, unsubscribe, path: out });
    return resultOf(options, edition, { file: edition.held === undefined ? out : undefined });
  }
  return withDigestLock(options.warehouse, name, async () => {
    const pool = options.warehouse.pool('loader');
    for (const lost of await markAbandoned(pool, name)) {
      options.warn?.(
        `${name}: the mail of ${lost.occurrence} to ${lost.recipient} may or may not have been sent; its process ended meanwhile. It is not sent again by itself.`,
      );
    }
    const { held, content, releaseId } = edition;
    if (server === undefined) return writeToOutbox(options, edition, unsubscribe);
    const delivered = await deliver({
      pool,
      server,
      digest: name,
      occurrence,
      recipients: recipientsOf(digest),
      from: mail.from,
      unsubscribe,
      content,
      held,
      releaseId,
      now: options.now,
      signal,
      pause: options.pause ?? ((ms) => wait(ms, undefined, { signal }).catch(() => undefined)),
      timeouts: options.timeouts,
    });
    return resultOf(options, edition, { delivered });
  });
}

/** Each address once, however often it is listed. */
function recipientsOf(digest: Digest): readonly string[] {
  return [...new Set(digest.to)];
}

async function writeToOutbox(
  options: RunDigestOptions,
  edition: Edition,
  unsubscribe: string,
): Promise<DigestResult> {
  const { name, digest, mail, occurrence, outboxDir } = options;
  const { held, content, releaseId } = edition;
  const suffix = held === undefined ? '' : '-held';
  const file = join(outboxDir, `${edition.day}-${name}${suffix}.eml`);
  await writeMail(options, { edition, unsubscribe, path: file });
  for (const recipient of recipientsOf(digest)) {
    const key = { digest: name, occurrence, recipient };
    await noteWritten(options.warehouse.pool('loader'), {
      ...key,
      messageId: messageIdOf(key, { from: mail.from, held }),
      subject: content.subject,
      reason: held,
      releaseId,
    });
  }
  return resultOf(options, edition, { file });
}

interface WriteInput {
  readonly edition: Edition;
  readonly unsubscribe: string;
  readonly path: string;
}

/** One file for all recipients, whole or not at all, that only its owner can read. */
async function writeMail(options: RunDigestOptions, input: WriteInput): Promise<void> {
  const { name, digest, mail, occurrence } = options;
  const { edition, unsubscribe, path } = input;
  const to = recipientsOf(digest);
  const key = { digest: name, occurrence, recipient: to.join(', ') };
  const bytes = await writeEml({
    ...edition.content,
    from: mail.from,
    to,
    messageId: messageIdOf(key, { from: mail.from, held: edition.held }),
    date: options.now(),
    unsubscribe,
  });
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(part, bytes, { mode: 0o600 });
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    throw new PlumblineError('mail-unwritable', {
      message: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}

const worstFirst = ['unknown', 'failed', 'sending', 'held', 'written', 'sent'] as const;

function resultOf(
  { name, digest }: RunDigestOptions,
  { held, detail, content }: Edition,
  sent: { readonly file?: string | undefined; readonly delivered?: readonly Delivered[] },
): DigestResult {
  const { file, delivered = [] } = sent;
  const worst = worstFirst.find((state) => delivered.some((each) => each.state === state));
  const state =
    held !== undefined ? 'held' : worst === 'sending' ? 'unknown' : (worst ?? 'written');
  const missed = delivered.filter((each) => each.state === 'failed' || each.state === 'unknown');
  const reasons = [
    ...(detail === undefined ? [] : [detail]),
    ...missed.map((each) => `${each.recipient}: ${each.reason ?? each.state}`),
  ];
  return {
    ok: state === 'sent' || state === 'written',
    digest: name,
    state,
    subject: content.subject,
    recipients: recipientsOf(digest),
    ...(file === undefined ? {} : { file }),
    ...(reasons.length === 0 ? {} : { reason: reasons.join(' ') }),
  };
}
