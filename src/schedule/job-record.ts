import type { ClientBase } from 'pg';

import type { ScheduledJob } from './list.ts';

/**
 * Records the jobs and gives since when each has its schedule: from `now` for one that is new or has
 * another schedule than before, so that neither starts by catching up. A time later than `now` was
 * written by a clock that ran ahead, and is put right.
 */
export async function recordJobs(
  client: ClientBase,
  { jobs, now }: { readonly jobs: readonly ScheduledJob[]; readonly now: string },
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; since: string }>(
    `insert into plumbline.job as known (name, schedule, since)
     select name, schedule::jsonb, $3 from unnest($1::text[], $2::text[]) as job (name, schedule)
     order by name
     on conflict (name) do update set
       schedule = excluded.schedule,
       since = case when known.schedule = excluded.schedule then least(known.since, excluded.since)
                    else excluded.since end
     returning name, since`,
    [jobs.map((job) => job.name), jobs.map((job) => JSON.stringify(job.schedule)), now],
  );
  return new Map(rows.map((row) => [row.name, row.since]));
}

/**
 * The last occurrence of each job that any worker took on. Those after `now` are left out: a clock
 * that ran ahead must not keep a job from running until the time has come again.
 */
export async function lastOccurrences(
  client: ClientBase,
  { jobs, now }: { readonly jobs: readonly string[]; readonly now: string },
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ job: string; occurrence: string }>(
    `select job, max(occurrence) as occurrence from plumbline.run
     where job = any ($1) and occurrence <= $2
     group by job`,
    [jobs, now],
  );
  return new Map(rows.map((row) => [row.job, row.occurrence]));
}
