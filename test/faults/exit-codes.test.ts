import { afterAll, beforeAll, expect, test } from 'vitest';

import { runPlumbline } from '../helpers/command-line.ts';
import { createFaultProject, type FaultProject } from './fault-project.ts';

const source = `import { column, csv, folder } from 'plumbline';
export default csv({
  from: folder('data/*.csv'),
  columns: { id: column.integer({ required: true }), amount: column.decimal(12, 2) },
  key: ['id'],
  controlTotals: ['amount'],
});
`;

let project: FaultProject;
beforeAll(async () => {
  project = await createFaultProject({
    'sources/orders.ts': source,
    'data/orders.csv': 'id,amount\n1,2.50\n2,many\n3,4.00\n',
  });
});
afterAll(() => project.end());

const run = (...args: string[]) => runPlumbline(['run', ...args, '--project', project.dir]);

test('rows kept out, totals balanced: exit code 0, and where to look', async () => {
  const result = await run();
  expect(result.exitCode).toBe(0);
  expect(result.stderr).toBe('');
  expect(result.stdout).toMatch(/orders +3 +2 +0 +1 +balanced/);
  expect(result.stdout).toMatch(/Rejects +.*\brejects --project \S+ says which rows/);
  const rejects = await runPlumbline(['rejects', 'orders', '--project', project.dir]);
  expect(rejects.stdout).toContain('type-error');
  expect(rejects.stdout).toMatch(/orders\.csv, line 3: "many"/);
});

test('a delivery refused: exit code 1, the same with --json', async () => {
  await project.write({ 'data/more.csv': 'id,amuont\n4,1.00\n' });
  const shown = await run();
  expect(shown.exitCode).toBe(1);
  expect(shown.stdout).toMatch(/orders .* not loaded/);
  expect(shown.stdout).toContain(
    'error[missing-label]: data/more.csv: no column is labelled "amount"',
  );
  const result = await run('--json');
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toBe('');
  expect(result.json()).toMatchObject({
    ok: false,
    sources: [{ name: 'orders', balanced: false, errors: [{ code: 'missing-label' }] }],
  });
  await project.write({ 'data/more.csv': 'id,amount\n4,1.00\n' });
  expect((await run('--json')).exitCode).toBe(0);
});

test('a name that is no source: exit code 2, nothing is loaded', async () => {
  const result = await run('ordres', '--json');
  expect(result.exitCode).toBe(2);
  expect(result.json()).toMatchObject({ ok: false, error: { code: 'usage' } });
});

test('a warehouse that is down: exit code 3', async () => {
  const result = await runPlumbline(['run', '--json', '--project', project.dir], {
    env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
  });
  expect(result.exitCode).toBe(3);
  expect(result.json()).toMatchObject({ ok: false, error: { code: 'warehouse-unreachable' } });
});
