import { compare, median, round, secondsOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';
import type { CopiedOrders, CopyOrders } from './copy-orders.ts';
import type { LoadedOrders, LoadOrders } from './load-orders.ts';
import { ordersColumns, ordersFile, ordersRows } from './orders-file.ts';
import { loadWithDlt, loadWithPandas, loadWithPgloader, loadWithPsql } from './other-loaders.ts';
import { openPlace } from './place.ts';
import type { Place } from './place.ts';
import { runScript } from './run-script.ts';

const rounds = 5;
const bound = 0.9;
const table = 'bench.orders';

/** Something that loads the file into a plain table: the seconds it took, undefined if not installed. */
interface Rival {
  readonly name: string;
  readonly tool: string;
  readonly title: string;
  readonly load: (place: Place, file: string) => Promise<number | undefined>;
  /** Where it loads to when it makes its own table. */
  readonly table?: string;
  /** Takes half a minute: measured in the first round only, which is enough to see by how much. */
  readonly isSlow: boolean;
}

const rivals: readonly Rival[] = [
  {
    name: 'csv-append',
    tool: 'COPY',
    title:
      'landing, checking and loading 1,000,000 × 11 CSV, 130 MB, against `COPY … CSV` of it by pg-copy-streams',
    load: async ({ projectDir }, file) => {
      const job: CopyOrders = { projectDir, table, file };
      return (await runScript<CopiedOrders>('copy-orders.ts', job)).seconds;
    },
    isSlow: false,
  },
  {
    name: 'csv-append-psql',
    tool: 'psql',
    title: 'the same against psql and its `\\copy`',
    load: ({ client }, file) => loadWithPsql(client, { table, file }),
    isSlow: false,
  },
  {
    name: 'csv-append-pgloader',
    tool: 'pgloader',
    title: 'the same against pgloader',
    load: ({ client }, file) => loadWithPgloader(client, { table, file }),
    isSlow: true,
  },
  {
    name: 'csv-append-pandas',
    tool: 'pandas',
    title: 'the same against pandas `to_sql`, which makes a table of its own',
    load: ({ client }, file) => loadWithPandas(client, { table: 'bench.orders_pandas', file }),
    table: 'bench.orders_pandas',
    isSlow: true,
  },
  {
    name: 'csv-append-dlt',
    tool: 'dlt',
    title: 'the same against dlt by Arrow tables, which makes a table of its own',
    load: ({ client }, file) => loadWithDlt(client, { table: 'bench.orders_dlt', file }),
    table: 'bench.orders_dlt',
    isSlow: true,
  },
];

/** First load of a file without a key, against the fastest thing Postgres has for it. */
export const csvAppend: Bench = {
  name: 'csv-append',
  run: async (context) => {
    const file = await ordersFile(context.dataDir);
    const place = await openPlace(context.dataDir);
    try {
      return await measure(context, { file, place });
    } finally {
      await place.remove();
    }
  },
};

/** All in turns, so that whatever else the machine does falls on all. Round 0 fills the caches. */
async function measure(
  { log }: BenchContext,
  { file, place }: { readonly file: string; readonly place: Place },
): Promise<BenchResult[]> {
  const ours: number[] = [];
  const landings: number[] = [];
  const theirs = new Map<string, number[]>();
  for (let current = 0; current <= rounds; current += 1) {
    const loaded = await loadOurs(place, { file, name: `orders_${current}` });
    const landing = loaded.seconds - loaded.batchSeconds;
    const said = [`plumbline ${round(loaded.seconds)} s (landing ${round(landing)})`];
    if (current > 0) {
      ours.push(loaded.seconds);
      landings.push(landing);
    }
    for (const rival of rivals) {
      if (rival.isSlow && current !== 1) continue;
      const seconds = await loadTheirs(place, { file, rival });
      said.push(`${rival.tool} ${seconds === undefined ? 'not installed' : `${round(seconds)} s`}`);
      if (seconds === undefined || current === 0) continue;
      theirs.set(rival.name, [...(theirs.get(rival.name) ?? []), seconds]);
    }
    log(`round ${current}: ${said.join(', ')}`);
  }
  return rivals.flatMap(({ name, title }) => {
    const seconds = theirs.get(name);
    if (seconds === undefined) return [];
    const line = compare(name, { ours: median(ours), theirs: median(seconds), bound });
    const detail = `${secondsOf(ours)}, of which landing ${secondsOf(landings)}; against ${secondsOf(seconds)}`;
    return [{ line, unit: 's', title, detail }];
  });
}

async function loadOurs(
  { client, projectDir, emptyLanding }: Place,
  { file, name }: { readonly file: string; readonly name: string },
): Promise<LoadedOrders> {
  const job: LoadOrders = { projectDir, name, file, times: 1, keyed: false };
  const loaded = await runScript<LoadedOrders>('load-orders.ts', job);
  if (loaded.rows !== ordersRows) throw new Error(`plumbline loaded ${loaded.rows} rows`);
  await client.query(`drop table raw.${name} cascade`);
  await emptyLanding();
  return loaded;
}

async function loadTheirs(
  place: Place,
  { file, rival }: { readonly file: string; readonly rival: Rival },
): Promise<number | undefined> {
  const { client } = place;
  await client.query('create schema if not exists bench');
  await client.query(`drop table if exists ${table}`);
  await client.query(`create table ${table} (${ordersColumns})`);
  const seconds = await rival.load(place, file);
  if (seconds === undefined) return undefined;
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from ${rival.table ?? table}`,
  );
  if (rival.table !== undefined) await client.query(`drop table ${rival.table}`);
  if (Number(rows[0]?.count) !== ordersRows) {
    throw new Error(`${rival.tool} loaded ${rows[0]?.count} rows`);
  }
  return seconds;
}
