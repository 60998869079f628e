import { describeNoticed, type Noticed } from '../../contract/describe-noticed.ts';
import type { Formatter } from '../../dashboard/format.ts';
import { noValue } from '../../dashboard/number-format.ts';
import type { Snapshot } from '../../dashboard/query.ts';
import { titleOf } from '../../dashboard/tile-table.ts';
import { DataTable, PageHead, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import { markedAddress } from '../marked-delivery.ts';
import type { PageInput } from '../respond.ts';
import { CorrectionSection, readCorrectionView } from './correction-section.tsx';
import { sizeText } from './deliveries-page.tsx';
import { rejectColumns, rejectRow, rejectSelect } from './rejects-page.tsx';
import { State } from './states.tsx';

const rejectsShown = 50;

/** One delivery: its batches, their control totals, and what was rejected. Undefined when there is none. */
export async function deliveryPage(input: PageInput, id: string) {
  const { context, snapshot, address } = input;
  const { formatter, today } = context;
  const { rows } = await snapshot.system(
    `select source, name, slot, generation, sha256, size_bytes, landed_at, modified_at, duplicate_of
       from plumbline.delivery where id = $1::bigint`,
    [id],
  );
  const delivery = rows[0];
  if (delivery === undefined) return undefined;
  const [source, name, slot, generation, sha256, size, landed, modified, duplicateOf] = delivery;
  const batches = await readBatches(snapshot, id);
  const rejects = await readRejects(snapshot, id);
  const replaced = batches.some((batch) => batch.source === source && batch.replaced);
  const correction = replaced
    ? await readCorrectionView({ ...context, source: source ?? '', delivery: id, address })
    : undefined;
  const moment = (instant: string | null | undefined): string =>
    instant === null || instant === undefined ? noValue : formatter.moment(instant, today);
  return renderPage({
    context,
    title: name ?? 'Delivery',
    path: '/deliveries',
    children: (
      <>
        <PageHead
          title={name ?? 'Delivery'}
          subtitle={
            <>
              Delivery {id} of{' '}
              <a class="link" href={`/deliveries?source=${encodeURIComponent(source ?? '')}`}>
                {source}
              </a>
            </>
          }
        />
        <CopyNotice of={duplicateOf} />
        <Section title="As received">
          <dl class="mt-3 grid gap-x-8 gap-y-3 text-sm sm:grid-cols-2 lg:grid-cols-4">
            <Fact name="Arrived" value={moment(landed)} />
            <Fact name="File of" value={moment(modified)} />
            <Fact name="Size" value={sizeText(size ?? null, formatter)} />
            <Fact name="Version" value={generation ?? ''} />
            <Fact name="Place" value={slot ?? ''} />
            <Fact name="SHA-256" value={sha256 ?? ''} wide />
          </dl>
        </Section>
        {correction === undefined ? null : (
          <CorrectionSection view={correction} formatter={formatter} address={address} />
        )}
        {batches.map((batch) => (
          <BatchSection batch={batch} source={source ?? ''} formatter={formatter} today={today} />
        ))}
        {rejects.rows.length === 0 ? null : (
          <Section
            title="Rejected rows"
            note={
              rejects.rows.length === rejectsShown
                ? `The first ${rejectsShown}; all are under Rejects.`
                : 'Kept as delivered, with what was wrong.'
            }
          >
            {context.marksDeliveries &&
            rejects.rows.some(([, , , isNested]) => isNested !== 't') ? (
              <ForSender id={id} source={source ?? ''} />
            ) : null}
            <DataTable
              label="Rejected rows"
              columns={rejectColumns}
              rows={rejects.rows.map((row) => rejectRow(row, false))}
            />
          </Section>
        )}
      </>
    ),
  });
}

/** The file that goes back to whoever sent it, and the command that writes it. */
const ForSender = ({ id, source }: { id: string; source: string }) => (
  <p class="mt-3 mb-4 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
    <a class="link" href={markedAddress(id)} download>
      Download the file with its wrong cells marked
    </a>
    <span class="muted text-xs">
      for whoever sent it; on the command line{' '}
      <code>
        plumbline rejects {source} --delivery {id} --xlsx .
      </code>
    </span>
  </p>
);
/** A delivery whose content another one holds. */
const CopyNotice = ({ of }: { of: string | null | undefined }) =>
  of === null || of === undefined ? null : (
    <p class="notice mb-4">
      The same content was held already: nothing was loaded. See{' '}
      <a class="link" href={`/deliveries/${of}`}>
        delivery {of}
      </a>
      .
    </p>
  );

const Fact = ({ name, value, wide }: { name: string; value: string; wide?: boolean }) => (
  <div class={wide === true ? 'min-w-0 sm:col-span-2 lg:col-span-3' : 'min-w-0'}>
    <dt class="muted text-xs">{name}</dt>
    <dd class="mt-0.5 break-all">{value}</dd>
  </div>
);

const countNames = ['read', 'inserted', 'changed', 'unchanged', 'duplicate', 'rejected'] as const;

/** What the counts are made of where other deliveries or repeats have a part in it. */
const lesserCounts = [
  'flagged',
  'superseded',
  'repeated',
  'unchanged_elsewhere',
  'outdated',
  'changed_elsewhere',
] as const;

interface Batch {
  readonly id: string;
  /** The delivery's own source, or a child table of it. */
  readonly source: string;
  readonly state: string;
  readonly startedAt: string | null;
  readonly ms: string | null;
  readonly error: string | null;
  readonly counts: Readonly<Record<string, string>>;
  readonly balanced: boolean;
  readonly skipped: string | null;
  readonly noticed: Noticed;
  /** Loaded, and there was something before it to compare with. */
  readonly replaced: boolean;
  /** How it was read where that was detected: `encoding windows-1252 (98 % sure)`. */
  readonly detected: string | null;
  readonly totals: readonly (readonly (string | null)[])[];
}

/** As the delivery was read last: what an earlier reading found wrong may be right now. */
async function readRejects(snapshot: Snapshot, id: string): ReturnType<Snapshot['system']> {
  return snapshot.system(
    `${rejectSelect} where d.id = $1::bigint
        and b.id in (select max(l.id) from plumbline.batch l
                      where l.delivery_id = $1::bigint and l.state not in ('landed', 'loading') group by l.source)
      order by r.batch_id desc, r.row_number limit ${rejectsShown}`,
    [id],
  );
}

async function readBatches(snapshot: Snapshot, delivery: string): Promise<readonly Batch[]> {
  const { rows } = await snapshot.system(
    `select id, source, state, started_at, round(extract(epoch from finished_at - started_at) * 1000),
            error ->> 'message',
            (select string_agg(value || ' ' || key, ', ' order by key) from jsonb_each_text(skipped)),
            noticed,
            (select string_agg(format('%s %s (%s %% sure)', d ->> 'setting',
                      case d ->> 'value' when E'\\t' then 'tab' else d ->> 'value' end,
                      floor(100 * (d ->> 'confidence')::numeric)), ', ')
               from jsonb_array_elements(detected) d),
            read = inserted + changed + unchanged + duplicate + rejected,
            state in ('loaded', 'superseded') and (changed + superseded > 0 or exists (
              select from plumbline.batch o
                join plumbline.delivery d on d.id = o.delivery_id
                join plumbline.delivery own on own.id = $1::bigint and own.source = d.source and own.slot = d.slot
               where o.source = b.source and o.id < b.id and o.state in ('loaded', 'superseded'))),
            ${countNames.join(', ')}, ${lesserCounts.join(', ')}
       from plumbline.batch b where delivery_id = $1::bigint order by id desc`,
    [delivery],
  );
  const batches: Batch[] = [];
  for (const row of rows) {
    const [
      id,
      source,
      state,
      startedAt,
      ms,
      error,
      skipped,
      noticed,
      detected,
      balanced,
      replaced,
      ...counts
    ] = row;
    const totals = await snapshot.system(
      `select t.key, t.value ->> 'delivered', t.value ->> 'held',
              ((t.value ->> 'rejected')::numeric + coalesce((t.value ->> 'clashing')::numeric, 0))::text,
              t.value ->> 'unreadable',
              t.value ->> 'declared',
              ((t.value ->> 'delivered')::numeric = (t.value ->> 'held')::numeric)::text
         from plumbline.batch b, jsonb_each(b.totals) t where b.id = $1::bigint order by t.key`,
      [id ?? null],
    );
    batches.push({
      id: id ?? '',
      source: source ?? '',
      state: state ?? '',
      startedAt: startedAt ?? null,
      ms: ms ?? null,
      error: error ?? null,
      skipped: skipped ?? null,
      // Written by the loader from counts by these reasons.
      noticed: JSON.parse(noticed ?? '{}') as Noticed,
      detected: detected ?? null,
      balanced: balanced === 't',
      replaced: replaced === 't',
      counts: Object.fromEntries(
        [...countNames, ...lesserCounts].map((name, index) => [name, counts[index] ?? '0']),
      ),
      totals: totals.rows,
    });
  }
  return batches;
}

const shareTexts = [
  ['repeated', 'of the inserted equal to an earlier row of the delivery'],
  ['unchanged_elsewhere', 'of the unchanged held by another delivery'],
  ['outdated', 'of the unchanged otherwise in a later delivery, which goes on to hold'],
  ['changed_elsewhere', "of the changed in place of another delivery's"],
] as const;

const BatchSection = (props: {
  batch: Batch;
  source: string;
  formatter: Formatter;
  today: string;
}) => {
  const { batch, source, formatter, today } = props;
  const count = (name: string): string => formatter.value(batch.counts[name] ?? '0', 'integer');
  const noticed = describeNoticed(batch.noticed, (value) =>
    formatter.value(String(value), 'integer'),
  );
  return (
    <Section title={`Batch ${batch.id}${batch.source === source ? '' : `, ${batch.source}`}`}>
      <p class="muted mt-1 flex flex-wrap items-center gap-2 text-xs">
        <State state={batch.state} />
        {batch.startedAt === null ? null : (
          <span>started {formatter.moment(batch.startedAt, today)}</span>
        )}
        {batch.ms === null ? null : <span>took {formatter.duration(batch.ms)}</span>}
      </p>
      {batch.error === null ? null : <p class="notice notice-bad mt-3">{batch.error}</p>}
      <p class="mt-4 flex flex-wrap items-baseline gap-x-2 gap-y-1 text-sm">
        <Count value={count('read')} name="read" />
        <span class="muted">=</span>
        {countNames.slice(1).map((name, index) => (
          <>
            {index === 0 ? null : <span class="muted">+</span>}
            <Count value={count(name)} name={name} />
          </>
        ))}
        <State state={batch.balanced ? 'balanced' : 'not loaded'} />
      </p>
      <p class="muted mt-1 text-xs">
        {count('flagged')} flagged, {count('superseded')} rows of the version before superseded
        {shareTexts
          .filter(([name]) => batch.counts[name] !== '0')
          .map(([name, text]) => `; ${count(name)} ${text}`)}
        {batch.skipped === null ? '' : `; not rows: ${batch.skipped}`}
        {noticed === '' ? '' : `; noticed: ${noticed}`}
        {batch.detected === null ? '' : `; detected: ${batch.detected}`}
      </p>
      {batch.totals.length === 0 ? null : (
        <div class="mt-4">
          <DataTable
            label="Control totals"
            columns={[
              { title: 'Control total' },
              { title: 'Accepted rows', numeric: true },
              { title: 'In the table', numeric: true },
              { title: 'Rejected rows', numeric: true },
              { title: 'Unreadable cells', numeric: true },
              { title: 'Stated by the file', numeric: true },
              { title: '' },
            ]}
            rows={batch.totals.map(
              ([column, delivered, held, rejected, unreadable, declared, agrees]) => [
                titleOf(column ?? ''),
                exact(delivered, formatter),
                exact(held, formatter),
                exact(rejected, formatter),
                unreadable === '0' ? noValue : exact(unreadable, formatter),
                exact(declared, formatter),
                <State state={agrees === 'true' ? 'agrees' : 'differs'} />,
              ],
            )}
          />
        </div>
      )}
    </Section>
  );
};

const Count = ({ value, name }: { value: string; name: string }) => (
  <span>
    <span class="font-semibold">{value}</span> <span class="muted text-xs">{name}</span>
  </span>
);

/** Every digit, grouped; a control total is not rounded. */
function exact(value: string | null | undefined, formatter: Formatter): string {
  return value === null || value === undefined ? noValue : formatter.exact(value);
}
