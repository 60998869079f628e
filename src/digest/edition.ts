import type pg from 'pg';

import type { Digest } from '../dashboard/definition.ts';
import { defaultFilters } from '../dashboard/filters.ts';
import { createFormatter } from '../dashboard/format.ts';
import { createQueries } from '../dashboard/query.ts';
import { runTile } from '../dashboard/run-tile.ts';
import { PlumblineError } from '../errors.ts';
import type { DigestProject } from './digest-project.ts';
import type { FilledTile } from './mail-parts.ts';
import type { MailContent } from './mail.ts';
import { readReadiness } from './readiness.ts';
import type { Obstacle } from './readiness.ts';
import { renderDigest } from './render-digest.tsx';
import { renderNotice } from './render-notice.tsx';
import { createPngRenderer } from './render-png.ts';

/** A digest of one day: the mail itself, or the notice that it is held. */
export interface Edition {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly content: MailContent;
  /** Why it is held, as the notice says it; undefined for the mail itself. */
  readonly held: string | undefined;
  /** The same with what may quote the data, for whoever looks after it. */
  readonly detail: string | undefined;
  /** The release the mail was read from; undefined for a notice. */
  readonly releaseId: string | undefined;
}

export interface EditionOptions {
  readonly name: string;
  readonly digest: Digest;
  readonly project: DigestProject;
  /** Of the reader role. */
  readonly pool: pg.Pool;
  readonly day: string;
  /** ISO instant. */
  readonly now: string;
  readonly dashboards: string | undefined;
  readonly unsubscribe: string;
}

/** Nobody waits for a mail as for a page. */
const timeoutMs = 30_000;

/** Reads the release, the sources and the tiles in one snapshot, and renders what comes of it. */
export async function readEdition(options: EditionOptions): Promise<Edition> {
  const { name, digest, project, day, now, dashboards, unsubscribe } = options;
  const { company, locale, currency, zone } = project;
  const formatter = createFormatter({ locale, currency, zone });
  const filters = defaultFilters(digest.filters, day);
  const queries = createQueries({ pool: options.pool, zone, timeoutMs });
  return queries.snapshot(async (snapshot) => {
    const readiness = await readReadiness(snapshot, { digest, project, formatter, now, day });
    const obstacles: Obstacle[] = [...readiness.obstacles];
    const tiles: FilledTile[] = [];
    // What must not be shown need not be read.
    for (const tile of obstacles.length === 0 ? digest.tiles : []) {
      try {
        tiles.push({ tile, data: await runTile(tile, { snapshot, filters }) });
      } catch (error) {
        if (!(error instanceof PlumblineError) || error.code === 'warehouse-unreachable') {
          throw error;
        }
        const summary = `“${tile.title}” could not be computed.`;
        obstacles.push({ summary, detail: `${error.message}. ${error.remedy}` });
      }
    }
    const { release } = snapshot;
    if (release === undefined || obstacles.length > 0) {
      const reasons = obstacles.map((obstacle) => obstacle.summary);
      const { title } = digest;
      return {
        day,
        content: renderNotice({ name, title, company, reasons, formatter, day, unsubscribe }),
        held: reasons.join(' '),
        detail: obstacles
          .map(({ summary, detail }) => (detail === undefined ? summary : `${summary} ${detail}`))
          .join(' '),
        releaseId: undefined,
      };
    }
    const content = renderDigest({
      name,
      digest,
      company,
      tiles,
      filters,
      release,
      notes: readiness.notes,
      formatter,
      day,
      dashboards,
      unsubscribe,
      renderPng: await createPngRenderer(),
    });
    return { day, content, held: undefined, detail: undefined, releaseId: release.id };
  });
}
