import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const peers = new URL('peers/', import.meta.url);

/** Runs a script of `peers/` and gives what it printed as JSON; undefined when its Python or a library is not installed. */
export async function runPython<T>(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<T | undefined> {
  const own = fileURLToPath(new URL('.venv/bin/python', peers));
  const python = process.env['PEERS_PYTHON'] ?? own;
  if ((await stat(python).catch(() => undefined)) === undefined) return undefined;
  try {
    const { stdout } = await promisify(execFile)(
      python,
      [fileURLToPath(new URL(script, peers)), ...args],
      { env: { ...process.env, ...variables }, maxBuffer: 2 ** 26 },
    );
    // The scripts print one line of JSON; what libraries have to say comes before it.
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
  } catch (error) {
    if (error instanceof Error && error.message.includes('ModuleNotFoundError')) return undefined;
    throw error;
  }
}
