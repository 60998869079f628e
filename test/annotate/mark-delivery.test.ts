import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { markDelivery } from '../../src/annotate/mark-delivery.ts';
import { readRejectedDeliveries } from '../../src/annotate/read-delivery.ts';
import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { excel } from '../../src/source/excel/excel.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { writeWorkbook } from '../helpers/workbook.ts';
import type { TestCell } from '../helpers/workbook.ts';
import { createLoadingPlace, type LoadingPlace } from '../load/project.ts';
import { type MarkedBook, readMarked } from './read-marked.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

interface Marked extends MarkedBook {
  readonly fileName: string;
  readonly marked: number;
  readonly isWorkbook: boolean;
}

/** The workbook for the sender of the newest delivery that has rejected rows. */
async function mark(source: Source): Promise<Marked> {
  const reader = place.warehouse.pool('reader');
  const delivery = (await readRejectedDeliveries(reader, 'payments')).at(-1);
  if (delivery === undefined) throw new Error('no delivery has rejected rows');
  const { fileName, isWorkbook, marked, blocks } = await markDelivery({
    reader,
    delivery,
    source,
    landingDir: join(place.dir, '.plumbline', 'landing'),
    context: {
      projectDir: place.dir,
      env: () => undefined,
      zone: 'Europe/Berlin',
      now: () => '2026-06-30T04:00:00Z',
      signal: new AbortController().signal,
    },
    moment: (instant) => `at ${instant.slice(0, 10)}`,
  });
  return { ...(await readMarked(blocks)), fileName, isWorkbook, marked };
}

const payments = excel({
  from: folder('payments/*.xlsx'),
  sheet: 'Payments',
  header: { row: 2 },
  columns: {
    invoice: column.text({ header: 'Invoice #' }),
    client: column.text({ required: true }),
    amount: column.decimal(12, 2, { min: 0, decimalMark: ',', description: 'gross, in euros' }),
    paid_on: column.date({ format: 'dd.MM.yyyy', required: true }),
  },
  key: ['invoice'],
  rules: [
    {
      name: 'small',
      expected: 'client X pays less than 100',
      test: (row) => row.client !== 'X' || Number(row.amount) < 100,
    },
  ],
});

const date = (day: number): TestCell => ({ value: 46_000 + day, format: 'dd\\.mm\\.yyyy' });
const money = (value: number): TestCell => ({ value, format: '#,##0.00 "EUR"' });

const rows: readonly (readonly TestCell[])[] = [
  ['Paid in October'],
  ['Invoice #', 'Client', 'Amount', 'Paid on'],
  ['R1', 'A', money(10.5), date(1)],
  ['R2', 'B', 'siehe Avis', date(2)],
  ['R3', null, money(-3), date(3)],
  ['R4', 'D', money(4)],
  ['R5', 'X', money(500), date(5)],
  ['R6', 'F', money(6), date(6)],
  ['R6', 'F', money(7), date(6)],
];

const workbook = (body = rows): Uint8Array =>
  writeWorkbook([
    { name: 'Payments', rows: body },
    { name: "Next year's", rows: [['kept']] },
  ]);

test('of a file whose correction was refused only the newest version goes back', async () => {
  const strict = csv({
    from: folder('payments/*.csv'),
    columns: { id: column.integer() },
    rejected: { max: 1 },
  });
  await place.write('payments/a.csv', 'id\n1\nx\n');
  await place.write('payments/b.csv', 'id\n2\ny\n');
  await place.load('payments', strict);
  await place.write('payments/a.csv', 'id\n1\nx\nz\n');
  await place.load('payments', strict);
  const found = await readRejectedDeliveries(place.warehouse.pool('reader'), 'payments');
  expect(found.map(({ name, rejected }) => `${name} ${rejected}`)).toEqual(['b.csv 1', 'a.csv 2']);
});

