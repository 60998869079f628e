import { z } from 'zod';

import { readFrontMatter } from './front-matter.ts';
import type { Check } from './model.ts';
import { readSelect } from './parse-model.ts';
import { placeOf } from './parse-sql.ts';

const settings = z.strictObject({
  level: z.enum(['error', 'warn']).default('error'),
  description: z.string().optional(),
});

/**
 * Reads a file of `checks/`: one select that returns the rows which are wrong. Throws
 * `project-invalid` that lists every mistake as `file:line:column: …`.
 */
export function parseCheckFile(
  text: string,
  place: { readonly file: string; readonly name: string },
): Check {
  const parsed = readFrontMatter(text, { file: place.file, schema: settings });
  const statement = readSelect(parsed, place.file);
  return {
    name: place.name,
    model: undefined,
    level: parsed.settings.level,
    sql: statement.text,
    file: place.file,
    line: parsed.line + placeOf(parsed.sql, statement.index).line - 1,
  };
}
