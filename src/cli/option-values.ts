import { parseDuration } from '../contract/duration.ts';
import { PlumblineError } from '../errors.ts';

/** The value of an option that takes a number; undefined when it was not given. Throws `usage`. */
export function wholeNumber(
  option: string,
  value: string | boolean | undefined,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  if (typeof value !== 'string') return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= range.min && number <= range.max) return number;
  throw new PlumblineError('usage', {
    message: `${option} is '${value}'; expected a whole number from ${range.min} to ${range.max}.`,
  });
}

/** The ISO instant so long after `nowMs` as an option says; undefined when it was not given. Throws `usage`. */
export function instantAfter(
  option: string,
  value: string | boolean | undefined,
  nowMs: number,
): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return new Date(nowMs + parseDuration(value)).toISOString();
  } catch (error) {
    throw new PlumblineError('usage', {
      message: `${option}: ${error instanceof Error ? error.message : String(error)}.`,
    });
  }
}
