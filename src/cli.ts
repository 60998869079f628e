import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

import { Command as Program, CommanderError } from 'commander';

import type { Command } from './cli/command.ts';
import { commands } from './cli/commands.ts';
import { ownVersion } from './cli/own-version.ts';
import { interruptedExitCode, reportError } from './cli/report-error.ts';
import { createTerminal } from './cli/terminal.ts';
import { suggest } from './contract/suggest.ts';
import { PlumblineError } from './errors.ts';

interface GlobalOptions {
  readonly project?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Runs the command line `argv` (without node and script) and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // Compiled code is kept between runs: a quarter of the time a short command takes.
  enableCompileCache();
  ignoreClosedPipes();
  process.exitCode = await execute(argv);
}

async function execute(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram();
  for (const command of commands) {
    addCommand(program, command, async (args, options) => {
      exitCode = await runCommand(command, args, { ...program.opts(), ...options });
    });
  }
  if (argv.length === 0) {
    program.outputHelp();
    return 2;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const reported = error instanceof CommanderError ? usageError(error, argv) : error;
    const json = argv.includes('--json');
    return reportError(reported, terminalFor({ json, debug: argv.includes('--debug') }));
  }
}

function createProgram(): Program {
  const program = new Program('plumbline');
  program
    .description('From a company’s files to verified dashboards.')
    .version(ownVersion(), '--version', 'print the version')
    .option('--project <dir>', 'the project folder; default the current one, or one above it')
    .option('--json', 'print the result as one JSON value')
    .option('--debug', 'print stack traces with errors')
    .helpCommand(false)
    .exitOverride()
    // Errors of usage are reported like all others.
    .configureOutput({ writeErr: () => undefined })
    .addHelpText('after', '\nRun `plumbline <command> --help` for its options and an example.');
  return program;
}

function addCommand(
  program: Program,
  command: Command,
  action: (args: readonly string[], options: Record<string, unknown>) => Promise<void>,
): void {
  const added = program
    .command(command.usage)
    .summary(command.summary)
    .description(command.description ?? `${sentence(command.summary)}.`)
    .exitOverride()
    .addHelpText(
      'after',
      ['', 'Examples:', ...command.examples.map((line) => `  ${line}`)].join('\n'),
    );
  for (const option of command.options ?? []) added.option(option.flags, option.description);
  added.option('--project <dir>', 'the project folder; default the current one, or one above it');
  added.option('--json', 'print the result as one JSON value');
  added.option('--debug', 'print stack traces with errors');
  added.action(async (...given: unknown[]) => {
    // Commander gives the arguments, then the options, then the command itself.
    const args = given
      .slice(0, -2)
      .flat()
      .filter((each) => typeof each === 'string');
    await action(args, added.opts());
  });
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

async function runCommand(
  command: Command,
  args: readonly string[],
  options: GlobalOptions & Record<string, unknown>,
): Promise<number> {
  const { project, json, debug, ...own } = options;
  const terminal = terminalFor({ json: json === true, debug: debug === true });
  const interruption = listenForInterrupts();
  try {
    const { run } = await command.load();
    return await run({
      terminal,
      args,
      // The cast: commander gives texts for options with a value and true for those without.
      options: own as Readonly<Record<string, string | boolean | undefined>>,
      start: project ?? process.cwd(),
      signal: interruption.signal,
    });
  } catch (error) {
    if (interruption.signal.aborted) {
      terminal.warn('Interrupted: what was loaded stays, what was under way was rolled back.');
      return interruptedExitCode;
    }
    return reportError(error, terminal);
  } finally {
    interruption.stop();
  }
}

function terminalFor(options: { json: boolean; debug: boolean }) {
  return createTerminal({
    ...options,
    out: process.stdout,
    err: process.stderr,
    input: process.stdin,
    variables: process.env,
  });
}

/** The first Ctrl-C asks the command to end properly; the second ends it at once. */
function listenForInterrupts(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort(new Error('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}

/** `plumbline status | head -1` closes the pipe early; that is no fault. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

function usageError(error: CommanderError, argv: readonly string[]): PlumblineError {
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  if (error.code === 'commander.unknownCommand') {
    const names = commands.map((command) => command.usage.split(' ')[0] ?? '');
    const word = argv.find((arg) => !arg.startsWith('-')) ?? '';
    const meant = suggest(word, names);
    return new PlumblineError('usage', {
      message: `There is no command '${word}'.`,
      remedy:
        meant === undefined
          ? `Commands are ${names.join(', ')}.`
          : `Did you mean \`plumbline ${meant}\`?`,
    });
  }
  return new PlumblineError('usage', { message: `${sentence(message)}.`.replace(/\.\.$/, '.') });
}

// Run from source as a script; the package's bin imports `main` instead.
if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
