import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { commandLineProcess } from '../../../test/helpers/command-line.ts';
import type { CommandResult } from '../../../test/helpers/command-line.ts';
import type { AnsweredCommand, AskedCommand } from './command-line-child.ts';

/** The command line in a process that stays: what takes a second to load is loaded once. */
export interface CommandLine {
  /** Runs commands one after another, each with its own variables. */
  readonly run: (
    args: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>> },
  ) => Promise<CommandResult>;
  /** Ctrl-C for the command that is running. */
  readonly interrupt: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * For tests that run many commands. The process is a real one, with the command line's own parsing,
 * printing, signals and exit codes; it bundles the same code once.
 */
export function startCommandLine(): CommandLine {
  const { execPath, execArgs, cwd, env } = commandLineProcess();
  const script = fileURLToPath(new URL('command-line-child.ts', import.meta.url));
  const child = spawn(execPath, [...execArgs, script], {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the command line ended by itself: ${String(code)}`);
  });
  // Who waits for an answer hears of it; nobody else has to.
  ended.catch(() => undefined);
  return {
    run: async (args, options = {}) => {
      const asked: AskedCommand = { args, env: options.env ?? {} };
      child.send(asked);
      // The cast: the child sends nothing else.
      const [answered] = (await Promise.race([once(child, 'message'), ended])) as [AnsweredCommand];
      return { ...answered, json: () => JSON.parse(answered.stdout) as unknown };
    },
    interrupt: () => void child.kill('SIGINT'),
    stop: async () => {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}
