import type pg from 'pg';

import { keptCopy, land, type Landed, type LandingArchive, landingPath } from '../landing/land.ts';
import type { Offer } from '../source/source.ts';
import type { LoaderSession } from './loader-session.ts';

export interface LandOffer {
  readonly offer: Offer;
  readonly source: string;
  readonly landingDir: string;
  readonly archive?: LandingArchive;
  readonly session: LoaderSession;
}

/**
 * Lands an offer. When the newest delivery of its slot has its fingerprint, the copy in the landing
 * stands for it, and nothing is fetched: a bucket of ten thousand files costs a listing a run. What
 * the delivery is, and whether it is to be loaded, is decided as if it had been fetched.
 */
export async function landOffer({
  offer,
  source,
  landingDir,
  archive,
  session,
}: LandOffer): Promise<Landed> {
  const fingerprint = offer.fingerprint?.();
  if (fingerprint !== undefined) {
    const content = await session.retry((client) =>
      contentOf(client, { source, slot: offer.slot, fingerprint }),
    );
    // A delivery is recorded once the archive has it: nothing needs to be brought back to know it.
    if (content !== undefined && archive !== undefined) {
      return { ...content, path: landingPath(landingDir, content.sha256) };
    }
    const kept = content && (await keptCopy(landingDir, content));
    if (kept !== undefined) return kept;
  }
  const landed = await land(offer, landingDir);
  await archive?.keep(landed);
  return landed;
}

/** The content of the newest delivery of a slot, when it has this fingerprint. An older one is not asked: it was A before B. */
async function contentOf(
  client: pg.Client,
  { source, slot, fingerprint }: { source: string; slot: string; fingerprint: string },
): Promise<{ sha256: string; sizeBytes: number } | undefined> {
  const { rows } = await client.query<{ sha256: string; size_bytes: string; is_same: boolean }>(
    `select sha256, size_bytes, fingerprint is not distinct from $3 as is_same
       from plumbline.delivery where source = $1 and slot = $2 order by generation desc limit 1`,
    [source, slot, fingerprint],
  );
  const [newest] = rows;
  return newest?.is_same === true
    ? { sha256: newest.sha256, sizeBytes: Number(newest.size_bytes) }
    : undefined;
}
