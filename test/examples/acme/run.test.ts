import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startActivityServer } from '../../../examples/acme/company/activity-server.ts';
import {
  activityPath,
  makeCompany,
  writeCompany,
} from '../../../examples/acme/company/generate.ts';
import type { Manifest } from '../../../examples/acme/company/manifest.ts';
import type { Project } from '../../../src/project/project.ts';
import { readProject } from '../../../src/project/read-project.ts';
import { runProject, type RunResult } from '../../../src/run/run-project.ts';
import { createDatabase, type TestDatabase } from '../../helpers/database.ts';

const acme = path.resolve('examples/acme');
/** Five months and a few thousand rows: all there is in the full company, in seconds. */
const plan = { seed: 7, from: '2025-12-01', until: '2026-04-20', scale: 0.04 };

/** The example project, on a small company of its own, started as its setup starts it. */
async function startSmallCompany() {
  const dir = await mkdtemp(path.join(tmpdir(), 'plumbline-acme-'));
  const manifest = await writeCompany(dir, makeCompany(plan));
  const server = await startActivityServer(activityPath(dir));
  const project: Project = { ...(await readProject(acme)), dir };
  const database = await createDatabase();
  return {
    dir,
    manifest,
    server,
    database,
    run: (): Promise<RunResult> =>
      runProject({
        open: {
          project,
          warehouse: database.warehouse,
          landingDir: path.join(dir, 'landing'),
          env: (name) => ({ ACTIVITY_URL: server.url, ACTIVITY_TOKEN: server.token })[name],
        },
        recorded: false,
        now: () => new Date().toISOString(),
        signal: new AbortController().signal,
      }),
  };
}

async function rowsOf<T>(database: TestDatabase, sql: string): Promise<T[]> {
  const { rows } = await database.warehouse.pool('owner').query(sql);
  // The query names its columns; what pg gives for them is text.
  return rows as T[];
}

describe('the example company', () => {
  let company: Awaited<ReturnType<typeof startSmallCompany>>;
  let manifest: Manifest;
  let first: RunResult;
  beforeAll(async () => {
    company = await startSmallCompany();
    manifest = company.manifest;
    first = await company.run();
  });
  afterAll(async () => {
    await company.server.stop();
    await company.database.drop();
    await rm(company.dir, { recursive: true });
  });

  it('balances, passes every check and is released', () => {
    expect(first.sources.flatMap((source) => source.errors)).toEqual([]);
    expect(first.release.checks).toMatchObject({ warned: 0, failed: [] });
    expect(first.release.checks.passed).toBeGreaterThan(20);
    expect(first.ok).toBe(true);
  });

  it('comes to what the generator worked out, row by row and code by code', async () => {
    for (const source of first.sources) {
      const expected = manifest.sources[source.name];
      expect({ name: source.name, ...source.rows }).toEqual({
        name: source.name,
        ...expected?.rows,
      });
      expect(source.deliveries).toBe(expected?.deliveries);
      expect(source.duplicateFiles).toBe(expected?.duplicateFiles);
    }
    const found = await rowsOf<{ source: string; code: string; rows: string }>(
      company.database,
      `select b.source, c.code, count(*)::text as rows
         from plumbline.reject r join plumbline.batch b on b.id = r.batch_id, unnest(r.codes) as c(code)
        group by 1, 2`,
    );
    const rejects: Record<string, Record<string, number>> = {};
    for (const { source, code, rows } of found) (rejects[source] ??= {})[code] = Number(rows);
    expect(rejects).toEqual(
      Object.fromEntries(
        Object.entries(manifest.sources).map(([name, source]) => [name, source.rejects]),
      ),
    );
  });

  it('holds the sums the generator worked out, to the cent', async () => {
    for (const [name, { held }] of Object.entries(manifest.sources)) {
      const columns = Object.keys(held.sums);
      const sums = columns.map((column) => `sum(${column})::text as ${column}`).join(', ');
      const [row] = await rowsOf<Record<string, string>>(
        company.database,
        `select count(*)::text as rows, ${sums} from clean.${name.replaceAll('-', '_')}`,
      );
      expect({ name, ...row }).toEqual({ name, rows: String(held.rows), ...held.sums });
    }
  });

  it('closes the months that are over', async () => {
    const closed = await rowsOf<{ month: string; difference: string }>(
      company.database,
      `select m.month::text, (m.revenue - m.costs - m.expenses - m.result)::text as difference
         from marts.month_close m order by 1`,
    );
    expect(closed.map(({ month }) => month)).toEqual([
      '2025-12-01',
      '2026-01-01',
      '2026-02-01',
      '2026-03-01',
    ]);
    expect(closed.every(({ difference }) => Number(difference) === 0)).toBe(true);
  });

  it('has nothing to do when it runs again', async () => {
    const again = await company.run();
    expect(again.ok).toBe(true);
    expect(again.release.release?.id).toBe(first.release.release?.id);
    for (const source of again.sources) {
      expect(source).toMatchObject({ rows: { inserted: 0, changed: 0 } });
    }
  });

  it('takes a file that was replaced as a correction of the one before', async () => {
    const corrected = manifest.corrected[0];
    const file = path.join(company.dir, corrected?.corrects ?? '');
    const text = await readFile(path.join(company.dir, corrected?.slot ?? ''), 'utf8');
    // The last order was never placed.
    await writeFile(file, text.trimEnd().split('\r\n').slice(0, -1).join('\r\n'));
    const past = new Date('2026-04-19T04:00:00Z');
    await utimes(file, past, past);
    const result = await company.run();
    expect(result.ok).toBe(true);
    const [batch] = await rowsOf<{ generation: string; superseded: string; rows: string }>(
      company.database,
      `select d.generation::text, b.superseded::text, b.read::text as rows
         from plumbline.delivery d join plumbline.batch b on b.delivery_id = d.id
        where d.slot = '${corrected?.corrects}' and d.generation > 1`,
    );
    expect(batch).toMatchObject({
      generation: '2',
      rows: String(text.trimEnd().split('\r\n').length - 2),
    });
  });
});
