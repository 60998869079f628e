import { type ComparedRow, countOf } from './compare-sums.ts';
import { isCarriedPhrase } from './set-aside.ts';

/** Which rows carry the sum of those above on to the next page, by what they state and how they look. */
export function findCarried(
  compared: readonly ComparedRow[],
  {
    alwaysFilled,
    rowCount,
  }: { readonly alwaysFilled: ReadonlySet<number>; readonly rowCount: number },
): { readonly carried: readonly ComparedRow[]; readonly ordinary: readonly ComparedRow[] } {
  const isCarried = (each: ComparedRow): boolean => {
    const { texts, column, rowsAbove } = each.row;
    if (isCarriedPhrase(texts[column] ?? '') || countOf(each, 'ofAll') > 0) return true;
    // A transfer has what every row has, such as a date; what was carried over has not.
    const lacks = [...alwaysFilled].some((cell) => (texts[cell] ?? '').trim() === '');
    // Between rows it repeats a balance: a client of that name does not.
    const isBetween = rowsAbove > 0 && rowsAbove < rowCount;
    return lacks && (!isBetween || each.stated.some(({ isNoSum }) => isNoSum));
  };
  return {
    carried: compared.filter(isCarried),
    ordinary: compared.filter((each) => !isCarried(each)),
  };
}
