import { noValue } from '../../dashboard/number-format.ts';
import { describeSchedule } from '../../schedule/describe.ts';
import { listSchedule } from '../../schedule/list.ts';
import type { ScheduledJob } from '../../schedule/list.ts';
import { DataTable, PageHead, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import type { PageInput } from '../respond.ts';
import { State } from './states.tsx';

const occurrencesShown = 10;

/** The next occurrences of every job, and how the last runs ended. */
export async function schedulePage({ context, snapshot }: PageInput) {
  const { project, formatter, now, today } = context;
  const jobs: ScheduledJob[] = [];
  for (const [name, { schedule }] of [...project.sources, ...project.digests]) {
    if (schedule !== undefined) jobs.push({ name, schedule });
  }
  const next = listSchedule(jobs, { from: now, count: occurrencesShown, zone: project.zone });
  const { rows } = await snapshot.system(
    `select job, occurrence, trigger, state, started_at, result ->> 'message'
       from plumbline.run order by id desc limit 25`,
  );
  const rules = new Map(jobs.map((job) => [job.name, describeSchedule(job.schedule)]));
  return renderPage({
    context,
    title: 'Schedule',
    path: '/schedule',
    children: (
      <>
        <PageHead title="Schedule" subtitle={`Times are in ${project.zone}.`} />
        <Section title="Next">
          <DataTable
            label="Next occurrences"
            columns={[{ title: 'At' }, { title: 'Job' }, { title: 'Rule' }]}
            rows={next.map((occurrence) => [
              <span class="whitespace-nowrap">{formatter.instant(occurrence.at)}</span>,
              occurrence.job,
              rules.get(occurrence.job) ?? '',
            ])}
            empty="No source or digest has a schedule."
          />
        </Section>
        <Section title="Last runs">
          <DataTable
            label="Last runs"
            columns={[
              { title: 'Job' },
              { title: 'State' },
              { title: 'Due' },
              { title: 'Started' },
              { title: 'Started by' },
            ]}
            rows={rows.map(([job, occurrence, trigger, state, started]) => [
              job,
              <State state={state ?? ''} />,
              moment(occurrence),
              moment(started),
              trigger,
            ])}
            empty="Nothing has run yet."
          />
        </Section>
      </>
    ),
  });

  function moment(instant: string | null | undefined): string {
    return instant === null || instant === undefined ? noValue : formatter.moment(instant, today);
  }
}
