import { createHash } from 'node:crypto';
import { basename } from 'node:path';

export interface BundledFile {
  readonly name: string;
  readonly text: string;
}

const generated = /chunk-[A-Z0-9]{8}/g;

/**
 * Gives chunks names made of what is in them. Those of the bundler are made of paths too, and so
 * differ between the laptop and the machine that deploys: the same code would be deployed anew.
 * Source maps go with their file.
 */
export function nameChunks(files: readonly BundledFile[]): readonly BundledFile[] {
  const chunks = files
    .filter(({ name }) => basename(name).startsWith('chunk-') && !name.endsWith('.map'))
    .map(({ name, text }) => ({ name: nameIn(name), key: hashOf(text.replaceAll(generated, '')) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  // Equal texts are told apart by their place in the order.
  const names = new Map(
    chunks.map(({ name, key }, index) => [name, `part-${index}-${key.slice(0, 8)}`]),
  );
  const renamed = (text: string): string =>
    text.replaceAll(generated, (name) => names.get(name) ?? name);
  return files.map(({ name, text }) => ({ name: renamed(name), text: renamed(text) }));
}

const nameIn = (path: string): string => path.match(generated)?.[0] ?? path;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
