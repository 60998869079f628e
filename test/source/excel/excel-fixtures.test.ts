import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { Columns } from '../../../src/contract/column.ts';
import { PlumblineError } from '../../../src/errors.ts';
import { excel, type ExcelOptions } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { CellKind } from '../../../src/source/source.ts';
import { findFixtures } from '../../helpers/fixtures.ts';
import { cellsOf, readContent, type ReadTable } from '../read-rows.ts';

const found = findFixtures();
const fixtures = found ?? '';

type Given = Omit<ExcelOptions<Columns>, 'from' | 'columns'>;

const source = (options: Given = {}) => excel({ from: folder('*.xlsx'), columns: {}, ...options });

const read = async (file: string, options: Given = {}): Promise<ReadTable> =>
  readContent(source(options), await readFile(join(fixtures, file)), file);

describe.skipIf(found === undefined)('workbooks of other projects', () => {
  test('every workbook is read to its end, or refused with a code', async () => {
    for (const folderName of ['calamine', 'readxl', 'frictionless']) {
      for (const file of await readdir(join(fixtures, folderName))) {
        if (!/\.(?:xlsx|xls|xlsb|ods)$/u.test(file)) continue;
        for (const sheet of [1, 2, 3]) {
          const outcome = await read(join(folderName, file), { sheet }).catch(
            (error: unknown) => error,
          );
          const isKnown = outcome instanceof PlumblineError || !(outcome instanceof Error);
          expect({ file, sheet, outcome: isKnown || outcome }).toEqual({
            file,
            sheet,
            outcome: true,
          });
        }
      }
    }
  });

  test.each(['readxl/dates-leap-year-1900-xlsx.xlsx', 'readxl/datetime-rounding.xlsx'])(
    'dates are those written beside them: %s',
    async (file) => {
      const table = await read(file);
      for (const row of table.rows) {
        const [date, written] = row.cells;
        // The rows from the day that never was are marked: Excel itself shows them a day off.
        const expected = written?.replace(' ', 'T').replace(/\.000$/u, '');
        expect(row.kinds[0]).toBe(CellKind.date);
        expect(`${date}`).toBe(row.cells[2] === 'false' ? `${date}` : expected);
      }
      expect(table.rows.length).toBeGreaterThan(3);
    },
  );

  test('notes above and below a table, by its row', async () => {
    const table = await read('readxl/deaths.xlsx', { header: { row: 5 } });
    expect(table.header).toEqual([
      'Name',
      'Profession',
      'Age',
      'Has kids',
      'Date of birth',
      'Date of death',
    ]);
    expect(table.rows[0]).toMatchObject({
      line: 6,
      cells: ['David Bowie', 'musician', '69', 'true', '1947-01-08', '2016-01-10'],
    });
  });

  test('floating-point noise is gone', async () => {
    const table = await read('frictionless/adjust-floating-point-error.xlsx');
    expect(cellsOf(table)[0]).toEqual([
      'P-1-94-AR P21 16-20cm Pi split 3',
      '60.565',
      '242.26',
      '242.26',
    ]);
  });

  test('errors of cells are errors', async () => {
    const table = await read('calamine/errors.xlsx');
    expect(cellsOf(table).flat()).toEqual([
      '#NAME?',
      '#VALUE!',
      '#NULL!',
      '#REF!',
      '#NUM!',
      '#N/A',
    ]);
    expect(table.rows.every((row) => row.kinds[0] === CellKind.error)).toBe(true);
  });

  test('the dates of 1900 and 1904 are the same days', async () => {
    const of1904 = await read('calamine/date_1904.xlsx');
    const of1900 = await read('calamine/date.xlsx');
    expect(of1904.header).toEqual(of1900.header);
    expect(cellsOf(of1904)).toEqual(cellsOf(of1900));
  });

  test.each([
    ['calamine/issue252.xlsx', 'format-error', 'checksum'],
    ['calamine/issue_385.xls', 'encrypted-workbook', 'by a password'],
    ['calamine/issue_594_dos.ods', 'format-error', 'repeats cells'],
  ])('%s is refused', async (file, code, message) => {
    await expect(read(file)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
