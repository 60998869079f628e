import { foldLabel } from '../contract/match-header.ts';
import type { TotalsRow } from '../source/totals-row.ts';
import { besideTotal, type SumRow } from './set-aside.ts';

/** An entry of `totalsRow` that recognises some rows, all by the column of the first. */
export function totalsEntry(
  rows: readonly SumRow[],
  labels: readonly string[],
  more: Pick<TotalsRow, 'kind' | 'per' | 'sums'>,
): TotalsRow {
  const texts = [
    ...new Map(
      rows.map((row) => {
        const text = textOf(row);
        return [foldLabel(text), text] as const;
      }),
    ).values(),
  ];
  return {
    where: (labels[rows[0]?.column ?? 0] ?? '').trim(),
    is: isOf(texts, more.kind),
    ...more,
  };
}

/** What a row says of itself. */
export const textOf = (row: SumRow): string => (row.texts[row.column] ?? '').trim();

const namesMax = 3;

function isOf(texts: readonly string[], kind: TotalsRow['kind']): TotalsRow['is'] {
  const [first = ''] = texts;
  // The next file has other sections and currencies.
  const common = texts.length > 1 && kind !== 'carry-over' ? commonWord(texts) : undefined;
  if (common !== undefined) return common;
  // And other pages and dates.
  const patterns = [...new Set(texts.map((text) => escape(text).replaceAll(/\d+/gu, '\\d+')))];
  if (texts.length > namesMax || patterns.some((each) => each.includes('\\d'))) {
    return new RegExp(`^(?:${patterns.join('|')})$`, 'i');
  }
  return texts.length === 1 ? first : texts;
}

/** The pattern of texts that all begin, or all end, with the same word for a total. */
function commonWord(texts: readonly string[]): RegExp | undefined {
  const parts = texts.map(besideTotal);
  const [first] = parts;
  if (first === undefined) return undefined;
  const isAlike = parts.every(
    (each) =>
      each !== undefined &&
      foldLabel(each.before) === foldLabel(first.before) &&
      foldLabel(each.after) === foldLabel(first.after),
  );
  if (!isAlike) return undefined;
  return first.before === ''
    ? new RegExp(String.raw`^(.+)\s${escape(first.after)}$`, 'i')
    : new RegExp(String.raw`^${escape(first.before)}\s+(.+)$`, 'i');
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`);
