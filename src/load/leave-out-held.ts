import type { Offer } from '../source/source.ts';
import type { LoaderSession } from './loader-session.ts';

/** Offers that are looked up by one query: a thousand slots with fingerprints are about 200 KB. */
const atOnce = 1000;

/**
 * Offers without those that the table holds as they are: the newest delivery of their slot has their
 * fingerprint and is loaded. One by one they cost six ways to the server each, with which a bucket
 * of a hundred thousand objects takes longer than a function may run, so that it never comes to what
 * is new. Only for deliveries that an archive keeps: of a copy on the disk it is not asked whether it
 * is still there.
 *
 * What has no fingerprint is passed on before the next offer is asked for, as it came.
 */
export async function* leaveOutHeld(
  offers: AsyncIterable<Offer>,
  { source, session }: { readonly source: string; readonly session: LoaderSession },
): AsyncGenerator<Offer> {
  let waiting: { readonly offer: Offer; readonly fingerprint: string }[] = [];
  for await (const offer of offers) {
    const fingerprint = offer.fingerprint?.();
    if (fingerprint !== undefined) waiting.push({ offer, fingerprint });
    if (fingerprint === undefined || waiting.length === atOnce) yield* notHeld();
    if (fingerprint === undefined) yield offer;
  }
  yield* notHeld();

  async function* notHeld(): AsyncGenerator<Offer> {
    const asked = waiting;
    waiting = [];
    if (asked.length === 0) return;
    const held = await session.retry(async (client) => {
      const { rows } = await client.query<{ slot: string }>(heldSlots, [
        source,
        asked.map(({ offer }) => offer.slot),
        asked.map(({ fingerprint }) => fingerprint),
      ]);
      return new Set(rows.map(({ slot }) => slot));
    });
    for (const { offer } of asked) if (!held.has(offer.slot)) yield offer;
  }
}

/** What `identify` calls held, of many slots: a copy of another file is none, it is told each time. */
const heldSlots = `
  select offered.slot
    from unnest($2::text[], $3::text[]) as offered (slot, fingerprint)
   cross join lateral (
     select d.id, d.source, d.fingerprint, d.duplicate_of from plumbline.delivery d
      where d.source = $1 and d.slot = offered.slot order by d.generation desc limit 1) newest
   where newest.fingerprint = offered.fingerprint and newest.duplicate_of is null
     and (exists (select from plumbline.batch b where b.delivery_id = newest.id and b.source = newest.source and b.state = 'loaded')
       or 'superseded' = (select b.state from plumbline.batch b where b.delivery_id = newest.id and b.source = newest.source order by b.id desc limit 1))`;
