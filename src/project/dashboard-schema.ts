import { z } from 'zod';

import { periodPresets } from '../dashboard/definition.ts';
import { scheduleSchema } from '../schedule/schema.ts';

const text = z.string({ error: 'expected text' });
const sql = text.min(1, { error: 'expected a select' });
const format = z.enum(['money', 'number', 'percent', 'integer']);
const preset = z.enum(periodPresets);
const between = (from: number, to: number) =>
  z
    .int({ error: `expected a whole number from ${from} to ${to}` })
    .min(from, { error: `expected a whole number from ${from} to ${to}` })
    .max(to, { error: `expected a whole number from ${from} to ${to}` });

const base = {
  title: text.min(1, { error: 'expected a title' }),
  subtitle: text.optional(),
  sql,
  format: format.optional(),
};

const tile = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('kpi'),
      ...base,
      value: text.optional(),
      compare: z.enum(['previous period', 'previous year']).optional(),
      better: z.enum(['up', 'down']).optional(),
      sparkline: sql.optional(),
    }),
    z.strictObject({
      kind: z.literal('line'),
      ...base,
      x: text,
      y: z.union([text, z.array(text).min(1)], { error: 'expected a column or a list of columns' }),
      forecast: z.strictObject({ months: between(1, 24) }).optional(),
    }),
    z.strictObject({ kind: z.literal('bar'), ...base, x: text, y: text }),
    z.strictObject({
      kind: z.literal('top'),
      ...base,
      n: between(1, 100),
      label: text,
      value: text,
    }),
    z.strictObject({
      kind: z.literal('table'),
      ...base,
      columns: z
        .record(z.string(), z.strictObject({ title: text.optional(), format: format.optional() }))
        .optional(),
      limit: between(1, 1000).optional(),
    }),
  ],
  { error: 'expected a tile: kpi(), line(), bar(), top() or table()' },
);

const filter = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('period'),
      default: preset,
      presets: z.array(preset),
      label: text.optional(),
    }),
    z
      .strictObject({
        kind: z.literal('choice'),
        sql: sql.optional(),
        values: z.array(text).optional(),
        default: text.optional(),
        label: text.optional(),
      })
      .refine((choice) => (choice.sql === undefined) !== (choice.values === undefined), {
        error: 'expected either sql or values',
      }),
  ],
  { error: 'expected a filter: period() or choice()' },
);

/** Names that can stand after the colon of a parameter and in an address. */
const filters = z.record(
  z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'expected small letters, digits and _' }),
  filter,
);

/** What `dashboard()` builds. */
export const dashboardSchema = z.strictObject({
  title: base.title,
  description: text.optional(),
  filters,
  rows: z
    .array(z.array(tile, { error: 'expected a row: a list of tiles' }).min(1), {
      error: 'expected a list of rows',
    })
    .min(1, { error: 'expected one row of tiles at least' }),
});

/** What `digest()` builds. */
export const digestSchema = z.strictObject({
  title: base.title,
  to: z
    .array(z.email({ error: 'expected a mail address' }))
    .min(1, { error: 'expected one mail address at least' }),
  schedule: scheduleSchema,
  filters,
  tiles: z.array(tile).min(1, { error: 'expected one tile at least' }),
  dashboard: text.optional(),
});
