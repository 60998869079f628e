import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';
import { config, createProjectFolder, csvSource } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let project: ProjectFolder;

const payments = (date: string): string =>
  csvSource(
    `id: column.text({ required: true }), paid_on: ${date}, amount: column.decimal(12, 2, { decimalMark: '.' })`,
    `key: ['id'], controlTotals: ['amount']`,
  );

beforeAll(async () => {
  database = await createEmptyDatabase();
  project = await createProjectFolder({
    'plumbline.config.ts': config,
    'sources/payments.ts': payments('column.date()'),
    'data/a.csv': 'id,paid_on,amount\nR1,2026-01-02,10.00\nR2,3/1/2026,20.00\nR3,2026-01-04,x\n',
  });
});
afterAll(async () => {
  await database.drop();
  await project.remove();
});

const plumbline = (...args: string[]): Promise<CommandResult> =>
  runPlumbline([...args, '--project', project.dir], { env: { DATABASE_URL: database.url } });

test('replay, changes and duplicates, as people and as programs read them', async () => {
  const first = await plumbline('run');
  expect(first.stdout).toContain('Kept out  payments amount: 20.00 and 1 cell that cannot be read');

  const same = await plumbline('replay', 'payments');
  expect(same.stdout).toContain('nothing changed: the same 2 rows are still rejected');
  expect(same.exitCode).toBe(0);

  await project.write({
    'sources/payments.ts': payments(`column.date({ format: 'd/M/yyyy', missing: ['2026-01-02'] })`),
  });
  const fixed = await plumbline('replay', 'payments', '--delivery', 'a.csv', '--json');
  expect(fixed.stderr).toBe('');
  expect(fixed.json()).toMatchObject({
    ok: true,
    release: { id: 2 },
    sources: [{ name: 'payments', rows: { read: 3, rejected: 1 } }],
    deliveries: [
      {
        name: 'a.csv',
        before: { loaded: 1, rejected: 2, codes: { 'ambiguous-date': 1, 'type-error': 1 } },
        after: { loaded: 2, rejected: 1, codes: { 'type-error': 1 } },
        accepted: 1,
        newlyRejected: 0,
        changes: { added: 1, changed: 1, removed: 0 },
      },
    ],
  });

  const changes = await plumbline('changes', 'payments');
  expect(changes.stdout).toMatch(/1 added, 1 changed, 0 removed/);
  expect(changes.stdout).toMatch(/amount +0 +10\.00 +30\.00 +\+20\.00/);
  expect(changes.stdout).toMatch(
    /changed {2}R1 {2}a\.csv, line 2\n +paid_on: "2026-01-02" → empty/,
  );
  const listed = await plumbline('changes', 'payments', '--limit', '1', '--offset', '1', '--json');
  expect(listed.json()).toMatchObject({
    replaces: { name: 'a.csv', version: 1 },
    counts: { added: 1, changed: 1, removed: 0 },
    rows: [{ kind: 'added', key: { id: 'R2' }, afterAt: { delivery: 'a.csv', line: 3 } }],
    more: false,
  });

  await project.write({ 'data/copy.csv': 'id,paid_on,amount\nR1,,10.00\nR1,,10.00\nR2,,1\n' });
  const repeated = await plumbline('run', '--json');
  expect(repeated.json()).toMatchObject({
    sources: [{ rows: { duplicate: 1 }, repeats: { unchangedElsewhere: 1, changedElsewhere: 1 } }],
  });
  const duplicates = await plumbline('duplicates', 'payments');
  expect(duplicates.stdout).toContain('1  row twice in a delivery: left out');
  expect(duplicates.stdout).toContain("1 row in place of another delivery's, with other content");

  const unknown = await plumbline('changes', 'payments', '--delivery', 'z.csv');
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain('The newest are 2 (copy.csv), 1 (a.csv)');
  expect((await plumbline('replay')).exitCode).toBe(2);
});

test('a correction is shown before what was read again because of it; clashing rows count in sums', async () => {
  const head = 'id,amount\n';
  await project.write({
    'sources/stock.ts': `import { column, csv, folder } from 'plumbline';
export default csv({ from: folder('stock/*.csv'), key: ['id'], controlTotals: ['amount'], columns: {
  id: column.text({ required: true }), amount: column.decimal(12, 2, { decimalMark: '.' }) } });`,
    'stock/a.csv': `${head}S1,1.50\nS2,2.50\nC,3.00\nC,4.25\n`,
    'stock/b.csv': `${head}S2,2.50\n`,
  });
  await plumbline('run', 'stock');
  const rejects = await plumbline('rejects', 'stock');
  expect(rejects.stdout).toContain('amount in these rows: 7.25');

  // S2 is b's alone from now on, so that b.csv is read again after the correction.
  await project.write({ 'stock/a.csv': `${head}S1,1.75\n` });
  await plumbline('run', 'stock');
  const changes = await plumbline('changes', 'stock', '--json');
  expect(changes.json()).toMatchObject({
    delivery: { name: 'a.csv', version: 2 },
    replaces: { version: 1 },
  });

  const file = join(project.dir, 'sources', 'stock.ts');
  await project.write({
    'sources/stock.ts': (await readFile(file, 'utf8')).replace('12, 2', '12, 3'),
  });
  const anew = await plumbline('replay', 'stock', '--all');
  expect(anew.stdout).toContain('table   made anew for another type or key: 1 row\n');
}, 120_000);
