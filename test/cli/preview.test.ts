import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { placeOf, sourceName } from '../../src/cli/preview-place.ts';
import { runPlumbline } from '../helpers/command-line.ts';
import { config, createProjectFolder, type ProjectFolder } from '../helpers/project-folder.ts';

let project: ProjectFolder;
beforeAll(async () => {
  project = await createProjectFolder({
    'plumbline.config.ts': config,
    'data/payments-2026-03.csv': 'Invoice;Paid;Amount\nR-1;03/04/2025;1.234\nR-2;05/06/2025;12\n',
    'data/payments-2026-04.csv': 'Invoice;Paid;Amount\nR-3;13/04/2025;1.234,50\n',
  });
});
afterAll(() => project.remove());

const preview = (...args: string[]) => runPlumbline(['preview', ...args], { cwd: project.dir });

test('shows what a file is, its columns and rows, and both readings of what is unsure', async () => {
  const { stdout, stderr, exitCode } = await preview('data/payments-2026-03.csv');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  // Under npm, its commands are shown as npm starts them.
  expect(stdout.replace('npx plumbline', 'plumbline')).toMatchInlineSnapshot(`
    "payments-2026-03.csv  2 rows, 3 columns

      Encoding   utf-8  (100 % sure: its bytes hold only ASCII, which is UTF-8)
      Delimiter  semicolon ";"  (99 % sure: all 3 records looked at have 3 cells when split at ";")
      Labels     row 1  (99 % sure: 2 of 3 columns hold numbers or dates below row 1, and names in
                 it)

      column   type    filled  examples
      invoice  text     100 %  R-1, R-2
      paid     text ?   100 %  03/04/2025, 05/06/2025
      amount   text ?   100 %  1.234, 12

      row  Invoice  Paid        Amount
        2  R-1      03/04/2025  1.234
        3  R-2      05/06/2025  12

    Unsure (2)
      · paid: "03/04/2025" in row 2 may be day first or month first, and no other date shows which.
          column.date({ format: 'dd/MM/yyyy', required: true })
            if "03/04/2025" is 2025-04-03
          column.date({ format: 'MM/dd/yyyy', required: true })
            if "03/04/2025" is 2025-03-04
      · amount: "1.234" in row 2 has two readings, and no other value shows which is meant.
          column.integer({ thousandsMark: '.', required: true })
            if "1.234" is 1234
          column.decimal(12, 3, { decimalMark: '.', required: true })
            if "1.234" is 1.234

    Perhaps a key: invoice  (different in all 2 rows)

    By this contract 2 rows load and 0 are rejected.

    Next: plumbline preview data/payments-2026-03.csv --write writes the source.
    "
  `);
});

test('writes a source once, and with --force again', async () => {
  const written = await preview('data/payments-2026-04.csv', '--write', '--json');
  expect(written.json()).toMatchObject({
    builder: 'csv',
    rows: { rows: 1, accepted: 1, rejected: 0 },
    written: { source: 'payments', file: 'sources/payments.ts' },
  });
  const source = await readFile(join(project.dir, 'sources/payments.ts'), 'utf8');
  expect(source).toContain("from: folder('data/payments-*.csv'),");
  const again = await preview('data/payments-2026-04.csv', '--write');
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toContain('sources/payments.ts is there already');
  const forced = await preview('data/payments-2026-04.csv', '--write', '--force');
  expect(forced.stdout).toContain('Wrote sources/payments.ts');
});

test.each([
  [['data/payments-2026-3.csv'], "did you mean 'data/payments-2026-03.csv'?"],
  [['data'], 'data is a folder'],
  [['data/payments-2026-03.csv', '--sheet', 'x'], '--sheet is for workbooks'],
  [['data/payments-2026-03.csv', '--encoding', 'utf9'], "did you mean 'utf-8'?"],
  [['data/payments-2026-03.csv', '--write', 'My Source'], '--write my-source'],
])('refuses %j', async (args, message) => {
  const { stderr, exitCode } = await preview(...args);
  expect(stderr).toContain(message);
  expect(exitCode).toBeGreaterThan(0);
});

test.each([
  ['payments-2026-03.csv', 'payments', 'payments-*.csv'],
  ['operating-costs-2026-W45.xlsx', 'operating-costs', 'operating-costs-*.xlsx'],
  ['Umsätze Köln.csv', 'umsaetze-koeln', 'Umsätze Köln.csv'],
  ['20260331.csv', 'source', '20260331.csv'],
  ['orders.csv.gz', 'orders', 'orders.csv.gz'],
  ['[table].csv', 'table', '[table].csv'],
])('%s is source %s, read as %s', async (file, name, pattern) => {
  expect(sourceName(undefined, file)).toBe(name);
  const place = await placeOf(join(project.dir, 'data', file), project.dir);
  expect(place.path).toBe(`data/${pattern}`);
});
