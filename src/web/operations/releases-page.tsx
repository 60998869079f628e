import { DataTable, PageHead, Pager, Pill, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import type { PageInput } from '../respond.ts';
import { pageAddress, pageOf, rowsOnPage } from './pages.ts';
import { State } from './states.tsx';

/** Every release and every one that was held back. */
export async function releasesPage({ context, snapshot, address }: PageInput) {
  const { formatter, today } = context;
  const page = pageOf(address);
  const { rows } = await snapshot.system(
    `select id, state, verified::text, finished_at, passed, warned, failed,
            round(extract(epoch from finished_at - started_at) * 1000)
       from plumbline.release order by id desc limit $1::int + 1 offset ($2::int - 1) * $1::int`,
    [String(rowsOnPage), String(page)],
  );
  return renderPage({
    context,
    title: 'Releases',
    path: '/releases',
    children: (
      <>
        <PageHead
          title="Releases"
          subtitle="The moments at which all changed models became visible together, after their checks."
        />
        <Section>
          <DataTable
            label="Releases"
            columns={[
              { title: 'Release' },
              { title: 'State' },
              { title: 'At' },
              { title: 'Passed', numeric: true },
              { title: 'Warned', numeric: true },
              { title: 'Failed', numeric: true },
              { title: 'Time', numeric: true },
            ]}
            rows={rows
              .slice(0, rowsOnPage)
              .map(([id, state, verified, at, passed, warned, failed, ms]) => [
                <a class="link" href={`/releases/${id ?? ''}`}>
                  {id}
                </a>,
                <span class="flex gap-1">
                  <State state={state ?? ''} />
                  {verified === 'true' && state === 'released' ? (
                    <Pill tone="good">verified</Pill>
                  ) : null}
                </span>,
                formatter.moment(at ?? '', today),
                passed,
                warned,
                failed,
                formatter.duration(ms ?? '0'),
              ])}
            empty="Nothing has been released yet."
          />
          <Pager
            href={pageAddress('/releases', address)}
            page={page}
            more={rows.length > rowsOnPage}
          />
        </Section>
      </>
    ),
  });
}

/** One release: its models and the results of its checks. Undefined when there is none. */
export async function releasePage({ context, snapshot }: PageInput, id: string) {
  const { formatter, today } = context;
  const { rows } = await snapshot.system(
    `select state, verified::text, finished_at, error ->> 'message', error ->> 'remedy'
       from plumbline.release where id = $1::bigint`,
    [id],
  );
  const release = rows[0];
  if (release === undefined) return undefined;
  const [state, verified, at, message, remedy] = release;
  const checks = await snapshot.system(
    `select name, level, status, rows, round(ms), sample::text from plumbline.check_result
      where release_id = $1::bigint
      order by array_position(array['failed', 'warned', 'passed'], status), name`,
    [id],
  );
  const models = await snapshot.system(
    `select model, materialization, rows, round(ms), refreshed::text
       from plumbline.release_model where release_id = $1::bigint order by model`,
    [id],
  );
  return renderPage({
    context,
    title: `Release ${id}`,
    path: '/releases',
    children: (
      <>
        <PageHead
          title={`Release ${id}`}
          subtitle={
            <>
              {formatter.moment(at ?? '', today)} <State state={state ?? ''} />{' '}
              {verified === 'true' && state === 'released' ? (
                <Pill tone="good">verified</Pill>
              ) : null}
            </>
          }
        />
        {message === null || message === undefined ? null : (
          <div class="notice notice-bad mb-4">
            <p>{message}</p>
            {remedy === null || remedy === undefined ? null : <p class="muted mt-1">{remedy}</p>}
          </div>
        )}
        <Section title="Checks">
          <DataTable
            label="Checks"
            columns={[
              { title: 'Check' },
              { title: 'Level' },
              { title: 'Result' },
              { title: 'Wrong rows', numeric: true },
              { title: 'Time', numeric: true },
            ]}
            rows={checks.rows.map(([name, level, status, wrong, ms, sample]) => [
              <>
                <span class="break-words">{name}</span>
                {sample === '[]' || sample === null || sample === undefined ? null : (
                  <details class="mt-1">
                    <summary class="muted w-fit text-xs">Some of the rows</summary>
                    <code class="mt-1 block max-w-xl text-xs break-all whitespace-pre-wrap">
                      {JSON.stringify(JSON.parse(sample), null, 1)}
                    </code>
                  </details>
                )}
              </>,
              level,
              <State state={status ?? ''} />,
              formatter.value(wrong ?? '0', 'integer'),
              formatter.duration(ms ?? '0'),
            ])}
            empty="This release ran no checks."
          />
        </Section>
        <Section title="Models">
          <DataTable
            label="Models"
            columns={[
              { title: 'Model' },
              { title: 'Kind' },
              { title: '' },
              { title: 'Rows', numeric: true },
              { title: 'Time', numeric: true },
            ]}
            rows={models.rows.map(([model, kind, count, ms, refreshed]) => [
              model,
              kind,
              <State state={refreshed === 'true' ? 'refreshed' : 'unchanged'} />,
              formatter.value(count ?? null, 'integer'),
              formatter.duration(ms ?? '0'),
            ])}
            empty="This release refreshed no models."
          />
        </Section>
      </>
    ),
  });
}
