/**
 * A process that loads the orders file once and prints what it took, so that each measurement
 * starts cold and its memory is its own. Run by Node itself, without a loader of TypeScript.
 *
 *     node bench/load-orders.ts '{"projectDir":"…","name":"orders","file":"…","times":1,"keyed":false}'
 */
import { join } from 'node:path';

import { loadSource } from '../src/load/load-source.ts';
import { folder } from '../src/source/location/folder.ts';
import type { Location } from '../src/source/source.ts';
import { openWarehouse } from '../src/warehouse/warehouse.ts';
import { ordersSource } from './orders-file.ts';

export interface LoadOrders {
  readonly projectDir: string;
  /** The source's name; a new one for each load, or the delivery is known already. */
  readonly name: string;
  readonly file: string;
  /** Deliver the rows of the file so many times over, as one file. */
  readonly times: number;
  /** Whether the source has the order's number as its key. */
  readonly keyed: boolean;
}

export interface LoadedOrders {
  /** From the file to the commit: landing and loading. */
  readonly seconds: number;
  /** Of these the batch: reading the landed copy, checking and loading. */
  readonly batchSeconds: number;
  readonly rows: number;
  /** Of these the rows whose key was held with other content. */
  readonly changed: number;
  /** Peak resident memory of the process. */
  readonly peakBytes: number;
}

// The parent passes exactly this.
const job = JSON.parse(process.argv[2] ?? '') as LoadOrders;
const warehouse = await openWarehouse({ projectDir: job.projectDir });
const start = performance.now();
const result = await loadSource({
  name: job.name,
  source: ordersSource(repeated(job.file, job.times), job.keyed ? ['order_no'] : []),
  warehouse,
  landingDir: join(job.projectDir, '.plumbline', 'landing'),
  context: {
    projectDir: job.projectDir,
    env: () => undefined,
    zone: 'Europe/Berlin',
    now: () => new Date().toISOString(),
    signal: new AbortController().signal,
  },
});
const seconds = (performance.now() - start) / 1000;
const batch = await warehouse.pool('owner').query<{ seconds: string }>(
  `select extract(epoch from finished_at - started_at) as seconds
       from plumbline.batch where source = $1 order by id desc limit 1`,
  [job.name],
);
const batchSeconds = Number(batch.rows[0]?.seconds);
await warehouse.close();
const { read, inserted, changed, unchanged } = result.rows;
if (!result.balanced || read !== inserted + changed + unchanged) {
  throw new Error(JSON.stringify(result));
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(
  JSON.stringify({ seconds, batchSeconds, rows: read, changed, peakBytes } satisfies LoadedOrders),
);

/** The file as a location; its header once, then its rows so many times. */
function repeated(file: string, times: number): Location {
  const once = folder(file);
  return {
    ...once,
    list: async function* list(context) {
      for await (const offer of once.list(context)) {
        async function* open(): AsyncGenerator<Uint8Array> {
          for (let time = 0; time < times; time += 1) {
            let header = time > 0;
            for await (const block of offer.open()) {
              yield header ? block.subarray(block.indexOf(0x0a) + 1) : block;
              header = false;
            }
          }
        }
        // One slot whatever the file is called: what comes later is a correction.
        yield {
          ...offer,
          slot: 'orders.csv',
          name: 'orders.csv',
          sizeBytes: times === 1 ? offer.sizeBytes : undefined,
          open,
        };
      }
    },
  };
}
