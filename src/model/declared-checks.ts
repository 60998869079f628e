import { escapeLiteral } from 'pg';
import { z } from 'zod';

import { quoteIdentifier, quoteRelation } from '../warehouse/quote.ts';
import type { Check } from './model.ts';

const columns = z.union([z.array(z.string()).min(1), z.string().transform((name) => [name])], {
  error: 'expected a column or a list of columns',
});
const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'expected a value' });
const bound = z.union([z.string(), z.number()], { error: 'expected a number, or a date as text' });
const level = z.enum(['error', 'warn']).optional();

/** `schema.relation`, as models name what they read. */
export const relationName = z.string().regex(/^[^.\s]+\.[^.\s]+$/u, {
  error: 'expected schema.relation',
});

/** A check as the front matter of a model declares it: exactly one rule, with a level in it or beside it. */
export const declaredCheck = z
  .strictObject({
    not_null: columns.optional(),
    unique: columns
      .transform((names) => ({ columns: names, level: undefined }))
      .or(z.strictObject({ columns, level }))
      .optional(),
    accepted_values: z
      .strictObject({ column: z.string(), values: z.array(scalar).min(1), level })
      .optional(),
    accepted_range: z
      .strictObject({ column: z.string(), min: bound.optional(), max: bound.optional(), level })
      .refine((rule) => rule.min !== undefined || rule.max !== undefined, {
        error: 'expected min, max or both',
      })
      .optional(),
    relationships: z
      .strictObject({ column: z.string(), to: relationName, field: z.string(), level })
      .optional(),
    level,
  })
  .refine((check) => Object.keys(check).filter((key) => key !== 'level').length === 1, {
    error: 'expected one rule: not_null, unique, accepted_values, accepted_range or relationships',
  });

export type DeclaredCheck = z.output<typeof declaredCheck>;

/** The rule as people name it, and the query that returns the rows which break it. */
interface Rule {
  readonly name: string;
  readonly sql: string;
}

/** The checks a declaration stands for: one for each column of `not_null`, else one. */
export function buildChecks(
  declared: DeclaredCheck,
  place: { readonly model: string; readonly file: string; readonly line: number },
): readonly Check[] {
  const relation = quoteRelation(place.model);
  return rulesOf(declared, relation).map((rule) => ({
    name: `${place.model}: ${rule.name}`,
    model: place.model,
    level: levelOf(declared),
    sql: rule.sql,
    file: place.file,
    line: place.line,
  }));
}

/** The level beside the rule, or the one among its arguments: both are how people write it. */
function levelOf({ level: beside, ...rules }: DeclaredCheck): Check['level'] {
  const { unique, accepted_values, accepted_range, relationships } = rules;
  const rule = unique ?? accepted_values ?? accepted_range ?? relationships;
  return beside ?? rule?.level ?? 'error';
}

function rulesOf(declared: DeclaredCheck, relation: string): readonly Rule[] {
  const rules: Rule[] = (declared.not_null ?? []).map((column) => ({
    name: `not_null(${column})`,
    sql: `select * from ${relation} r where ${columnOf(column)} is null`,
  }));
  if (declared.unique !== undefined) rules.push(uniqueRule(declared.unique.columns, relation));
  if (declared.accepted_values !== undefined) {
    const { column, values } = declared.accepted_values;
    const list = values.map((value) => escapeLiteral(String(value))).join(', ');
    rules.push({
      name: `accepted_values(${column})`,
      // A missing value is the business of not_null; `not in` gives null for it.
      sql: `select * from ${relation} r where ${columnOf(column)} not in (${list})`,
    });
  }
  if (declared.accepted_range !== undefined) {
    rules.push(rangeRule(declared.accepted_range, relation));
  }
  if (declared.relationships !== undefined) {
    const { column, to, field } = declared.relationships;
    rules.push({
      name: `relationships(${column} → ${to}.${field})`,
      sql: `select r.* from ${relation} r where ${columnOf(column)} is not null and not exists (select from ${quoteRelation(to)} t where t.${quoteIdentifier(field)} = ${columnOf(column)})`,
    });
  }
  return rules;
}

/** Qualified: in Postgres a relation's bare name is its whole row, if no column is called so. */
function columnOf(name: string): string {
  return `r.${quoteIdentifier(name)}`;
}

/** Groups with more than one row; like the index of a key, two missing values are equal. */
export function uniqueRule(names: readonly string[], relation: string): Rule {
  const list = names.map((name) => columnOf(name)).join(', ');
  return {
    name: `unique(${names.join(', ')})`,
    sql: `select ${list}, count(*) as rows from ${relation} r group by ${list} having count(*) > 1`,
  };
}

function rangeRule(
  rule: { column: string; min?: string | number | undefined; max?: string | number | undefined },
  relation: string,
): Rule {
  const column = columnOf(rule.column);
  // A quoted literal takes the column's type, so one form serves numbers and dates.
  const bounds = [
    ...(rule.min === undefined ? [] : [`${column} < ${escapeLiteral(String(rule.min))}`]),
    ...(rule.max === undefined ? [] : [`${column} > ${escapeLiteral(String(rule.max))}`]),
  ];
  return {
    name: `accepted_range(${rule.column})`,
    sql: `select * from ${relation} r where ${bounds.join(' or ')}`,
  };
}
