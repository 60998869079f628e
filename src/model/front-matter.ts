import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';

import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';

/** A SQL file in its two parts. */
export interface SqlFile<T> {
  /** What the front matter says, checked. */
  readonly settings: T;
  /** The SQL after it. */
  readonly sql: string;
  /** Line of the file on which `sql` starts, from 1. */
  readonly line: number;
  /** Line of the file on which the value at a path of the front matter stands. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

const frontMatter = /^\uFEFF?\s*\/\*---[ \t]*\r?\n([\s\S]*?)---\*\//u;

/**
 * Splits a SQL file into its front matter, YAML between `/*---` and `---*\/`, and the SQL after it.
 * A file without front matter has empty settings. Throws `project-invalid` that lists every mistake
 * as `file:line: …`.
 */
export function readFrontMatter<S extends z.ZodType>(
  text: string,
  options: { readonly file: string; readonly schema: S },
): SqlFile<z.output<S>> {
  const { file, schema } = options;
  const match = frontMatter.exec(text);
  if (match === null && /^\uFEFF?\s*\/\*---/u.test(text)) {
    throw invalid([`${file}:1: the front matter is opened by /*--- and never closed by ---*/`]);
  }
  const yaml = match?.[1] ?? '';
  const yamlLine = match === null ? 1 : lineAt(text, match[0].indexOf('\n') + 1);
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const lineOfOffset = (offset: number): number =>
    yamlLine + Math.max(0, lines.linePos(offset).line - 1);
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map((error) => `${file}:${lineOfOffset(error.pos[0])}: ${headline(error)}`),
    );
  }
  const lineOf = (path: readonly PropertyKey[]): number =>
    lineOfOffset(offsetOf(document, path) ?? 0);
  const content: unknown = document.toJS() ?? {};
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) => describe(issue, { content, schema }));
    throw invalid(faults.map((fault) => `${file}:${lineOf(fault.path)}: ${fault.message}`));
  }
  const end = match?.[0].length ?? 0;
  return { settings: parsed.data, sql: text.slice(end), line: lineAt(text, end), lineOf };
}

/** One error for all mistakes of a file, each on its own line. */
export function invalid(mistakes: readonly string[]): PlumblineError {
  return new PlumblineError('project-invalid', { message: mistakes.join('\n') });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The parser's message goes on with an excerpt; the place says as much. */
function headline(error: Error): string {
  return (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:$/u, '');
}

/** Where the key (or the item) that a path names begins. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const parent: unknown =
    path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === last);
    if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0];
  }
  const node: unknown = document.getIn(path, true);
  if (isNode(node)) return node.range?.[0];
  return offsetOf(document, path.slice(0, -1));
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function describe(
  issue: z.core.$ZodIssue,
  context: { readonly content: unknown; readonly schema: z.ZodType },
): readonly Fault[] {
  const where = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(context.schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `${where}${quoted(key)} is not known here; ${choices(key, known)}`,
    }));
  }
  const seen = valueAt(context.content, issue.path);
  if (issue.code === 'invalid_value') {
    const known = issue.values.map((value) => String(value));
    return [
      { path: issue.path, message: `${where}${quoted(seen)}: ${choices(String(seen), known)}` },
    ];
  }
  const missing = seen === undefined && issue.code === 'invalid_type';
  const message = missing
    ? `${where}is missing`
    : `${where}${seen === undefined ? '' : `${quoted(seen)}: `}${issue.message}`;
  return [{ path: issue.path, message }];
}

function choices(word: string, known: readonly string[]): string {
  const meant = suggest(word, known);
  return meant === undefined
    ? `expected ${known.map((each) => quoted(each)).join(', ')}`
    : `did you mean ${quoted(meant)}?`;
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${String(part)}`))
    .join('');
  return text === '' ? '' : `${text.replace(/^\./u, '')}: `;
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined,
    content,
  );
}

/** Keys of the object schema at a path: what could have been meant. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  // JSON Schema is zod's public way to look into a schema.
  let at: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const part of path) {
    at = typeof part === 'number' ? valueAt(at, ['items']) : valueAt(at, ['properties', part]);
  }
  const properties = valueAt(at, ['properties']);
  return properties !== null && typeof properties === 'object' ? Object.keys(properties) : [];
}
