import type { SelectStmt } from 'libpg-query';
import { z } from 'zod';

import { suggest } from '../contract/suggest.ts';
import { quoteRelation } from '../warehouse/quote.ts';
import { buildChecks, declaredCheck, uniqueRule } from './declared-checks.ts';
import { referencesOf } from './dependencies.ts';
import { invalid, readFrontMatter } from './front-matter.ts';
import type { SqlFile } from './front-matter.ts';
import type { Check, Model } from './model.ts';
import { SqlSyntaxError, parseStatements, placeOf } from './parse-sql.ts';
import type { Statement } from './parse-sql.ts';
import { walkTree } from './walk-tree.ts';

const settings = z.strictObject({
  materialize: z.enum(['view', 'materialized view', 'table']).default('view'),
  key: z
    .union([z.array(z.string()).min(1), z.string().transform((name) => [name])], {
      error: 'expected a column or a list of columns',
    })
    .default([]),
  description: z.string().optional(),
  checks: z.array(declaredCheck).default([]),
});

/** Where a model stands in the project. */
export interface ModelPlace {
  /** Path under the project folder, for messages. */
  readonly file: string;
  /** The folder's name. */
  readonly schema: string;
  /** The file's name without `.sql`. */
  readonly relation: string;
}

/** Schemas that are Plumbline's or Postgres's own. */
const reservedSchemas: ReadonlySet<string> = new Set([
  'plumbline',
  'raw',
  'clean',
  'information_schema',
]);

/**
 * Reads a model: front matter, then one select. Throws `project-invalid` that lists every mistake
 * as `file:line:column: …`.
 */
export function parseModel(text: string, place: ModelPlace): Model {
  const { file, schema, relation } = place;
  if (reservedSchemas.has(schema) || schema.startsWith('pg_') || schema.startsWith('_')) {
    throw invalid([
      `${file}:1: schema ${schema} is not the project's to write; move the model to another folder, e.g. models/marts/`,
    ]);
  }
  const parsed = readFrontMatter(text, { file, schema: settings });
  const statement = readSelect(parsed, file);
  const name = `${schema}.${relation}`;
  const { materialize, key, description } = parsed.settings;
  const declared = withDistinctNames(
    parsed.settings.checks.flatMap((check, index) =>
      buildChecks(check, { model: name, file, line: parsed.lineOf(['checks', index]) }),
    ),
  );
  const line = parsed.line + placeOf(parsed.sql, statement.index).line - 1;
  const keyLine = parsed.lineOf(['key']);
  return {
    name,
    schema,
    relation,
    materialize,
    key,
    description,
    sql: statement.text,
    line,
    dependsOn: dependsOn(statement, { file, line }),
    checks:
      materialize === 'view' && key.length > 0
        ? withKeyCheck(declared, { model: name, key, file, line: keyLine })
        : declared,
    file,
  };
}

/** The one select of a model or of a file in `checks/`. Throws `project-invalid`. */
export function readSelect(parsed: SqlFile<unknown>, file: string): Statement {
  const statements = parsedStatements(parsed, file);
  const [statement, second] = statements;
  const at = (index: number): string => `${file}:${placeIn(parsed, index)}`;
  if (statement === undefined) {
    throw invalid([`${at(parsed.sql.length)}: there is no select after the front matter`]);
  }
  if (second !== undefined) {
    throw invalid([`${at(second.index)}: a second statement; a file holds exactly one select`]);
  }
  const select = 'SelectStmt' in statement.node ? statement.node.SelectStmt : undefined;
  const fault = select === undefined ? 'this is no select' : faultOf(select);
  if (fault !== undefined) throw invalid([`${at(statement.index)}: ${fault}`]);
  return statement;
}

/** Statements of the SQL part; a syntax error becomes `project-invalid` at its place in the file. */
export function parsedStatements(parsed: SqlFile<unknown>, file: string): readonly Statement[] {
  try {
    return parseStatements(parsed.sql);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    throw invalid([`${file}:${placeIn(parsed, error.index)}: ${error.message}`]);
  }
}

/** `line:column` in the file of an index in the SQL part. */
function placeIn(parsed: SqlFile<unknown>, index: number): string {
  const place = placeOf(parsed.sql, index);
  return `${parsed.line + place.line - 1}:${place.column}`;
}

function faultOf(select: SelectStmt): string | undefined {
  if (select.intoClause !== undefined)
    return 'select into makes a table of its own; leave into out';
  let fault: string | undefined;
  walkTree({ SelectStmt: select }, (node) => {
    if ('InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node) {
      fault = 'the query changes data; a model and a check only read';
    }
    if ('ParamRef' in node) {
      fault = `there is no value for $${node.ParamRef.number ?? 0}; parameters are for dashboards`;
    }
  });
  return fault;
}

function dependsOn(
  statement: Statement,
  place: { readonly file: string; readonly line: number },
): readonly string[] {
  const references = referencesOf(statement.text);
  const known = references.filter((each) => each.qualified).map((each) => each.name);
  const mistakes = references
    .filter((each) => !each.qualified)
    .map((each) => {
      const { line, column } = placeOf(statement.text, each.index);
      const relations = new Map(known.map((name) => [name.slice(name.indexOf('.') + 1), name]));
      const meant = relations.get(suggest(each.name, relations.keys()) ?? '');
      const example = meant ?? `clean.${each.name}`;
      return `${place.file}:${place.line + line - 1}:${column}: write schema.relation for ${each.name}, e.g. ${example}`;
    });
  if (mistakes.length > 0) throw invalid(mistakes);
  return [...new Set(known)].sort();
}

/** Two ranges for one column, one to warn and one to block, are two checks. */
function withDistinctNames(checks: readonly Check[]): readonly Check[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const count = (seen.get(check.name) ?? 0) + 1;
    seen.set(check.name, count);
    return count === 1 ? check : { ...check, name: `${check.name} (${count})` };
  });
}

/** The key of a table or materialized view is an index; a view has none, so a check keeps its word. */
function withKeyCheck(
  declared: readonly Check[],
  view: {
    readonly model: string;
    readonly key: readonly string[];
    readonly file: string;
    readonly line: number;
  },
): readonly Check[] {
  const { model, key, file, line } = view;
  const rule = uniqueRule(key, quoteRelation(model));
  const name = `${model}: ${rule.name}`;
  if (declared.some((check) => check.name === name && check.level === 'error')) return declared;
  const others = declared.filter((check) => check.name !== name);
  return [...others, { name, model, level: 'error', sql: rule.sql, file, line }];
}
