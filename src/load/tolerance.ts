import type { Contract, RejectedShare } from '../contract/contract.ts';
import { PlumblineError } from '../errors.ts';
import { summable } from './control-totals.ts';
import type { RowCounts } from './result.ts';

/** The share is divided out and not the rows multiplied, so that 29 of 10,000 rows are 0.29 %, not a little more. */
const exceeds = (found: number, max: RejectedShare, read: number): boolean =>
  typeof max === 'number' ? found > max : (found * 100) / read > Number.parseFloat(max);

/** What a delivery came to, as far as it decides whether it is taken. */
export interface Found {
  readonly rows: RowCounts;
  /** Cells of rejected rows that cannot be read, by the column's place among those that add up. */
  readonly unreadable: (index: number) => number;
}

/**
 * Whether a delivery is good enough to be loaded at all. Throws `delivery-rejected` when more rows
 * were rejected, or more amounts could not be read, than the contract tolerates, or when it has too
 * few or too many rows.
 */
export function checkTolerance(
  contract: Contract,
  found: Found,
  { name, source }: { readonly name: string; readonly source: string },
): void {
  const { rejected: tolerance = {} } = contract;
  const remedy = `See \`plumbline rejects ${source}\`, correct the file or the contract, then run again.`;
  const { read, rejected } = found.rows;
  if (tolerance.max !== undefined && exceeds(rejected, tolerance.max, read)) {
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: ${rejected} of ${read} rows broke the contract; at most ${tolerance.max} may.`,
      remedy,
    });
  }
  if (tolerance.money !== undefined)
    checkMoney(contract, { found, max: tolerance.money, name, remedy });
  const { min = 0, max = Infinity } = contract.rows ?? {};
  if (read < min || read > max) {
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: it has ${read === 1 ? '1 row' : `${read} rows`}; expected ${max === Infinity ? `at least ${min}` : `${min} to ${max}`}.`,
    });
  }
}

function checkMoney(
  contract: Contract,
  given: { readonly found: Found; readonly max: RejectedShare; name: string; remedy: string },
): void {
  const { found, max, name, remedy } = given;
  for (const [index, column] of summable(contract).entries()) {
    if (contract.columns[column]?.type !== 'decimal') continue;
    if (contract.controlTotals?.includes(column) !== true) continue;
    const unreadable = found.unreadable(index);
    if (!exceeds(unreadable, max, found.rows.read)) continue;
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: column "${column}" has ${unreadable === 1 ? '1 amount' : `${unreadable} amounts`} in ${found.rows.read} rows that cannot be read; at most ${max} may.`,
      remedy,
    });
  }
}
