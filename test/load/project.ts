import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { LoadSourceOptions } from '../../src/load/load-options.ts';
import { loadSource } from '../../src/load/load-source.ts';
import type { SourceResult } from '../../src/load/result.ts';
import type { Source } from '../../src/source/source.ts';
import { createDatabase } from '../helpers/database.ts';

/** A folder with files and a database: what loading needs, without a project around it. */
export async function createLoadingPlace() {
  const database = await createDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-load-'));
  const context: LoadSourceOptions['context'] = {
    projectDir: dir,
    env: () => undefined,
    zone: 'Europe/Berlin',
    now: () => '2026-06-30T04:00:00Z',
    signal: new AbortController().signal,
  };
  const query = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> => {
    const client = await database.warehouse.connect('owner');
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  const loading = (name: string, source: Source): LoadSourceOptions => ({
    name,
    source,
    warehouse: database.warehouse,
    landingDir: join(dir, '.plumbline', 'landing'),
    context,
  });
  return {
    ...database,
    dir,
    query,
    write: async (name: string, content: string | Uint8Array): Promise<void> => {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    },
    remove: (name: string) => rm(join(dir, name)),
    loading,
    load: (
      name: string,
      source: Source,
      changed: Partial<LoadSourceOptions['context']> = {},
    ): Promise<SourceResult> => {
      const options = loading(name, source);
      return loadSource({ ...options, context: { ...context, ...changed } });
    },
    end: async (): Promise<void> => {
      await database.drop();
      await rm(dir, { recursive: true });
    },
  };
}

export type LoadingPlace = Awaited<ReturnType<typeof createLoadingPlace>>;
