import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { findBreaches } from '../annotate/check-package.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';
import { config, createProjectFolder, csvSource } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import type { ScriptedServer } from '../helpers/scripted-server.ts';
import { writeSheet } from '../helpers/workbook.ts';

const payments = `import { column, excel, folder } from 'plumbline';
export default excel({ from: folder('payments/**/*.xlsx'), controlTotals: ['amount'], columns: {
  client: column.text({ header: 'Client #', required: true }), amount: column.decimal(12, 2, { min: 0 }) } });
`;

const baskets = (origin: string): string => `import { api, column } from 'plumbline';
export default api({ url: '${origin}/baskets', records: 'data', key: ['id'],
  columns: { id: column.integer({ required: true }), total: column.decimal(8, 2) },
  children: { lines: { path: 'lines', parent: { basket: 'id' }, columns: { qty: column.integer() } } } });
`;
const served = {
  data: [
    { id: 7, total: 'none', lines: [{ qty: 1 }, { qty: 2 }] },
    { id: 8, total: '2.00', lines: [{ qty: 3 }, { qty: 'four' }] },
  ],
};

let server: ScriptedServer;
let folder: ProjectFolder;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;

const plumbline = (...args: string[]): Promise<CommandResult> =>
  runPlumbline([...args, '--project', folder.dir], { env: { DATABASE_URL: database.url } });

const out = (...names: string[]): string => join(folder.dir, 'out', ...names);

beforeAll(async () => {
  database = await createEmptyDatabase();
  server = await startScriptedServer(() => ({ body: served }));
  folder = await createProjectFolder({
    'sources/baskets.ts': baskets(server.origin),
    'plumbline.config.ts': config,
    'sources/payments.ts': payments,
    'sources/orders.ts': csvSource('id: column.integer({ required: true }), note: column.text()'),
    'data/orders.csv': 'id,note\n1,a\nx,=1+1\n',
    'sources/prices.ts': csvSource('price: column.decimal(8, 2, { min: 0, max: 100 })').replaceAll(
      'data/',
      'prices/',
    ),
    'prices/a.csv': 'price\n1.50\n-1\n-2\n500\n',
  });
  for (const name of ['may', 'old/may', 'june']) {
    const rows = [
      ['Client #', 'Amount'],
      ['A', 1.5],
      ['B', name],
      ['C', -2.25],
    ];
    await mkdir(join(folder.dir, 'payments', 'old'), { recursive: true });
    await writeFile(join(folder.dir, 'payments', `${name}.xlsx`), writeSheet(rows));
  }
  await mkdir(out());
  await plumbline('run');
}, 120_000);
afterAll(async () => {
  await database.drop();
  await folder.remove();
  await server.close();
});

