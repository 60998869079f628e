import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';

/** Values for the `:name` parameters of a query, by name. */
export type Parameters = Readonly<
  Record<string, { readonly value: string | null; readonly type: 'date' | 'text' }>
>;

/** A query as Postgres takes it: `$1` in the text, the values beside it. */
export interface BoundQuery {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/**
 * What may hold a colon that is no parameter. Order matters: a dollar quote is tried before a lone
 * `$1`, a cast before a parameter. https://www.postgresql.org/docs/17/sql-syntax-lexical.html
 */
const lexeme = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*)`,
    String.raw`(?<block>\/\*)`,
    // E'…' knows backslashes, other strings only the doubled quote.
    String.raw`(?<escape>(?<![\p{L}\p{N}_$])[eE]'(?:[^'\\]|\\[\s\S]|'')*'?)`,
    String.raw`(?<text>'(?:[^']|'')*'?)`,
    String.raw`(?<quoted>"(?:[^"]|"")*"?)`,
    String.raw`(?<dollar>(?<![\p{L}\p{N}_$])\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$)`,
    String.raw`(?<position>(?<![\p{L}\p{N}_$])\$\d+)`,
    String.raw`(?<cast>::|:=)`,
    // psql's form for a quoted literal, :'name', is the same parameter here.
    String.raw`:'(?<literal>[a-zA-Z_][a-zA-Z0-9_]*)'`,
    String.raw`:(?<name>[a-zA-Z_][a-zA-Z0-9_]*)`,
    String.raw`(?<bracket>[[\]])`,
  ].join('|'),
  'gu',
);

/**
 * Replaces the `:name` parameters of a query by `$1`, `$2`, …, each with a cast to its type so that
 * Postgres never has to guess. Strings, quoted identifiers, comments, casts (`::`), dollar quotes and
 * array slices (`a[1:n]`) stay as they are. A name used twice is one parameter. Throws
 * `unknown-parameter` for a name without a value and for a `$1` in the text.
 */
export function bindParameters(sql: string, parameters: Parameters): BoundQuery {
  const positions = new Map<string, number>();
  const values: (string | null)[] = [];
  let text = '';
  let at = 0;
  let brackets = 0;
  const placeholder = (name: string): string => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) throw unknownParameter(name, Object.keys(parameters));
    let position = positions.get(name);
    if (position === undefined) {
      position = values.push(parameter.value);
      positions.set(name, position);
    }
    return `($${position}::${parameter.type})`;
  };
  while (at < sql.length) {
    lexeme.lastIndex = at;
    const match = lexeme.exec(sql);
    if (match === null) break;
    const groups = match.groups ?? {};
    const end = match.index + match[0].length;
    text += sql.slice(at, match.index);
    at = end;
    const name = groups['name'] ?? groups['literal'];
    if (name !== undefined) {
      const slice = brackets > 0 && /[\p{L}\p{N}_)\]"]\s*$/u.test(text);
      text += slice && groups['name'] !== undefined ? match[0] : placeholder(name);
      continue;
    }
    if (groups['position'] !== undefined) throw positionalParameter(groups['position']);
    if (groups['bracket'] !== undefined) brackets += groups['bracket'] === '[' ? 1 : -1;
    if (groups['block'] !== undefined) at = endOfBlockComment(sql, end);
    if (groups['dollar'] !== undefined) at = endOfDollarQuote(sql, end, groups['dollar']);
    text += sql.slice(match.index, at);
  }
  return { text: text + sql.slice(at), values };
}

/** Block comments nest in Postgres. */
function endOfBlockComment(sql: string, from: number): number {
  let depth = 1;
  for (const match of sql.slice(from).matchAll(/\/\*|\*\//gu)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return from + match.index + 2;
  }
  return sql.length;
}

function endOfDollarQuote(sql: string, from: number, quote: string): number {
  const end = sql.indexOf(quote, from);
  return end === -1 ? sql.length : end + quote.length;
}

function unknownParameter(name: string, known: readonly string[]): PlumblineError {
  const meant = suggest(name, known);
  return new PlumblineError('unknown-parameter', {
    message: `the query uses :${name}, which no filter gives; known are ${known.map((one) => `:${one}`).join(', ') || 'none'}`,
    ...(meant === undefined ? {} : { remedy: `Did you mean :${meant}?` }),
  });
}

function positionalParameter(position: string): PlumblineError {
  return new PlumblineError('unknown-parameter', {
    message: `the query uses ${position}; parameters are written by name, as in :period_from`,
  });
}
