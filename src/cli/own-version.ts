import { readFileSync } from 'node:fs';

/** The version in the package's own package.json, from `src/` and `dist/` alike. */
export function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  // The cast: our own file.
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
