/**
 * A process that copies the orders file into a plain table with pg-copy-streams, as a script written
 * for the purpose would, and prints the seconds from connecting to the commit.
 *
 *     node bench/copy-orders.ts '{"projectDir":"…","table":"public.orders","file":"…"}'
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { from as copyFrom } from 'pg-copy-streams';

import { openWarehouse } from '../src/warehouse/warehouse.ts';

export interface CopyOrders {
  readonly projectDir: string;
  readonly table: string;
  readonly file: string;
}

export interface CopiedOrders {
  readonly seconds: number;
  readonly rows: number;
}

// The parent passes exactly this.
const job = JSON.parse(process.argv[2] ?? '') as CopyOrders;
const warehouse = await openWarehouse({ projectDir: job.projectDir });
const start = performance.now();
const client = await warehouse.connect('owner');
const copy = client.query(copyFrom(`copy ${job.table} from stdin with (format csv, header true)`));
await pipeline(createReadStream(job.file, { highWaterMark: 262_144 }), copy);
await client.end();
const seconds = (performance.now() - start) / 1000;
await warehouse.close();
console.log(JSON.stringify({ seconds, rows: copy.rowCount } satisfies CopiedOrders));
