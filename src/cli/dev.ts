import type { Project } from '../project/project.ts';
import { runProject } from '../run/run-project.ts';
import type { RunResult } from '../run/run-project.ts';
import type { RunningServer } from '../web/server.ts';
import type { Run } from './command.ts';
import { followProject } from './follow-project.ts';
import { openProject } from './open-project.ts';
import type { OpenProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { ownCommand } from './own-command.ts';
import { createRunPrinter, duration, runJson, shownPath } from './print-run.ts';
import { exitCodeOf } from './run.ts';
import { serveDashboards } from './serve-dashboards.ts';
import type { Terminal } from './terminal.ts';
import { untilAborted } from './until-aborted.ts';

/** `plumbline dev [--once]` */
export const run: Run = async ({ terminal, options, start, signal }) => {
  const port = wholeNumber('--port', options['port'], { min: 0, max: 65_535 });
  const started = performance.now();
  const open = await openProject({
    start,
    terminal,
    setup: true,
    admit: (project) => printPlace(project, terminal),
  });
  try {
    terminal.print(`${open.warehouse.description} ${terminal.paint.good('is up')}`);
    const result = await loadAll(open, terminal, signal);
    if (options['once'] === true) {
      terminal.result(runJson(result));
      return exitCodeOf(result);
    }
    await keepServing(open, { terminal, port, signal, started });
    return 0;
  } finally {
    await open.close();
  }
};

function printPlace({ config, dir }: Project, { print, paint }: Terminal): void {
  print(`${paint.strong(config.company)} in ${shownPath(dir)}`);
}

async function loadAll(
  open: OpenProject,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<RunResult> {
  const printer = createRunPrinter(open.project, terminal);
  const result = await runProject({
    open,
    recorded: true,
    now: () => new Date().toISOString(),
    signal,
    onEvent: printer.onEvent,
  });
  printer.finish(result);
  return result;
}

interface Serving {
  readonly terminal: Terminal;
  readonly port: number | undefined;
  readonly signal: AbortSignal;
  /** When the command began, by `performance.now()`. */
  readonly started: number;
}

/** Serves, runs what is due and follows changes until Ctrl-C. */
async function keepServing(open: OpenProject, serving: Serving): Promise<void> {
  const { terminal, signal } = serving;
  const followed = await followProject(open, terminal);
  const server = await serveDashboards({
    project: followed.project,
    open,
    port: serving.port,
    terminal,
  });
  try {
    printAddress(server, open, serving);
    terminal.result({ ok: true, url: server.url });
    await untilAborted(signal);
    terminal.print();
    terminal.print('Stopping …');
  } finally {
    await followed.stop();
    await server.close();
  }
}

function printAddress({ url }: RunningServer, { project }: OpenProject, serving: Serving): void {
  const { print, paint } = serving.terminal;
  const [dashboard] = project.dashboards.keys();
  const [digest] = project.digests.keys();
  const [model] = project.models;
  const here = shownPath(project.dir);
  const inProject = here === '.' ? '' : ` --project ${here}`;
  const plumbline = ownCommand(process.env);
  const tries = [
    dashboard === undefined
      ? `Write a dashboard: ${here}/dashboards/sales.ts`
      : `Open ${url}/dashboards/${dashboard} and click a number: it leads to the rows under it`,
    model === undefined
      ? `Write a model: ${here}/models/marts/sales_daily.sql`
      : `Change ${here}/${model.file} and save: what depends on it is built again, if its checks pass`,
    digest === undefined
      ? `See what was kept out: ${plumbline} rejects${inProject}`
      : `Write a mail: ${plumbline} digest ${digest}${inProject} --out ${digest}.eml`,
  ];
  print();
  print(
    `  Dashboards at ${paint.link(url)}, after ${duration(performance.now() - serving.started)}`,
  );
  print();
  print('  Three things to try next');
  tries.forEach((text, index) => print(`  ${index + 1}. ${text}`));
  print();
  print(paint.faint('  Ctrl-C stops it; the data stays.'));
}
