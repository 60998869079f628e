import { compare, median, round, secondsOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';
import type { LoadedOrders, LoadOrders } from './load-orders.ts';
import { changedOrdersFile, ordersColumns, ordersFile, ordersRows } from './orders-file.ts';
import { openPlace } from './place.ts';
import type { Place } from './place.ts';
import { runScript } from './run-script.ts';
import type { UpsertedOrders, UpsertOrders } from './upsert-orders.ts';

const rounds = 5;
const table = 'bench.orders_by_key';

interface Files {
  readonly first: string;
  /** The same rows, a tenth of them changed. */
  readonly again: string;
}

/** Seconds of a first load and of the delivery that follows it. */
interface Taken {
  readonly first: number;
  readonly again: number;
}

/** A file with a key, then the same file with a tenth of its rows changed, against the usual script. */
export const csvKeyed: Bench = {
  name: 'csv-keyed',
  run: async (context) => {
    const { dataDir } = context;
    const files = { first: await ordersFile(dataDir), again: await changedOrdersFile(dataDir) };
    const place = await openPlace(dataDir);
    try {
      return await measure(context, place, files);
    } finally {
      await place.remove();
    }
  },
};

/** In turns, so that whatever else the machine does falls on both. Round 0 fills the caches. */
async function measure(
  { log }: BenchContext,
  place: Place,
  files: Files,
): Promise<readonly BenchResult[]> {
  const ours: Taken[] = [];
  const theirs: Taken[] = [];
  for (let current = 0; current <= rounds; current += 1) {
    const own = await loadOurs(place, files, `keyed_${current}`);
    const script = await loadTheirs(place, files);
    log(
      `round ${current}: plumbline ${round(own.first)} s, then ${round(own.again)} s; script ${round(script.first)} s, then ${round(script.again)} s`,
    );
    if (current === 0) continue;
    ours.push(own);
    theirs.push(script);
  }
  const lineOf = (name: string, part: keyof Taken, bound: number, title: string): BenchResult => {
    const [own, script] = [ours, theirs].map((all) => all.map((taken) => taken[part]));
    return {
      line: compare(name, { ours: median(own ?? []), theirs: median(script ?? []), bound }),
      unit: 's',
      title,
      detail: `${secondsOf(own ?? [])}; against ${secondsOf(script ?? [])}`,
    };
  };
  return [
    lineOf(
      'csv-keyed',
      'first',
      0.9,
      'first load of 1,000,000 × 11 with a key, control totals included, against COPY to a temporary table, then insert … on conflict do nothing',
    ),
    lineOf(
      'csv-redelivery',
      'again',
      0.7,
      'the file delivered again, a tenth of its rows changed, history kept, against the same script with do update',
    ),
  ];
}

async function loadOurs(place: Place, files: Files, name: string): Promise<Taken> {
  const load = (file: string): Promise<LoadedOrders> => {
    const job: LoadOrders = {
      projectDir: place.projectDir,
      name,
      file,
      times: 1,
      keyed: true,
    };
    return runScript<LoadedOrders>('load-orders.ts', job);
  };
  const first = await load(files.first);
  const again = await load(files.again);
  if (first.rows !== ordersRows || first.changed !== 0 || again.changed !== ordersRows / 10) {
    throw new Error(`plumbline loaded ${first.rows} rows, then changed ${again.changed}`);
  }
  await place.client.query(`drop table raw.${name} cascade`);
  await place.emptyLanding();
  return { first: first.seconds, again: again.seconds };
}

async function loadTheirs({ client, projectDir }: Place, files: Files): Promise<Taken> {
  await client.query('create schema if not exists bench');
  await client.query(`drop table if exists ${table}`);
  await client.query(`create table ${table} (${ordersColumns}, primary key (order_no))`);
  const load = async (file: string, onConflict: UpsertOrders['onConflict']): Promise<number> => {
    const job: UpsertOrders = { projectDir, table, file, onConflict };
    const { seconds, rows } = await runScript<UpsertedOrders>('upsert-orders.ts', job);
    if (rows !== ordersRows) throw new Error(`the script loaded ${rows} rows`);
    return seconds;
  };
  return { first: await load(files.first, 'nothing'), again: await load(files.again, 'update') };
}
