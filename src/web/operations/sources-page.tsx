import { readSourceStates } from '../../dashboard/freshness.ts';
import { noValue } from '../../dashboard/number-format.ts';
import { nextOccurrences } from '../../schedule/calendar.ts';
import { describeSchedule } from '../../schedule/describe.ts';
import { DataTable, PageHead, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import type { PageInput } from '../respond.ts';
import { State } from './states.tsx';

/** Every source: whether it is late, what it last delivered, when it runs next. */
export async function sourcesPage({ context, snapshot }: PageInput) {
  const { project, formatter, now, today } = context;
  const states = await readSourceStates(snapshot, project.sources, now);
  const { rows } = await snapshot.system(
    `select source, count(*), sum(read), sum(rejected), sum(flagged)
       from plumbline.batch where state in ('loaded', 'superseded') group by source`,
  );
  const counts = new Map(rows.map((row) => [row[0], row]));
  const line = (name: string) => {
    const source = project.sources.get(name);
    const state = states.find((one) => one.name === name);
    const [, batches, read, rejected] = counts.get(name) ?? [];
    const schedule = source?.schedule;
    const next =
      schedule === undefined
        ? undefined
        : nextOccurrences(schedule, { after: now, zone: project.zone, count: 1 })[0];
    const word =
      state?.failing !== undefined
        ? 'failed'
        : state?.late === true
          ? 'late'
          : state?.lastDelivery === undefined
            ? 'no delivery'
            : 'fresh';
    return [
      <>
        <a class="link font-medium" href={`/deliveries?source=${encodeURIComponent(name)}`}>
          {name}
        </a>
        <div class="muted max-w-72 text-xs break-words">{source?.description}</div>
      </>,
      <>
        <State state={word} />
        {state?.failing === undefined ? null : (
          <div class="mt-1 max-w-72 text-xs text-error">{state.failing}</div>
        )}
      </>,
      state?.lastDelivery === undefined ? noValue : formatter.moment(state.lastDelivery, today),
      next === undefined ? (
        source?.childOf === undefined ? (
          'by hand'
        ) : (
          `with ${source.childOf}`
        )
      ) : (
        <>
          {formatter.moment(next, today)}
          <div class="muted text-xs">
            {schedule === undefined ? '' : describeSchedule(schedule)}
          </div>
        </>
      ),
      formatter.value(batches ?? '0', 'integer'),
      formatter.value(read ?? '0', 'integer'),
      <a class="datum" href={`/rejects?source=${encodeURIComponent(name)}`}>
        {formatter.value(rejected ?? '0', 'integer')}
      </a>,
    ];
  };
  return renderPage({
    context,
    title: 'Sources',
    path: '/sources',
    children: (
      <>
        <PageHead title="Sources" subtitle="Where the data comes from, and how fresh it is." />
        <Section>
          <DataTable
            label="Sources"
            columns={[
              { title: 'Source' },
              { title: 'State' },
              { title: 'Last delivery' },
              { title: 'Next run' },
              { title: 'Batches', numeric: true },
              { title: 'Rows read', numeric: true },
              { title: 'Rejected', numeric: true },
            ]}
            rows={[...project.sources.keys()].map(line)}
            empty="The project has no sources: add a file to its sources folder."
          />
        </Section>
      </>
    ),
  });
}
