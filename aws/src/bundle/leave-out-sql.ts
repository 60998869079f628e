import type { Plugin } from 'esbuild';

const readersOfSql = /\/model\/parse-(?:model|procedure|check-file)\.[jt]s$/;

/**
 * A function that has no SQL of the project does not need the parser of it, which is a third of a
 * megabyte: `assembleProject` loads it only for models, procedures and checks.
 */
export const leaveOutSql: Plugin = {
  name: 'leave-out-sql',
  setup: (build) => {
    build.onResolve({ filter: readersOfSql }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'no-sql', namespace: 'left-out' } : undefined,
    );
    build.onLoad({ filter: /^no-sql$/, namespace: 'left-out' }, () => ({ contents: 'export {}' }));
  },
};
