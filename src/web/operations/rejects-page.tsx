import type { Child } from 'hono/jsx';

import { standingBatches } from '../../annotate/read-delivery.ts';
import { foldLabel, labelsOf } from '../../contract/match-header.ts';
import { noValue } from '../../dashboard/number-format.ts';
import { DataTable, PageHead, Pager, Pill, Section } from '../elements.tsx';
import type { Column } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import { markedAddress } from '../marked-delivery.ts';
import type { PageInput } from '../respond.ts';
import { pageAddress, pageOf, rowsOnPage } from './pages.ts';
import { SelectField, SourceFilter } from './source-filter.tsx';

/** Rejects with their delivery and the table they are of, in the order of `rejectRow`. */
export const rejectSelect = `
  select d.id, d.name, b.source, b.source <> d.source, r.row_number, r.sheet, r.line, array_to_string(r.codes, ' '),
         r.faults::text,
         case json_typeof(r.raw) when 'object' then
           (select json_agg(json_build_array(key, value)) from json_each_text(r.raw))
         else r.raw end::text,
         -- Rows that clash over a key know each other by numbers that nobody sees in the file.
         (select string_agg(case when coalesce(o.sheet, '') = '' then 'line ' || o.line
                                 else o.sheet || ', row ' || o.line end, '; ' order by o.row_number)
            from plumbline.reject o
           where o.batch_id = r.batch_id and r.codes @> array['primary-key']
             and o.row_number::text in (
               select regexp_split_to_table(substring(f ->> 'expected' from '; record ([0-9, ]+) has'), ', ')
                 from jsonb_array_elements(r.faults) f where f ->> 'code' = 'primary-key'))
    from plumbline.reject r
    join plumbline.batch b on b.id = r.batch_id
    join plumbline.delivery d on d.id = b.delivery_id`;

export const rejectColumns: readonly Column[] = [
  { title: 'Delivery' },
  { title: 'Place' },
  { title: 'What was wrong' },
  { title: 'As delivered' },
];

/** Rejects that a correction or a later reading has replaced may be in the table by now. */
const standing = `r.batch_id in (select s.id from (${standingBatches}) s)`;

/** Rows that broke their contract and still are in no number, by source, code and column. */
export async function rejectsPage({ context, snapshot, address }: PageInput) {
  const chosen = {
    source: address.get('source') ?? '',
    code: address.get('code') ?? '',
    column: address.get('column') ?? '',
  };
  const page = pageOf(address);
  const where = `where ${standing} and ($1 = '' or b.source = $1) and ($2 = '' or r.codes @> array[$2])
     and ($3 = '' or exists (select from jsonb_array_elements(r.faults) f where f ->> 'column' = $3))`;
  const values = [chosen.source, chosen.code, chosen.column];
  const { rows } = await snapshot.system(
    `${rejectSelect} ${where} order by r.batch_id desc, r.row_number
      limit $4::int + 1 offset ($5::int - 1) * $4::int`,
    [...values, String(rowsOnPage), String(page)],
  );
  const facets = await snapshot.system(
    `with shown as (select codes, faults from plumbline.reject r where ${standing})
     select 'code', unnest(codes) from shown
     union select 'column', f ->> 'column' from shown, jsonb_array_elements(faults) f
      where f ->> 'column' is not null
     order by 1, 2`,
  );
  const options = (kind: string): readonly string[] =>
    facets.rows.filter((row) => row[0] === kind).map((row) => row[1] ?? '');
  const path = '/rejects';
  return renderPage({
    context,
    title: 'Rejects',
    path,
    children: (
      <>
        <PageHead
          title="Rejects"
          subtitle="Rows that broke their contract: kept as delivered, and in no number."
        >
          <SourceFilter
            path={path}
            sources={[...context.project.sources.keys()]}
            value={chosen.source}
          >
            <SelectField name="code" label="Code" options={options('code')} value={chosen.code} />
            <SelectField
              name="column"
              label="Column"
              options={options('column')}
              value={chosen.column}
            />
          </SourceFilter>
        </PageHead>
        <Section>
          <DataTable
            label="Rejects"
            columns={rejectColumns}
            rows={rows.slice(0, rowsOnPage).map((row) => rejectRow(row, context.marksDeliveries))}
            empty="No rejected rows here."
          />
          <Pager href={pageAddress(path, address)} page={page} more={rows.length > rowsOnPage} />
        </Section>
      </>
    ),
  });
}

