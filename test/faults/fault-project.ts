import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { reportError } from '../../src/cli/report-error.ts';
import { run } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { createDatabase } from '../helpers/database.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** What a run did, as a script and as a person see it. */
export interface Ran {
  readonly exitCode: number;
  /** The object of `--json`. */
  readonly json: RunOutput;
  /** Everything printed without `--json`. */
  readonly printed: string;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What these tests read of the result of `run --json`. */
export interface RunOutput {
  readonly ok: boolean;
  readonly error?: Problem;
  readonly sources?: readonly {
    readonly name: string;
    readonly deliveries: number;
    readonly rows: Readonly<Record<string, number>>;
    readonly balanced: boolean;
    readonly errors?: readonly Problem[];
  }[];
}

const paint = Object.fromEntries(
  ['strong', 'faint', 'good', 'bad', 'notice', 'link'].map((name) => [
    name,
    (text: string) => text,
  ]),
);

/** A project folder on a database of its own, and the command `run` in this process. */
export async function createFaultProject(files: Files) {
  const database = await createDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-faults-'));
  const write = async (more: Files): Promise<void> => {
    for (const [file, content] of Object.entries(more)) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), content);
    }
  };
  const query = async <T extends object>(sql: string): Promise<T[]> => {
    // The query names its columns; the warehouse gives every value as text.
    return (await database.warehouse.pool('owner').query(sql)).rows as T[];
  };
  await write({
    'plumbline.config.ts': "export default { company: 'Test & Co', zone: 'Europe/Berlin' };\n",
    '.env': `DATABASE_URL=${database.url}\n`,
    ...files,
  });
  return {
    dir,
    url: database.url,
    warehouse: database.warehouse,
    write,
    query,
    remove: (file: string): Promise<void> => rm(join(dir, file)),
    run: async (): Promise<Ran> => {
      const lines: string[] = [];
      let json: unknown;
      const terminal: Terminal = {
        json: false,
        debug: false,
        print: (line = '') => void lines.push(line),
        progress: () => undefined,
        warn: (line) => void lines.push(line),
        result: (value) => (json = value),
        fail: (failed) => void lines.push(...failed),
        canAsk: false,
        ask: () => Promise.resolve(''),
        // Made above with every name a terminal paints by.
        paint: paint as Terminal['paint'],
      };
      const signal = new AbortController().signal;
      const exitCode = await run({ terminal, args: [], options: {}, start: dir, signal }).catch(
        (error: unknown) => reportError(error, terminal),
      );
      // What `run` gives has the shape that docs/cli.md promises.
      return { exitCode, json: json as RunOutput, printed: lines.join('\n') };
    },
    end: async (): Promise<void> => {
      await database.drop();
      await rm(dir, { recursive: true });
    },
  };
}

export type FaultProject = Awaited<ReturnType<typeof createFaultProject>>;
