import { z } from 'zod';

/**
 * A setting whose default is the safe choice. Another value is written with the reason for it, which
 * stands in every preview of a deploy: `{ value: false, because: 'a trial, thrown away on Friday' }`.
 */
export type Reasoned<Safe, Other = Safe> =
  | Safe
  | { readonly value: Other; readonly because: string };

/** A reason is a sentence someone can disagree with; `test` or `n/a` is none. */
const reasonLengthMin = 10;

const reasonSchema = z.strictObject({ value: z.unknown(), because: z.unknown() });

interface ReasonedRule {
  /** What needs no reason. */
  readonly safe: z.ZodType;
  /** What may be had with one, the safe values left aside. */
  readonly other: z.ZodType;
  /** What `safe` accepts, in words: `true`. */
  readonly expected: string;
  /** How the other is written: `{ value: false, because: '…' }`. */
  readonly example: string;
}

/** Accepts the safe values as they are, and others only with a reason. */
export function reasoned(rule: ReasonedRule): z.ZodType {
  const { safe, other, expected, example } = rule;
  const mistake = (message: string, path: string[] = []) => ({
    code: 'custom' as const,
    message: `expected ${message}`,
    path,
  });
  return z.unknown().superRefine((given, context) => {
    const withReason = reasonSchema.safeParse(given);
    if (!withReason.success) {
      const inside = (safe.safeParse(given).error?.issues ?? []).flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({
              path: [...issue.path, key],
              message: 'expected no such key',
            }))
          : [issue],
      );
      // What is wrong within a list or an object names its own place.
      const deeper = inside.filter(({ path }) => path.length > 0);
      for (const { path, message } of deeper) {
        context.addIssue({ code: 'custom', message, path: [...path] });
      }
      if (inside.length > deeper.length) context.addIssue(mistake(`${expected}, or ${example}`));
      return;
    }
    const { value, because } = withReason.data;
    if (safe.safeParse(value).success) {
      context.addIssue(mistake('the value alone: it is a safe one and needs no reason'));
    } else if (!other.safeParse(value).success) {
      context.addIssue(mistake(`${expected}, or ${example}`, ['value']));
    }
    if (typeof because !== 'string' || because.trim().length < reasonLengthMin) {
      context.addIssue(mistake('the reason, in a few words', ['because']));
    }
  });
}

/** The value that was written, with or without a reason; the default when there is none. */
export function valueOf<Safe, Other>(
  given: Reasoned<Safe, Other> | undefined,
  fallback: Safe,
): Safe | Other {
  if (given === undefined) return fallback;
  return isReasoned(given) ? given.value : given;
}

export interface GivenReason {
  /** `database.deletionProtection` */
  readonly setting: string;
  readonly value: unknown;
  readonly because: string;
}

/** Every setting of a settings file that has a reason, in the order they are written. */
export function reasonsIn(input: unknown, path = ''): readonly GivenReason[] {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return [];
  if (isReasoned(input)) return [{ setting: path, value: input.value, because: input.because }];
  return Object.entries(input).flatMap(([key, value]) =>
    reasonsIn(value, path === '' ? key : `${path}.${key}`),
  );
}

function isReasoned(value: unknown): value is { value: unknown; because: string } {
  return (
    value !== null &&
    typeof value === 'object' &&
    'because' in value &&
    typeof value.because === 'string' &&
    'value' in value
  );
}
