import { runProject } from '../run/run-project.ts';
import type { DueRun, RunOutcome } from '../schedule/run-claimed.ts';
import type { OpenProject } from './open-project.ts';
import { createRunPrinter } from './print-run.ts';
import type { Terminal } from './terminal.ts';

const now = (): string => new Date().toISOString();

export interface DueJobs {
  readonly due: readonly DueRun[];
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/** Sources that are due, then one release, then digests: a digest tells of what has just come in. */
export async function runDue(
  open: OpenProject,
  { due, signal, terminal }: DueJobs,
): Promise<ReadonlyMap<string, RunOutcome>> {
  const outcomes = new Map<string, RunOutcome>();
  const { sources, digests } = open.project;
  const names = [...new Set(due.map((run) => run.job))].filter((job) => sources.has(job));
  if (names.length > 0) {
    const printer = createRunPrinter(open.project, terminal);
    const onEvent = printer.onEvent;
    const result = await runProject({ open, names, recorded: false, now, signal, onEvent });
    printer.finish(result);
    for (const source of result.sources) {
      outcomes.set(source.name, {
        ok: source.balanced && result.release.released,
        result: { ...source, release: result.release.release ?? null },
      });
    }
  }
  for (const run of due.filter((each) => digests.has(each.job))) {
    signal.throwIfAborted();
    outcomes.set(run.job, await runDigestJob(open, run, { signal, terminal }));
  }
  return outcomes;
}

async function runDigestJob(
  open: OpenProject,
  { job, occurrence }: DueRun,
  { signal, terminal }: Omit<DueJobs, 'due'>,
): Promise<RunOutcome> {
  try {
    const { warn } = terminal;
    // Loaded when it is first due: what draws pictures and speaks SMTP takes a while to load.
    const { runDigest } = await import('../run/run-digest.ts');
    const result = await runDigest({ open, name: job, occurrence, now, signal, warn });
    terminal.print(`${job}: ${result.subject}, ${result.state}`);
    return { ok: result.ok, result };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, result: { error: { message } } };
  }
}
