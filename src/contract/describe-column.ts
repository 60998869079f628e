import type { ColumnSpec } from './column.ts';
import { describeType } from './describe.ts';

/** All a contract asks of a column, for whoever fills it in: `a number with decimal mark ","; at least 0; required`. */
export function describeColumn(spec: ColumnSpec, isKey: boolean): string {
  const rules: string[] = [describeType(spec)];
  if (spec.type === 'decimal') rules.push(`at most ${spec.scale} decimals`);
  if ('min' in spec && spec.min !== undefined) rules.push(`at least ${spec.min}`);
  if ('max' in spec && spec.max !== undefined) rules.push(`at most ${spec.max}`);
  if (spec.type === 'text') {
    if (spec.minLength !== undefined) rules.push(`at least ${spec.minLength} characters`);
    if (spec.maxLength !== undefined) rules.push(`at most ${spec.maxLength} characters`);
    if (spec.pattern !== undefined) rules.push(`matching ${String(spec.pattern)}`);
  }
  if (spec.required === true || isKey) rules.push('required');
  if (isKey) rules.push('it tells the rows apart');
  if (spec.description !== undefined) rules.push(spec.description);
  return rules.join('; ');
}
