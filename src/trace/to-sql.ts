import type { SelectStmt } from 'libpg-query';
import { deparseSync } from 'pgsql-deparser';

import { parseStatements } from '../model/parse-sql.ts';
import { walkTree } from '../model/walk-tree.ts';
import { Untraceable } from './untraceable.ts';

/** A query as Postgres takes it. */
export interface BoundQuery {
  /** One select with `$1`, `$2`, … */
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/**
 * The SQL text of a select, with the parameters it uses numbered from 1 in their old order. What was
 * written is parsed again and compared, so that a fault in the writer can give no wrong number.
 */
export function toSql(select: SelectStmt, values: readonly (string | null)[]): BoundQuery {
  const own = structuredClone(select);
  const used: number[] = [];
  walkTree({ SelectStmt: own }, (node) => {
    if ('ParamRef' in node) used.push(node.ParamRef.number ?? 0);
  });
  const numbers = [...new Set(used)].sort((one, other) => one - other);
  walkTree({ SelectStmt: own }, (node) => {
    if ('ParamRef' in node) node.ParamRef.number = numbers.indexOf(node.ParamRef.number ?? 0) + 1;
  });
  const text = write(own);
  const [written] = parseStatements(text);
  if (written === undefined || shape(written.node) !== shape({ SelectStmt: own })) throw unsafe();
  return { text, values: numbers.map((number) => values[number - 1] ?? null) };
}

function write(select: SelectStmt): string {
  try {
    return deparseSync({ SelectStmt: select });
  } catch {
    // The writer knows no SQL/JSON constructors, for one.
    throw unsafe();
  }
}

function unsafe(): Untraceable {
  return new Untraceable('its SQL cannot be rewritten safely');
}

/** A tree as text, without places and without what the parser adds by itself. */
export function shape(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => {
    if (ignored.has(key) || value === undefined) return undefined;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  });
}

const ignored: ReadonlySet<string> = new Set(['location', 'stmt_location', 'stmt_len']);