/** A row of `rejectSelect` as cells of a table, where wanted with a link to its file for the sender. */
export function rejectRow(row: readonly (string | null)[], linksFile: boolean): readonly Child[] {
  const [id, name, source, isNested, number, sheet, line, codes, faultsJson, delivered, clashing] =
    row;
  const faults = parseFaults(faultsJson ?? '[]');
  return [
    <>
      <a class="link inline-block min-w-32 break-words" href={`/deliveries/${id ?? ''}`}>
        {name}
      </a>
      <div class="muted text-xs">
        {source}
        {linksFile && isNested !== 't' ? (
          <>
            {' · '}
            <a
              class="link whitespace-nowrap"
              href={markedAddress(id ?? '')}
              title="The delivery with its wrong cells marked, for whoever sent it"
              download
            >
              marked file
            </a>
          </>
        ) : null}
      </div>
    </>,
    <PlaceText sheet={sheet ?? null} line={line ?? null} fallback={`record ${number ?? ''}`} />,
    <>
      <div class="flex flex-wrap gap-1">
        {(codes ?? '').split(' ').map((code) => (
          <Pill tone="warn">{code}</Pill>
        ))}
      </div>
      <ul class="mt-1 max-w-96 min-w-64 text-xs">
        {faults.map((fault) => (
          <li class="break-words">{faultText(fault, clashing ?? null)}</li>
        ))}
      </ul>
    </>,
    <DeliveredRow json={delivered ?? 'null'} faults={faults} />,
  ];
}

/** More cells than this say no more about what was wrong. */
const cellsShown = 40;

/** The cells of a row with their labels, those that were wrong marked; as it came when it has none. */
const DeliveredRow = ({ json, faults }: { json: string; faults: readonly Fault[] }) => {
  const cells = parseCells(json);
  if (cells === undefined) {
    return <code class="block max-w-md text-xs break-all">{clip(json)}</code>;
  }
  const isWrong = wrongCells(cells, faults);
  return (
    <dl class="flex min-w-72 flex-wrap gap-x-3 gap-y-0.5 text-xs">
      {cells.slice(0, cellsShown).map(([label, value]) => (
        <div class="max-w-full break-words">
          <dt class="muted inline">{label === '' ? 'no label' : label}</dt>{' '}
          <dd
            class={`inline tabular-nums ${isWrong(label, value) ? 'font-medium text-warning' : ''}`}
          >
            {value === null || value === '' ? noValue : clip(value)}
          </dd>
        </div>
      ))}
      {cells.length > cellsShown ? (
        <div class="muted">and {cells.length - cellsShown} more</div>
      ) : null}
    </dl>
  );
};

/** By their value; of empty cells the one of the column's label, or the only one there is. */
function wrongCells(
  cells: readonly (readonly [label: string, value: string | null])[],
  faults: readonly Fault[],
): (label: string, value: string | null) => boolean {
  const isEmpty = (text: string | null | undefined): boolean => (text ?? '') === '';
  const isOnly = cells.filter(([, value]) => isEmpty(value)).length === 1;
  return (label, value) =>
    faults.some((fault) => {
      if (!isEmpty(fault.value)) return fault.value === value;
      if (fault.column === undefined || !isEmpty(value)) return false;
      return isOnly || labelsOf(fault.column, undefined).map(foldLabel).includes(foldLabel(label));
    });
}

/** Labels and texts in the order of the file. */
function parseCells(json: string): readonly (readonly [string, string | null])[] | undefined {
  const cells: unknown = JSON.parse(json);
  if (!Array.isArray(cells)) return undefined;
  const read = cells.map((cell: unknown) => {
    if (!Array.isArray(cell)) return undefined;
    const [label, value]: readonly unknown[] = cell;
    if (typeof label !== 'string') return undefined;
    return [label, typeof value === 'string' ? value : null] as const;
  });
  return read.includes(undefined) ? undefined : read.filter((cell) => cell !== undefined);
}

/** `Payments, row 12` of a sheet, `line 12` of a text file. */
export const PlaceText = (props: {
  sheet: string | null;
  line: string | null;
  fallback: string;
}) => {
  const { sheet, line, fallback } = props;
  const inSheet = sheet !== null && sheet !== '';
  const place = line === null ? fallback : `${inSheet ? 'row' : 'line'} ${line}`;
  return <span class="whitespace-nowrap">{inSheet ? `${sheet}, ${place}` : place}</span>;
};

interface Fault {
  readonly column: string | undefined;
  readonly value: string | undefined;
  readonly expected: string | undefined;
}

function parseFaults(json: string): readonly Fault[] {
  const faults: unknown = JSON.parse(json);
  if (!Array.isArray(faults)) return [];
  return faults.map((fault: unknown) => {
    const read = (key: string): string | undefined => {
      if (typeof fault !== 'object' || fault === null || !(key in fault)) return undefined;
      const value: unknown = Reflect.get(fault, key);
      return typeof value === 'string' ? value : undefined;
    };
    return { column: read('column'), value: read('value'), expected: read('expected') };
  });
}

/** A fault in a line: the column, the value seen, what was expected. */
function faultText({ column, value, expected: text }: Fault, clashing: string | null): string {
  const expected =
    clashing === null ? text : text?.replace(/(?<=; )record [\d, ]+(?= has)/u, () => clashing);
  const isNothing = value === undefined || value === '';
  // What is wrong with the row as a whole, such as a broken rule, is not that of an empty cell.
  const found = isNothing ? (column === undefined ? '' : 'empty, ') : `'${clip(value)}', `;
  return `${column === undefined ? '' : `${column}: `}${found}expected ${expected ?? 'something else'}`;
}

function clip(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
