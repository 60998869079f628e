import type { Project } from '../project/project.ts';
import { readProject } from '../project/read-project.ts';
import { releaseProject } from '../run/release-project.ts';
import { runProject } from '../run/run-project.ts';
import { scheduledJobs } from '../run/scheduled-jobs.ts';
import { systemClock } from '../schedule/clock.ts';
import type { WorkerEvent } from '../schedule/run-claimed.ts';
import { createWorker } from '../schedule/worker.ts';
import type { OpenProject } from './open-project.ts';
import { createRunPrinter } from './print-run.ts';
import { reportError } from './report-error.ts';
import { runDue } from './run-due.ts';
import type { Terminal } from './terminal.ts';
import { watchProject } from './watch-project.ts';

/** A project that is kept up to date with its files and its schedule. */
export interface FollowedProject {
  /** As last read without mistakes. */
  readonly project: () => Project;
  /** Lets what is running end. */
  readonly stop: () => Promise<void>;
}

const now = (): string => new Date().toISOString();

/** Runs jobs when they are due; when a file changes, loads the sources and builds the models it changes. */
export async function followProject(
  first: OpenProject,
  terminal: Terminal,
): Promise<FollowedProject> {
  let open = first;
  const stopping = new AbortController();
  const worker = createWorker({
    connect: () => first.warehouse.connect('loader'),
    jobs: scheduledJobs(first.project),
    zone: first.project.config.zone,
    clock: systemClock,
    runDue: (due, signal) => runDue(open, { due, signal, terminal }),
    log: (event) => logWorker(event, terminal),
  });
  const reload = async (path: string): Promise<void> => {
    try {
      const project = await readProject(first.project.dir);
      const names = changedSources(open.project, project);
      open = { ...open, project };
      worker.replaceJobs(scheduledJobs(project));
      terminal.print();
      terminal.print(`${path} changed`);
      const printer = createRunPrinter(project, terminal);
      const { onEvent, finish } = printer;
      if (names.length > 0) {
        const { signal } = stopping;
        finish(await runProject({ open, names, recorded: true, now, signal, onEvent }));
      } else {
        const release = await releaseProject({
          open,
          now,
          onEvent: (event) => onEvent({ kind: 'release', event }),
        });
        finish({ ok: release.released, sources: [], release });
      }
    } catch (error) {
      if (stopping.signal.aborted) return;
      reportError(error, terminal);
      terminal.print(terminal.paint.faint('  The project goes on as it was.'));
    }
  };
  // One after the other: a change during a release is built after it.
  let reloading: Promise<void> = Promise.resolve();
  watchProject({
    dir: first.project.dir,
    signal: stopping.signal,
    onChange: (path) => {
      reloading = reloading.then(() => reload(path));
    },
  });
  worker.start();
  return {
    project: () => open.project,
    stop: async () => {
      stopping.abort();
      await worker.stop();
      await reloading;
    },
  };
}

/** Sources that are new, look elsewhere or read what is there another way. */
function changedSources(before: Project, after: Project): readonly string[] {
  const rezoned = before.config.zone !== after.config.zone;
  return [...after.sources].flatMap(([name, source]) => {
    const known = before.sources.get(name);
    const same = known?.reading === source.reading && known.description === source.description;
    return same && !rezoned ? [] : [name];
  });
}

function logWorker(event: WorkerEvent, terminal: Terminal): void {
  const { print, paint } = terminal;
  switch (event.kind) {
    case 'started':
      print();
      for (const run of event.runs) {
        const late = run.trigger === 'catch-up' ? ', caught up' : '';
        print(`${paint.strong(run.job)} is due, for ${run.occurrence}${late}`);
      }
      return;
    case 'finished':
      if (!event.outcome.ok) terminal.warn(`${event.run.job} failed`);
      return;
    case 'returned':
      print(`${event.run.job} was stopped and will run again`);
      return;
    case 'postponed':
      print(`${event.run.job} failed for something that may pass and will be tried again`);
      return;
    case 'lost':
      terminal.warn(`${event.run.job} was taken over by another process`);
      return;
    case 'abandoned':
      terminal.warn(`${event.job} was given up: it ended its process three times`);
      return;
    case 'fault':
      terminal.warn(
        `The scheduler met a fault: ${event.error instanceof Error ? event.error.message : ''}`,
      );
  }
}
