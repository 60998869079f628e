import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { StoredError } from '../../src/load/result.ts';
import type { Ground } from './run-scene.ts';

export interface LoaderResult {
  readonly errors: readonly StoredError[];
  readonly released: boolean;
}

/** A process that waits to be told what to load. */
export interface LoaderProcess {
  /** Loads; the result, or undefined when it was killed before. `onLanding` is asked before each step goes on. */
  readonly run: (
    ground: Ground,
    options?: { readonly release?: boolean; readonly onLanding?: () => void },
  ) => Promise<LoaderResult | undefined>;
  /** kill -9 */
  readonly kill: () => void;
}

/** Loaders that have started and wait, so that a kill costs no start. */
export interface LoaderProcesses {
  readonly next: () => LoaderProcess;
  readonly end: () => void;
}

export interface LoaderProcessesOptions {
  /** Processes kept waiting. Default 1. */
  readonly waiting?: number;
  /** A command line that runs the process under limits; `$@` of a shell script. */
  readonly under?: string;
}

export function createLoaderProcesses({
  waiting = 1,
  under,
}: LoaderProcessesOptions = {}): LoaderProcesses {
  const cache = mkdtempSync(join(tmpdir(), 'plumbline-loader-'));
  const start = (): LoaderProcess & { readonly kill: () => void } => startLoader(cache, under);
  const ready = Array.from({ length: waiting }, start);
  return {
    next: () => {
      ready.push(start());
      return ready.shift() ?? start();
    },
    end: () => {
      for (const each of ready) each.kill();
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

function startLoader(cache: string, under: string | undefined): LoaderProcess {
  const script = join(import.meta.dirname, 'loader-process.ts');
  const [program, args] =
    under === undefined
      ? [process.execPath, [script]]
      : ['sh', ['-c', `${under}; exec "$@"`, 'sh', process.execPath, script]];
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: cache },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // Whoever is killed reads no more.
  child.stdin.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  return {
    run: async (ground, { release = true, onLanding } = {}) => {
      let result: LoaderResult | undefined;
      lines.on('line', (line) => {
        if (line.startsWith('landing ')) {
          onLanding?.();
          child.stdin.write('go\n');
        } else if (line.startsWith('result ')) {
          // Written by loader-process.ts.
          result = JSON.parse(line.slice('result '.length)) as LoaderResult;
        }
      });
      child.stdin.write(`${JSON.stringify({ ground: plain(ground), release })}\n`);
      await closed;
      if (result === undefined && child.signalCode === null) {
        throw new Error(`the loader ended with ${child.exitCode}: ${errors}`);
      }
      return result;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

const plain = ({ url, dir, landingDir, origin }: Ground): Ground => ({
  url,
  dir,
  landingDir,
  origin,
});
