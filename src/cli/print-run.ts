import { relative } from 'node:path';

import { describeNoticed } from '../contract/describe-noticed.ts';
import { isNumber } from '../dashboard/number-format.ts';
import type { KeptOut, SourceResult } from '../load/result.ts';
import type { ModelResult, ReleaseResult } from '../model/release-result.ts';
import type { Project } from '../project/project.ts';
import { localTimeFormat } from '../run/local-time.ts';
import type { RunEvent, RunResult } from '../run/run-project.ts';
import { ownCommand } from './own-command.ts';
import { formatTable } from './table.ts';
import type { Cell, TableColumn } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Prints a run while it goes on: a line for each source and model as it is done. */
export interface RunPrinter {
  readonly onEvent: (event: RunEvent) => void;
  /** What is known only at the end: checks, the release, what went wrong. */
  readonly finish: (result: RunResult) => void;
}

export function createRunPrinter(project: Project, terminal: Terminal): RunPrinter {
  const { paint } = terminal;
  const count = countFormat(project.config.locale);
  const sourceColumns = columnsOf([...project.sources.keys()], 'Sources', [
    { title: 'read', align: 'right', width: 9 },
    { title: 'loaded', align: 'right', width: 9 },
    { title: 'flagged', align: 'right', width: 7 },
    { title: 'rejected', align: 'right', width: 8 },
    { title: 'control totals', width: 14 },
    { title: 'time', align: 'right', width: 7 },
  ]);
  const modelColumns = columnsOf(
    project.models.map((model) => model.name),
    'Models',
    [
      { title: '', width: 'materialized view'.length },
      { title: 'rows', align: 'right', width: 9 },
      { title: 'time', align: 'right', width: 7 },
    ],
  );
  const row = createRowPrinter(terminal);

  function printSource(result: SourceResult): void {
    const { rows } = result;
    row(sourceColumns, [
      result.name,
      count(rows.read),
      count(rows.inserted + rows.changed),
      painted(count(rows.flagged), rows.flagged > 0 ? paint.notice : undefined),
      painted(count(rows.rejected), rows.rejected > 0 ? paint.notice : undefined),
      totalsCell(result, paint),
      duration(result.ms),
    ]);
    printAfter(result, terminal);
  }

  function printModel(model: ModelResult): void {
    row(modelColumns, [
      model.name,
      painted(model.materialization, paint.faint),
      count(model.rows),
      model.refreshed ? duration(model.ms) : painted('as was', paint.faint),
    ]);
  }

  return {
    onEvent: (event) => {
      switch (event.kind) {
        case 'source-started':
          terminal.progress(`Reading ${event.name} …`);
          return;
        case 'load':
          if (event.event.kind === 'reading') {
            const { source, delivery, rows } = event.event;
            terminal.progress(`${source}: ${delivery}, ${count(rows)} rows`);
          }
          return;
        case 'source-finished':
          printSource(event.result);
          return;
        case 'release':
          if (event.event.kind === 'model') printModel(event.event);
          else if (event.event.kind === 'check') terminal.progress(`Check ${event.event.name}`);
      }
    },
    finish: ({ sources, release, nothingLoaded = false }) => {
      terminal.print();
      if (sources.some(({ rows }) => rows.rejected > 0)) {
        const here = shownPath(project.dir);
        const inProject = here === '.' ? '' : ` --project ${here}`;
        const command = `${ownCommand(process.env)} rejects${inProject}`;
        terminal.print(`  Rejects   ${command} says which rows, and why`);
      }
      printKeptOut(sources, terminal, project.config.locale);
      printNoticed(sources, terminal, count);
      printRepeats(sources, terminal, count);
      printChecks(release, terminal, count);
      printRelease({ ...release, nothingLoaded }, terminal, localTimeFormat(project.config));
    },
  };
}

/** One cause may fail every delivery there is. */
const errorsShown = 5;

/** What there is to say of a source under its line. */
function printAfter({ goesOnFrom, errors }: SourceResult, { print, paint }: Terminal): void {
  if (goesOnFrom !== undefined) {
    print(
      `    ${paint.notice('stopped at its deadline')}: the next run goes on from ${goesOnFrom}`,
    );
  }
  for (const error of errors.slice(0, errorsShown)) {
    print(`    ${paint.bad(`error[${error.code}]:`)} ${error.message}`);
    print(`      ${error.remedy}`);
  }
  const more = errors.length - errorsShown;
  if (more > 0) print(`    and ${more} more ${more === 1 ? 'error' : 'errors'}; --json has all`);
}

