import type { ColumnSpec } from '../contract/column.ts';
import type { ColumnProfile } from './column-profile.ts';
import { type GroupMark, readNumberShapes } from './number-reading.ts';
import { createShapeTable } from './shape-counts.ts';

/** A column, and what the rows of totals state for it. */
export interface MarkedColumn {
  readonly spec: ColumnSpec;
  readonly profile: ColumnProfile;
  readonly stated: readonly string[];
}

/**
 * Sums are longer than what they add up: where no number of a column reaches a thousand, its total
 * may be the first to show the thousands mark. Columns of one file are also written by one program:
 * where the decimal mark of a column is proven, it takes the thousands mark that another column
 * with the same decimal mark proves. The mark cannot mean anything else there.
 */
export function adoptMarks(columns: readonly MarkedColumn[]): readonly ColumnSpec[] {
  const stated = columns.map(markFromTotals);
  const proven = stated.flatMap((spec) =>
    spec.type === 'decimal' && spec.thousandsMark !== undefined
      ? [{ decimal: spec.decimalMark ?? '.', group: spec.thousandsMark }]
      : [],
  );
  return stated.map((spec, index) => {
    if (spec.type !== 'decimal' || spec.thousandsMark !== undefined) return spec;
    if (!reachesHundreds(columns[index]?.profile)) return spec;
    const decimal = spec.decimalMark ?? '.';
    const groups = new Set(
      proven.filter((each) => each.decimal === decimal).map((each) => each.group),
    );
    const [group] = groups;
    return group === undefined || groups.size > 1 ? spec : withGroup(spec, group);
  });
}

/** Rates and the like will never need a mark of thousands. */
const reachesHundreds = (profile: ColumnProfile | undefined): boolean =>
  profile?.shapes.some(({ runs }) => (runs[0]?.max ?? 0) >= 100) === true;

function markFromTotals({ spec, profile, stated }: MarkedColumn): ColumnSpec {
  const isNumber = spec.type === 'decimal' || spec.type === 'integer';
  const hasTexts = profile.shapes.length > 0;
  if (!isNumber || spec.thousandsMark !== undefined || !hasTexts) return spec;
  const table = createShapeTable();
  for (const text of stated) table.add({ text, line: 0 }, 1);
  const { finding } = readNumberShapes(table.all());
  if (finding.state === 'open') {
    // In a column of whole numbers it can only be one; elsewhere the decimal mark says which.
    const own = spec.type === 'decimal' ? (spec.decimalMark ?? '.') : undefined;
    return own === finding.mark ? spec : withGroup(spec, finding.mark);
  }
  if (finding.state !== 'decided' || finding.marks.thousandsMark === undefined) return spec;
  const { decimalMark, thousandsMark } = finding.marks;
  const own = spec.type === 'decimal' ? (spec.decimalMark ?? '.') : decimalMark;
  const isAlike = decimalMark === undefined ? thousandsMark !== own : decimalMark === own;
  return isAlike ? withGroup(spec, thousandsMark) : spec;
}

/** With a thousands mark, a decimal point need not be declared. */
function withGroup(spec: ColumnSpec, thousandsMark: GroupMark): ColumnSpec {
  if (spec.type === 'integer') return { ...spec, thousandsMark };
  if (spec.type !== 'decimal') return spec;
  if (spec.decimalMark === ',') return { ...spec, thousandsMark };
  const { decimalMark: _, ...rest } = spec;
  return { ...rest, thousandsMark };
}
