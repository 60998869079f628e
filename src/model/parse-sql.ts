import { Buffer } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';

import { loadModule, parseSync } from 'libpg-query';
import type { Node, ParseResult } from 'libpg-query';

// V8 would compile the parser's largest functions again, optimized: for a third of a second that takes
// 600 MB, for which a Lambda function of 512 MB and a proxy of 1 GB are killed (measured: reading the
// example's project peaks at 717 MB with, at 163 MB without). What is compiled once is fast enough for
// models; charts of mails take twice as long to draw, some 30 ms each. Both flags are needed.
setFlagsFromString('--no-wasm-tier-up');
setFlagsFromString('--no-wasm-dynamic-tiering');

// Postgres's own parser as WebAssembly, made ready once (40 ms) so that parsing itself is a plain call.
await loadModule();

/** A place in a text, both from 1; columns count characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One statement of a SQL text. */
export interface Statement {
  readonly node: Node;
  /** As written, without the semicolon and without white space around it. */
  readonly text: string;
  /** Index of `text` in the SQL. */
  readonly index: number;
}

/** SQL that Postgres's grammar refuses. */
export class SqlSyntaxError extends Error {
  override readonly name = 'SqlSyntaxError';
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

/** Statements of a SQL text in order; none for an empty one. Throws SqlSyntaxError. */
export function parseStatements(sql: string): readonly Statement[] {
  const parsed = parse(sql);
  const bytes = Buffer.from(sql);
  return (parsed.stmts ?? []).flatMap((raw) => {
    if (raw.stmt === undefined) return [];
    const from = raw.stmt_location ?? 0;
    const to = raw.stmt_len === undefined ? bytes.length : from + raw.stmt_len;
    const before = bytes.subarray(0, from).toString();
    const text = bytes.subarray(from, to).toString();
    const leading = text.length - text.trimStart().length;
    return [{ node: raw.stmt, text: text.trim(), index: before.length + leading }];
  });
}

function parse(sql: string): ParseResult {
  // The parser calls an empty text an error; for us it is a text without statements.
  if (sql.trim() === '') return {};
  try {
    // The module types its result as any; this is the shape it documents.
    return parseSync(sql) as ParseResult;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const details =
      'sqlDetails' in error ? (error.sqlDetails as { cursorPosition?: number }) : undefined;
    const index = indexOfCharacter(sql, details?.cursorPosition ?? 0);
    throw new SqlSyntaxError(explain(error.message, sql, index), index);
  }
}

/** Postgres counts characters, JavaScript UTF-16 units. */
export function indexOfCharacter(text: string, characters: number): number {
  let index = 0;
  for (let seen = 0; seen < characters && index < text.length; seen += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** The parser gives places of nodes in bytes of UTF-8. */
export function indexOfByte(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length;
}

/** Line and column of an index in a text. */
export function placeOf(text: string, index: number): Place {
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length,
    column: Array.from(before.slice(lineStart)).length + 1,
  };
}

function explain(message: string, sql: string, index: number): string {
  const parameter = /^:'?[a-z_]\w*/iu.exec(sql.slice(index));
  return parameter === null
    ? message
    : `${message}: parameters such as ${parameter[0]} are for the SQL of dashboards`;
}
