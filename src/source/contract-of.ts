import type { Columns } from '../contract/column.ts';
import type { Contract } from '../contract/contract.ts';

/** The options that are the contract's. */
export const contractKeys = [
  'columns',
  'key',
  'sameKey',
  'repeatedRows',
  'rules',
  'transform',
  'controlTotals',
  'rejected',
  'rows',
  'extraColumns',
] as const satisfies readonly (keyof Contract)[];

/** The contract among a connector's options: what rows must be, without where they come from. */
export function contractOf<C extends Columns>(options: Contract<C>): Contract {
  const entries = contractKeys
    .filter((key) => options[key] !== undefined)
    .map((key) => [key, options[key]] as const);
  // Object.fromEntries forgets which key has which type; the keys are those of Contract. Which
  // columns there are is forgotten on purpose: a list of sources holds all kinds.
  return Object.fromEntries(entries) as unknown as Contract;
}
