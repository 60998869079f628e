import { createServer } from 'node:http';

import { expect, test } from 'vitest';

import { runPlumbline } from '../helpers/command-line.ts';
import { createEmptyDatabase } from '../helpers/database.ts';
import { config, createProjectFolder } from '../helpers/project-folder.ts';

test('records of an API are called so, as in rejects', async () => {
  let amount = 10;
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        data: [
          { id: 1, amount: 5 },
          { id: 2, amount },
        ],
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const database = await createEmptyDatabase();
  const folder = await createProjectFolder({
    'plumbline.config.ts': config,
    'sources/sales.ts': `import { api, column } from 'plumbline';
export default api({ url: 'http://127.0.0.1:${port}/sales', records: 'data', key: ['id'],
  columns: { id: column.integer({ required: true }), amount: column.integer({ required: true }) } });
`,
  });
  const plumbline = (...args: string[]) =>
    runPlumbline([...args, '--project', folder.dir], { env: { DATABASE_URL: database.url } });
  expect((await plumbline('run')).exitCode).toBe(0);
  amount = 30;
  expect((await plumbline('run')).exitCode).toBe(0);
  const { stdout } = await plumbline('changes', 'sales');
  expect(stdout).toMatch(/changed {2}2 {2}.*, record 2\n +amount: "10" → "30"/);
  expect(stdout).not.toMatch(/, (?:row|line) \d/);
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
  await folder.remove();
}, 120_000);
