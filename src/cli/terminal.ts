import { createInterface } from 'node:readline';

import pc from 'picocolors';

type Paint = (text: string) => string;

/** Where a command writes. The only way to standard output and standard error. */
export interface Terminal {
  /** The result is one JSON value on standard output, and nothing else is. */
  readonly json: boolean;
  /** Stack traces are wanted. */
  readonly debug: boolean;
  /** A line for people; nothing with `--json`. */
  readonly print: (line?: string) => void;
  /** What is going on right now: replaced by the next line. Only where someone watches. */
  readonly progress: (text: string) => void;
  /** Something people should know though it stops nothing; on standard error with `--json`. */
  readonly warn: (line: string) => void;
  /** The value of the command; nothing without `--json`. */
  readonly result: (value: unknown) => void;
  readonly fail: (lines: readonly string[]) => void;
  /** Someone is there to be asked: input and output are terminals, and no JSON is wanted. */
  readonly canAsk: boolean;
  /**
   * Asks for a line and gives it without blanks around it; empty when the input ends. Rejects with the
   * signal's reason when that is aborted.
   */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string>;
  readonly paint: Readonly<Record<'strong' | 'faint' | 'good' | 'bad' | 'notice' | 'link', Paint>>;
}

/** A stream of the process. `isTTY` is true for a terminal, and not there for a file or pipe. */
export interface Output {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Standard input of the process, or what stands for it. */
export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
}

export interface TerminalOptions {
  readonly json: boolean;
  readonly debug: boolean;
  readonly out: Output;
  readonly err: Output;
  /** Where answers come from; nobody is asked without it. */
  readonly input?: Input;
  /** Of the process: NO_COLOR, FORCE_COLOR, CI. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const eraseLine = '\r\u001B[2K';

/** Writes lines, with colours and passing progress where standard output is a terminal. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { json, debug, out, err, input, variables } = options;
  const noColor = (variables['NO_COLOR'] ?? '') !== '' || variables['TERM'] === 'dumb';
  const forced = (variables['FORCE_COLOR'] ?? '') !== '';
  const isTerminal = out.isTTY === true;
  // Never undefined, which would let the library decide: it colours whatever CI keeps.
  const colors = pc.createColors(!noColor && (forced || isTerminal));
  const watched = isTerminal && !json && !noColor && (variables['CI'] ?? '') === '';
  let passing = false;
  const erase = (): void => {
    if (passing) out.write(eraseLine);
    passing = false;
  };
  return {
    json,
    debug,
    print: (line = '') => {
      if (json) return;
      erase();
      out.write(`${line}\n`);
    },
    progress: (text) => {
      if (!watched) return;
      // Some terminals say that they have no columns at all.
      const width = Math.max(20, (out.columns === 0 ? 80 : (out.columns ?? 80)) - 1);
      out.write(`${eraseLine}${colors.dim(text.slice(0, width))}`);
      passing = true;
    },
    warn: (line) => {
      erase();
      (json ? err : out).write(`${json ? line : colors.yellow(line)}\n`);
    },
    result: (value) => {
      if (json) out.write(`${JSON.stringify(value, null, out.isTTY ? 2 : undefined)}\n`);
    },
    fail: (lines) => {
      erase();
      err.write(`${lines.join('\n')}\n`);
    },
    canAsk: input?.isTTY === true && isTerminal && !json,
    ask: async (question, signal) => {
      erase();
      out.write(`${question} `);
      return input === undefined ? '' : readLine(input, signal);
    },
    paint: {
      strong: colors.bold,
      faint: colors.dim,
      good: colors.green,
      bad: colors.red,
      notice: colors.yellow,
      link: colors.cyan,
    },
  };
}

/**
 * Without readline's own editing, which would take Ctrl-C for itself: the terminal's is enough for an
 * answer, and the interrupt reaches the command's signal.
 */
async function readLine(input: Input, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const lines = createInterface({ input, terminal: false });
  try {
    return await new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      lines.once('line', (line) => resolve(line.trim()));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
  }
}
