import { Outcome } from './cell.ts';
import type { ColumnSpec } from './column.ts';
import type { RowCode } from './row-codes.ts';

/** What a column's type asks for, as people say it. */
export function describeType(spec: ColumnSpec): string {
  switch (spec.type) {
    case 'text':
      return 'text';
    case 'integer':
      return 'a whole number';
    case 'decimal': {
      const marks =
        spec.thousandsMark === undefined ? '' : ` and thousands mark "${spec.thousandsMark}"`;
      const kind = spec.percent === true ? 'a percentage with its sign, and' : 'a number with';
      return `${kind} decimal mark "${spec.decimalMark ?? '.'}"${marks}`;
    }
    case 'boolean':
      return `one of ${[...(spec.trueValues ?? ['true', 'yes']), ...(spec.falseValues ?? ['false', 'no'])].join(', ')}`;
    case 'date':
      return `a date as ${spec.format ?? 'yyyy-MM-dd'}`;
    case 'timestamp':
      return `a date and time as ${spec.format ?? 'yyyy-MM-ddTHH:mm:ss'}`;
    case 'time':
      return `a time as ${spec.format ?? 'HH:mm:ss'}`;
    case 'json':
      return 'JSON';
    case 'one-of':
      return `one of ${spec.values.join(', ')}`;
  }
}

const property = (
  spec: ColumnSpec,
  name: 'min' | 'max' | 'minLength' | 'maxLength' | 'pattern',
): string => {
  return name in spec ? String(Reflect.get(spec, name)) : '';
};

/** The code of a failed outcome and what was expected instead. */
export function describeOutcome(
  spec: ColumnSpec,
  outcome: number,
): { code: RowCode; expected: string } {
  switch (outcome) {
    case Outcome.missing:
      return { code: 'missing-cell', expected: `${describeType(spec)}; the column is required` };
    case Outcome.min:
      return { code: 'constraint-error', expected: `at least ${property(spec, 'min')}` };
    case Outcome.max:
      return { code: 'constraint-error', expected: `at most ${property(spec, 'max')}` };
    case Outcome.minLength:
      return {
        code: 'constraint-error',
        expected: `at least ${property(spec, 'minLength')} characters`,
      };
    case Outcome.maxLength:
      return {
        code: 'constraint-error',
        expected: `at most ${property(spec, 'maxLength')} characters`,
      };
    case Outcome.pattern:
      return { code: 'constraint-error', expected: `text matching ${property(spec, 'pattern')}` };
    case Outcome.oneOf:
      return { code: 'constraint-error', expected: describeType(spec) };
    case Outcome.scale:
      return {
        code: 'type-error',
        expected: spec.type === 'decimal' ? `at most ${spec.scale} decimals` : describeType(spec),
      };
    case Outcome.precision:
      return {
        code: 'type-error',
        expected:
          spec.type === 'decimal'
            ? `at most ${spec.precision - spec.scale} digits before the decimal mark`
            : 'a whole number of at most 64 bits',
      };
    case Outcome.ambiguousNumber:
      return {
        code: 'ambiguous-number',
        expected: `a number with one reading; declare ${spec.type === 'integer' ? '' : 'decimalMark or '}thousandsMark`,
      };
    case Outcome.ambiguousDate:
      return { code: 'ambiguous-date', expected: 'a date with one reading; declare its format' };
    case Outcome.dateSerial:
      return {
        code: 'date-serial-as-number',
        expected: `${describeType(spec)}; the cell is a plain number, format it as a date`,
      };
    case Outcome.formula:
      return {
        code: 'formula-error',
        expected: `${describeType(spec)}; the cell holds a spreadsheet error`,
      };
    case Outcome.stale:
      return {
        code: 'stale-formula',
        expected: `${describeType(spec)}; the formula's result is not stored: open the workbook in Excel and save it`,
      };
    case Outcome.merged:
      return {
        code: 'merged-cell',
        expected: `${describeType(spec)} in a cell of its own; unmerge the cells, or declare merged: 'fill' or 'top-left' in the source`,
      };
    default:
      return { code: 'type-error', expected: describeType(spec) };
  }
}

/** How a flag is written in `_flags`: the column and the rule it failed. */
export function flagName(column: string, outcome: number): string {
  const rule = Object.entries(Outcome).find(([, value]) => value === outcome)?.[0] ?? 'rule';
  return `${column}.${rule}`;
}
