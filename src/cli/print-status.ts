import { describeNoticed } from '../contract/describe-noticed.ts';
import { localTimeFormat } from '../run/local-time.ts';
import type { SourceStatus, Status } from '../run/read-status.ts';
import { countFormat, keptOutText } from './print-run.ts';
import { formatTable } from './table.ts';
import type { Cell } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface StatusPlace {
  readonly terminal: Terminal;
  readonly locale: string;
  readonly zone: string;
}

/** The status of a project for people. */
export function printStatus(status: Status, { terminal, locale, zone }: StatusPlace): void {
  const { print, paint } = terminal;
  const local = localTimeFormat({ locale, zone });
  const at = (instant: string | null): string => (instant === null ? '–' : local(instant));
  const count = countFormat(locale);
  const { release, checks, held } = status;
  if (release === null) print(paint.notice('Nothing has been released yet: `plumbline run`.'));
  else {
    const isEmpty =
      status.sources.length > 0 &&
      status.sources.every((source) => source.rows === 0 && source.lastDelivery === null);
    const verified = release.verified ? paint.good('verified') : paint.notice('not verified');
    const state = isEmpty ? paint.notice('empty: nothing has been loaded yet') : verified;
    print(`Release ${release.id}, ${state}, as of ${at(release.at)}`);
  }
  if (held !== undefined) print(paint.bad(`Held back since ${at(held.at)}: ${held.reason}`));
  print();
  const rows = status.sources.map((source): Cell[] => [
    source.name,
    count(source.rows),
    at(source.lastDelivery),
    stateCell(source, paint),
    at(source.nextRun),
  ]);
  const columns = [
    { title: 'Sources' },
    { title: 'rows', align: 'right' as const },
    { title: 'last delivery' },
    { title: '' },
    { title: `next run (${zone})` },
  ];
  for (const line of formatTable(columns, rows, paint.faint)) print(line);
  for (const source of status.sources) {
    if (source.failing !== undefined) print(`  ${paint.bad(source.name)}: ${source.failing}`);
    const noticed = describeNoticed(source.noticed ?? {}, count);
    if (noticed !== '') print(`  ${paint.faint(`${source.name}: ${noticed}`)}`);
  }
  for (const { name, keptOut = [] } of status.sources) {
    for (const held of keptOut) print(`  kept out of ${keptOutText(name, held, locale)}`);
  }
  print();
  print(
    `  Checks  ${checks.passed} passed, ${checks.warned} warned, ${checks.failed.filter((check) => check.level === 'error').length} failed`,
  );
  for (const check of checks.failed) {
    print(`    ${check.name}: ${count(check.rows)} ${check.rows === 1 ? 'row' : 'rows'}`);
  }
}

function stateCell(source: SourceStatus, paint: Terminal['paint']): Cell {
  if (source.failing !== undefined) return { text: 'failing', paint: paint.bad };
  return source.fresh
    ? { text: 'fresh', paint: paint.good }
    : { text: 'late', paint: paint.notice };
}
