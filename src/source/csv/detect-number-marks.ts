import type { Guess } from './guess.ts';

export interface NumberMarks {
  readonly decimalMark: '.' | ',';
  /** Undefined where no number has one. */
  readonly thousandsMark: '.' | ',' | ' ' | "'" | undefined;
}

const groupMarks = [' ', "'", '.', ','] as const;
type ThousandsMark = NumberMarks['thousandsMark'];

/**
 * Which marks the numbers among some texts use. `1.234,50` and `12,5` say it; `1.234` alone has two
 * readings and says nothing. Undefined when no text says anything: then a mark must not be assumed.
 */
export function detectNumberMarks(texts: Iterable<string>): Guess<NumberMarks> | undefined {
  const seen = { ',': 0, '.': 0 };
  const groups = new Map<ThousandsMark, number>();
  let undecided = 0;
  for (const text of texts) {
    const number = /\d[\d.,'’ \u{A0}\u{202F}\u{2009}]*/u.exec(text)?.[0].trim();
    if (number === undefined || !/^[^\p{L}]*(?:\p{L}{1,3}\.?)?[^\p{L}]*$/u.test(text)) continue;
    const marks = marksOf(number);
    if (marks === 'undecided') undecided += 1;
    else if (marks !== undefined) {
      if (marks.decimal !== undefined) seen[marks.decimal] += 1;
      groups.set(marks.group, (groups.get(marks.group) ?? 0) + 1);
    }
  }
  const total = seen[','] + seen['.'];
  if (total === 0) return undefined;
  const decimalMark = seen[','] > seen['.'] ? ',' : '.';
  const other = decimalMark === ',' ? '.' : ',';
  groups.delete(undefined);
  const [thousandsMark] = [...groups].toSorted((a, b) => b[1] - a[1])[0] ?? [undefined];
  // One number may be a version, two a coincidence.
  const confidence = (seen[decimalMark] / total) * (1 - 0.2 ** seen[decimalMark]);
  const value = { decimalMark, thousandsMark } as const;
  const against = seen[other] > 0 ? `, ${seen[other]} with "${other}"` : '';
  const open = undecided > 0 ? `; ${undecided} can be read both ways` : '';
  return {
    value,
    confidence,
    why: `${seen[decimalMark]} numbers have decimal mark "${decimalMark}"${against}${open}`,
    others: [],
  };
}

/** What one number says; undefined when it has no marks. */
function marksOf(
  number: string,
): { decimal: '.' | ',' | undefined; group: ThousandsMark } | 'undecided' | undefined {
  const spaced = number.replaceAll(/[\u{A0}\u{202F}\u{2009}]/gu, ' ').replaceAll('’', "'");
  const match = /^(\d{1,3}(?:([ '.,])\d{3}(?:\2\d{3})*)?|\d+)(?:([.,])(\d+))?$/u.exec(spaced);
  if (match === null) return undefined;
  const [, whole = '', mark, decimal, fraction = ''] = match;
  const group = groupMarks.find((each) => each === mark);
  // `1.234` matches as a group; with one mark of either kind it could be decimals as well.
  if (decimal === undefined) {
    if (group === undefined) return undefined;
    const marks = whole.split(group).length - 1;
    if (group === ' ' || group === "'") return { decimal: undefined, group };
    if (marks > 1) return { decimal: group === '.' ? ',' : '.', group };
    return whole.startsWith('0')
      ? { decimal: group === '.' ? '.' : ',', group: undefined }
      : 'undecided';
  }
  if (group === decimal) return undefined;
  const isGrouped = group !== undefined;
  if (!isGrouped && fraction.length === 3 && whole.length <= 3 && whole !== '0') return 'undecided';
  return { decimal: decimal === ',' ? ',' : '.', group };
}
