import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The SHA-256 of a folder's listing: `<sha256>  ./<path>` a line, by path. The same as
 * `find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum`, which is how the
 * proxy checks what it has fetched: the hash of a CDK asset is not that of its archive. Reads at once,
 * as CDK does where it is used.
 */
export function digestFolder(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(
      (entry) => `./${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`,
    )
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const listing = createHash('sha256');
  for (const path of paths) {
    const content = readFileSync(join(folder, path));
    listing.update(`${createHash('sha256').update(content).digest('hex')}  ${path}\n`);
  }
  return listing.digest('hex');
}
