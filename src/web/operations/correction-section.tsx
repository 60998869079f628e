import type { Formatter } from '../../dashboard/format.ts';
import { noValue } from '../../dashboard/number-format.ts';
import { titleOf } from '../../dashboard/tile-table.ts';
import { readCorrection } from '../../trace/read-correction.ts';
import type { ChangePlace, Correction, LocatedChange } from '../../trace/read-correction.ts';
import { sqlState } from '../../warehouse/transaction.ts';
import { DataTable, Pager, Pill, Section } from '../elements.tsx';
import type { Tone } from '../elements.tsx';
import type { ReadRaw } from '../read-raw.ts';
import { pageAddress, pageOf } from './pages.ts';
import { PlaceText } from './rejects-page.tsx';

const rowsShown = 50;

interface Asked {
  readonly readRaw: ReadRaw | undefined;
  readonly source: string;
  readonly delivery: string;
  readonly address: URLSearchParams;
}

/** What a delivery changed, or the command that tells it where the page cannot. */
export type CorrectionView = Correction | { readonly command: string };

/** query_canceled: the statement timeout. */
const canceled = '57014';

/** Reads what a delivery changed; undefined when it was never loaded, so that there is nothing to tell. */
export async function readCorrectionView(asked: Asked): Promise<CorrectionView> {
  const { readRaw, source, delivery, address } = asked;
  const elsewhere = { command: `plumbline changes ${source} --delivery ${delivery}` };
  if (readRaw === undefined) return elsewhere;
  const offset = (pageOf(address) - 1) * rowsShown;
  try {
    const correction = await readRaw((client) =>
      readCorrection(client, { source, delivery, limit: rowsShown, offset }),
    );
    return correction ?? elsewhere;
  } catch (error) {
    if (sqlState(error) === canceled) return elsewhere;
    throw error;
  }
}

interface Props {
  readonly view: CorrectionView;
  readonly formatter: Formatter;
  readonly address: URLSearchParams;
}

/** Rows added, changed and removed, by column and by key, with before and after. */
export const CorrectionSection = ({ view, formatter, address }: Props) => {
  if ('command' in view) {
    return (
      <Section title="Against the version before">
        <p class="muted mt-2 text-sm">
          <code>{view.command}</code> tells what this delivery changed.
        </p>
      </Section>
    );
  }
  const { counts, delivery, rows } = view;
  const { added, changed, removed } = counts;
  const count = (value: number): string => formatter.value(String(value), 'integer');
  if (!view.comparable) {
    return (
      <Section title="Against the version before">
        <p class="muted mt-2 text-sm">
          The type of a column or the key changed in between, and the table was made anew: there are
          no rows to compare with.
        </p>
      </Section>
    );
  }
  return (
    <Section title="Against the version before" note={<Against view={view} />}>
      <p class="mt-3 flex flex-wrap gap-2 text-sm">
        {added + changed + removed === 0 ? (
          <Pill tone="good">nothing changed</Pill>
        ) : (
          <>
            <Pill tone={toneOf.added}>{count(added)} added</Pill>
            <Pill tone={toneOf.changed}>{count(changed)} changed</Pill>
            <Pill tone={toneOf.removed}>{count(removed)} removed</Pill>
          </>
        )}
      </p>
      <Columns view={view} formatter={formatter} />
      {rows.length === 0 ? null : (
        <div class="mt-4">
          <DataTable
            label="Rows that changed"
            columns={[{ title: '' }, { title: 'Row' }, { title: 'Before' }, { title: 'After' }]}
            rows={rows.map((row) => [
              <Pill tone={toneOf[row.kind]}>{row.kind}</Pill>,
              <Key row={row} />,
              <Values row={row} side="before" />,
              <Values row={row} side="after" />,
            ])}
          />
          <Pager
            href={pageAddress(`/deliveries/${delivery.deliveryId}`, address)}
            page={pageOf(address)}
            more={view.more}
          />
        </div>
      )}
    </Section>
  );
};

const toneOf: Readonly<Record<LocatedChange['kind'], Tone>> = {
  added: 'good',
  changed: 'warn',
  removed: 'bad',
};

const Against = ({ view }: { view: Correction }) => {
  const { delivery, replaces } = view;
  if (replaces === null)
    return <>A first version: what it replaced were rows of other deliveries.</>;
  if (replaces.deliveryId === delivery.deliveryId)
    return (
      <>
        Read again: batch {delivery.batchId} against batch {replaces.batchId} of the same file.
      </>
    );
  return (
    <>
      Version {delivery.version} against{' '}
      <a class="link" href={`/deliveries/${replaces.deliveryId}`}>
        version {replaces.version}
      </a>
      .
    </>
  );
};

const Columns = ({ view, formatter }: { view: Correction; formatter: Formatter }) => {
  const { columns } = view.counts;
  if (columns.length === 0) return null;
  const exact = (value: string | undefined): string =>
    value === undefined ? noValue : formatter.exact(value);
  return (
    <div class="mt-4">
      <DataTable
        label="Columns that changed"
        columns={[
          { title: 'Column' },
          { title: 'Changed rows', numeric: true },
          { title: 'Sum before', numeric: true },
          { title: 'Sum after', numeric: true },
          { title: 'Difference', numeric: true },
        ]}
        rows={columns.map(({ column, rows, before, after, difference }) => [
          titleOf(column),
          formatter.value(String(rows), 'integer'),
          exact(before),
          exact(after),
          difference === undefined || difference.startsWith('-')
            ? exact(difference)
            : `+${exact(difference)}`,
        ])}
      />
    </div>
  );
};

const Key = ({ row }: { row: LocatedChange }) => {
  const key = Object.values(row.key).map((value) => value ?? noValue);
  return (
    <>
      {key.length === 0 ? null : <div class="font-medium whitespace-nowrap">{key.join(', ')}</div>}
      <Place place={row.afterAt ?? row.beforeAt} />
    </>
  );
};

const Place = ({ place }: { place: ChangePlace | null }) => {
  if (place === null) return null;
  const { deliveryId, delivery, sheet, line } = place;
  return (
    <div class="muted text-xs">
      <a class="link" href={`/deliveries/${deliveryId}`}>
        {delivery}
      </a>{' '}
      <PlaceText sheet={sheet} line={line === null ? null : String(line)} fallback="" />
    </div>
  );
};

const characters = 200;

const Values = ({ row, side }: { row: LocatedChange; side: 'before' | 'after' }) => {
  const values = row[side];
  if (values === null) return <>{noValue}</>;
  return (
    <dl class="flex max-w-md min-w-40 flex-wrap gap-x-3 gap-y-0.5 text-xs">
      {Object.entries(values).map(([name, value]) => (
        <div class="max-w-full break-words">
          <dt class="muted inline">{titleOf(name)}</dt>{' '}
          <dd class={`inline tabular-nums ${row.kind === 'changed' ? 'font-medium' : ''}`}>
            {value === null ? noValue : clip(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
};

const clip = (text: string): string =>
  text.length > characters ? `${text.slice(0, characters)}…` : text;
