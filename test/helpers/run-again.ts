/**
 * Before every test file. A property that fast-check found wrong says which seed made it, and how it is
 * run again: `SEED=… npx vitest run FILE` gives every property of the file the seed that is in the
 * environment. Without one they draw their own, so that each run of all tests tries something new.
 */
import { relative } from 'node:path';

import { afterEach } from 'vitest';

const given = process.env['SEED'];

if (given !== undefined) {
  // Most files have no property, and need not wait for it.
  const { configureGlobal } = await import('fast-check');
  configureGlobal({ seed: Number(given) });
}

afterEach(({ task }) => {
  for (const { message } of task.result?.errors ?? []) {
    const seed = /\{ seed: (-?\d+), path: /.exec(message)?.[1];
    if (seed === undefined) continue;
    const file = relative(process.cwd(), task.file.filepath);
    console.error(`Run it again with\n  SEED=${seed} npx vitest run ${file}`);
  }
});
