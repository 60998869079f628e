import { PlumblineError, errorCodes } from '../errors.ts';
import { chooseSources, runProject } from '../run/run-project.ts';
import type { RunResult } from '../run/run-project.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { instantAfter } from './option-values.ts';
import { createRunPrinter, runJson } from './print-run.ts';

/** `plumbline run [names...]` */
export const run: Run = async ({ terminal, args, options, start, signal }) => {
  const deadline = instantAfter('--deadline', options['deadline'], Date.now());
  const open = await openProject({
    start,
    terminal,
    setup: true,
    admit: (project) => void chooseSources(project, args),
  });
  try {
    const printer = createRunPrinter(open.project, terminal);
    const result = await runProject({
      open,
      names: args,
      recorded: true,
      now: () => new Date().toISOString(),
      signal,
      ...(deadline !== undefined && { deadline }),
      onEvent: printer.onEvent,
    });
    printer.finish(result);
    terminal.result(runJson(result));
    return exitCodeOf(result);
  } finally {
    await open.close();
  }
};

/** 3 when the system failed at something, 1 when data or project are at fault. */
export function exitCodeOf(result: RunResult): number {
  if (result.ok) return 0;
  const codes = [
    ...result.sources.flatMap((source) => source.errors.map((error) => error.code)),
    ...(result.release.error === undefined ? [] : [result.release.error.code]),
  ];
  const failures = codes.map((code) => errorCodes.find((known) => known === code));
  const system = failures.some(
    (code) => code !== undefined && new PlumblineError(code, { message: '' }).exitCode === 3,
  );
  return system ? 3 : 1;
}
