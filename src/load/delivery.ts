import type pg from 'pg';

import type { Landed } from '../landing/land.ts';
import type { Offer } from '../source/source.ts';
import { inTransaction } from '../warehouse/transaction.ts';

/** What a landed delivery asks for. */
export type Identity =
  | { readonly kind: 'held'; readonly deliveryId: number }
  | { readonly kind: 'duplicate-file'; readonly deliveryId: number }
  | { readonly kind: 'load'; readonly deliveryId: number; readonly batchId: number };

interface LastDelivery {
  readonly id: string;
  readonly generation: number;
  readonly sha256: string;
  readonly duplicate_of: string | null;
  readonly fingerprint: string | null;
  readonly batch_id: string | null;
  readonly batch_state: string | null;
  /** An earlier reading of the same content holds, whatever became of the latest. */
  readonly held: boolean;
}

const latestBatch = `
  left join lateral (
    select b.id, b.state from plumbline.batch b where b.delivery_id = d.id and b.source = d.source order by b.id desc limit 1) b on true`;

async function lastOfSlot(
  client: pg.ClientBase,
  source: string,
  slot: string,
): Promise<LastDelivery | undefined> {
  const { rows } = await client.query<LastDelivery>(
    `select d.id, d.generation, d.sha256, d.duplicate_of, d.fingerprint, b.id as batch_id, b.state as batch_state,
            exists (select from plumbline.batch l where l.delivery_id = d.id and l.source = d.source and l.state = 'loaded') as held
       from plumbline.delivery d ${latestBatch}
      where d.source = $1 and d.slot = $2 order by d.generation desc limit 1`,
    [source, slot],
  );
  return rows[0];
}

/** Another slot that holds the same content now: a copy of a file under a second name. */
async function sameContent(
  client: pg.ClientBase,
  source: string,
  sha256: string,
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `select d.id from plumbline.delivery d
      where d.source = $1 and d.sha256 = $2
        and exists (select from plumbline.batch b where b.delivery_id = d.id and b.source = d.source and b.state = 'loaded')
        and not exists (select from plumbline.delivery n where n.source = d.source and n.slot = d.slot and n.generation > d.generation)
      limit 1`,
    [source, sha256],
  );
  return rows[0]?.id;
}

/**
 * Records a landed delivery and says what it is. A delivery is (source, slot, generation): the
 * content its slot holds already is a no-op, other content is a correction, one generation on.
 * Identity by content alone would take the second A of A → B → A for the first.
 */
