/**
 * A process that loads the orders file by key as a script written for the purpose would: COPY to a
 * temporary table, then insert … on conflict. Prints the seconds from connecting to the commit.
 *
 *     node bench/upsert-orders.ts '{"projectDir":"…","table":"bench.orders","file":"…","onConflict":"nothing"}'
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { from as copyFrom } from 'pg-copy-streams';

import { openWarehouse } from '../src/warehouse/warehouse.ts';
import { orderColumnNames } from './orders-file.ts';

export interface UpsertOrders {
  readonly projectDir: string;
  /** Has `order_no` as its primary key. */
  readonly table: string;
  readonly file: string;
  /** What becomes of an order that is there: it stays, or takes the file's values. */
  readonly onConflict: 'nothing' | 'update';
}

export interface UpsertedOrders {
  readonly seconds: number;
  /** Rows inserted or updated. */
  readonly rows: number;
}

// The parent passes exactly this.
const job = JSON.parse(process.argv[2] ?? '') as UpsertOrders;
const warehouse = await openWarehouse({ projectDir: job.projectDir });
const start = performance.now();
const client = await warehouse.connect('owner');
await client.query('begin');
await client.query(`create temp table stage (like ${job.table}) on commit drop`);
const copy = client.query(copyFrom('copy stage from stdin with (format csv, header true)'));
await pipeline(createReadStream(job.file, { highWaterMark: 262_144 }), copy);
const set = orderColumnNames.map((name) => `${name} = excluded.${name}`).join(', ');
const { rowCount } = await client.query(
  `insert into ${job.table} select * from stage on conflict (order_no) do ${job.onConflict === 'nothing' ? 'nothing' : `update set ${set}`}`,
);
await client.query('commit');
await client.end();
const seconds = (performance.now() - start) / 1000;
await warehouse.close();
console.log(JSON.stringify({ seconds, rows: rowCount ?? 0 } satisfies UpsertedOrders));
