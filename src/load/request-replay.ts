import type pg from 'pg';

import { newestAccepted } from './delivery.ts';
import { readAgain } from './reread.ts';

/** Which deliveries are read again: one, all, or those of which something was kept out. */
export type ReplayRequest = number | 'all' | 'rejected';

/**
 * Asks for deliveries to be read again from the landing, whether or not their contract changed: the
 * version of each slot whose rows are there, and a newer one that was refused. Safe when two ask at once.
 */
export async function requestReplay(
  client: pg.Client,
  source: string,
  request: ReplayRequest,
): Promise<void> {
  await readAgain(client, {
    source,
    value: String(request),
    select: `
      select d.id, d.source
        from (select accepted.*, true as accepted from (${newestAccepted}) accepted
              union all
              select delivered.*, false from (${newestDelivered}) delivered
               where not exists (select from plumbline.batch b where b.delivery_id = delivered.id and b.source = $1 and b.state in ('loaded', 'superseded'))) d
        join lateral (
          select b.state, b.rejected from plumbline.batch b
           where b.delivery_id = d.id and b.source = d.source order by b.id desc limit 1) latest on true
       where latest.state not in ('landed', 'loading')
         and ($2 = 'all' or d.id::text = $2 or $2 = 'rejected' and (latest.state in ('rejected', 'failed') or ${keptOut}))
       order by d.accepted desc, d.id desc`,
  });
}

/** The newest delivery of each slot of source $1, loaded or refused. */
const newestDelivered = `
  select distinct on (d.slot) d.id, d.source, d.slot, d.name from plumbline.delivery d
   where d.source = $1 and d.duplicate_of is null
   order by d.slot, d.generation desc`;

/** Rows of delivery `d` that were rejected, those of records nested in it included. */
const keptOut = `exists (
  select from plumbline.batch b where b.delivery_id = d.id and b.state = 'loaded' and b.rejected > 0)`;
