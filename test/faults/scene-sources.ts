import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { column } from '../../src/contract/column.ts';
import { api } from '../../src/source/api/api.ts';
import { nextCursor } from '../../src/source/api/pages.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Location, Source } from '../../src/source/source.ts';

/**
 * Files that are known again by what was written to them. `folder` looks at how long ago that was too,
 * and asks for the copy of an old one: a slow machine would take steps that a fast one does not, and
 * the nth message of a run would be another.
 */
function files(pattern: string): Location {
  const location = folder(pattern);
  return {
    ...location,
    list: async function* list(context) {
      for await (const offer of location.list(context)) {
        const { slot, sizeBytes, modifiedAt } = offer;
        yield { ...offer, fingerprint: () => `${slot} ${sizeBytes} ${modifiedAt}` };
      }
    },
  };
}

/**
 * Three sources, one of each way a load goes: merged by key, copied without one, and an API with a
 * cursor and a table of nested records. `origin` is where the API answers.
 */
export function sceneSources(origin: string): ReadonlyMap<string, Source> {
  const columns = {
    id: column.integer({ required: true }),
    client: column.text({ required: true }),
    amount: column.decimal(12, 2, { decimalMark: '.' }),
  };
  return new Map<string, Source>([
    [
      'orders',
      csv({ from: files('data/orders/*.csv'), columns, key: ['id'], controlTotals: ['amount'] }),
    ],
    ['sales', csv({ from: files('data/sales/*.csv'), columns, controlTotals: ['amount'] })],
    [
      'activity',
      api({
        url: `${origin}/activity`,
        records: 'data',
        pages: nextCursor({ param: 'after', at: 'next' }),
        cursor: { column: 'updated_at', param: 'since', overlap: '1 hour' },
        columns: { ...columns, updated_at: column.timestamp({ required: true }) },
        key: ['id'],
        controlTotals: ['amount'],
        children: {
          lines: {
            path: 'lines',
            parent: { activity_id: 'id' },
            columns: { sku: column.text({ required: true }), amount: column.decimal(9, 2) },
            controlTotals: ['amount'],
          },
        },
      }),
    ],
  ]);
}

export const days = [1, 2, 3] as const;
export type Day = (typeof days)[number];

interface Part {
  readonly from: number;
  readonly count: number;
  /** Whole units of each amount. */
  readonly units: number;
}

/** Rows of a file, of which one is broken, one is repeated and two have one key and differ. */
function file({ from, count, units }: Part): string {
  const row = (id: number, cents: number): string =>
    `${id},"Client ${id % 7}, with a long name that fills the file",${units}.${String(cents % 100).padStart(2, '0')}`;
  const lines = Array.from({ length: count }, (_, index) => row(from + index, index));
  lines.splice(3, 0, `${from + count},nobody,1.2.3`, row(from, 0), row(from + 5, 77));
  return `id,client,amount\n${lines.join('\n')}\n`;
}

const firstOrders = file({ from: 0, count: 60, units: 1 });
const firstSales = file({ from: 0, count: 40, units: 3 });

/**
 * The files that are there on a day. The second corrects a file of each source, so that rows change
 * and others go; the third takes a correction back (A → B → A) and brings a copy under another name.
 */
const contents: Readonly<Record<Day, Readonly<Record<string, string>>>> = {
  1: {
    'orders/a.csv': firstOrders,
    'orders/b.csv': file({ from: 40, count: 60, units: 2 }),
    'sales/a.csv': firstSales,
  },
  2: {
    'orders/a.csv': file({ from: 10, count: 40, units: 5 }),
    // Several blocks, so that a COPY has a middle.
    'sales/a.csv': file({ from: 20, count: 4_500, units: 7 }),
  },
  3: {
    'orders/a.csv': firstOrders,
    'sales/a.csv': firstSales,
    'sales/copy.csv': firstSales,
  },
};

/** Writes what a day brings. The files are old enough to be read at once, and come in this order. */
export async function writeDay(dir: string, day: Day): Promise<void> {
  let number = 0;
  for (const [name, content] of Object.entries(contents[day])) {
    const path = join(dir, 'data', name);
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    await writeFile(path, content);
    const written = new Date(Date.UTC(2026, 4, day, 12, number));
    await utimes(path, written, written);
    number += 1;
  }
}

const pageRows = 20;

/** What the API answers on a day: pages of the records that changed since. */
export function answerOfDay(day: Day, query: URLSearchParams): unknown {
  const since = query.get('since');
  const records = Array.from({ length: 30 + day * 15 }, (_, id) => ({
    id,
    client: `Client ${id % 7}`,
    // Some records change on the second day.
    amount: `${day > 1 && id % 4 === 0 ? 9 : 1}.${String(id).padStart(2, '0')}`,
    // None, one or two; one more on the days after the first.
    lines: Array.from({ length: (id % 3) + (day > 1 && id % 4 === 0 ? 1 : 0) }, (_, line) => ({
      sku: `sku ${line}`,
      amount: `${line}.5`,
    })),
    updated_at: new Date(
      Date.UTC(2026, 4, day > 1 && id % 4 === 0 ? 2 : 1 + Math.max(0, (id - 30) / 15), 6, id),
    ).toISOString(),
  }))
    .filter((record) => since === null || Date.parse(record.updated_at) >= Date.parse(since))
    .sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1));
  const after = Number(query.get('after') ?? 0);
  const end = after + pageRows;
  return { data: records.slice(after, end), next: end < records.length ? String(end) : null };
}
