import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** In a process of its own: the peak of this one says nothing. `maxRSS` is in KB. */
const script = `
  const { readProject } = await import('./src/project/read-project.ts');
  const { models } = await readProject('examples/acme', {});
  // V8 optimizes beside; what it takes for that comes a moment later.
  const until = Date.now() + 1500;
  while (Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
  console.log(JSON.stringify({ models: models.length, peakMb: process.resourceUsage().maxRSS / 1024 }));
`;

test('reading the SQL of a project takes the memory of the smallest machine it runs on', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', fileURLToPath(import.meta.resolve('tsx')), '--input-type=module', '-e', script],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const read = JSON.parse(stdout) as { models: number; peakMb: number }; // As printed above.
  expect(read.models).toBeGreaterThan(3);
  // 163 MB; the optimizing compiler alone takes 600. A Lambda function of ours has at least 512.
  expect(read.peakMb).toBeLessThan(400);
});
