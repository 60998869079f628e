import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Client } from 'pg';

import { runPython } from './run-python.ts';

/** Loads a CSV file with a header into a table; the seconds it took, or undefined when the tool is not installed. */
type Loader = (
  client: Client,
  job: { readonly table: string; readonly file: string },
) => Promise<number | undefined>;

export const loadWithPsql: Loader = (client, { table, file }) =>
  timed('psql', client, [
    '--no-psqlrc',
    '--quiet',
    '--set=ON_ERROR_STOP=1',
    `--host=${client.host}`,
    `--port=${client.port}`,
    `--username=${client.user}`,
    `--dbname=${client.database}`,
    `--command=\\copy ${table} from '${file}' with (format csv, header true)`,
  ]);

export const loadWithPgloader: Loader = (client, { table, file }) =>
  timed('pgloader', client, [
    '--type=csv',
    '--with=skip header = 1',
    "--with=fields terminated by ','",
    "--with=fields optionally enclosed by '\"'",
    '--with=fields escaped by double-quote',
    file,
    `postgresql://${client.user}@${client.host}:${client.port}/${client.database}?tablename=${table}`,
  ]);

/** By `to_sql`, as its documentation shows it. */
export const loadWithPandas: Loader = (client, job) => loadWithPython('pandas', client, job);

/** By Arrow tables, the quickest of its ways. */
export const loadWithDlt: Loader = (client, job) => loadWithPython('dlt', client, job);

async function loadWithPython(
  tool: 'pandas' | 'dlt',
  client: Client,
  { file }: { readonly file: string },
): Promise<number | undefined> {
  const { user, password, host, port, database } = client;
  const url = `postgresql://${user}:${encodeURIComponent(password ?? '')}@${host}:${port}/${database}`;
  const found = await runPython<{ seconds: number; rows: number }>('load_csv.py', [tool, file], {
    DATABASE_URL: url,
  });
  return found?.seconds;
}

async function timed(
  command: string,
  client: Client,
  args: readonly string[],
): Promise<number | undefined> {
  const start = performance.now();
  try {
    const env = { ...process.env, PGPASSWORD: client.password ?? '' };
    await promisify(execFile)(command, args, { env });
    return (performance.now() - start) / 1000;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
