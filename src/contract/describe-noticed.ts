import type { NoticedReason } from './row-codes.ts';

/** What was noticed, by reason. */
export type Noticed = Readonly<Partial<Record<NoticedReason, number>>>;

const words: Readonly<Record<NoticedReason, readonly [one: string, many: string]>> = {
  'hidden-row': ['hidden row', 'hidden rows'],
  'hidden-column': ['hidden column', 'hidden columns'],
  'hidden-sheet': ['row of a hidden sheet', 'rows of hidden sheets'],
  'merged-cell': ['row in merged cells', 'rows in merged cells'],
  'stale-formula': [
    'row with formulas that were not calculated again',
    'rows with formulas that were not calculated again',
  ],
};

/** `12 hidden rows, 2 hidden columns`; empty when nothing was noticed. */
export const describeNoticed = (noticed: Noticed, count: (value: number) => string): string =>
  Object.entries(words)
    .flatMap(([reason, [one, many]]) => {
      // Object.entries forgets which keys there are.
      const number = noticed[reason as NoticedReason] ?? 0;
      return number === 0 ? [] : [`${count(number)} ${number === 1 ? one : many}`];
    })
    .join(', ');

/** Counts of several deliveries together. */
export function addNoticed(all: readonly Noticed[]): Noticed {
  const sum: Partial<Record<NoticedReason, number>> = {};
  for (const noticed of all) {
    for (const [reason, count] of Object.entries(noticed)) {
      const known = reason as NoticedReason; // As above.
      sum[known] = (sum[known] ?? 0) + count;
    }
  }
  return sum;
}
