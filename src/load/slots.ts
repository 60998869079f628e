import type pg from 'pg';

import type { BatchJob } from './batch-job.ts';

/** Batches of a source by how their deliveries stand to the one that is loaded. */
export interface RelatedBatches {
  /** Of this delivery and of older versions of it: what they hold is replaced. */
  readonly older: readonly number[];
  /**
   * Of other slots whose newest accepted version was delivered later than this one: where they have
   * a key, their row holds. There are some only when a delivery is read again, or was accepted late.
   */
  readonly later: readonly number[];
}

/** Finds them for a delivery that is about to be merged. */
export async function relatedBatches(client: pg.Client, job: BatchJob): Promise<RelatedBatches> {
  const { rows } = await client.query<{ id: string; own: boolean; later: boolean }>(
    `with held as (
       select b.id, d.slot, max(d.id) filter (where b.state = 'loaded') over (partition by d.slot) as newest
         from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
        where b.source = $1 and b.id <> $2 and b.state in ('loaded', 'superseded')
     )
     select h.id, h.slot = own.slot as own, coalesce(h.slot <> own.slot and h.newest > own.id, false) as later
       from held h, plumbline.delivery own where own.id = $3`,
    [job.sourceName, job.batchId, job.deliveryId],
  );
  const idsOf = (which: 'own' | 'later'): number[] =>
    rows.filter((row) => row[which]).map((row) => Number(row.id));
  return { older: idsOf('own'), later: idsOf('later') };
}
