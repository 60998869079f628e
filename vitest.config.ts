import { defineConfig } from 'vitest/config';

// Two workers: the machines this runs on have two cores, and Postgres needs one of them.
export default defineConfig({
  resolve: { alias: { plumbline: new URL('./src/index.ts', import.meta.url).pathname } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx' } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/helpers/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
