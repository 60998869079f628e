import { parseDuration } from '../contract/duration.ts';
import type { Digest } from '../dashboard/definition.ts';
import type { Formatter } from '../dashboard/format.ts';
import { readSourceStates } from '../dashboard/freshness.ts';
import { relationOfSource, relationsOfTile, relationsUnder } from '../dashboard/lineage.ts';
import type { Snapshot } from '../dashboard/query.ts';
import type { ReleaseInfo } from '../dashboard/release-info.ts';
import type { DigestProject } from './digest-project.ts';

/** Why a digest is not sent. */
export interface Obstacle {
  /** For its readers: a sentence without any number out of the data. */
  readonly summary: string;
  /** More for whoever looks after the data; it may quote a value. */
  readonly detail: string | undefined;
}

/** Whether what a digest shows is fresh and passed its checks. */
export interface Readiness {
  /** Empty when it may be sent. */
  readonly obstacles: readonly Obstacle[];
  /** Sentences for the mail: what is not wrong enough to hold it. */
  readonly notes: readonly string[];
}

export interface ReadinessQuestion {
  readonly digest: Digest;
  readonly project: DigestProject;
  readonly formatter: Formatter;
  /** ISO instant. */
  readonly now: string;
  /** The company's day of the mail, `YYYY-MM-DD`. */
  readonly day: string;
}

const checksNamedMax = 5;

/**
 * Looks at the release and the sources under a digest: it is held without a release, while a newer
 * one failed its checks, and when a source it is fed by is older than its `freshness`.
 */
export async function readReadiness(
  snapshot: Snapshot,
  question: ReadinessQuestion,
): Promise<Readiness> {
  const { release } = snapshot;
  if (release === undefined) {
    const held = await describeHeld(snapshot, await newestHeld(snapshot));
    return { obstacles: [held ?? plain('Nothing has been released yet.')], notes: [] };
  }
  const fed = sourcesUnder(question.digest, question.project);
  const failed = release.held === undefined ? undefined : release.held.id;
  const held = await describeHeld(snapshot, failed);
  const late = await lateSources(snapshot, fed, question);
  return {
    obstacles: [...(held === undefined ? [] : [held]), ...late],
    notes: [
      ...(await warnings(snapshot, release)),
      ...(await failingDeliveries(snapshot, fed, question)),
    ],
  };
}

function plain(summary: string): Obstacle {
  return { summary, detail: undefined };
}

/** The sources whose rows a digest shows, by name, through models and procedures. */
function sourcesUnder(digest: Digest, project: DigestProject): DigestProject['sources'] {
  const written = project.procedures.flatMap((procedure) =>
    procedure.writes.map((name) => ({ name, dependsOn: procedure.reads })),
  );
  const under = relationsUnder(
    digest.tiles.flatMap((tile) => relationsOfTile(tile, digest.filters)),
    [...project.models, ...written],
  );
  return new Map([...project.sources].filter(([name]) => under.has(relationOfSource(name))));
}

async function newestHeld(snapshot: Snapshot): Promise<string | undefined> {
  const { rows } = await snapshot.system(
    `select max(id)::text from plumbline.release where state = 'held'`,
  );
  return rows[0]?.[0] ?? undefined;
}

async function describeHeld(
  snapshot: Snapshot,
  id: string | undefined,
): Promise<Obstacle | undefined> {
  if (id === undefined) return undefined;
  const { rows: checks } = await snapshot.system(
    `select name from plumbline.check_result where release_id = $1 and status = 'failed' order by name`,
    [id],
  );
  if (checks.length > 0) {
    const names = checks.slice(0, checksNamedMax).map((row) => row[0] ?? '');
    const more = checks.length - names.length;
    return plain(
      `${checks.length === 1 ? 'A check' : `${checks.length} checks`} of the newest data failed: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    );
  }
  const { rows } = await snapshot.system(
    `select error ->> 'message' from plumbline.release where id = $1`,
    [id],
  );
  return { summary: 'The newest data could not be released.', detail: rows[0]?.[0] ?? undefined };
}

/**
 * Late is a source of which nothing young enough has been released: a delivery that is loaded but not
 * released yet is not in the numbers of the mail.
 */
async function lateSources(
  snapshot: Snapshot,
  fed: DigestProject['sources'],
  { formatter, now, day }: ReadinessQuestion,
): Promise<readonly Obstacle[]> {
  const { rows } = await snapshot.system(
    `select b.source,
            to_char(max(d.landed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       from plumbline.batch b
       join plumbline.delivery d on d.id = b.delivery_id
       join plumbline.horizon h on h.source = b.source
      where b.state in ('loaded', 'superseded') and b.id <= h.batch_id
      group by b.source`,
  );
  const released = new Map(rows.map((row) => [row[0], row[1]]));
  return [...fed].flatMap(([name, { freshness }]) => {
    if (freshness === undefined) return [];
    const last = released.get(name) ?? undefined;
    if (last === undefined) return [plain(`${name} is missing: nothing of it has been released.`)];
    if (Date.parse(now) - Date.parse(last) <= parseDuration(freshness)) return [];
    return [
      plain(
        `${name} is late: its last delivery is of ${formatter.moment(last, day)}, older than ${freshness}.`,
      ),
    ];
  });
}

async function warnings(snapshot: Snapshot, release: ReleaseInfo): Promise<readonly string[]> {
  if (release.verified) return [];
  const { rows } = await snapshot.system(
    `select name, rows::text from plumbline.check_result
      where release_id = $1 and status = 'warned' order by name`,
    [release.id],
  );
  const more = rows.length - checksNamedMax;
  return [
    ...rows
      .slice(0, checksNamedMax)
      .map(
        ([name, count]) =>
          `Check warned: ${name ?? ''}, ${count ?? ''} ${count === '1' ? 'row' : 'rows'}.`,
      ),
    ...(more > 0 ? [`${more} more checks warned.`] : []),
  ];
}

async function failingDeliveries(
  snapshot: Snapshot,
  fed: DigestProject['sources'],
  { now }: ReadinessQuestion,
): Promise<readonly string[]> {
  const states = await readSourceStates(snapshot, fed, now);
  return states
    .filter((state) => state.failing !== undefined)
    .map((state) => `${state.name}: its newest delivery is not in these numbers.`);
}
