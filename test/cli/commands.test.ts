import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runPlumbline, startPlumbline } from '../helpers/command-line.ts';
import type { CommandResult } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';

/** A project as `init` writes it, on a database of its own. */
let parent: string;
let dir: string;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'plumbline-cli-'));
  dir = join(parent, 'north-star');
  database = await createEmptyDatabase();
  await runPlumbline(['init', dir]);
});
afterAll(async () => {
  await database.drop();
  await rm(parent, { recursive: true });
});

const plumbline = (...args: string[]): Promise<CommandResult> =>
  runPlumbline([...args, '--project', dir], { env: { DATABASE_URL: database.url } });

describe('a project as init writes it', () => {
  test('has no mistakes', async () => {
    const result = await plumbline('check', '--json');
    expect(result.json()).toEqual({
      ok: true,
      sources: 1,
      models: 1,
      procedures: 0,
      checks: 5,
      dashboards: 1,
      digests: 1,
    });
    expect(result.exitCode).toBe(0);
  });

  test('runs: the result has the promised keys, and nothing else is printed', async () => {
    const result = await plumbline('run', '--json');
    expect(result.stderr).toBe('');
    expect(result.json()).toEqual({
      ok: true,
      release: { id: 1, at: expect.stringMatching(/^\d{4}-.*Z$/), verified: true },
      sources: [
        {
          name: 'orders',
          deliveries: 1,
          rows: {
            read: 52,
            inserted: 50,
            changed: 0,
            unchanged: 0,
            duplicate: 0,
            rejected: 2,
            flagged: 0,
          },
          balanced: true,
          ms: expect.any(Number),
          keptOut: [
            { column: 'quantity', sum: '14', unreadable: 1 },
            { column: 'unit_price', sum: '40.65', unreadable: 0 },
          ],
        },
      ],
      models: [
        {
          name: 'marts.sales_daily',
          materialization: 'materialized view',
          rows: 50,
          ms: expect.any(Number),
        },
      ],
      checks: { passed: 5, warned: 0, failed: [] },
    });
    expect(result.exitCode).toBe(0);
  });

  test('runs again without loading anything twice, and prints tables for people', async () => {
    const result = await plumbline('run', 'orders');
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/orders +0 +0 +0 +0 +nothing new/);
    expect(result.stdout).toMatch(/marts\.sales_daily +materialized view +50 +as was/);
    expect(result.stdout).toMatch(/Checks +5 passed/);
    // No escape sequence reaches a file or a pipe.
    expect(result.stdout).not.toContain('\u001B');
  });

  test('tells its status', async () => {
    const result = await plumbline('status', '--json');
    expect(result.json()).toEqual({
      ok: true,
      release: { id: 1, at: expect.any(String), verified: true },
      sources: [
        {
          name: 'orders',
          lastDelivery: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          fresh: true,
          nextRun: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          rows: 50,
          keptOut: [
            { column: 'quantity', sum: '14', unreadable: 1 },
            { column: 'unit_price', sum: '40.65', unreadable: 0 },
          ],
        },
      ],
      checks: { passed: 5, warned: 0, failed: [] },
    });
    const shown = await plumbline('status');
    expect(shown.stdout).toMatch(/Release 1, verified/);
    expect(shown.stdout).toContain(
      'kept out of orders quantity: 14 and 1 cell that cannot be read',
    );
    expect(shown.exitCode).toBe(0);
  });

  test('shows its rejects by code and column, with where they stand', async () => {
    const result = await plumbline('rejects', 'orders', '--json');
    expect(result.json()).toMatchObject([
      {
        source: 'orders',
        code: 'type-error',
        column: 'ordered_on',
        rows: 1,
        examples: [{ line: 19, value: expect.stringMatching(/^31\.02\./) }],
      },
      { column: 'quantity', rows: 1, examples: [{ line: 35, value: 'twelve' }] },
    ]);
  });

  test('lists what is due, in time order', async () => {
    const from = '2026-03-28T12:00:00Z';
    const result = await plumbline('schedule', '--json', '--from', from, '--count', '4');
    // The clocks go forward on 29 March: six in the morning is an hour earlier in UTC.
    expect(result.json()).toEqual([
      { job: 'orders', at: '2026-03-29T04:00:00Z', zone: 'Europe/Berlin' },
      { job: 'morning-sales', at: '2026-03-29T06:00:00Z', zone: 'Europe/Berlin' },
      { job: 'orders', at: '2026-03-30T04:00:00Z', zone: 'Europe/Berlin' },
      { job: 'morning-sales', at: '2026-03-30T06:00:00Z', zone: 'Europe/Berlin' },
    ]);
  });

  test('a failing check holds the release: exit code 1, the old one goes on', async () => {
    const file = join(dir, 'checks', 'no_orders_from_havn.sql');
    await writeFile(file, "select order_no from clean.orders where client = 'Havn & Co'");
    const result = await plumbline('run', '--json');
    await rm(file);
    expect(result.json()).toMatchObject({
      ok: false,
      release: { id: 1 },
      checks: { passed: 5, failed: [{ name: 'no_orders_from_havn', level: 'error' }] },
    });
    expect(result.exitCode).toBe(1);
    const status = await plumbline('status', '--json');
    expect(status.json()).toMatchObject({ ok: false, release: { id: 1 } });
    expect(status.exitCode).toBe(1);
    expect((await plumbline('run', '--json')).exitCode).toBe(0);
  });

  test('a file that cannot be read fails its source alone, with code and remedy', async () => {
    const data = join(dir, 'data', 'orders.csv');
    const content = await readFile(data, 'utf8');
    await writeFile(join(dir, 'data', 'orders-empty.csv'), '');
    const result = await plumbline('run', '--json');
    expect(result.json()).toMatchObject({
      ok: false,
      sources: [{ name: 'orders', balanced: false, errors: [{ code: 'format-error' }] }],
    });
    expect(result.exitCode).toBe(1);
    await rm(join(dir, 'data', 'orders-empty.csv'));
    expect(await readFile(data, 'utf8')).toBe(content);
    expect((await plumbline('run', '--json')).exitCode).toBe(0);
  });
});

