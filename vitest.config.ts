import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Two workers: the machines this runs on have two cores, and Postgres needs one of them.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^plumbline$/, replacement: source('./src/index.ts') },
      { find: /^plumbline\/runtime$/, replacement: source('./src/runtime.ts') },
      { find: /^@plumbline\/aws$/, replacement: source('./aws/src/index.ts') },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx', 'aws/test/**/*.test.ts'],
    globalSetup: ['test/helpers/global-setup.ts'],
    setupFiles: ['test/helpers/run-again.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    // What is polled for comes when the machine gets to it.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
  },
});
