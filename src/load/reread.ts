import { createHash } from 'node:crypto';

import type pg from 'pg';

import type { Source } from '../source/source.ts';
import { inTransaction } from '../warehouse/transaction.ts';
import { newestAccepted } from './delivery.ts';

/** How a source is read now, short enough to keep with every batch. `zone` is that of times without one. */
export function readingOf(source: Source, zone: string): string {
  return createHash('sha256').update(`${zone}\n${source.reading}`).digest('hex').slice(0, 32);
}

/**
 * Asks for the newest accepted delivery of every slot that was read another way to be read again: after a
 * contract or format was changed, rows that were rejected may be good, and rows that were taken may
 * not. Each stays as it is until its new batch commits, and the release waits until all of them have.
 * The last delivery comes first: where it shares keys with earlier ones, its rows hold anyway.
 *
 * One that is refused this time keeps the rows it has; it is tried again when the reading changes
 * once more. Safe when two ask at once.
 */
export async function rereadChanged(
  client: pg.Client,
  source: string,
  reading: string,
): Promise<void> {
  await readAgain(client, {
    source,
    value: reading,
    select: `
      select d.id, d.source
        from (${newestAccepted}) d
        join lateral (
          select b.state, b.reading from plumbline.batch b
           where b.delivery_id = d.id and b.source = d.source order by b.id desc limit 1) latest on true
       where latest.state = 'failed' or latest.state in ('loaded', 'rejected') and latest.reading <> $2
       order by d.id desc`,
  });
}

/** Makes a batch for each delivery that `select` gives of source $1 and $2, while no one else makes any. */
export async function readAgain(
  client: pg.Client,
  asked: { readonly source: string; readonly value: string; readonly select: string },
): Promise<void> {
  const { source, value, select } = asked;
  await inTransaction(client, async () => {
    await client.query(
      `select pg_advisory_xact_lock(hashtextextended('plumbline:delivery:' || $1, 0))`,
      [source],
    );
    await client.query(`insert into plumbline.batch (delivery_id, source) ${select}`, [
      source,
      value,
    ]);
  });
}
