/**
 * What a number format makes of a number. `time` shows a time of day without a date, `elapsed`
 * hours beyond 24 (`[h]:mm`).
 */
export type NumberFormat = 'number' | 'date' | 'time' | 'elapsed';

/**
 * Formats known by number only (ECMA-376, 18.8.30), those of East Asian locales included: they
 * are dates in every locale that has them.
 */
const builtIn: ReadonlyMap<number, NumberFormat> = new Map<number, NumberFormat>([
  ...[14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36].map((id) => [id, 'date'] as const),
  ...[50, 51, 52, 53, 54, 57, 58].map((id) => [id, 'date'] as const),
  ...[18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56].map((id) => [id, 'time'] as const),
  [46, 'elapsed'],
]);

/** What a format id means where the workbook does not define it. */
export const builtInFormat = (id: number): NumberFormat => builtIn.get(id) ?? 'number';

/**
 * Reads a format code such as `dd.mm.yyyy`, `[$-407]d. mmm yyyy;@` or `#,##0.00 "h"`. Its first
 * section decides; texts in quotes, escaped characters, colours, conditions and locales do not.
 */
export function parseNumberFormat(code: string): NumberFormat {
  const bare = code
    .replaceAll(/"[^"]*"?/gu, '')
    .replaceAll(/[\\_*]./gu, '')
    .toLowerCase();
  const [section = ''] = bare.split(';');
  if (/\[(?:h+|m+|s+)\]/u.test(section)) return 'elapsed';
  const marks = section
    .replaceAll(/\[[^\]]*\]/gu, '')
    .replaceAll('general', '')
    .replaceAll(/e[+-]/gu, '')
    .replaceAll(/am\/pm|a\/p/gu, 'h');
  if (/[yd]|e(?![+-])/u.test(marks)) return 'date';
  // A month alone is a date; minutes have hours or seconds beside them.
  if (/[hs]/u.test(marks)) return 'time';
  return marks.includes('m') ? 'date' : 'number';
}