export async function identify(
  client: pg.Client,
  source: string,
  seen: { offer: Offer; landed: Landed; nextCursor: string | undefined },
): Promise<Identity> {
  return inTransaction(client, async () => {
    // The batch's own commit, later in the log, brings this to the disk with it.
    await client.query('set local synchronous_commit = off');
    await client.query(
      `select pg_advisory_xact_lock(hashtextextended('plumbline:delivery:' || $1, 0))`,
      [source],
    );
    const last = await lastOfSlot(client, source, seen.offer.slot);
    const fingerprint = seen.offer.fingerprint?.() ?? null;
    if (last !== undefined && last.sha256 === seen.landed.sha256) {
      // The same content written once more: it has other times, by which it is known from now on.
      if (last.fingerprint !== fingerprint)
        await client.query('update plumbline.delivery set fingerprint = $2 where id = $1', [
          last.id,
          fingerprint,
        ]);
      return again(client, source, last);
    }
    const copyOf =
      last === undefined ? await sameContent(client, source, seen.landed.sha256) : undefined;
    const { rows } = await client.query<{ id: string }>(
      `insert into plumbline.delivery (source, slot, generation, sha256, size_bytes, name, modified_at, duplicate_of, next_cursor, fingerprint)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
      [
        source,
        seen.offer.slot,
        (last?.generation ?? 0) + 1,
        seen.landed.sha256,
        seen.landed.sizeBytes,
        seen.offer.name,
        seen.offer.modifiedAt ?? null,
        copyOf ?? null,
        seen.nextCursor ?? null,
        fingerprint,
      ],
    );
    const deliveryId = Number(rows[0]?.id);
    if (copyOf !== undefined) return { kind: 'duplicate-file', deliveryId };
    return { kind: 'load', deliveryId, batchId: await createBatch(client, source, deliveryId) };
  });
}

/** The slot's content has not changed: nothing to do, unless it has not been loaded yet. */
async function again(client: pg.Client, source: string, last: LastDelivery): Promise<Identity> {
  const deliveryId = Number(last.id);
  if (last.duplicate_of !== null) return { kind: 'duplicate-file', deliveryId };
  if (last.held || last.batch_state === 'superseded') return { kind: 'held', deliveryId };
  if (last.batch_state === 'landed' || last.batch_state === 'loading')
    return { kind: 'load', deliveryId, batchId: Number(last.batch_id) };
  return { kind: 'load', deliveryId, batchId: await createBatch(client, source, deliveryId) };
}

async function createBatch(client: pg.Client, source: string, deliveryId: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    'insert into plumbline.batch (delivery_id, source) values ($1, $2) returning id',
    [deliveryId, source],
  );
  return Number(rows[0]?.id);
}

/** A batch that waits in the landing: its load was cut short, or its table was made anew. */
export interface PendingBatch {
  readonly batchId: number;
  readonly deliveryId: number;
  readonly name: string;
  readonly slot: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** None for a delivery that is read again: the source has gone on from there. */
  readonly nextCursor: string | undefined;
}

/**
 * Puts batches that a killed process left in `loading` back to `landed`, and lists what waits,
 * oldest first. A batch whose loader lives is skipped: its source's lock is held.
 */
export async function recoverPending(client: pg.Client, source: string): Promise<PendingBatch[]> {
  return inTransaction(client, async () => {
    const { rows: lock } = await client.query<{ free: boolean }>(
      `select pg_try_advisory_xact_lock(hashtextextended('plumbline:load:' || $1, 0)) as free`,
      [source],
    );
    if (lock[0]?.free === true) {
      await client.query(
        `update plumbline.batch set state = 'landed' where source = $1 and state = 'loading'`,
        [source],
      );
    }
    const { rows } = await client.query<{
      id: string;
      delivery_id: string;
      name: string;
      slot: string;
      sha256: string;
      size_bytes: string;
      next_cursor: string | null;
    }>(
      `select b.id, b.delivery_id, d.name, d.slot, d.sha256, d.size_bytes,
              case when not exists (select from plumbline.batch o where o.delivery_id = d.id and o.source = d.source and o.id < b.id and o.state in ('loaded', 'superseded')) then d.next_cursor end as next_cursor
         from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
        where b.source = $1 and b.state = 'landed' order by b.id`,
      [source],
    );
    return rows.map((row) => ({
      batchId: Number(row.id),
      deliveryId: Number(row.delivery_id),
      name: row.name,
      slot: row.slot,
      sha256: row.sha256,
      sizeBytes: Number(row.size_bytes),
      nextCursor: row.next_cursor ?? undefined,
    }));
  });
}

/** The newest delivery of each slot of source $1 that was ever loaded: a correction that was refused replaces nothing. */
export const newestAccepted = `
  select distinct on (d.slot) d.id, d.source, d.slot, d.name from plumbline.delivery d
   where d.source = $1
     and exists (select from plumbline.batch b where b.delivery_id = d.id and b.source = d.source and b.state in ('loaded', 'superseded'))
   order by d.slot, d.generation desc`;

/** Asks for the newest accepted delivery of every slot to be loaded again, the last one first; within the caller's transaction. */
export async function reloadAll(client: pg.Client, source: string): Promise<void> {
  await client.query(
    `update plumbline.batch b set state = 'superseded' from plumbline.delivery d
      where d.id = b.delivery_id and d.source = $1 and b.state = 'loaded'`,
    [source],
  );
  await client.query(
    `insert into plumbline.batch (delivery_id, source)
     select d.id, d.source from (${newestAccepted}) d
      where not exists (select from plumbline.batch p where p.delivery_id = d.id and p.source = d.source and p.state = 'landed')
      order by d.id desc`,
    [source],
  );
}