describe('a workbook', () => {
  test('comes back with its wrong cells coloured, commented and listed', async () => {
    await place.write('payments/october.xlsx', workbook());
    expect(await place.load('payments', payments)).toMatchObject({
      rows: { read: 7, rejected: 6 },
    });
    const file = await mark(payments);
    expect(file).toMatchObject({ fileName: 'october (rejects).xlsx', isWorkbook: true, marked: 6 });
    expect(file.breaches).toEqual([]);
    expect(file.book.SheetNames).toEqual(['Payments', "Next year's", 'Plumbline']);
    expect(file.marks('Payments')).toEqual({
      C4: 'cell',
      B5: 'cell',
      C5: 'cell',
      D6: 'cell',
      A7: 'row',
      B7: 'row',
      C7: 'row',
      D7: 'row',
      A8: 'cell',
      A9: 'cell',
    });
    expect(file.comment('Payments', 'C4')).toMatch(
      /^Expected a number.*\nFound: siehe Avis\ntype-error/u,
    );
    expect(file.comment('Payments', 'B5')).toMatch(/the column is required\.\nFound: nothing/u);
    expect(file.comment('Payments', 'A7')).toMatch(
      /^This row: expected client X pays less than 100/u,
    );
    expect(file.comment('Payments', 'A8')).toMatch(/Payments, row 9 has the same and differs/u);
    expect(file.comment('Payments', 'B7')).toBeUndefined();
    // The number format of a coloured cell is the one it had.
    expect(file.book.Sheets['Payments']?.['C5']).toMatchObject({ v: -3, w: '-3.00 EUR' });
    const notes = file.notes().map((row) => row.join(' | '));
    expect(notes[0]).toBe('october.xlsx: 6 rows were not taken');
    expect(notes).toContain(
      'Payments, C4 | type-error | Amount | siehe Avis | a number with decimal mark ","',
    );
    expect(notes).toContainEqual(
      expect.stringMatching(/^Amount \| a number .*at least 0; gross, in euros$/u),
    );
    expect(file.part('xl/worksheets/plumblineNotes.xml')).toContain(`location="'Payments'!C4"`);
  });

  test('loads once the coloured cells are corrected, and is marked anew when some are not', async () => {
    await place.write('payments/october.xlsx', workbook());
    await place.load('payments', payments);
    const first = await mark(payments);
    await place.write(
      'payments/october.xlsx',
      await correct(first, { C4: '<v>4.25</v>', D6: '<v>46004</v>' }),
    );
    expect(await place.load('payments', payments)).toMatchObject({
      rows: { read: 7, rejected: 4 },
    });

    const second = await mark(payments);
    expect(second.breaches).toEqual([]);
    expect(second.book.SheetNames).toEqual(['Payments', "Next year's", 'Plumbline']);
    expect(Object.keys(second.marks('Payments'))).toEqual([
      'B5',
      'C5',
      'A7',
      'B7',
      'C7',
      'D7',
      'A8',
      'A9',
    ]);
    expect(second.comment('Payments', 'C4')).toBeUndefined();
    expect(second.comment('Payments', 'C5')).toMatch(
      /^Expected at least 0\.\nFound: -3\nconstraint-error[^\n]*$/u,
    );
    expect(second.notes()[0]).toEqual(['october.xlsx: 4 rows were not taken']);

    const inline = (text: string): string => `<is><t>${text}</t></is>`;
    const corrected = await correct(second, {
      B5: inline('C'),
      C5: '<v>3</v>',
      C7: '<v>50</v>',
      A9: inline('R7'),
    });
    await place.write('payments/october.xlsx', corrected);
    expect(await place.load('payments', payments)).toMatchObject({
      rows: { read: 7, rejected: 0 },
      balanced: true,
    });
    const [sum] = await place.query<{ sum: string }>(
      'select sum(amount)::text from raw.payments where _superseded_by is null',
    );
    expect(sum).toEqual({ sum: '84.75' });
  });

  test('of several sheets whose columns stand in another order', async () => {
    const months = excel({
      from: folder('payments/*.xlsx'),
      sheet: ['January', 'February'],
      sheetColumn: 'Month',
      columns: {
        month: column.oneOf(['January']),
        client: column.text({ required: true }),
        amount: column.decimal(12, 2),
      },
    });
    await place.write(
      'payments/months.xlsx',
      writeWorkbook([
        {
          name: 'January',
          rows: [
            ['Client', 'Amount'],
            ['A', 'x'],
          ],
        },
        {
          name: 'February',
          rows: [
            ['Note', 'Amount', 'Client'],
            ['n', 1, 'B'],
            ['n', 'y', null],
          ],
        },
      ]),
    );
    await place.load('payments', months);
    const file = await mark(months);
    expect(file.breaches).toEqual([]);
    expect(file.marks('January')).toEqual({ B2: 'cell' });
    // The month is the sheet's name, which no cell holds: what is wrong with it is said at the first.
    expect(file.marks('February')).toEqual({ A2: 'cell', A3: 'cell', B3: 'cell', C3: 'cell' });
  });

  test('that is gone from the landing is said to be', async () => {
    await place.write('payments/october.xlsx', workbook());
    await place.load('payments', payments);
    await rm(join(place.dir, '.plumbline', 'landing'), { recursive: true });
    await expect(mark(payments)).rejects.toMatchObject({
      code: 'landing-missing',
      message: expect.stringContaining('october.xlsx (delivery 1) is not in the landing any more'),
    });
  });
});

