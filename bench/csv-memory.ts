import { round } from './bench.ts';
import type { Bench, BenchResult } from './bench.ts';
import type { LoadedOrders, LoadOrders } from './load-orders.ts';
import { ordersFile, ordersRows } from './orders-file.ts';
import { openPlace } from './place.ts';
import { runScript } from './run-script.ts';

const megabyte = 1_000_000;
const peakBoundMb = 160;
const times = 10;

/** Peak memory of the loader's process over ten million rows; beside it that of one million. */
export const csvMemory: Bench = {
  name: 'csv-memory',
  run: async ({ dataDir, log }) => {
    const file = await ordersFile(dataDir);
    const place = await openPlace(dataDir);
    const peakOf = async (name: string, repeats: number): Promise<number> => {
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
      const peakMb = loaded.peakBytes / megabyte;
      log(`${repeats} million rows: ${round(peakMb)} MB, ${round(loaded.seconds)} s`);
      return peakMb;
    };
    try {
      return results(await peakOf('orders_few', 1), await peakOf('orders_many', times));
    } finally {
      await place.remove();
    }
  },
};

function results(few: number, many: number): BenchResult[] {
  const line = {
    name: 'csv-memory',
    ours: round(many),
    theirs: null,
    ratio: null,
    bound: peakBoundMb,
    ok: many <= peakBoundMb,
  };
  return [
    {
      line,
      unit: 'MB',
      title: 'peak resident memory of the loader, 10,000,000 rows in one file of 1.3 GB',
      detail: `maxRSS of its process; ${Math.round(few)} MB with 1,000,000 rows`,
    },
  ];
}
