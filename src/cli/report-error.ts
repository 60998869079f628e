import { PlumblineError } from '../errors.ts';
import type { Mistake } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** What a command was told to do was interrupted by Ctrl-C or a signal. */
export const interruptedExitCode = 130;

/** Says what went wrong, and what to do next; gives the exit code. */
export function reportError(error: unknown, terminal: Terminal): number {
  const { code, message, remedy, exitCode, mistakes } = asPlumblineError(error);
  if (terminal.json) {
    const listed = mistakes.length === 0 ? {} : { mistakes };
    terminal.result({ ok: false, error: { code, message, remedy, ...listed } });
  } else {
    const { paint } = terminal;
    terminal.fail([
      `${paint.bad(`error[${code}]:`)} ${message}`,
      ...mistakes.flatMap((mistake) => mistakeLines(mistake, terminal)),
      `  ${remedy}`,
    ]);
  }
  if (terminal.debug && error instanceof Error) terminal.fail([traceOf(error)]);
  return exitCode;
}

/** Whatever nobody foresaw is a fault of ours, and is said to be one. */
function asPlumblineError(error: unknown): PlumblineError {
  if (error instanceof PlumblineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PlumblineError('internal', { message, cause: error });
}

/** `  sources/payments.ts, columns.amount: 'mn' is not known here; expected …; did you mean …?` */
function mistakeLines(mistake: Mistake, { paint }: Terminal): readonly string[] {
  const { file, place, message, expected, suggestion } = mistake;
  const where = place === undefined ? paint.strong(file) : `${paint.strong(file)}, ${place}`;
  const hint =
    suggestion === undefined
      ? expected === undefined
        ? ''
        : `; expected ${expected}`
      : `; did you mean ${paint.good(suggestion)}?`;
  return [`  ${where}: ${message}${hint}`];
}

function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${traceOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
