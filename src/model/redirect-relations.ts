import type { ColumnRef, Node } from 'libpg-query';

import { quoteIdentifier } from '../warehouse/quote.ts';
import { indexOfByte, parseStatements } from './parse-sql.ts';
import { walkTree } from './walk-tree.ts';

export interface Redirected {
  readonly sql: string;
  /** The index in the original SQL of what stands at an index in the new one. */
  readonly originalIndex: (index: number) => number;
}

interface Splice {
  readonly index: number;
  readonly length: number;
  readonly text: string;
}

/** Where a relation is built before it takes the place of the one readers see. */
export function nextSchema(schema: string): string {
  return `_next_${schema}`;
}

/**
 * Makes a query read some relations (`schema.relation`) from the schema where they are being built.
 * Only the schema's name is exchanged in the text, so aliases and everything else stay as written.
 */
export function redirectRelations(sql: string, relations: ReadonlySet<string>): Redirected {
  if (relations.size === 0) return { sql, originalIndex: (index) => index };
  const splices = splicesOf(sql, relations);
  let text = '';
  let at = 0;
  for (const splice of splices) {
    text += sql.slice(at, splice.index) + splice.text;
    at = splice.index + splice.length;
  }
  return {
    sql: text + sql.slice(at),
    originalIndex: (index) => {
      let shift = 0;
      for (const splice of splices) {
        if (splice.index + shift >= index) break;
        shift += splice.text.length - splice.length;
      }
      return index - shift;
    },
  };
}

function splicesOf(sql: string, relations: ReadonlySet<string>): readonly Splice[] {
  const splices = new Map<number, Splice>();
  for (const { node } of parseStatements(sql)) {
    walkTree(node, (child) => {
      const mention = mentionOf(child);
      if (mention === undefined || !relations.has(`${mention.schema}.${mention.relation}`)) return;
      const index = indexOfByte(sql, mention.location);
      splices.set(index, spliceAt(sql, index, mention.schema));
    });
  }
  return [...splices.values()].sort((one, other) => one.index - other.index);
}

interface Mention {
  readonly schema: string;
  readonly relation: string;
  readonly location: number;
}

/** A relation in a from clause, or one that qualifies a column: `marts.sales.amount`. */
function mentionOf(node: Node): Mention | undefined {
  if ('RangeVar' in node) {
    const { schemaname, relname = '', location = 0 } = node.RangeVar;
    return schemaname === undefined
      ? undefined
      : { schema: schemaname, relation: relname, location };
  }
  return 'ColumnRef' in node ? qualifierOf(node.ColumnRef) : undefined;
}

function qualifierOf(column: ColumnRef): Mention | undefined {
  const [schema, relation, last] = (column.fields ?? []).map((field) =>
    'String' in field ? (field.String.sval ?? '') : '*',
  );
  if (schema === undefined || relation === undefined || last === undefined) return undefined;
  return { schema, relation, location: column.location ?? 0 };
}

function spliceAt(sql: string, index: number, schema: string): Splice {
  const token = /^(?:"(?:[^"]|"")*"|[^\s."/-]+)/u.exec(sql.slice(index))?.[0] ?? '';
  return { index, length: token.length, text: quoteIdentifier(nextSchema(schema)) };
}
