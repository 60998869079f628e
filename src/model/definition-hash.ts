import { createHash } from 'node:crypto';

import type { Check, Model, Procedure } from './model.ts';
import { parseStatements } from './parse-sql.ts';

/**
 * Changes when what a model gives may change; not with comments, line breaks or its checks. The
 * description is part of it, since it is a comment in the database.
 */
export function modelHash(model: Model): string {
  const { materialize, key, description } = model;
  return sha256([materialize, key, description ?? null, treeOf(model.sql)]);
}

export function procedureHash(procedure: Procedure): string {
  const { sql, reads, writes } = procedure;
  return sha256([sql, reads, writes]);
}

/** Of all checks together: a check that is added or changed must run although no data moved. */
export function checksHash(checks: readonly Check[]): string {
  return sha256(
    checks
      .map(({ name, level, sql }) => [name, level, treeOf(sql)])
      .sort((one, other) => String(one[0]).localeCompare(String(other[0]), 'en')),
  );
}

export function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** The parse tree without places, so that two ways to write the same SQL are equal. */
function treeOf(sql: string): unknown {
  const nodes = parseStatements(sql).map((statement) => statement.node);
  const places = new Set(['location', 'stmt_location', 'stmt_len']);
  return JSON.parse(
    JSON.stringify(nodes, (key, value: unknown) => (places.has(key) ? undefined : value)),
  );
}
