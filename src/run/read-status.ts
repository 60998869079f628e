import { addNoticed, type Noticed } from '../contract/describe-noticed.ts';
import { readSourceStates } from '../dashboard/freshness.ts';
import { createQueries } from '../dashboard/query.ts';
import type { Snapshot } from '../dashboard/query.ts';
import { relationOf } from '../project/read-project.ts';
import { nextOccurrences } from '../schedule/calendar.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import type { ProjectAtWork } from './project-at-work.ts';

/** What `plumbline status` tells. */
export interface Status {
  /** There is a release, none is held back, no source is late or failing. */
  readonly ok: boolean;
  readonly release: { id: number; at: string; verified: boolean } | null;
  readonly sources: readonly SourceStatus[];
  readonly checks: {
    readonly passed: number;
    readonly warned: number;
    /** Of the newest release or attempt at one. */
    readonly failed: readonly { name: string; level: string; rows: number }[];
  };
  /** When the newest attempt at a release was held back: since when, and why. */
  readonly held?: { readonly at: string; readonly reason: string };
}

export interface SourceStatus {
  readonly name: string;
  /** ISO instant at which the newest loaded delivery arrived; null before the first. */
  readonly lastDelivery: string | null;
  /** Not later than the source's `freshness` allows; true when it asks for none. */
  readonly fresh: boolean;
  /** ISO instant; null without schedule. */
  readonly nextRun: string | null;
  /** Rows of its clean view, as released. */
  readonly rows: number;
  /** What is worth knowing of the rows of its loaded deliveries, by reason; absent when nothing is. */
  readonly noticed?: Noticed;
  /** What rejected rows of its deliveries hold of the control totals; left out when nothing. */
  readonly keptOut?: readonly { column: string; sum: string; unreadable: number }[];
  /** Why its last delivery is not loaded. */
  readonly failing?: string;
}

/** Reads the state of a project from its warehouse, in one snapshot. */
export async function readStatus(
  open: Pick<ProjectAtWork, 'project' | 'warehouse'>,
  now: string,
): Promise<Status> {
  const { project, warehouse } = open;
  const { zone } = project.config;
  const queries = createQueries({ pool: warehouse.pool('reader'), zone });
  return queries.snapshot(async (snapshot) => {
    const states = await readSourceStates(snapshot, project.sources, now);
    const keptOut = await readKeptOut(snapshot);
    const sources: SourceStatus[] = [];
    for (const state of states) {
      const schedule = project.sources.get(state.name)?.schedule;
      const next =
        schedule === undefined ? [] : nextOccurrences(schedule, { after: now, zone, count: 1 });
      const noticed = await readNoticed(snapshot, state.name);
      sources.push({
        name: state.name,
        lastDelivery:
          state.lastDelivery === undefined ? null : new Date(state.lastDelivery).toISOString(),
        fresh: !state.late,
        nextRun: next[0] ?? null,
        rows: await countRows(snapshot, state.name),
        ...(Object.keys(noticed).length === 0 ? {} : { noticed }),
        ...(keptOut.has(state.name) ? { keptOut: keptOut.get(state.name) ?? [] } : {}),
        ...(state.failing === undefined ? {} : { failing: state.failing }),
      });
    }
    const latest = await readLatest(snapshot);
    const { release } = snapshot;
    const well = sources.every((source) => source.fresh && source.failing === undefined);
    return {
      ok: well && release !== undefined && latest.held === undefined,
      release:
        release === undefined
          ? null
          : { id: Number(release.id), at: release.at, verified: release.verified },
      sources,
      ...latest,
    };
  });
}

/** By source: what the rejected rows of deliveries that were not replaced hold, in no number. */
async function readKeptOut(
  snapshot: Snapshot,
): Promise<ReadonlyMap<string, NonNullable<SourceStatus['keptOut']>>> {
  const { rows } = await snapshot.system(
    `select source, json_agg(json_build_object('column', key, 'sum', sum::text, 'unreadable', unreadable) order by key)
       from (select b.source, t.key,
                    sum((t.value ->> 'rejected')::numeric + coalesce((t.value ->> 'clashing')::numeric, 0)) as sum,
                    sum((t.value ->> 'unreadable')::bigint)::int as unreadable
               from plumbline.batch b cross join jsonb_each(b.totals) t
              where b.state = 'loaded' group by b.source, t.key) held
      where sum <> 0 or unreadable > 0 group by source`,
  );
  return new Map(rows.map(([source, held]) => [source ?? '', JSON.parse(held ?? '[]')]));
}

async function countRows(snapshot: Snapshot, source: string): Promise<number> {
  const relation = relationOf(source);
  const view = await snapshot.system(
    `select to_regclass('clean.' || quote_ident($1)) is not null`,
    [relation],
  );
  if (view.rows[0]?.[0] !== 't') return 0;
  const { rows } = await snapshot.system(`select count(*) from clean.${quoteIdentifier(relation)}`);
  return Number(rows[0]?.[0] ?? 0);
}

/** Of its deliveries as they hold now; a corrected one counts no more. */
async function readNoticed(snapshot: Snapshot, source: string): Promise<Noticed> {
  const { rows } = await snapshot.system(
    `select noticed from plumbline.batch where source = $1 and state = 'loaded' and noticed <> '{}'`,
    [source],
  );
  // Written by the loader from counts by these reasons.
  return addNoticed(rows.map(([noticed]) => JSON.parse(noticed ?? '{}') as Noticed));
}

/** The newest release, or the attempt after it that was held back. */
async function readLatest(snapshot: Snapshot): Promise<Pick<Status, 'checks' | 'held'>> {
  const { rows } = await snapshot.system(
    `select id, state, passed, warned, failed, error ->> 'message',
            to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       from plumbline.release order by id desc limit 1`,
  );
  const [id, state, passed, warned, failedCount, message, at] = rows[0] ?? [];
  if (id === undefined || id === null) return { checks: { passed: 0, warned: 0, failed: [] } };
  const failed = await snapshot.system(
    `select name, level, rows from plumbline.check_result
      where release_id = $1 and status <> 'passed' order by level, name`,
    [id],
  );
  const checks = {
    passed: Number(passed),
    warned: Number(warned),
    failed: failed.rows.map(([name, level, count]) => ({
      name: name ?? '',
      level: level ?? '',
      rows: Number(count),
    })),
  };
  if (state !== 'held') return { checks };
  const reason =
    message ?? (failedCount === '1' ? '1 check failed' : `${failedCount} checks failed`);
  return { checks, held: { at: at ?? '', reason } };
}
