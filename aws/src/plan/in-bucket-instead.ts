import { keptPrefix } from './kept-prefix.ts';
import { endsOf } from './source-needs.ts';

/** How a source that reads a folder would read the same files from a bucket, the folder standing for it on a laptop. */
export function inBucketInstead(
  bucket: string | undefined,
  { source, pattern }: { readonly source: string; readonly pattern: string },
): string {
  const key = keyFor(source, pattern);
  return `from: s3('${bucket ?? '<bucket>'}/${key}', { local: '${pattern}' })`;
}

/** A folder of the source's own where the pattern has none that a bucket could have: kept copies are in the same one. */
function keyFor(source: string, pattern: string): string {
  const key = pattern.replace(/^(?:\.{0,2}\/)*(?:data\/)?/, '');
  const { prefix } = endsOf(key);
  const meetsKept = prefix.startsWith(keptPrefix) || keptPrefix.startsWith(prefix);
  return meetsKept ? `${source}/${key.replace(keptPrefix, '')}` : key;
}