describe('plumbline rejects', () => {
  test('says how many of what, their money, where, and what to do', async () => {
    const { stdout, exitCode } = await plumbline('rejects', 'payments', '--limit', '1');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('payments  6 rows kept out of 3 deliveries');
    expect(stdout).toContain('amount in these rows: -6.75 and 3 cells that cannot be read');
    expect(stdout).toMatch(
      /3 {2}constraint-error {2}amount {2}at least 0\n +\w+\.xlsx, Data, B4: "-2.25"/u,
    );
    expect(stdout).toContain('rejects payments --xlsx');
  });

  test('lists what was expected apart, though code and column are the same', async () => {
    const { stdout } = await plumbline('rejects', 'prices');
    expect(stdout).toMatch(/2 {2}constraint-error {2}price {2}at least 0\n.*"-1"\n.*"-2"\n/u);
    expect(stdout).toMatch(/1 {2}constraint-error {2}price {2}at most 100\n.*"500"\n/u);
  });

  test('narrows by code, column as labelled, and delivery', async () => {
    const narrowed = ['--code', 'type-error', '--column', 'AMOUNT', '--delivery', 'june.xlsx'];
    const result = await plumbline('rejects', 'payments', '--json', '--limit', '5', ...narrowed);
    expect(result.json()).toMatchObject([
      {
        source: 'payments',
        code: 'type-error',
        column: 'amount',
        rows: 1,
        deliveries: [{ name: 'june.xlsx', state: 'loaded', rows: 1, rejected: 2 }],
        examples: [{ delivery: 'june.xlsx', sheet: 'Data', line: 3, cell: 'B3', value: 'june' }],
      },
    ]);
    const none = await plumbline('rejects', 'orders', '--column', 'note');
    expect(none.stdout).toContain('No such rows were rejected.');
  });

  test('names nested records by their key, and the file they have not', async () => {
    const { stdout } = await plumbline('rejects', 'baskets-lines', '--delivery', '1');
    expect(stdout).toMatch(
      /2 {2}foreign-key {2}basket {2}the record it belongs to.*\n.*page 1, record 1, element 1, basket 7, position 1: "7"\n/u,
    );
    expect(stdout).toMatch(
      /1 {2}type-error {3}qty .*\n.*page 1, record 2, element 2, basket 8, position 2: "four"\n/u,
    );
    expect(stdout).toContain('correct sources/baskets.ts, then');
    expect(stdout).not.toContain('--xlsx');
    const refused = await plumbline('rejects', 'baskets-lines', '--xlsx', '.');
    expect(refused.stderr).toContain('its rows come with the records of baskets');
    expect(refused.exitCode).toBe(2);
  });

  test.each<[string, readonly string[], string]>([
    ['a code that is none', ['payments', '--code', 'typ-error'], "Did you mean 'type-error'?"],
    ['a column that is none', ['payments', '--column', 'amonut'], "Did you mean 'amount'?"],
    [
      'a delivery that is none',
      ['payments', '--delivery', 'jun.xlsx'],
      "Did you mean 'june.xlsx'?",
    ],
    ['no source', ['--xlsx', '.'], 'none was named'],
    ['a folder that is not there', ['payments', '--xlsx', 'nowhere/x.xlsx'], 'there is no folder'],
    ['another ending', ['payments', '--xlsx', 'x.csv'], 'a file that ends in .xlsx'],
    [
      'one file for several',
      ['payments', '--xlsx', 'x.xlsx'],
      '3 deliveries of payments have rejected rows',
    ],
    [
      'a filter beside --xlsx',
      ['payments', '--xlsx', '.', '--code', 'type-error'],
      'marks all that is wrong',
    ],
  ])('refuses %s', async (_, args, expected) => {
    const result = await plumbline('rejects', ...args);
    expect(result.stderr).toContain('error[usage]:');
    expect(result.stderr).toContain(expected);
    expect(result.exitCode).toBe(2);
  });
});

describe('plumbline rejects --xlsx', () => {
  test('writes a file for each delivery, and replaces none unasked', async () => {
    const result = await plumbline('rejects', 'payments', '--xlsx', out(), '--json');
    expect(result.json()).toMatchObject({
      ok: true,
      files: [{ isWorkbook: true, rejected: 2, marked: 2 }, {}, {}],
    });
    const names = await readdir(out());
    expect(names.toSorted()).toEqual([
      'june (rejects).xlsx',
      expect.stringMatching(/^may \(rejects\) \d\.xlsx$/u),
      'may (rejects).xlsx',
    ]);
    for (const name of names) expect(findBreaches(await readFile(out(name)))).toEqual([]);
    const again = await plumbline('rejects', 'payments', '--xlsx', out());
    expect(again.stderr).toContain('is there already');
    expect(again.exitCode).toBe(2);
    expect((await plumbline('rejects', 'payments', '--xlsx', out(), '--force')).exitCode).toBe(0);
    expect((await readdir(out())).toSorted()).toEqual(names.toSorted());
  });

  test('writes one delivery to a file, a text file as a table', async () => {
    const file = out('orders.xlsx');
    const result = await plumbline('rejects', 'orders', '--xlsx', file, '--delivery', 'orders.csv');
    expect(result.stdout).toContain('1 row of orders.csv');
    expect(result.stdout).toContain('what is corrected and delivered is the file itself');
    expect(findBreaches(await readFile(file))).toEqual([]);
  });
});
