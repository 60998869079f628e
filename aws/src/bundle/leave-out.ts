import type { Plugin } from 'esbuild';

const readersOfSql = /\/model\/parse-(?:model|procedure|check-file)\.[jt]s$/;
const localesOfZod = /^\.\.\/locales\/index\.js$/;

/**
 * Leaves out what a function would carry and never use: the parser of SQL, a third of a megabyte, which
 * `assembleProject` loads only for models, procedures and checks; and the messages of zod in fifty
 * languages, of which the English ones are imported by themselves.
 */
export function leaveOut({ sql }: { readonly sql: boolean }): Plugin {
  return {
    name: 'leave-out',
    setup: (build) => {
      const nothing = { path: 'nothing', namespace: 'left-out' };
      if (sql) {
        build.onResolve({ filter: readersOfSql }, ({ kind }) =>
          kind === 'dynamic-import' ? nothing : undefined,
        );
      }
      build.onResolve({ filter: localesOfZod }, ({ importer }) =>
        /node_modules[\\/]zod[\\/]/.test(importer) ? nothing : undefined,
      );
      build.onLoad({ filter: /^nothing$/, namespace: 'left-out' }, () => ({
        contents: 'export {}',
      }));
    },
  };
}
