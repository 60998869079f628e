import { sourceFile } from './job-file.ts';
import type { UploadPlan } from './plan.ts';
import type { Planning } from './planning.ts';
import { bucketOf, endsOf, loadedSources, ownBucket } from './source-needs.ts';

/** Sources that load a file as soon as it is put into its bucket. */
export function planUploads(planning: Planning): readonly UploadPlan[] {
  const own = planning.settings.landing?.bucket;
  const uploads = loadedSources(planning.project).flatMap(([source, { onUpload, place }]) => {
    const inBucket = bucketOf(place);
    if (onUpload !== true || inBucket === undefined) return [];
    const { prefix, suffix } = endsOf(inBucket.pattern);
    const bucket = ownBucket(inBucket.bucket, own);
    return [{ functionId: `ingest-${source}`, source, bucket, prefix, suffix }];
  });
  for (const [index, upload] of uploads.entries()) {
    const other = uploads.slice(0, index).find((earlier) => overlap(earlier, upload));
    if (other === undefined) continue;
    const shown = (each: UploadPlan): string => `'${each.prefix}…${each.suffix}'`;
    planning.mistakes.push({
      file: sourceFile(upload.source),
      place: 'onUpload',
      message: `its files ${shown(upload)} could be those of ${sourceFile(other.source)}, ${shown(other)}: S3 tells one of them only`,
      expected: 'a folder of its own for each source of a bucket that loads on upload',
    });
  }
  return uploads;
}

/** S3 refuses two notifications that a key could match: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
function overlap(a: UploadPlan, b: UploadPlan): boolean {
  const starts = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  const ends = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix);
  return a.bucket === b.bucket && starts && ends;
}