/** `1 row twice in its delivery`, `2 rows …`: the first noun of the text follows the number. */
export function countOf(number: number, what: string, count: (value: number) => string): string {
  const noun = number === 1 ? what.replace(/\b(row|file|cell)s\b/, '$1') : what;
  return `${count(number)} ${noun}`;
}

/** `payments amount: 1,233.00 and 2 cells that cannot be read`, in the words and marks of a locale. */
export function keptOutText(
  source: string,
  { column, sum, unreadable }: KeptOut,
  locale: string,
): string {
  return `${source} ${column}: ${amountText({ sum, unreadable }, locale)}`;
}

/** `1,233.00 and 2 cells that cannot be read`; empty when neither is anything. */
export function amountText(
  { sum, unreadable }: Pick<KeptOut, 'sum' | 'unreadable'>,
  locale: string,
): string {
  const cells = `${countOf(unreadable, 'cells', countFormat(locale))} that cannot be read`;
  const parts = [
    ...(/[1-9]/.test(sum) ? [exactText(sum, locale)] : []),
    ...(unreadable === 0 ? [] : [cells]),
  ];
  return parts.join(' and ');
}

/** Every digit of a decimal, grouped; Intl reads such text without a double. */
export function exactText(text: string, locale: string): string {
  if (!isNumber(text)) return text;
  const digits = text.split('.')[1]?.length ?? 0;
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(text);
}

/** What rejected rows hold of the control totals: the numbers lack it. */
function printKeptOut(
  sources: readonly SourceResult[],
  { print, paint }: Terminal,
  locale: string,
): void {
  const held = sources.flatMap(({ name, keptOut }) =>
    keptOut.map((each) => keptOutText(name, each, locale)),
  );
  for (const [index, line] of held.entries()) {
    print(`  ${index === 0 ? 'Kept out' : '        '}  ${paint.notice(line)}`);
  }
}

/** What is worth knowing of rows that were loaded, such as that they are hidden in the workbook. */
function printNoticed(
  sources: readonly SourceResult[],
  { print, paint }: Terminal,
  count: (value: number) => string,
): void {
  const lines = sources.flatMap(({ name, noticed = {} }) => {
    const text = describeNoticed(noticed, count);
    return text === '' ? [] : [`${name}: ${text}`];
  });
  for (const [index, line] of lines.entries()) {
    print(`  ${index === 0 ? 'Noticed ' : '        '}  ${paint.notice(line)}`);
  }
}

/** Rows and files that were there already, told apart; one line for all sources. */
function printRepeats(
  sources: readonly SourceResult[],
  { print, paint }: Terminal,
  count: (value: number) => string,
): void {
  const sum = (of: (source: SourceResult) => number): number =>
    sources.reduce((all, source) => all + of(source), 0);
  const parts = (
    [
      [sum((source) => source.duplicateFiles), 'whole files'],
      [sum(({ rows }) => rows.duplicate), 'rows twice in a delivery'],
      [sum(({ shares }) => shares.repeated ?? 0), 'equal rows kept, without a key'],
      [sum(({ shares }) => shares.unchangedElsewhere), 'rows another delivery holds'],
      [sum(({ shares }) => shares.changedElsewhere), "rows in place of another delivery's"],
      [sum(({ shares }) => shares.outdated), 'rows a later delivery has otherwise'],
    ] as const
  ).filter(([number]) => number > 0);
  if (parts.length === 0) return;
  print(
    `  Repeats   ${paint.faint(parts.map(([number, what]) => countOf(number, what, count)).join(', '))}`,
  );
}

/** Prints rows of tables one at a time, each table's titles before its first row. */
function createRowPrinter({ print, paint }: Terminal) {
  let titled = '';
  return (columns: readonly TableColumn[], cells: readonly Cell[]): void => {
    const [titles = '', line = ''] = formatTable(columns, [cells], paint.faint);
    const title = columns[0]?.title ?? '';
    if (titled !== title) {
      print();
      print(titles);
    }
    titled = title;
    print(line);
  };
}

const painted = (text: string, paint: ((text: string) => string) | undefined): Cell =>
  paint === undefined ? text : { text, paint };

