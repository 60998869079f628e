import { DataTable, PageHead, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import type { PageInput } from '../respond.ts';
import { State } from './states.tsx';

/** Releases that a check's history goes back. */
const historyLength = 12;

/** Every check with its last result and its history. */
export async function checksPage({ context, snapshot }: PageInput) {
  const { rows } = await snapshot.system(
    `with latest as (select max(id) as id from plumbline.release),
          recent as (select id from plumbline.release order by id desc limit ${historyLength})
     select c.name, c.level, c.status, c.rows, round(c.ms), c.release_id,
            (select string_agg(h.release_id || ':' || h.status, ' ' order by h.release_id)
               from plumbline.check_result h join recent on recent.id = h.release_id
              where h.name = c.name)
       from plumbline.check_result c join latest on latest.id = c.release_id
      order by array_position(array['failed', 'warned', 'passed'], c.status), c.name`,
  );
  return renderPage({
    context,
    title: 'Checks',
    path: '/checks',
    children: (
      <>
        <PageHead
          title="Checks"
          subtitle="Queries that must return no rows. A failed check of level error keeps the release before."
        />
        <Section>
          <DataTable
            label="Checks"
            columns={[
              { title: 'Check' },
              { title: 'Level' },
              { title: 'Last result' },
              { title: 'Wrong rows', numeric: true },
              { title: 'Time', numeric: true },
              { title: 'History' },
            ]}
            rows={rows.map(([name, level, status, wrong, ms, release, history]) => [
              <a class="link break-words" href={`/releases/${release ?? ''}`}>
                {name}
              </a>,
              level,
              <State state={status ?? ''} />,
              context.formatter.value(wrong ?? '0', 'integer'),
              context.formatter.duration(ms ?? '0'),
              <History text={history ?? ''} />,
            ])}
            empty="No check has run yet."
          />
        </Section>
      </>
    ),
  });
}

const colors: Readonly<Record<string, string>> = {
  passed: 'text-success',
  warned: 'text-warning',
  failed: 'text-error',
};

/** A bar for each release, oldest first; height and words tell results apart, not colour alone. */
const History = ({ text }: { text: string }) => {
  const results = text.split(' ').map((entry) => entry.split(':'));
  const label = results.map(([release, status]) => `release ${release}: ${status}`).join(', ');
  return (
    <svg width={results.length * 7} height="16" role="img" aria-label={label}>
      {results.map(([release, status], index) => {
        const height = status === 'passed' ? 8 : 16;
        return (
          <rect
            class={colors[status ?? ''] ?? 'muted'}
            x={index * 7}
            y={16 - height}
            width="5"
            height={height}
            rx="1.5"
            fill="currentColor"
          >
            <title>{`release ${release ?? ''}: ${status ?? ''}`}</title>
          </rect>
        );
      })}
    </svg>
  );
};
