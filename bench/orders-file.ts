import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { column } from '../src/contract/column.ts';
import { csv } from '../src/source/csv/csv.ts';
import type { Location, Source } from '../src/source/source.ts';

export const ordersRows = 1_000_000;

/** In the name, so that a changed generator makes a new file. */
const generatorVersion = 1;

/** The contract of the file: eleven columns of six types; with a key when asked for. */
export function ordersSource(from: Location, key: readonly 'order_no'[] = []): Source {
  return csv({
    from,
    key,
    columns: {
      order_no: column.integer({ required: true }),
      ordered_on: column.date({ required: true }),
      shipped_on: column.date(),
      client: column.text({ required: true }),
      region: column.oneOf(regions),
      product: column.text({ required: true }),
      quantity: column.integer({ required: true, min: 1 }),
      unit_price: column.decimal(12, 2, { required: true, min: 0 }),
      discount: column.decimal(5, 4),
      note: column.text(),
      updated_at: column.timestamp({ required: true }),
    },
  });
}

/** The same columns for a table that anyone might write by hand. */
export const ordersColumns = `
  order_no bigint, ordered_on date, shipped_on date, client text, region text, product text,
  quantity bigint, unit_price numeric(12,2), discount numeric(5,4), note text,
  updated_at timestamptz`;

/** Their names, the key first. */
export const orderColumnNames = ordersColumns
  .split(/, ?(?=[a-z])/u)
  .map((column) => column.trim().split(' ')[0] ?? '');

const header =
  'order_no,ordered_on,shipped_on,client,region,product,quantity,unit_price,discount,note,updated_at\n';
const regions = ['north', 'south', 'east', 'west', 'central'];
const firstParts = ['Meyer', 'Rossi', 'Dubois', 'Nowak', 'Jansen', 'Okafor', 'Silva', 'Tanaka'];
const lastParts = [' & Sons', ', Ltd.', ' GmbH', ' SpA', ' ""Direct""', ' Trading, Inc.'];
const notes = ['', '', 'leave at the door', 'second delivery, ring twice', 'pallet exchange'];

/** Writes the file once: one million orders, 128 MB, the same bytes on every machine. */
export const ordersFile = (dataDir: string): Promise<string> =>
  writeOnce(dataDir, `orders-${ordersRows}-v${generatorVersion}.csv`, () => 0);

/** The same orders delivered again: every tenth has another quantity. */
export const changedOrdersFile = (dataDir: string): Promise<string> =>
  writeOnce(dataDir, `orders-${ordersRows}-v${generatorVersion}-changed.csv`, (index) =>
    index % 10 === 0 ? 1 : 0,
  );

/** What is added to the quantity of an order. */
type Change = (index: number) => number;

async function writeOnce(dataDir: string, name: string, change: Change): Promise<string> {
  const path = join(dataDir, name);
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(dataDir, { recursive: true });
  await pipeline(Readable.from(ordersBlocks(change)), createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
  return path;
}

function* ordersBlocks(change: Change): Generator<string> {
  yield header;
  const random = createRandom(20260101);
  let block = '';
  for (let index = 0; index < ordersRows; index += 1) {
    block += orderLine(index, random, change(index));
    if (block.length > 65_536) {
      yield block;
      block = '';
    }
  }
  yield block;
}

function orderLine(index: number, random: () => number, added: number): string {
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const ordered = Date.UTC(2023, 0, 1) + Math.floor(random() * 1095) * 86_400_000;
  const shipped = ordered + Math.floor(random() * 6) * 86_400_000;
  const updated = new Date(shipped + Math.floor(random() * 86_400_000)).toISOString();
  const micros = String(Math.floor(random() * 1000)).padStart(3, '0');
  const client = `${pick(firstParts)}${pick(lastParts)} ${Math.floor(random() * 5000)}`;
  const note = pick(notes);
  return [
    100_000_000 + index,
    isoDate(ordered),
    random() < 0.03 ? '' : isoDate(shipped),
    /[",]/.test(client) ? `"${client}"` : client,
    pick(regions),
    `PRD-${String(Math.floor(random() * 100_000)).padStart(8, '0')}`,
    1 + added + Math.floor(random() * 400),
    `${Math.floor(random() * 4000)}.${String(Math.floor(random() * 100)).padStart(2, '0')}`,
    `0.${String(Math.floor(random() * 3000)).padStart(4, '0')}`,
    note.includes(',') ? `"${note}"` : note,
    `${updated.slice(0, -1)}${micros}Z\n`,
  ].join(',');
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** mulberry32: the same numbers everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
