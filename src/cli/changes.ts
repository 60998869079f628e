import { findReplacement } from '../load/find-version.ts';
import type { Replacement, Version } from '../load/find-version.ts';
import { readRawTable, relationName } from '../load/raw-table.ts';
import { countChanges, listChanges } from '../load/read-changes.ts';
import type { Changes, ChangesOptions, RowAt, RowChange } from '../load/read-changes.ts';
import { locateRows } from '../trace/locate-rows.ts';
import type { RowLocation } from '../trace/locate-rows.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { chooseSource } from './choose-source.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { countFormat } from './print-run.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface Place {
  readonly deliveryId: number;
  readonly delivery: string;
  readonly sheet: string | null;
  /** Line of a text file, row of a sheet, from 1. */
  readonly line: number | null;
}

type ListedChange = Omit<RowChange, 'beforeAt' | 'afterAt'> & {
  readonly beforeAt: Place | null;
  readonly afterAt: Place | null;
};

/** What `plumbline changes` tells of one delivery. */
interface ChangesReport {
  readonly source: string;
  readonly delivery: Version;
  /** The version before it; null for a first one, whose rows replaced those of other deliveries. */
  readonly replaces: Version | null;
  /** False when there are no rows left to compare with; then nothing is counted. */
  readonly comparable: boolean;
  readonly counts: Changes;
  readonly rows: readonly ListedChange[];
  readonly more: boolean;
}

/** `plumbline changes <source>` */
export const run: Run = async ({ terminal, args, options, start }) => {
  const limit = wholeNumber('--limit', options['limit'], { min: 0, max: 1_000_000 }) ?? 20;
  const offset = wholeNumber('--offset', options['offset'], { min: 0, max: 999_999_999 }) ?? 0;
  const wanted = options['delivery'];
  const delivery = typeof wanted === 'string' ? wanted : undefined;
  let source = '';
  const open = await openProject({
    start,
    terminal,
    setup: false,
    admit: (project) => {
      source = chooseSource(project, args[0]);
    },
  });
  try {
    const report = await readReport(open.warehouse, { source, delivery, limit, offset });
    terminal.result(report ?? null);
    if (report === undefined) terminal.print(`No delivery of ${source} has replaced anything yet.`);
    else printReport(report, terminal, countFormat(open.project.config.locale));
    return 0;
  } finally {
    await open.close();
  }
};

const nothing: Changes = { added: 0, changed: 0, removed: 0, columns: [] };

