import type { Formatter } from '../../dashboard/format.ts';
import { noValue } from '../../dashboard/number-format.ts';
import { DataTable, PageHead, Pager, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import type { PageInput } from '../respond.ts';
import { pageAddress, pageOf, rowsOnPage } from './pages.ts';
import { SourceFilter } from './source-filter.tsx';
import { State } from './states.tsx';

/** The newest deliveries with their control totals. */
export async function deliveriesPage({ context, snapshot, address }: PageInput) {
  const { formatter, today, project } = context;
  const source = address.get('source') ?? '';
  const page = pageOf(address);
  const { rows } = await snapshot.system(
    `select d.id, coalesce(b.source, d.source), d.name, d.generation, d.landed_at, d.size_bytes,
            case when d.duplicate_of is null then coalesce(b.state, 'landed') else 'duplicate-file' end,
            b.read, b.inserted, b.changed, b.unchanged, b.duplicate, b.rejected, b.flagged
       from plumbline.delivery d left join plumbline.batch b on b.delivery_id = d.id
      where ($1 = '' or coalesce(b.source, d.source) = $1)
      order by d.id desc, b.id desc limit $2::int + 1 offset ($3::int - 1) * $2::int`,
    [source, String(rowsOnPage), String(page)],
  );
  const path = '/deliveries';
  return renderPage({
    context,
    title: 'Deliveries',
    path,
    children: (
      <>
        <PageHead
          title="Deliveries"
          subtitle="Every file and API window as it arrived. Read = inserted + changed + unchanged + duplicate + rejected, or nothing is loaded."
        >
          <SourceFilter path={path} sources={[...project.sources.keys()]} value={source} />
        </PageHead>
        <Section>
          <DataTable
            label="Deliveries"
            columns={[
              { title: 'Delivery' },
              { title: 'Source' },
              { title: 'State' },
              { title: 'Arrived' },
              { title: 'Size', numeric: true },
              ...rowColumns,
            ]}
            rows={rows.slice(0, rowsOnPage).map((row) => {
              const [id, name, file, generation, landed, size, state, ...counts] = row;
              return [
                <a class="link inline-block min-w-32 break-words" href={`/deliveries/${id ?? ''}`}>
                  {file}
                </a>,
                name,
                <>
                  <State state={state ?? ''} />
                  {generation === '1' ? null : (
                    <div class="muted mt-0.5 text-xs">version {generation}</div>
                  )}
                </>,
                landed === null || landed === undefined ? noValue : formatter.moment(landed, today),
                sizeText(size ?? null, formatter),
                ...counts.map((count) => countText(count, formatter)),
              ];
            })}
            empty="Nothing has been delivered yet."
          />
          <Pager href={pageAddress(path, address)} page={page} more={rows.length > rowsOnPage} />
        </Section>
      </>
    ),
  });
}

/** The row counts of a batch, in the order of the sum they make. */
export const rowColumns = [
  'Read',
  'Inserted',
  'Changed',
  'Unchanged',
  'Duplicate',
  'Rejected',
  'Flagged',
].map((title) => ({ title, numeric: true }));

function countText(count: string | null, formatter: Formatter): string {
  return count === null || count === '0' ? noValue : formatter.value(count, 'integer');
}

/** `1.2 MB`, in steps of a thousand. */
export function sizeText(sizeBytes: string | null, formatter: Formatter): string {
  if (sizeBytes === null) return noValue;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = Number(sizeBytes);
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const text = new Intl.NumberFormat(formatter.locale, {
    maximumFractionDigits: unit === 0 || size >= 100 ? 0 : 1,
  }).format(size);
  return `${text} ${units[unit] ?? ''}`;
}
