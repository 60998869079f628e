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
  checkNames(builder, options, [...ownNames, 'from', ...sharedNames]);
  if (!('from' in options) || !isLocation(options.from)) {
    throw invalidOption(
      builder,
      `from is no location; expected one such as folder('data/orders/*.csv'), s3('bucket/orders/*.csv') or http('https://example.com/orders.csv').`,
    );
  }
}

/** Options every connector has. */
export const sharedNames: readonly string[] = [
  ...contractKeys,
  'schedule',
  'freshness',
  'onUpload',
];

/** Refuses an option that is none of `names`, with the nearest one. Throws `project-invalid`. */
export function checkNames(builder: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = suggest(unknown, names);
  throw invalidOption(
    builder,
    near === undefined
      ? `${unknown} is not one of its options: ${names.join(', ')}.`
      : `${unknown} is not one of its options; did you mean '${near}'?`,
  );
}

/** An option that cannot be meant; `problem` is a sentence that starts with its name. */
export const invalidOption = (builder: string, problem: string): PlumblineError =>
  new PlumblineError('project-invalid', { message: `${builder}(): ${problem}` });

function isLocation(value: unknown): boolean {
  return (
    value !== null &&
    typeof value === 'object' &&
    'list' in value &&
    typeof value.list === 'function'
  );
}
