import { compare, median, round, secondsOf } from './bench.ts';
import type { Bench, BenchResult } from './bench.ts';
import type { LoadedOrders, LoadOrders } from './load-orders.ts';
import { ordersFile, ordersRows } from './orders-file.ts';
import { openPlace } from './place.ts';
import { runScript } from './run-script.ts';

const megabyte = 1_000_000;
const peakBoundMb = 160;
const times = 10;
const linearBound = 1.25;

/** Peak memory of the loader's process over ten million rows; beside it that of one million. */
export const csvMemory: Bench = {
  name: 'csv-memory',
  run: async ({ dataDir, log }) => {
    const file = await ordersFile(dataDir);
    const place = await openPlace(dataDir);
    const load = async (name: string, repeats: number): Promise<LoadedOrders> => {
      const job: LoadOrders = {
        projectDir: place.projectDir,
        name,
        file,
        times: repeats,
        keyed: false,
      };
      const loaded = await runScript<LoadedOrders>('load-orders.ts', job);
      if (loaded.rows !== repeats * ordersRows) throw new Error(`${loaded.rows} rows were loaded`);
      await place.client.query(`drop table raw.${name} cascade`);
      await place.emptyLanding();
      const peakMb = Math.round(loaded.peakBytes / megabyte);
      log(`${repeats} million rows: ${peakMb} MB, ${round(loaded.seconds)} s`);
      return loaded;
    };
    try {
      // One million before and one after, so that a disk that gets busier falls on both.
      const few = [await load('orders_few', 1)];
      const many = await load('orders_many', times);
      few.push(await load('orders_few_again', 1));
      return results(few, many);
    } finally {
      await place.remove();
    }
  },
};

function results(few: readonly LoadedOrders[], many: LoadedOrders): BenchResult[] {
  const peakMb = round(many.peakBytes / megabyte);
  const fewMb = Math.round(Math.max(...few.map((each) => each.peakBytes)) / megabyte);
  const fewSeconds = few.map((each) => each.seconds);
  return [
    {
      line: {
        name: 'csv-memory',
        ours: peakMb,
        theirs: null,
        ratio: null,
        bound: peakBoundMb,
        ok: peakMb <= peakBoundMb,
      },
      unit: 'MB',
      title: 'peak resident memory of the loader, 10,000,000 rows in one file of 1.3 GB',
      detail: `maxRSS of its process; ${fewMb} MB with 1,000,000 rows`,
    },
    {
      line: compare('csv-linear', {
        ours: many.seconds / times,
        theirs: median(fewSeconds),
        bound: linearBound,
      }),
      unit: 's',
      title: 'a million rows of ten million, against a million alone: the time grows with the rows',
      detail: `${secondsOf([many.seconds])} for all; against ${secondsOf(fewSeconds)}`,
    },
  ];
}
