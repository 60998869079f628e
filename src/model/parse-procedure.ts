import type { CreateFunctionStmt } from 'libpg-query';
import { z } from 'zod';

import { relationName } from './declared-checks.ts';
import { invalid, readFrontMatter } from './front-matter.ts';
import type { Procedure } from './model.ts';
import { parsedStatements } from './parse-model.ts';
import { placeOf } from './parse-sql.ts';

const settings = z.strictObject({
  reads: z.array(relationName).min(1),
  writes: z.array(relationName).min(1),
  description: z.string().optional(),
});

/**
 * Reads a file of `procedures/`: what the procedure reads and writes as front matter, since its
 * body is opaque to the parser, then one `create procedure schema.name()`. Throws
 * `project-invalid` that lists every mistake as `file:line:column: …`.
 */
export function parseProcedure(
  text: string,
  place: { readonly file: string; readonly name: string },
): Procedure {
  const { file } = place;
  const parsed = readFrontMatter(text, { file, schema: settings });
  const [statement, second] = parsedStatements(parsed, file);
  const at = (index: number): string => {
    const { line, column } = placeOf(parsed.sql, index);
    return `${file}:${parsed.line + line - 1}:${column}`;
  };
  if (statement === undefined) {
    throw invalid([
      `${at(parsed.sql.length)}: there is no create procedure after the front matter`,
    ]);
  }
  if (second !== undefined) {
    throw invalid([
      `${at(second.index)}: a second statement; a file holds exactly one create procedure`,
    ]);
  }
  const create =
    'CreateFunctionStmt' in statement.node ? statement.node.CreateFunctionStmt : undefined;
  const fault = faultOf(create, place.name);
  if (fault !== undefined) throw invalid([`${at(statement.index)}: ${fault}`]);
  const { reads, writes, description } = parsed.settings;
  return {
    name: nameOf(create).join('.'),
    description,
    sql: statement.text,
    line: parsed.line + placeOf(parsed.sql, statement.index).line - 1,
    reads,
    writes,
    file,
  };
}

function faultOf(create: CreateFunctionStmt | undefined, name: string): string | undefined {
  if (create?.is_procedure !== true) return 'this is no create procedure';
  if ((create.parameters ?? []).length > 0) {
    return 'the procedure has parameters; a release calls it without any';
  }
  const [schema, procedure] = nameOf(create);
  if (procedure === undefined) return `write schema.procedure, e.g. marts.${schema ?? name}()`;
  return procedure === name
    ? undefined
    : `the procedure is called ${procedure} and its file ${name}.sql; give both the same name`;
}

function nameOf(create: CreateFunctionStmt | undefined): readonly string[] {
  return (create?.funcname ?? []).flatMap((node) =>
    'String' in node && node.String.sval !== undefined ? [node.String.sval] : [],
  );
}
