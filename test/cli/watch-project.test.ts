import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { matters, watchProject } from '../../src/cli/watch-project.ts';
import { createProjectFolder } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';

let folder: ProjectFolder;
let changes: string[];
let stopping: AbortController;

beforeEach(async () => {
  folder = await createProjectFolder({
    'models/marts/a.sql': 'select 1',
  });
  changes = [];
  stopping = new AbortController();
  watchProject({
    dir: folder.dir,
    onChange: (path) => changes.push(path),
    signal: stopping.signal,
  });
});
afterEach(async () => {
  stopping.abort();
  await folder.remove();
});

const seen = (path: string): Promise<void> =>
  vi.waitFor(() => expect(changes).toContain(path), { timeout: 10_000, interval: 20 });

test('a change of a model, a new folder, a setting is seen, once for several writes', async () => {
  const model = join(folder.dir, 'models', 'marts', 'a.sql');
  await writeFile(model, 'select 2');
  await writeFile(model, 'select 3');
  await seen('models/marts/a.sql');
  expect(changes).toEqual(['models/marts/a.sql']);
  await writeFile(join(folder.dir, 'plumbline.config.ts'), 'export default {}');
  await seen('plumbline.config.ts');
  await mkdir(join(folder.dir, 'checks'));
  await seen('checks');
  await writeFile(join(folder.dir, 'checks', 'b.sql'), 'select 1');
  await seen('checks/b.sql');
  await rm(model);
  await vi.waitFor(() => expect(changes.at(-1)).toBe('models/marts/a.sql'), { timeout: 10_000 });
});

test.each([
  ['models/marts/a.sql', true],
  ['lib/shared.ts', true],
  ['company/catalogue.json', true],
  ['.env', true],
  ['checks', true],
  ['models/marts', true],
  ['data/orders.csv', false],
  ['data/orders.json', false],
  ['.plumbline/postgres/pg_wal/1', false],
  ['node_modules/x/index.js', false],
  ['models/marts/.a.sql.swp', false],
  ['.git/config.json', false],
  ['README.md', false],
  ['lib', false],
])('%s: %s', (path, expected) => {
  expect(matters(path)).toBe(expected);
});
