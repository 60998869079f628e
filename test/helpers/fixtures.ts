import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder of files from other projects, beside the checkout; they are not part of the
 * repository. Undefined, having said so, when it or `wanted` in it is not here.
 */
export function findFixtures(wanted = ''): string | undefined {
  const folder = join(import.meta.dirname, '../../../shared/fixtures');
  const path = join(folder, wanted);
  if (existsSync(path)) return folder;
  console.log(`SKIP: ${path} is not here`);
  return undefined;
}