/** Titles over columns whose first one holds the names. */
function columnsOf(
  names: readonly string[],
  title: string,
  others: readonly TableColumn[],
): readonly TableColumn[] {
  return [{ title, width: Math.max(...names.map((name) => name.length), 0) }, ...others];
}

function totalsCell(result: SourceResult, paint: Terminal['paint']): Cell {
  if (!result.balanced) return { text: 'not loaded', paint: paint.bad };
  if (result.deliveries === 0) return { text: 'nothing new', paint: paint.faint };
  return { text: 'balanced', paint: paint.good };
}

export function countFormat(locale: string): (value: number) => string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  return (value) => format.format(value);
}

/** `340 ms`, `2.1 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function printChecks(
  { checks }: ReleaseResult,
  { print, paint }: Terminal,
  count: (value: number) => string,
): void {
  const errors = checks.failed.filter((check) => check.level === 'error').length;
  const parts = [`${checks.passed} passed`];
  if (checks.warned > 0) parts.push(paint.notice(`${checks.warned} warned`));
  if (errors > 0) parts.push(paint.bad(`${errors} failed`));
  print(`  Checks    ${parts.join(', ')}`);
  for (const check of checks.failed) {
    const colour = check.level === 'error' ? paint.bad : paint.notice;
    print(`    ${colour(check.name)}: ${count(check.rows)} ${check.rows === 1 ? 'row' : 'rows'}`);
    for (const sample of check.sample.slice(0, 3)) {
      const cells = Object.entries(sample).map(([name, value]) => `${name} ${value ?? 'null'}`);
      print(`      ${paint.faint(cells.join(', ').slice(0, 140))}`);
    }
  }
}

function printRelease(
  { released, release, error, nothingLoaded }: ReleaseResult & { readonly nothingLoaded: boolean },
  { print, paint }: Terminal,
  at: (instant: string) => string,
): void {
  if (error !== undefined) {
    print(`  ${paint.bad(`error[${error.code}]:`)} ${error.message}`);
    print(`    ${error.remedy}`);
  }
  const serving =
    release === undefined
      ? 'nothing is shown yet'
      : `release ${release.id} of ${at(release.at)} goes on`;
  if (!released) {
    print(`  Release   ${paint.bad('held back')}: ${serving}`);
  } else if (release !== undefined && nothingLoaded) {
    const empty = paint.notice('empty: nothing has been loaded yet');
    print(`  Release   ${release.id}, ${empty}, as of ${at(release.at)}`);
  } else if (release !== undefined) {
    const verified = release.verified ? paint.good('verified') : paint.notice('not verified');
    print(`  Release   ${release.id}, ${verified}, as of ${at(release.at)}`);
  }
}

/** Where a path lies, as one would type it from here. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' ? '.' : fromHere.startsWith('..') ? path : fromHere;
}

/** Rows and files that were there already, those there are; `rows.duplicate` are the ones left out of a delivery. */
function repeatsOf({ shares, duplicateFiles }: SourceResult): Readonly<Record<string, number>> {
  const counts = Object.entries({ duplicateFiles, ...shares });
  return Object.fromEntries(
    counts.flatMap(([name, number]) =>
      number === undefined || number === 0 ? [] : [[name, number]],
    ),
  );
}

/** The result of `run --json`. Keys are a promise: others are added only when there is something to say. */
export function runJson({ ok, sources, release, nothingLoaded }: RunResult): unknown {
  return {
    ok,
    release: release.release ?? null,
    ...(nothingLoaded === true ? { nothingLoaded } : {}),
    sources: sources.map((source) => {
      const { name, deliveries, rows, balanced, ms, errors, goesOnFrom, keptOut } = source;
      const { noticed = {} } = source;
      const repeats = repeatsOf(source);
      return {
        name,
        deliveries,
        rows,
        balanced,
        ms,
        ...(Object.keys(repeats).length === 0 ? {} : { repeats }),
        ...(keptOut.length === 0 ? {} : { keptOut }),
        ...(Object.keys(noticed).length === 0 ? {} : { noticed }),
        ...(goesOnFrom === undefined ? {} : { goesOnFrom }),
        ...(errors.length === 0 ? {} : { errors }),
      };
    }),
    models: release.models.map(({ name, materialization, rows, ms }) => ({
      name,
      materialization,
      rows,
      // Whole milliseconds, as for sources; views take less than one and are not free.
      ms: Math.ceil(ms),
    })),
    checks: release.checks,
    ...(release.error === undefined ? {} : { error: release.error }),
  };
}
