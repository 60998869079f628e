import type { RowRule } from '../contract/contract.ts';
import { decodeCell } from '../contract/decode-cell.ts';
import type { RowFault } from '../contract/row-codes.ts';
import type { EncodedColumn } from './encoded-column.ts';

/** What the custom rules say of a row. */
export interface BrokenRules {
  readonly faults: readonly RowFault[];
  /** Names of broken rules of level `warn`. */
  readonly flags: readonly string[];
}

/** Tests a row, whose encoded fields begin at `at`, against rules over all of its values. */
export function findBrokenRules(
  row: { readonly bytes: Buffer; readonly at: number; readonly columns: readonly EncodedColumn[] },
  rules: readonly RowRule[],
): BrokenRules {
  const values: Record<string, unknown> = {};
  let next = row.at;
  for (const column of row.columns) {
    const cell = decodeCell(column.spec.type, row.bytes, next);
    values[column.name] = cell.value;
    next = cell.next;
  }
  const faults: RowFault[] = [];
  const flags: string[] = [];
  for (const rule of rules) {
    const failure = failureOf(rule, values);
    if (failure === undefined) continue;
    if (rule.level === 'warn') flags.push(rule.name);
    else faults.push({ code: 'constraint-error', column: null, value: null, expected: failure });
  }
  return { faults, flags };
}

/** What a row should have been; undefined when it keeps the rule. A rule that throws is broken. */
function failureOf(rule: RowRule, values: Readonly<Record<string, unknown>>): string | undefined {
  const expected = rule.expected ?? rule.name;
  try {
    return rule.test(values) ? undefined : expected;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `${expected} (the rule itself failed: ${message})`;
  }
}
