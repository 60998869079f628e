import { expect, test } from 'vitest';

import { runPlumbline } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';
import { config, createProjectFolder, csvSource } from '../helpers/project-folder.ts';

test('a release before anything was loaded is called empty, not verified', async () => {
  const database = await createEmptyDatabase();
  const folder = await createProjectFolder({
    'plumbline.config.ts': config,
    'sources/orders.ts': csvSource('id: column.integer({ required: true })'),
  });
  const plumbline = (command: string) =>
    runPlumbline([command, '--project', folder.dir], { env: { DATABASE_URL: database.url } });
  expect((await plumbline('run')).stdout).toMatch(/Release +1, empty: nothing has been loaded yet/);
  expect((await plumbline('status')).stdout).toMatch(/Release 1, empty: nothing has been loaded/);
  await folder.write({ 'data/a.csv': 'id\n1\n' });
  expect((await plumbline('run')).stdout).toMatch(/Release +2, verified/);
  expect((await plumbline('status')).stdout).toMatch(/Release 2, verified/);
  await database.drop();
  await folder.remove();
}, 120_000);
