import { calendarMeaning } from '../dashboard/calendar-column.ts';
import type { Format, Tile } from '../dashboard/definition.ts';
import type { FilterValues } from '../dashboard/filters.ts';
import type { Formatter } from '../dashboard/format.ts';
import { relationsOfTile } from '../dashboard/lineage.ts';
import { noValue } from '../dashboard/number-format.ts';
import { dayOf } from '../dashboard/result-column.ts';
import { titleOf } from '../dashboard/tile-table.ts';
import { PlumblineError } from '../errors.ts';
import { AsOf } from './as-of.tsx';
import type { DashboardView } from './dashboard-view.ts';
import { DataTable, Notice, PageHead, Pager, Pill, Section } from './elements.tsx';
import { renderPage } from './layout.tsx';
import { pageOf } from './operations/pages.ts';
import { PlaceText } from './operations/rejects-page.tsx';
import { readTrace } from './read-trace.ts';
import type { TracedRows } from './read-trace.ts';
import type { PageInput } from './respond.ts';
import { datumOfAddress, traceAddress } from './trace-address.ts';
import type { Datum } from './trace-address.ts';

const rowsOnPage = 50;

interface TraceInput extends PageInput {
  readonly view: DashboardView;
  /** The tile's name in addresses. */
  readonly id: string;
  readonly tile: Tile;
}

/** The rows under a number, with the file, sheet and line each came from. */
export async function tracePage({ context, snapshot, address, view, id, tile }: TraceInput) {
  const datum = datumOfAddress(address);
  const page = pageOf(address);
  const { project, formatter } = context;
  const { filters } = view;
  const traced = await tryTrace(() =>
    readTrace({ project, snapshot, filters, tile, datum, page, rowsOnPage }),
  );
  const back = view.address.toString();
  return renderPage({
    context,
    title: `${tile.title}: rows`,
    path: `/dashboards/${view.name}`,
    children: (
      <>
        <p class="mb-2 text-sm">
          <a class="link" href={`/dashboards/${view.name}${back === '' ? '' : `?${back}`}`}>
            ← {view.dashboard.title}
          </a>
        </p>
        <PageHead
          title={tile.title}
          subtitle={
            <>
              {describeChoice({ filters, tile, datum, formatter }).join(' · ')}
              {snapshot.release === undefined ? null : (
                <span class="mt-1 block">
                  <AsOf context={context} release={snapshot.release} />
                </span>
              )}
            </>
          }
        />
        {typeof traced === 'string' ? (
          <Notice tone="warn">
            This number cannot be followed to its rows: {traced}. It is computed from{' '}
            {relationsOfTile(tile, view.dashboard.filters).join(', ') || 'nothing in the warehouse'}
            .
          </Notice>
        ) : (
          <Section>
            <Sum traced={traced} tile={tile} formatter={formatter} />
            <Rows traced={traced} formatter={formatter} />
            <Pager
              href={(number) => traceAddress({ view, id, datum, page: number })}
              page={page}
              more={traced.more}
            />
          </Section>
        )}
      </>
    ),
  });
}

/** What cannot be traced for the reader's or the project's reasons is said on the page. */
async function tryTrace(read: () => Promise<TracedRows | string>): Promise<TracedRows | string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PlumblineError && error.code !== 'warehouse-unreachable') {
      return error.message;
    }
    throw error;
  }
}

/** `1,466 rows of clean.orders make €732,835.13, the number of the tile.` */
const Sum = (props: { traced: TracedRows; tile: Tile; formatter: Formatter }) => {
  const { traced, tile, formatter } = props;
  const { number } = traced;
  const rows = traced.count === '1' ? 'row' : 'rows';
  const column = tile.kind === 'table' ? tile.columns?.[number?.column ?? ''] : undefined;
  const whose =
    tile.kind === 'table' && number !== undefined
      ? `the row's ${column?.title ?? titleOf(number.column)}`
      : "the tile's number";
  const format = (tile.kind === 'table' ? column?.format : tile.format) ?? 'number';
  return (
    <p class="mb-3 flex flex-wrap items-baseline gap-x-2 gap-y-1 text-sm">
      <span>
        <strong class="text-base">{formatter.value(traced.count, 'integer')}</strong> {rows} of{' '}
        {traced.relation}
      </span>
      {number === undefined ? (
        <span class="muted">
          are under this number, which is not computed from single rows alone.
        </span>
      ) : (
        <>
          <span>
            {traced.count === '1' ? 'makes' : 'make'}{' '}
            <strong class="text-base" title={number.total ?? ''}>
              {formatter.value(number.total, format)}
            </strong>
          </span>
          {number.agrees ? (
            <Pill tone="good">= {whose}</Pill>
          ) : (
            <Pill tone="bad">the tile shows {formatter.value(number.shown, format)}</Pill>
          )}
        </>
      )}
    </p>
  );
};

