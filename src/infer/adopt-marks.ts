import type { ColumnSpec } from '../contract/column.ts';
import type { ColumnProfile } from './column-profile.ts';

/** Rates and the like will never need a mark of thousands. */
const reachesHundreds = (profile: ColumnProfile | undefined): boolean =>
  profile?.shapes.some(({ runs }) => (runs[0]?.max ?? 0) >= 100) === true;

/**
 * Columns of one file are written by one program. Where the decimal mark of a column is proven and
 * none of its numbers reaches a thousand, it takes the thousands mark that another column with the
 * same decimal mark proves: the mark cannot mean anything else there.
 */
export function adoptMarks(
  specs: readonly ColumnSpec[],
  profiles: readonly ColumnProfile[],
): readonly ColumnSpec[] {
  const proven = specs.flatMap((spec) =>
    spec.type === 'decimal' && spec.thousandsMark !== undefined
      ? [{ decimal: spec.decimalMark ?? '.', group: spec.thousandsMark }]
      : [],
  );
  return specs.map((spec, index) => {
    if (spec.type !== 'decimal' || spec.thousandsMark !== undefined) return spec;
    if (!reachesHundreds(profiles[index])) return spec;
    const { decimalMark, ...rest } = spec;
    const decimal = decimalMark ?? '.';
    const groups = new Set(
      proven.filter((each) => each.decimal === decimal).map((each) => each.group),
    );
    const [group] = groups;
    if (group === undefined || groups.size > 1) return spec;
    return decimal === ',' ? { ...spec, thousandsMark: group } : { ...rest, thousandsMark: group };
  });
}
