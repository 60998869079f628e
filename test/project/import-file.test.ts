import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, expect, test } from 'vitest';

import { createProjectFolder } from '../helpers/project-folder.ts';
import type { ProjectFolder } from '../helpers/project-folder.ts';

const execute = promisify(execFile);
const importer = new URL('../../src/project/import-file.ts', import.meta.url).href;
const index = new URL('../../src/index.ts', import.meta.url).href;

const folders: ProjectFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

/** Node as users run it, and with the transpiler of a checkout; Vitest resolves modules its own way. */
const runtimes: readonly (readonly [string, readonly string[]])[] = [
  ['Node itself', []],
  ['tsx', ['--import', fileURLToPath(import.meta.resolve('tsx'))]],
];

test.each(runtimes)('under %s', async (_, args) => {
  const folder = await createProjectFolder({
    // No package.json says that these are ES modules; the second import has no type at run time.
    'a.ts': `import { column, type Column } from 'plumbline';
import { count } from './lib/count.ts';
interface Made { readonly id: Column }
const made: Made = { id: column.text() };
export default { made, count, same: column, later: await Promise.resolve('later') };`,
    'lib/count.ts': 'export const count: number = 1;',
  });
  folders.push(folder);
  const script = `
    import { writeFileSync } from 'node:fs';
    const { importFile, nextVersion } = await import(${JSON.stringify(importer)});
    const { column } = await import(${JSON.stringify(index)});
    const read = async () => (await importFile(${JSON.stringify(`${folder.dir}/a.ts`)}, nextVersion())).default;
    const first = await read();
    writeFileSync(${JSON.stringify(`${folder.dir}/lib/count.ts`)}, 'export const count: number = 2;');
    const second = await read();
    console.log(JSON.stringify({
      made: first.made, later: first.later, counts: [first.count, second.count],
      own: first.same === column && second.same === column,
    }));`;
  const { stdout, stderr } = await execute(
    process.execPath,
    [...args, '--input-type=module', '--eval', script],
    { cwd: folder.dir },
  );
  expect(JSON.parse(stdout)).toEqual({
    made: { id: { type: 'text' } },
    later: 'later',
    // A file that is imported by a file of the project is read anew with it.
    counts: [1, 2],
    // The bare import is the plumbline that reads the project: one copy of every module.
    own: true,
  });
  expect(stderr).toBe('');
});
