import type { Contract, Tolerance } from '../contract/contract.ts';
import { PlumblineError } from '../errors.ts';
import type { RowCounts } from './result.ts';

const rowsAllowed = (tolerance: Tolerance, read: number): number =>
  typeof tolerance.max === 'number'
    ? tolerance.max
    : (Number.parseFloat(tolerance.max) / 100) * read;

/**
 * Whether a delivery is good enough to be loaded at all. Throws `delivery-rejected` when more rows
 * were rejected than the contract tolerates, or when it has too few or too many.
 */
export function checkTolerance(contract: Contract, rows: RowCounts, name: string): void {
  if (
    contract.rejected !== undefined &&
    rows.rejected > rowsAllowed(contract.rejected, rows.read)
  ) {
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: ${rows.rejected} of ${rows.read} rows broke the contract; at most ${contract.rejected.max} may.`,
    });
  }
  const { min = 0, max = Infinity } = contract.rows ?? {};
  if (rows.read < min || rows.read > max) {
    throw new PlumblineError('delivery-rejected', {
      message: `${name}: it has ${rows.read === 1 ? '1 row' : `${rows.read} rows`}; expected ${max === Infinity ? `at least ${min}` : `${min} to ${max}`}.`,
    });
  }
}
