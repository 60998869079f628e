/** How a source that reads a folder would read the same files from a bucket, the folder standing for it on a laptop. */
export function inBucketInstead(bucket: string | undefined, pattern: string): string {
  const key = pattern.replace(/^(?:\.?\/)*(?:data\/)?/, '');
  return `from: s3('${bucket ?? '<bucket>'}/${key}', { local: '${pattern}' })`;
}
