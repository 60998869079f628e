import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BuiltCode } from '../../src/bundle/built-code.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Folders with an `index.mjs` that does nothing, for what is proved about the template alone. */
export function dummyCode(plan: Plan): BuiltCode {
  const root = temporaryFolder('code');
  const folder = (id: string): string => {
    const path = join(root, id);
    mkdirSync(path);
    writeFileSync(join(path, 'index.mjs'), `// ${id}\nexport const handler = async () => ({});\n`);
    return path;
  };
  return {
    functions: new Map(plan.functions.map(({ id }) => [id, folder(id)])),
    web: folder('web'),
  };
}
