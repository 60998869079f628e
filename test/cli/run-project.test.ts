import { PassThrough } from 'node:stream';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { OpenProject } from '../../src/cli/open-project.ts';
import { runDue } from '../../src/cli/run-due.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { readProject } from '../../src/project/read-project.ts';
import { runProject } from '../../src/run/run-project.ts';
import { createDatabase } from '../helpers/database.ts';
import type { TestDatabase } from '../helpers/database.ts';
import { config, createProjectFolder } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';

let database: TestDatabase;
let folder: ProjectFolder;
let open: OpenProject;

const source = (file: string): string => `import { column, csv, folder } from 'plumbline';
export default csv({ from: folder('${file}'), columns: {
  id: column.integer({ required: true }), amount: column.decimal(12, 2) }, key: ['id'], controlTotals: ['amount'] });`;

beforeEach(async () => {
  database = await createDatabase();
  folder = await createProjectFolder({
    'plumbline.config.ts': config,
    'sources/good.ts': source('good.csv'),
    'sources/bad.ts': source('bad.csv'),
    'models/marts/total.sql': 'select sum(amount) as total from clean.good',
    'digests/morning.ts': `import { digest, every, kpi } from 'plumbline';
export default digest({ title: 'Morning', to: ['a@b.example'], schedule: every.day().at('08:00'),
  tiles: [kpi({ title: 'Total', sql: 'select total from marts.total' })] });`,
    'good.csv': 'id,amount\n1,10.50\n2,0.05\n',
    'bad.csv': 'id,sum\n1,3\n',
  });
  open = {
    project: await readProject(folder.dir, {}),
    env: () => undefined,
    warehouse: database.warehouse,
    landingDir: `${folder.dir}/landing`,
    close: async () => undefined,
  };
});
afterEach(async () => {
  await database.drop();
  await folder.remove();
});

const now = (): string => new Date().toISOString();
const { signal } = new AbortController();

test('a source that fails does not keep the others from being loaded and released', async () => {
  const result = await runProject({ open, recorded: true, now, signal });
  expect(result.ok).toBe(false);
  expect(result.sources).toMatchObject([
    { name: 'bad', balanced: false, errors: [{ code: 'missing-label' }] },
    { name: 'good', balanced: true, rows: { read: 2, inserted: 2 } },
  ]);
  expect(result.release.released).toBe(true);
  const reader = database.warehouse.pool('reader');
  const { rows } = await reader.query('select total from marts.total');
  expect(rows).toEqual([{ total: '10.55' }]);
  const { rows: runs } = await reader.query(
    `select job, trigger, state, occurrence, finished_at is not null as finished,
            result ->> 'balanced' as balanced from plumbline.run order by id`,
  );
  const byHand = { trigger: 'manual', occurrence: null, finished: true };
  expect(runs).toEqual([
    { job: 'bad', state: 'failed', balanced: 'false', ...byHand },
    { job: 'good', state: 'succeeded', balanced: 'true', ...byHand },
  ]);
});

test('only the sources named are loaded', async () => {
  const result = await runProject({ open, names: ['good'], recorded: false, now, signal });
  expect(result.ok).toBe(true);
  expect(result.sources.map((each) => each.name)).toEqual(['good']);
});

test('an interrupted run loads nothing more and releases nothing', async () => {
  const interruption = new AbortController();
  const run = runProject({
    open,
    recorded: false,
    now,
    signal: interruption.signal,
    onEvent: (event) => {
      if (event.kind === 'source-finished') interruption.abort(new Error('interrupted'));
    },
  });
  await expect(run).rejects.toThrow('interrupted');
  const { rows } = await database.warehouse
    .pool('reader')
    .query('select count(*) as releases from plumbline.release');
  expect(rows).toEqual([{ releases: '0' }]);
});

test('what is due together: sources first, one release, then the digest of it', async () => {
  // The cast: a stream to nowhere in place of a terminal.
  const nowhere = new PassThrough().resume() as unknown as NodeJS.WriteStream;
  const streams = { out: nowhere, err: nowhere, variables: {} };
  const terminal = createTerminal({ json: false, debug: false, ...streams });
  const occurrence = '2026-03-02T07:00:00Z';
  const due = (['morning', 'good', 'bad'] as const).map((job) => ({
    job,
    occurrence,
    trigger: 'schedule' as const,
  }));
  const outcomes = await runDue(open, { due, signal, terminal });
  expect([...outcomes.keys()]).toEqual(['bad', 'good', 'morning']);
  expect(outcomes.get('good')).toMatchObject({ ok: true, result: { release: { id: 1 } } });
  expect(outcomes.get('bad')?.ok).toBe(false);
  expect(outcomes.get('morning')).toMatchObject({ ok: true, result: { state: 'written' } });
  const { rows } = await database.warehouse
    .pool('reader')
    .query('select digest, state, release_id from plumbline.outbox');
  expect(rows).toEqual([{ digest: 'morning', state: 'written', release_id: '1' }]);
});
