import { z } from 'zod';

const text = z.string({ error: 'expected text' });
const level = z.enum(['reject', 'warn']);
const texts = z.array(text, { error: 'expected a list of texts' });
const size = z
  .int({ error: 'expected a whole number from 0' })
  .min(0, { error: 'expected a whole number from 0' });

const common = {
  header: z
    .union([text, texts.min(1)], { error: 'expected a label or a list of labels' })
    .optional(),
  required: z
    .union([z.boolean(), z.literal('warn')], { error: "expected true, false or 'warn'" })
    .optional(),
  missing: texts.optional(),
  level: level.optional(),
  description: text.optional(),
};
const marks = {
  decimalMark: z.enum(['.', ',']).optional(),
  thousandsMark: z.enum([',', '.', ' ', "'"]).optional(),
  symbols: texts.optional(),
};
const exactNumber = { error: "expected a number, or exact digits as text such as '0.05'" };
const decimal = z.union([z.number(), text.regex(/^[+-]?\d+(?:\.\d+)?$/, exactNumber)], exactNumber);
const whole = z.union([z.int(), z.bigint()], { error: 'expected a whole number' });
const ordered = (bound: z.ZodType) => ({ min: bound.optional(), max: bound.optional() });

const dateBound = text.regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'expected a date YYYY-MM-DD' });
const instantBound = text.regex(/^\d{4}-\d{2}-\d{2}/, {
  error: 'expected an ISO date or date and time',
});
const timeBound = text.regex(/^\d{2}:\d{2}/, { error: 'expected a time HH:MM' });

/** A column as `column.…()` builds it, or the same value written by hand. */
export const columnSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    ...common,
    minLength: size.optional(),
    maxLength: size.optional(),
    pattern: z.instanceof(RegExp, { error: 'expected a regular expression' }).optional(),
    trim: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('integer'),
    ...common,
    ...ordered(whole),
    thousandsMark: marks.thousandsMark,
    symbols: marks.symbols,
  }),
  z.strictObject({
    type: z.literal('decimal'),
    ...common,
    ...ordered(decimal),
    ...marks,
    percent: z.boolean({ error: 'expected true or false' }).optional(),
    precision: z
      .int({ error: 'expected 1 to 1000 digits' })
      .min(1, { error: 'expected 1 to 1000 digits' })
      .max(1000, { error: 'expected 1 to 1000 digits' }),
    scale: size,
  }),
  z.strictObject({
    type: z.literal('boolean'),
    ...common,
    trueValues: texts.optional(),
    falseValues: texts.optional(),
  }),
  z.strictObject({
    type: z.literal('date'),
    ...common,
    ...ordered(dateBound),
    format: text.optional(),
  }),
  z.strictObject({
    type: z.literal('timestamp'),
    ...common,
    ...ordered(instantBound),
    format: text.optional(),
    zone: text.optional(),
  }),
  z.strictObject({
    type: z.literal('time'),
    ...common,
    ...ordered(timeBound),
    format: text.optional(),
  }),
  z.strictObject({ type: z.literal('json'), ...common }),
  z.strictObject({
    type: z.literal('one-of'),
    ...common,
    values: texts.min(1, { error: 'expected at least one value' }),
    ignoreCase: z.boolean().optional(),
  }),
]);

const count = z
  .int({ error: 'expected a whole number of rows' })
  .min(0, { error: 'expected a whole number of rows' });

const tolerance = { error: "expected a number of rows, or a share such as '1%'" };

const share = z.union([count, text.regex(/^\d+(?:\.\d+)?%$/, tolerance)], tolerance);

/** The parts of a contract beside its columns. */
export const contractSchema = z.strictObject({
  columns: z.unknown(),
  key: texts.min(1, { error: 'expected the columns that identify a row' }).optional(),
  sameKey: z.enum(['reject', 'last-wins']).optional(),
  rules: z
    .array(
      z.strictObject({
        name: text,
        level: level.optional(),
        test: z.custom((value) => typeof value === 'function', { error: 'expected a function' }),
        expected: text.optional(),
      }),
    )
    .optional(),
  transform: z
    .custom((value) => typeof value === 'function', { error: 'expected a function' })
    .optional(),
  controlTotals: texts.optional(),
  repeatedRows: z.enum(['keep', 'skip', 'reject']).optional(),
  rejected: z.strictObject({ max: share.optional(), money: share.optional() }).optional(),
  rows: z.strictObject({ min: count.optional(), max: count.optional() }).optional(),
  extraColumns: z.enum(['ignore', 'refuse']).optional(),
});
