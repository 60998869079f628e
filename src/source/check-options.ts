import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { contractKeys } from './contract-of.ts';

/**
 * Refuses options that no compiler saw, since a project's files run without a type check: names
 * that do not exist, and a `from` that is no location. Throws `project-invalid`.
 */
export function checkOptions(
  builder: 'csv' | 'excel',
  options: object,
  ownNames: readonly string[],
): void {
  const names = [...ownNames, 'from', ...contractKeys, 'schedule', 'freshness'];
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const near = suggest(unknown, names);
    throw invalidOption(
      builder,
      near === undefined
        ? `${unknown} is not one of its options: ${names.join(', ')}.`
        : `${unknown} is not one of its options; did you mean '${near}'?`,
    );
  }
  if (!('from' in options) || !isLocation(options.from)) {
    throw invalidOption(
      builder,
      `from is no location; expected one such as folder('data/orders/*.csv') or http('https://example.com/orders.csv').`,
    );
  }
}

/** An option that cannot be meant; `problem` is a sentence that starts with its name. */
export const invalidOption = (builder: 'csv' | 'excel', problem: string): PlumblineError =>
  new PlumblineError('project-invalid', { message: `${builder}(): ${problem}` });

function isLocation(value: unknown): boolean {
  return (
    value !== null &&
    typeof value === 'object' &&
    'list' in value &&
    typeof value.list === 'function'
  );
}