describe('a text file', () => {
  const orders = csv({
    from: folder('payments/*.csv'),
    columns: {
      id: column.integer({ required: true }),
      client: column.text(),
      amount: column.decimal(10, 2, { decimalMark: '.' }),
    },
  });

  test('becomes a table of its records, whose texts stay texts', async () => {
    await place.write(
      'payments/orders.csv',
      'id,client,amount\n1,=1+1,1.00\nx,"+49 \u0001 _x0041_ ""a""\nb",2.00\n2,@SUM(A1),abc\n3,-2\n4,\tTab,4.00\n5,y,5.00,more\n',
    );
    expect(await place.load('payments', orders)).toMatchObject({ rows: { read: 6, rejected: 4 } });
    const file = await mark(orders);
    expect(file).toMatchObject({ fileName: 'orders (rejects).xlsx', isWorkbook: false, marked: 4 });
    expect(file.breaches).toEqual([]);
    const sheet = file.book.Sheets['orders.csv'] ?? {};
    const cells = Object.entries(sheet).filter(([name]) => !name.startsWith('!'));
    expect(
      cells.filter(([, cell]) => cell.f !== undefined || (cell.v !== undefined && cell.t !== 's')),
    ).toEqual([]);
    expect(sheet['C2'].v).toBe('=1+1');
    expect(sheet['C3'].v).toBe('+49 \u0001 _x0041_ "a"\nb');
    expect(file.marks('orders.csv')).toEqual({
      B3: 'cell',
      D4: 'cell',
      B5: 'row',
      C5: 'row',
      D5: 'row',
      E7: 'cell',
    });
    expect(sheet['A4'].v).toBe('line 5');
    expect(file.comment('orders.csv', 'B3')).toMatch(/^Expected a whole number/u);
    const notes = file.notes().map((row) => row.join(' | '));
    expect(notes).toContain('line 5 | type-error | amount | abc | a number with decimal mark "."');
    // An edit of a cell does not make a formula of it: its format is text, with a quote before it.
    expect(file.part('xl/styles.xml')).toContain('numFmtId="49"');
    expect(file.part('xl/styles.xml')).toContain('quotePrefix="1"');
  });

  test('with more rejects than are kept is read again for the rest', async () => {
    const lines = Array.from({ length: 10_500 }, (_, index) => `x${index},c,1.00`);
    await place.write('payments/orders.csv', `id,client,amount\n${lines.join('\n')}\n1,c,1.00\n`);
    await place.load('payments', orders);
    const file = await mark(orders);
    expect(file.marked).toBe(10_500);
    expect(file.breaches).toEqual([]);
    expect(Object.keys(file.marks('orders.csv'))).toHaveLength(10_500);
    expect(file.part('xl/comments1.xml').match(/<comment /gu)).toHaveLength(10_000);
    expect(file.notes().flat()).toContain(
      'The first 10000 wrong cells have a comment; the others are coloured only.',
    );
  });

  test('of a source that transforms its rows: the row is marked, and the column named', async () => {
    const renamed = csv({
      from: folder('payments/*.csv'),
      columns: { number: column.integer({ required: true }), client: column.text() },
      transform: (row) => ({ number: row['id'] ?? null, client: row['client'] ?? null }),
    });
    await place.write('payments/orders.csv', 'id,client\nx,A\n');
    await place.load('payments', renamed);
    const file = await mark(renamed);
    expect(file.marks('orders.csv')).toEqual({ C2: 'row' });
    expect(file.comment('orders.csv', 'C2')).toMatch(
      /^This row: expected in number a whole number\.\nFound: x/u,
    );
  });
});

/** The workbook with other content in some cells, which keep their style; what its sender does in Excel. */
async function correct(
  { bytes }: MarkedBook,
  cells: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const { unzipSync, zipSync, strFromU8, strToU8 } = await import('fflate');
  const files = unzipSync(bytes);
  const sheet = 'xl/worksheets/sheet1.xml';
  let xml = strFromU8(files[sheet] ?? new Uint8Array());
  for (const [name, content] of Object.entries(cells)) {
    const type = content.startsWith('<is>') ? ' t="inlineStr"' : '';
    xml = xml.replace(
      new RegExp(`<c r="${name}"[^>]*?s="(\\d+)"[^>]*?(?:/>|>.*?</c>)`, 'u'),
      (_, style: string) => `<c r="${name}" s="${style}"${type}>${content}</c>`,
    );
  }
  return zipSync({ ...files, [sheet]: strToU8(xml) });
}
