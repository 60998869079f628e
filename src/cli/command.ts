import type { Terminal } from './terminal.ts';

/** What a command is called with. */
export interface Invocation {
  readonly terminal: Terminal;
  /** Positional arguments, as typed. */
  readonly args: readonly string[];
  /** The command's own options by their long name in camel case. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** `--project`, or the current folder. */
  readonly start: string;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
}

/** Runs a command; gives its exit code. Throws PlumblineError for what went wrong. */
export type Run = (invocation: Invocation) => Promise<number>;

export interface CommandOption {
  /** As commander takes it: `--port <number>`. */
  readonly flags: string;
  readonly description: string;
}

/** A command as `--help` shows it; its code is loaded only when it runs. */
export interface Command {
  /** With its arguments: `run [names...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly description?: string;
  readonly options?: readonly CommandOption[];
  /** Lines of `plumbline …` and what they do. */
  readonly examples: readonly string[];
  readonly load: () => Promise<{ readonly run: Run }>;
}
