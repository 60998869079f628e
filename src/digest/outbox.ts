import { setTimeout as wait } from 'node:timers/promises';

import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { sqlState } from '../warehouse/transaction.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/**
 * How a mail to one recipient stands. `held`: a notice went out in its place. `written`: it is in the
 * outbox folder. `sending`: a process is at it, or ended while it was. `unknown`: nobody can say
 * whether it arrived, so it is never sent again by itself.
 */
export type OutboxState = 'held' | 'written' | 'sending' | 'sent' | 'unknown' | 'failed';

/** Identity of a row: at most one mail for each. */
export interface OutboxKey {
  readonly digest: string;
  /** ISO instant. */
  readonly occurrence: string;
  readonly recipient: string;
}

export interface OutboxMail extends OutboxKey {
  readonly messageId: string;
  readonly subject: string;
  /** Why it is held; undefined for the digest itself. */
  readonly reason: string | undefined;
  /** The release it was read from. */
  readonly releaseId: string | undefined;
}

export type Claim =
  | { readonly claimed: true; readonly id: string }
  /** Another mail took its place: what became of that one. */
  | { readonly claimed: false; readonly state: OutboxState; readonly reason: string | undefined };

const lockTimeoutMs = 120_000;
const settleAttempts = 3;

/**
 * Runs `work` while no other process works on the digest's rows, on this machine or another. The lock
 * ends with its connection: a row that is found `sending` by its holder was left by a process that
 * ended. Two sends at once would still be kept apart by the rows alone, should the lock be lost.
 * Throws `warehouse-busy` after two minutes.
 */
export async function withDigestLock<T>(
  warehouse: Pick<Warehouse, 'connect'>,
  digest: string,
  work: () => Promise<T>,
): Promise<T> {
  const client = await warehouse.connect('loader');
  try {
    await client.query('begin');
    await client.query(
      `select set_config('lock_timeout', $1, true),
              set_config('idle_in_transaction_session_timeout', '0', true)`,
      [String(lockTimeoutMs)],
    );
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `plumbline digest ${digest}`,
    ]);
    return await work();
  } catch (error) {
    if (sqlState(error) !== '55P03') throw error;
    throw new PlumblineError('warehouse-busy', {
      message: `Another process has been sending the digest ${digest} for ${lockTimeoutMs / 1000} s.`,
      retryable: true,
      cause: error,
    });
  } finally {
    // Ends the transaction, and the lock with it.
    await client.end().catch(() => undefined);
  }
}

/** Marks what a process left behind while sending; call it with the lock. Gives the rows found. */
export async function markAbandoned(pool: pg.Pool, digest: string): Promise<readonly OutboxKey[]> {
  const { rows } = await pool.query<OutboxKey>(
    `update plumbline.outbox
        set state = 'unknown', reason = 'The process ended while the mail was being sent.'
      where digest = $1 and state = 'sending'
      returning digest, occurrence, recipient`,
    [digest],
  );
  return rows;
}

/**
 * Takes a row for sending: one process gets it, once. A digest takes the place of a notice and of a
 * mail the server refused; a notice only of the latter.
 */
export async function claimForSending(pool: pg.Pool, mail: OutboxMail): Promise<Claim> {
  return upsert(pool, mail, 'sending');
}

/** Notes a mail that was written to the outbox folder: `written`, or `held` for a notice. */
export async function noteWritten(pool: pg.Pool, mail: OutboxMail): Promise<Claim> {
  return upsert(pool, mail, mail.reason === undefined ? 'written' : 'held');
}

async function upsert(
  pool: pg.Pool,
  mail: OutboxMail,
  state: 'sending' | 'written' | 'held',
): Promise<Claim> {
  const replaceable = mail.reason === undefined ? ['held', 'failed'] : ['failed'];
  const { rows } = await pool.query<{ id: string }>(
    `insert into plumbline.outbox as known
       (digest, occurrence, recipient, state, message_id, subject, reason, release_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (digest, occurrence, recipient) do update
       set state = excluded.state, message_id = excluded.message_id, subject = excluded.subject,
           reason = excluded.reason, release_id = excluded.release_id, sent_at = null
       where known.state = any ($9)
     returning id`,
    [
      mail.digest,
      mail.occurrence,
      mail.recipient,
      state,
      mail.messageId,
      mail.subject,
      mail.reason ?? null,
      mail.releaseId ?? null,
      replaceable,
    ],
  );
  const taken = rows[0];
  if (taken !== undefined) return { claimed: true, id: taken.id };
  const known = await pool.query<{ state: OutboxState; reason: string | null }>(
    'select state, reason from plumbline.outbox where digest = $1 and occurrence = $2 and recipient = $3',
    [mail.digest, mail.occurrence, mail.recipient],
  );
  const row = known.rows[0];
  return { claimed: false, state: row?.state ?? 'unknown', reason: row?.reason ?? undefined };
}

/**
 * Notes how sending a claimed row ended, on another connection when one breaks. Should it fail for
 * good, the row stays `sending` and is `unknown` to whoever looks next.
 */
export async function settle(
  pool: pg.Pool,
  id: string,
  end: { readonly state: OutboxState; readonly reason: string | undefined; readonly sent: boolean },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await pool.query(
        `update plumbline.outbox
            set state = $2, reason = $3, sent_at = case when $4 then clock_timestamp() end
          where id = $1`,
        [id, end.state, end.reason ?? null, end.sent],
      );
      return;
    } catch (error) {
      if (attempt >= settleAttempts) throw error;
      await wait(500 * attempt);
    }
  }
}