const Rows = ({ traced, formatter }: { traced: TracedRows; formatter: Formatter }) => {
  const { rows, places, valueColumns } = traced;
  const columns = rows.columns.map((column, index) => ({ ...column, index }));
  // What a row adds to the number stands first: a wide row's end is out of sight.
  const shown = [
    ...columns.filter((column) => valueColumns.includes(column.name)),
    ...columns.filter((column) => !column.name.startsWith('_')),
  ];
  const flags = rows.columns.findIndex((column) => column.name === '_flags');
  return (
    <DataTable
      label="Rows under the number"
      columns={[
        { title: 'File' },
        { title: 'Place' },
        ...shown.map((column) => ({
          title: valueColumns.includes(column.name) ? 'Counts as' : titleOf(column.name),
          numeric: column.kind === 'number',
        })),
      ]}
      rows={rows.rows.map((row, index) => {
        const place = places[index];
        return [
          place === undefined ? (
            noValue
          ) : (
            <a
              class="link inline-block max-w-56 truncate align-bottom"
              title={place.delivery}
              href={`/deliveries/${place.deliveryId}`}
            >
              {place.delivery}
            </a>
          ),
          <>
            {place === undefined ? (
              noValue
            ) : (
              <PlaceText
                sheet={place.sheet}
                line={place.line}
                fallback={`record ${place.rowNumber}`}
              />
            )}
            {(row[flags] ?? null) === null ? null : <Pill tone="warn">flagged {row[flags]}</Pill>}
          </>,
          ...shown.map((column) => (
            <CellText text={cellOf(row[column.index] ?? null, column.kind, formatter)} />
          )),
        ];
      })}
      empty="No rows: the number is made of nothing."
    />
  );
};

/** Longer texts are wrapped. */
const lineCharacters = 36;

const CellText = ({ text }: { text: string }) => (
  <span class={text.length > lineCharacters ? 'block min-w-60 break-words' : 'whitespace-nowrap'}>
    {text}
  </span>
);

/** As the row has it: a day is written the project's way, a number is not even grouped. */
function cellOf(value: string | null, kind: string, formatter: Formatter): string {
  if (value === null) return noValue;
  if (kind === 'day' && dayOf(value) === value) return formatter.day(value);
  return value;
}

/** The filters the tile knows and the clicked value in words. */
function describeChoice(options: {
  readonly filters: FilterValues;
  readonly tile: Tile;
  readonly datum: Datum;
  readonly formatter: Formatter;
}): readonly string[] {
  const { filters, tile, datum, formatter } = options;
  const chosen = Object.entries(filters.values).flatMap(([name, value]) => {
    if (!new RegExp(`:${name}(?:_from|_to)?\\b`, 'u').test(tile.sql)) return [];
    if (value.kind === 'choice') {
      return value.value === null ? [] : [`${titleOf(name)}: ${value.value}`];
    }
    if (value.preset === 'all') return ['all time'];
    return [`${formatter.day(value.from)} to ${formatter.day(value.to)}`];
  });
  // A chart's numbers stand over the rows; here they would be read as what the rows have in common.
  const numbers = tile.kind === 'line' || tile.kind === 'bar' ? [tile.y].flat() : [];
  const clicked = Object.entries(datum)
    .filter(([column]) => !numbers.includes(column))
    .map(([column, value]) => {
      const known = tile.kind === 'table' ? tile.columns?.[column] : undefined;
      return `${known?.title ?? titleOf(column)}: ${clickedText(column, value, { formatter, format: known?.format })}`;
    });
  return [...clicked, ...chosen];
}

function clickedText(
  column: string,
  value: string | null,
  options: { readonly formatter: Formatter; readonly format: Format | undefined },
): string {
  const { formatter, format } = options;
  if (value === null) return noValue;
  const day = dayOf(value);
  const meaning = calendarMeaning(column, [value]);
  if (day === undefined || meaning === 'instant') return formatter.value(value, format);
  return meaning === 'month' ? formatter.month(day) : formatter.day(day);
}
