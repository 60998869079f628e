import { PlumblineError } from '../errors.ts';
import type {
  ReplayedDelivery,
  ReplayedTable,
  ReplayResult,
  Standing,
} from '../load/replay-source.ts';
import { replaySource } from '../load/replay-source.ts';
import { recordRun } from '../run/record-run.ts';
import { releaseProject } from '../run/release-project.ts';
import type { RunResult } from '../run/run-project.ts';
import { chooseSource } from './choose-source.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import type { OpenProject } from './open-project.ts';
import { countFormat, countOf, createRunPrinter, runJson } from './print-run.ts';
import { exitCodeOf } from './run.ts';
import type { Terminal } from './terminal.ts';

/** `plumbline replay <source>` */
export const run: Run = async ({ terminal, args, options, start, signal }) => {
  const { delivery, all } = options;
  if (delivery !== undefined && all === true) {
    throw new PlumblineError('usage', { message: '--delivery and --all exclude each other.' });
  }
  const deliveries =
    typeof delivery === 'string' ? { delivery } : all === true ? 'all' : 'rejected';
  let name = '';
  const open = await openProject({
    start,
    terminal,
    // Nothing is asked of the source: what the project starts for it is not needed.
    setup: false,
    admit: (project) => {
      const chosen = chooseSource(project, args[0]);
      // Nested records lie in the deliveries of their source.
      name = project.sources.get(chosen)?.childOf ?? chosen;
    },
  });
  try {
    const printer = createRunPrinter(open.project, terminal);
    const now = (): string => new Date().toISOString();
    const replayed = await recordRun(
      { warehouse: open.warehouse, job: name, isOk: ({ source }: ReplayResult) => source.balanced },
      () => replayOne(open, { name, deliveries, now, signal }),
    );
    printReplay(replayed, terminal, countFormat(open.project.config.locale));
    signal.throwIfAborted();
    const release = await releaseProject({
      open,
      now,
      onEvent: (event) => printer.onEvent({ kind: 'release', event }),
    });
    const { source } = replayed;
    const failed = release.checks.failed.some((check) => check.level === 'error');
    const result: RunResult = {
      ok: source.balanced && release.released && !failed,
      sources: [source, ...source.children],
      release,
    };
    printer.finish(result);
    terminal.result({ ...jsonOf(result), deliveries: replayed.deliveries });
    return exitCodeOf(result);
  } finally {
    await open.close();
  }
};

const jsonOf = (result: RunResult): object => Object(runJson(result));

async function replayOne(
  open: OpenProject,
  asked: {
    readonly name: string;
    readonly deliveries: Parameters<typeof replaySource>[0]['deliveries'];
    readonly now: () => string;
    readonly signal: AbortSignal;
  },
): Promise<ReplayResult> {
  const { project, env, warehouse, landingDir } = open;
  const { name, deliveries, now, signal } = asked;
  const source = project.sources.get(name);
  if (source === undefined) throw new Error(`source ${name} is not in the project`);
  return replaySource({
    name,
    source,
    warehouse,
    landingDir,
    deliveries,
    context: { projectDir: project.dir, env, zone: project.config.zone, now, signal },
  });
}

function printReplay(
  { source, deliveries }: ReplayResult,
  terminal: Terminal,
  count: (value: number) => string,
): void {
  const { print, paint } = terminal;
  print();
  if (deliveries.length === 0 && source.errors.length === 0) {
    print(paint.good(`${source.name}: no row of it was rejected and no delivery refused.`));
    return;
  }
  const what = deliveries.length === 1 ? '1 delivery' : `${count(deliveries.length)} deliveries`;
  print(`${paint.strong(source.name)}: ${what} read again from the landing`);
  for (const each of deliveries) printDelivery(each, terminal, count);
  const told = new Set(deliveries.map(({ after }) => after.error?.message));
  for (const { code, message, remedy } of source.errors) {
    if (told.has(message)) continue;
    print(`  ${paint.bad(`error[${code}]:`)} ${message}`);
    print(`    ${remedy}`);
  }
}

function printDelivery(
  delivery: ReplayedDelivery,
  { print, paint }: Terminal,
  count: (value: number) => string,
): void {
  print();
  print(`  ${delivery.name} ${paint.faint(`(delivery ${delivery.deliveryId})`)}`);
  printTable(delivery, { print, paint }, count);
  for (const [name, table] of Object.entries(delivery.children)) {
    // Most tables of nested records have nothing to say.
    if (isUnchanged(table) && table.after.rejected === 0) continue;
    print(`    ${name}`);
    printTable(table, { print, paint }, count);
  }
}

function printTable(
  table: ReplayedTable,
  { print, paint }: Pick<Terminal, 'print' | 'paint'>,
  count: (value: number) => string,
): void {
  const { before, after, accepted, newlyRejected, changes, comparable } = table;
  if (isUnchanged(table)) {
    print(`    nothing changed: ${stillText(after, count)}`);
    return;
  }
  print(`    before  ${before === null ? 'not read for this table' : standingText(before, count)}`);
  print(`    after   ${standingText(after, count)}`);
  const isPart = [before, after].some((one) => one !== null && one.kept < one.rejected);
  const part = isPart ? ', as far as rows are kept' : '';
  const codes = before?.codes ?? {};
  for (const code of new Set([...Object.keys(codes), ...Object.keys(after.codes)])) {
    const [was, now] = [codes[code] ?? 0, after.codes[code] ?? 0];
    if (was !== now)
      print(`            ${paint.notice(code)} ${count(was)} → ${count(now)}${part}`);
  }
  if (after.error !== null) {
    print(`    ${paint.bad(`error[${after.error.code}]:`)} ${after.error.message}`);
    print(`      ${after.error.remedy}`);
  }
  const rows = [
    accepted === 0 ? '' : paint.good(`${count(accepted)} newly accepted`),
    newlyRejected === 0 ? '' : paint.bad(`${count(newlyRejected)} newly rejected`),
  ].filter((part) => part !== '');
  if (rows.length > 0) print(`    rows    ${rows.join(', ')}`);
  if (changes !== null) {
    const { added, changed, removed } = changes;
    print(
      comparable
        ? `    table   ${count(added)} added, ${count(changed)} changed, ${count(removed)} removed`
        : `    table   made anew for another type or key: ${countOf(added, 'rows', count)}`,
    );
  }
}

function isUnchanged({ before, after, accepted, newlyRejected, changes }: ReplayedTable) {
  const untouched = changes === null || changes.added + changes.changed + changes.removed === 0;
  return (
    untouched &&
    accepted + newlyRejected === 0 &&
    before !== null &&
    (before.state === 'rejected') === (after.state === 'rejected') &&
    before.error?.message === after.error?.message &&
    JSON.stringify(before.codes) === JSON.stringify(after.codes)
  );
}

function stillText(after: Standing, count: (value: number) => string): string {
  if (after.state === 'rejected') return `it is still refused; ${after.error?.message ?? ''}`;
  if (after.rejected === 0) return 'no row is rejected';
  return after.rejected === 1
    ? 'the same row is still rejected'
    : `the same ${count(after.rejected)} rows are still rejected`;
}

function standingText(standing: Standing, count: (value: number) => string): string {
  const { state, read, loaded, rejected } = standing;
  if (state === 'rejected' || state === 'failed') {
    return read === 0
      ? 'refused whole'
      : `refused whole: ${count(read)} read, ${count(rejected)} of them rejected`;
  }
  return `${count(read)} read, ${count(loaded)} loaded, ${count(rejected)} rejected`;
}
