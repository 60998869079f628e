import { placeText } from '../annotate/place-faults.ts';
import type { Version } from '../load/find-version.ts';
import type { Changes } from '../load/read-changes.ts';
import { readCorrection } from '../trace/read-correction.ts';
import type { ChangePlace, Correction, LocatedChange } from '../trace/read-correction.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { chooseSource } from './choose-source.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { countFormat, exactText } from './print-run.ts';
import { shownName, shownValue } from './shown-value.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

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
    else {
      const { sources, config } = open.project;
      const kind = sources.get(source)?.kind ?? '';
      printReport(report, { terminal, kind, locale: config.locale });
    }
    return 0;
  } finally {
    await open.close();
  }
};

async function readReport(
  warehouse: Warehouse,
  asked: Parameters<typeof readCorrection>[1],
): Promise<Correction | undefined> {
  const client = await warehouse.connect('loader');
  try {
    return await readCorrection(client, asked);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function printReport(
  report: Correction,
  {
    terminal,
    kind,
    locale,
  }: {
    readonly terminal: Terminal;
    /** Of the source: what a place in it is called depends on it. */
    readonly kind: string;
    readonly locale: string;
  },
): void {
  const { print, paint } = terminal;
  const count = countFormat(locale);
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
  printColumns(counts, terminal, locale);
  print();
  for (const row of rows) printRow(row, kind, terminal);
  if (report.more) print(paint.faint('  There are more: --limit and --offset.'));
}

function againstText(own: Version, before: Version | null): string {
  if (before === null) return 'a first version; what it replaced were rows of other deliveries';
  if (before.deliveryId === own.deliveryId)
    return `read again (batch ${own.batchId}), against how it was read before (batch ${before.batchId})`;
  return `version ${own.version}, against version ${before.version} (delivery ${before.deliveryId})`;
}

function printColumns({ columns }: Changes, { print, paint }: Terminal, locale: string): void {
  if (columns.length === 0) return;
  const count = countFormat(locale);
  const amount = (text: string | undefined): string =>
    text === undefined ? '' : exactText(text, locale);
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
      amount(before),
      amount(after),
      difference === undefined ? '' : signed(difference, locale),
    ]),
    paint.faint,
  );
  for (const line of lines) print(line);
}

const signed = (difference: string, locale: string): string =>
  difference.startsWith('-')
    ? `−${exactText(difference.slice(1), locale)}`
    : `+${exactText(difference, locale)}`;

function printRow(row: LocatedChange, kind: string, { print, paint }: Terminal): void {
  const tones = { added: paint.good, changed: paint.notice, removed: paint.bad };
  const place = row.afterAt ?? row.beforeAt;
  const key = Object.values(row.key).map(shownName);
  const head = [tones[row.kind](row.kind.padEnd(7)), ...key];
  print(
    `  ${head.join('  ')}  ${paint.faint(place === null ? '' : whereText(kind, place))}`.trimEnd(),
  );
  if (row.kind === 'changed') {
    for (const column of row.columns) {
      print(
        `      ${column}: ${shownValue(row.before?.[column])} → ${shownValue(row.after?.[column])}`,
      );
    }
    return;
  }
  const values = Object.entries(row.before ?? row.after ?? {});
  print(
    `      ${paint.faint(values.map(([name, value]) => `${name} ${shownValue(value)}`).join(', '))}`,
  );
}

function whereText(kind: string, { delivery, sheet, line }: ChangePlace): string {
  if (line !== null) return `${delivery}, ${placeText(kind, { sheet, line })}`;
  return sheet === null || sheet === '' ? delivery : `${delivery}, ${sheet}`;
}