async function readReport(
  warehouse: Warehouse,
  asked: {
    readonly source: string;
    readonly delivery: string | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<ChangesReport | undefined> {
  const { source, delivery, limit, offset } = asked;
  const client = await warehouse.connect('loader');
  try {
    const table = await readRawTable(client, relationName(source));
    const found = await findReplacement(client, source, delivery);
    if (table === undefined || found === undefined) return undefined;
    const { replaces, comparable, ...version } = found;
    const report = { source, delivery: version, replaces: replaces ?? null, comparable };
    if (!comparable) return { ...report, counts: nothing, rows: [], more: false };
    const options: ChangesOptions = { client, sourceName: source, table, batchId: found.batchId };
    const rows = await listChanges(options, { limit: limit + 1, offset });
    return {
      ...report,
      counts: await countChanges(options),
      rows: await located(client, rows.slice(0, limit)),
      more: rows.length > limit,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function located(
  client: Parameters<typeof locateRows>[0],
  rows: readonly RowChange[],
): Promise<readonly ListedChange[]> {
  const asked = rows.flatMap(({ beforeAt, afterAt }) =>
    [beforeAt, afterAt].filter((at) => at !== null),
  );
  const found = await locateRows(client, asked);
  const places = new Map(found.map((place) => [`${place.batchId} ${place.rowNumber}`, place]));
  const placeOf = (at: RowAt | null): Place | null => {
    const place = at === null ? undefined : places.get(`${at.batchId} ${at.rowNumber}`);
    return place === undefined ? null : toPlace(place);
  };
  return rows.map((row) => ({
    ...row,
    beforeAt: placeOf(row.beforeAt),
    afterAt: placeOf(row.afterAt),
  }));
}

const toPlace = ({ deliveryId, delivery, sheet, line }: RowLocation): Place => ({
  deliveryId: Number(deliveryId),
  delivery,
  sheet,
  line: line === null ? null : Number(line),
});

function printReport(
  report: ChangesReport,
  terminal: Terminal,
  count: (value: number) => string,
): void {
  const { print, paint } = terminal;
  const { source, delivery, counts, rows } = report;
  print(paint.strong(`${source}: delivery ${delivery.deliveryId} (${delivery.name})`));
  print(`  ${againstText(delivery, report.replaces)}`);
  if (!report.comparable) {
    print(
      '  The table was made anew in between, for another type or key: no rows to compare with.',
    );
    return;
  }
  print();
  const { added, changed, removed } = counts;
  if (added + changed + removed === 0) {
    print(paint.good('  Nothing changed.'));
    return;
  }
  print(`  ${count(added)} added, ${count(changed)} changed, ${count(removed)} removed`);
  printColumns(counts, terminal, count);
  print();
  for (const row of rows) printRow(row, terminal);
  if (report.more) print(paint.faint('  There are more: --limit and --offset.'));
}

function againstText(own: Version, before: Replacement['replaces'] | null): string {
  if (before === undefined || before === null)
    return 'a first version; what it replaced were rows of other deliveries';
  if (before.deliveryId === own.deliveryId)
    return `read again (batch ${own.batchId}), against how it was read before (batch ${before.batchId})`;
  return `version ${own.version}, against version ${before.version} (delivery ${before.deliveryId})`;
}

function printColumns(
  { columns }: Changes,
  { print, paint }: Terminal,
  count: (value: number) => string,
): void {
  if (columns.length === 0) return;
  print();
  const lines = formatTable(
    [
      { title: 'Columns' },
      { title: 'rows changed', align: 'right' },
      { title: 'sum before', align: 'right' },
      { title: 'sum after', align: 'right' },
      { title: 'difference', align: 'right' },
    ],
    columns.map(({ column, rows, before, after, difference }) => [
      column,
      count(rows),
      before ?? '',
      after ?? '',
      difference === undefined ? '' : signed(difference),
    ]),
    paint.faint,
  );
  for (const line of lines) print(line);
}

export const signed = (difference: string): string =>
  difference.startsWith('-') ? `−${difference.slice(1)}` : `+${difference}`;

function printRow(row: ListedChange, { print, paint }: Terminal): void {
  const tones = { added: paint.good, changed: paint.notice, removed: paint.bad };
  const place = row.afterAt ?? row.beforeAt;
  const key = Object.values(row.key).map((value) => value ?? 'null');
  const head = [tones[row.kind](row.kind.padEnd(7)), ...key];
  print(`  ${head.join('  ')}  ${paint.faint(place === null ? '' : placeText(place))}`.trimEnd());
  if (row.kind === 'changed') {
    for (const column of row.columns) {
      print(`      ${column}: ${shown(row.before?.[column])} → ${shown(row.after?.[column])}`);
    }
    return;
  }
  const values = Object.entries(row.before ?? row.after ?? {});
  print(
    `      ${paint.faint(values.map(([name, value]) => `${name} ${shown(value)}`).join(', '))}`,
  );
}

function placeText({ delivery, sheet, line }: Place): string {
  const unit = sheet === null || sheet === '' ? 'line' : 'row';
  return [delivery, sheet, line === null ? null : `${unit} ${line}`]
    .filter((part) => part !== null && part !== '')
    .join(', ');
}

const longest = 60;

/** Quoted, so that spaces and line breaks show; Postgres keeps nothing that could move a terminal's cursor otherwise. */
function shown(value: string | null | undefined): string {
  if (value === null || value === undefined) return 'empty';
  const text = value.length > longest ? `${value.slice(0, longest)}…` : value;
  return JSON.stringify(text);
}
