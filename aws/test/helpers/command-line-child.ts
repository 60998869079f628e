import { main } from '../../../src/cli.ts';
import { provideModule } from '../../../src/project/import-file.ts';

/** One command, as the test's process asks for it. */
export interface AskedCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface AnsweredCommand {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

provideModule('esbuild', new URL('esbuild-once.ts', import.meta.url).href);

const inherited = { ...process.env };

/** Runs a command with variables of its own and gives what it printed. */
async function runCommand({ args, env }: AskedCommand): Promise<AnsweredCommand> {
  for (const name of Object.keys(process.env)) if (!(name in inherited)) delete process.env[name];
  Object.assign(process.env, inherited, env);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string | Uint8Array) => {
      printed[name] += String(text);
      return true;
    };
  }
  await main(args);
  return { exitCode: Number(process.exitCode), ...printed };
}

process.on('message', (asked: AskedCommand) => {
  void runCommand(asked).then((answered) => process.send?.(answered));
});
// Connections that are kept alive to the test's own servers must not keep it here.
process.on('disconnect', () => process.exit(0));
