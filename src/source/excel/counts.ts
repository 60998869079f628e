import type { NoticedReason, SkipReason } from '../../contract/row-codes.ts';

/** Rows of a workbook counted by reason, over all its sheets. */
export interface Counts {
  readonly skipped: Map<SkipReason, number>;
  readonly noticed: Map<NoticedReason, number>;
}

/** Adds to a reason's count; one that is zero is not listed. */
export function addCount<K>(counts: Map<K, number>, reason: K, count: number): void {
  if (count > 0) counts.set(reason, (counts.get(reason) ?? 0) + count);
}
