import type { ColumnSpec } from '../contract/column.ts';
import type { ColumnProfile } from './column-profile.ts';
import type { Question } from './inferred.ts';

/** What a column seems to be. */
export interface Conclusion {
  readonly spec: ColumnSpec;
  readonly questions: readonly Question[];
  readonly notes: readonly string[];
}

/** Cells with a value of any kind. */
export function filledOf(profile: ColumnProfile): number {
  const { cells, empty, errors, stale, merged, placeholders } = profile;
  const without = [...placeholders.values()].reduce((sum, { count }) => sum + count, 0);
  return cells - empty - errors.count - stale.count - merged.count - without;
}

/** A text as it is quoted for people, cut where it is long. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** `98.7 %`, never rounded up to all. */
export function percent(share: number): string {
  const floored = Math.floor(share * 1000) / 10;
  return `${floored} %`;
}

/** Of the values of a workbook's column, how many may be texts for the column to keep its type. */
export const fewShare = 0.1;

export const fewTexts = (count: number): string =>
  count === 1 ? 'That row is' : `${count} such rows may be`;
