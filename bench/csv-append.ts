import type { Client } from 'pg';

import { compare, median, round } from './bench.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';
import type { CopiedOrders, CopyOrders } from './copy-orders.ts';
import type { LoadedOrders, LoadOrders } from './load-orders.ts';
import { ordersColumns, ordersFile, ordersRows } from './orders-file.ts';
import { loadWithPgloader, loadWithPsql } from './other-loaders.ts';
import type { Loader } from './other-loaders.ts';
import { openPlace } from './place.ts';
import type { Place } from './place.ts';
import { runScript } from './run-script.ts';

const pairs = 5;
const bound = 1.1;
const table = 'bench.orders';

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

async function measure(
  { log }: BenchContext,
  { file, place }: { readonly file: string; readonly place: Place },
): Promise<BenchResult[]> {
  const { client, projectDir } = place;
  const ours: number[] = [];
  const landings: number[] = [];
  const copies: number[] = [];
  // In turns, so that whatever else the machine does falls on both. The first pair fills caches.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const name = `orders_${pair}`;
    const load: LoadOrders = { projectDir, name, file, times: 1 };
    const loaded = await runScript<LoadedOrders>('load-orders.ts', load);
    expectRows('plumbline', loaded.rows);
    await client.query(`drop table raw.${name} cascade`);
    await place.emptyLanding();

    await createPlainTable(client);
    const copy: CopyOrders = { projectDir, table, file };
    const copied = await runScript<CopiedOrders>('copy-orders.ts', copy);
    expectRows('COPY', copied.rows);
    const landing = round(loaded.seconds - loaded.batchSeconds);
    log(
      `plumbline ${round(loaded.seconds)} s (landing ${landing}), COPY ${round(copied.seconds)} s`,
    );
    if (pair > 0) {
      ours.push(loaded.seconds);
      landings.push(landing);
      copies.push(copied.seconds);
    }
  }
  const result = (name: string, title: string, theirs: readonly number[]): BenchResult => ({
    line: compare(name, { ours: median(ours), theirs: median(theirs), bound }),
    unit: 's',
    title,
    detail: `${secondsOf(ours)}, of which landing ${secondsOf(landings)}; against ${secondsOf(theirs)}`,
  });
  const results = [
    result(
      'csv-append',
      'landing, checking and loading 1,000,000 × 11 CSV, 130 MB, against `COPY … CSV` of it by pg-copy-streams',
      copies,
    ),
  ];
  // Half a minute each for pgloader: once is enough to see by how much.
  for (const { tool, loadWith, times } of [
    { tool: 'psql', loadWith: loadWithPsql, times: 3 },
    { tool: 'pgloader', loadWith: loadWithPgloader, times: 1 },
  ]) {
    const seconds = await secondsOfOther(place, { loadWith, times, file });
    if (seconds === undefined) log(`${tool} is not installed: no line for it`);
    else results.push(result(`csv-append-${tool}`, `the same against ${tool}`, seconds));
  }
  return results;
}

/** What another loader takes for the file; undefined when it is not installed. */
async function secondsOfOther(
  { client }: Place,
  { loadWith, times, file }: { loadWith: Loader; times: number; file: string },
): Promise<number[] | undefined> {
  const seconds: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await createPlainTable(client);
    const taken = await loadWith(client, { table, file });
    if (taken === undefined) return undefined;
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${table}`);
    expectRows('the other loader', Number(rows[0]?.count));
    seconds.push(taken);
  }
  return seconds;
}

async function createPlainTable(client: Client): Promise<void> {
  await client.query(`create schema if not exists bench`);
  await client.query(`drop table if exists ${table}`);
  await client.query(`create table ${table} (${ordersColumns})`);
}

function expectRows(who: string, rows: number): void {
  if (rows !== ordersRows) throw new Error(`${who} loaded ${rows} rows, not ${ordersRows}`);
}

function secondsOf(values: readonly number[]): string {
  return values.map((value) => value.toFixed(2)).join(', ');
}