describe('usage', () => {
  test.each<[string, readonly string[], string]>([
    ['an unknown command', ['rum'], 'Did you mean `plumbline run`?'],
    ['an unknown option', ['status', '--jsn'], "Unknown option '--jsn'"],
    ['a missing argument', ['init'], "Missing required argument 'dir'"],
    ['an unknown source', ['run', 'ordres'], "Did you mean 'orders'?"],
    ['a digest as a source', ['run', 'morning-sales'], '`plumbline digest morning-sales`'],
    ['an unknown digest', ['digest', 'mornin-sales'], "Did you mean 'morning-sales'?"],
    ['a number that is none', ['schedule', '--count', 'ten'], "--count is 'ten'"],
    ['an instant that is none', ['schedule', '--from', 'soon'], "--from is 'soon'"],
  ])('%s: exit code 2, one error, and how to go on', async (_, args, expected) => {
    const result = await plumbline(...args);
    expect(result.stderr).toContain('error[usage]:');
    expect(result.stderr).toContain(expected);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(result.exitCode).toBe(2);
  });

  test('with --json an error is one object on standard output', async () => {
    const result = await runPlumbline(['check', '--json', '--project', '/']);
    expect(result.json()).toEqual({
      ok: false,
      error: {
        code: 'project-not-found',
        message: expect.stringContaining('no plumbline.config.ts'),
        remedy: expect.stringContaining('plumbline init'),
      },
    });
    expect(result.exitCode).toBe(2);
  });

  test('init refuses a folder that is not empty, and writes nothing', async () => {
    const before = await readdir(dir);
    const result = await runPlumbline(['init', dir]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('is not empty');
    expect(await readdir(dir)).toEqual(before);
  });

  test('mistakes are listed with file and place', async () => {
    const file = join(dir, 'models', 'marts', 'wrong.sql');
    await writeFile(file, 'select * from clean.ordrs');
    const result = await plumbline('check');
    await rm(file);
    expect(result.stderr).toContain(
      'models/marts/wrong.sql, line 1, column 15: clean.ordrs is no model and no source; did you mean clean.orders?',
    );
    expect(result.exitCode).toBe(1);
  });

  test('an unreachable warehouse: exit code 3, and no password anywhere', async () => {
    const env = { DATABASE_URL: 'postgres://me:canary-secret@127.0.0.1:1/db' };
    const result = await runPlumbline(['status', '--debug', '--project', dir], { env });
    expect(result.stderr).toContain('error[warehouse-unreachable]:');
    expect(result.stdout + result.stderr).not.toContain('canary-secret');
    expect(result.exitCode).toBe(3);
  });
});

test('dev loads, serves, follows changes and stops on Ctrl-C', async () => {
  const child = startPlumbline(['dev', '--project', dir, '--port', '0'], {
    env: { DATABASE_URL: database.url },
  });
  let output = '';
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output);
        if (match !== null) resolve(match);
      };
      child.stdout.on('data', look);
      child.on('close', () => reject(new Error(`ended without ${String(pattern)}:\n${output}`)));
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [, url = ''] = await said(/Dashboards at (http:\S+),/);
  await said(/Ctrl-C/);
  const page = await fetch(`${url}/dashboards/sales`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Revenue');

  const model = join(dir, 'models', 'marts', 'orders_by_region.sql');
  await writeFile(model, 'select region, count(*) as orders from clean.orders group by 1');
  await said(/marts\.orders_by_region +view/);
  await writeFile(model, 'selec region');
  await said(/error\[project-invalid\][\s\S]*goes on as it was/);
  await rm(model);
  await said(/goes on as it was[\s\S]*changed[\s\S]*Release +\d+, verified/);

  // What was delivered long ago is read by the contract as it is now.
  const source = join(dir, 'sources', 'orders.ts');
  const written = await readFile(source, 'utf8');
  await writeFile(source, written.replace("'West']", "'West'], { missing: ['South'] }"));
  await said(/orders\.ts changed\s+Sources .*\n +orders +52 [\s\S]*Release +\d+, verified/);

  child.kill('SIGINT');
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  expect(output).toContain('Stopping');
  expect(exitCode).toBe(0);
});
