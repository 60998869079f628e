import type { UploadPlan } from '../plan/plan.ts';
import { keptPrefix } from './kept-prefix.ts';

/** Two uploads that S3 would refuse together, or one that would never end. */
export interface UploadConflict {
  readonly upload: UploadPlan;
  /** The other one; undefined when the upload hears of the kept copies that its own load writes. */
  readonly other: UploadPlan | undefined;
  /** One sentence: what, the values seen, what to do. */
  readonly message: string;
}

/**
 * S3 takes no two notifications whose prefixes and suffixes both overlap ("Configurations overlap"),
 * and says so only while deploying: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 * An upload that hears of `landing/` would be set off by the copies it keeps, without end.
 */
export function findOverlappingUploads(uploads: readonly UploadPlan[]): readonly UploadConflict[] {
  const conflicts: UploadConflict[] = [];
  uploads.forEach((upload, index) => {
    if (upload.bucket === undefined && hearsKeptCopies(upload)) {
      conflicts.push({
        upload,
        other: undefined,
        message: `source ${upload.source} listens to ${pattern(upload)}, where its own kept copies (${keptPrefix}) are written; expected another folder or an ending such as .csv`,
      });
    }
    for (const other of uploads.slice(index + 1)) {
      if (upload.bucket !== other.bucket || !overlap(upload, other)) continue;
      if (upload.functionId === other.functionId && pattern(upload) === pattern(other)) continue;
      conflicts.push({
        upload,
        other,
        message: `source ${upload.source} listens to ${pattern(upload)} and ${other.source} to ${pattern(other)}: a file could be meant for both, which S3 does not allow; expected folders of their own, or a schedule for one of them`,
      });
    }
  });
  return conflicts;
}

function overlap(a: UploadPlan, b: UploadPlan): boolean {
  const prefixes = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  const suffixes = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix);
  return prefixes && suffixes;
}

function hearsKeptCopies({ prefix, suffix }: UploadPlan): boolean {
  if (prefix.startsWith(keptPrefix)) return true;
  // A kept copy is named by its SHA-256 alone, so an ending with anything else in it never fits.
  return keptPrefix.startsWith(prefix) && /^[0-9a-f]*$/.test(suffix);
}

function pattern({ prefix, suffix }: UploadPlan): string {
  return `${prefix}*${suffix}`;
}
