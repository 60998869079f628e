import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Runs a script of this folder in a Node of its own and gives what it printed as JSON. Node strips
 * the types itself: nothing else is in the process that is measured.
 */
export async function runScript<T>(script: string, job: object): Promise<T> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, JSON.stringify(job)], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  // The scripts say with `satisfies` what they print.
  return JSON.parse(stdout) as T;
}
