import { z } from 'zod';

import type { Schedule, Weekday } from '../contract/schedule.ts';
import { PlumblineError } from '../errors.ts';
import { parseCron } from './cron.ts';

/** In the order of ISO 8601: Monday is the first. */
export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const satisfies readonly Weekday[];

/** `HH:MM` from 00:00 to 23:59. */
export const timeOfDaySchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time HH:MM from 00:00 to 23:59' });

/** `YYYY-MM-DD`, a day the calendar has. */
export const calendarDateSchema = z.iso.date({ error: 'expected a date YYYY-MM-DD' });

export const weekdaySchema = z.enum(weekdays, {
  error: `expected a day of the week: ${weekdays.join(', ')}`,
});

export const weeksSchema = z
  .int({ error: 'expected a whole number of weeks' })
  .min(1, { error: 'expected 1 to 52 weeks' })
  .max(52, { error: 'expected 1 to 52 weeks' });

/** Every number fails or passes one refinement, so that each mistake gets the same sentence. */
export const dayOfMonthSchema = z.custom<number | 'last'>(
  (day) => day === 'last' || (Number.isInteger(day) && Number(day) >= 1 && Number(day) <= 31),
  { error: "expected a day of the month, 1 to 31 or 'last'" },
);

const cronExpressionSchema = z.string().superRefine((expression, context) => {
  try {
    parseCron(expression);
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** Accepts what `every` and `cron` build, and the same values written by hand. */
export const scheduleSchema: z.ZodType<Schedule> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('daily'), time: timeOfDaySchema }),
  z.object({
    kind: z.literal('weekly'),
    weeks: weeksSchema,
    weekday: weekdaySchema,
    time: timeOfDaySchema,
    startDate: z.union([calendarDateSchema, z.undefined()]),
  }),
  z.object({ kind: z.literal('monthly'), day: dayOfMonthSchema, time: timeOfDaySchema }),
  z.object({ kind: z.literal('cron'), expression: cronExpressionSchema }),
]);
