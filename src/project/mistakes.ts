import { z } from 'zod';

import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { Mistake } from '../errors.ts';
import { createRedact } from '../source/api/redact.ts';

/** A mistake at a place of a file that is known to the caller. */
export type MistakeInFile = Omit<Mistake, 'file'>;

/** Checks `input` against a schema and gives every mistake, with what was most likely meant. */
export function mistakesOf(schema: z.ZodType, input: unknown): readonly MistakeInFile[] {
  const parsed = schema.safeParse(input);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => describeIssue(issue, schema, input));
}

function describeIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  input: unknown,
): readonly MistakeInFile[] {
  const place = issue.path.length === 0 ? {} : { place: pathText(issue.path) };
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, input, issue.path);
    return issue.keys.map((key) => ({
      place: pathText([...issue.path, key]),
      message: `'${key}' is not known here`,
      ...expectation(key, known),
    }));
  }
  const seen = valueAt(input, issue.path);
  const value = showValue(seen);
  if (issue.code === 'invalid_value') {
    const known = issue.values.map((each) => String(each));
    return [{ ...place, message: wrong(seen), value, ...expectation(String(seen), known) }];
  }
  const [expected = '', suggestion] = issue.message
    .replace(/^(?:Invalid input: )?expected /, '')
    .split(/; did you mean '(.*)'\?$/);
  return [
    {
      ...place,
      message: wrong(seen),
      value,
      expected,
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ];
}

function wrong(seen: unknown): string {
  return seen === undefined ? 'is missing' : `is ${showValue(seen)}`;
}

function expectation(word: string, known: readonly string[]): Partial<MistakeInFile> {
  const suggestion = suggest(word, known);
  return {
    ...(known.length === 0 ? {} : { expected: `one of ${known.join(', ')}` }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** `rows[1][2].format`, counting from 1 as people do. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** An address in a setting may hold a password, which belongs in the environment. */
const withoutPasswords = createRedact([]);

/** A value as it would be written in a file, on one short line. */
export function showValue(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (value === undefined) return 'undefined';
  if (value instanceof RegExp) return String(value);
  const text =
    typeof value === 'string'
      ? `'${value}'`
      : (JSON.stringify(value, (_, inner: unknown) =>
          typeof inner === 'bigint' ? `${inner}n` : inner,
        ) ?? typeof value);
  const shown = withoutPasswords(text);
  return shown.length > 80 ? `${shown.slice(0, 77)}…` : shown;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined,
    input,
  );
}

/** Keys an object may have at a path: what could have been meant. */
function keysAt(
  schema: z.ZodType,
  input: unknown,
  path: readonly PropertyKey[],
): readonly string[] {
  // JSON Schema is zod's public way to look into a schema.
  let at: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  let value = input;
  for (const part of [...path, undefined]) {
    at = variantOf(at, value);
    if (part === undefined) break;
    at =
      typeof part === 'number'
        ? valueAt(at, ['items'])
        : (valueAt(at, ['properties', part]) ?? valueAt(at, ['additionalProperties']));
    value = valueAt(value, [part]);
  }
  const properties = valueAt(at, ['properties']);
  return properties !== null && typeof properties === 'object' ? Object.keys(properties) : [];
}

/** Of several forms, the one whose fixed property (`kind`, `type`) is the value's. */
function variantOf(at: unknown, value: unknown): unknown {
  const variants = valueAt(at, ['anyOf']) ?? valueAt(at, ['oneOf']);
  if (!Array.isArray(variants)) return at;
  return variants.find((variant: unknown) =>
    ['kind', 'type'].some((key) => {
      const fixed = valueAt(variant, ['properties', key, 'const']);
      return fixed !== undefined && fixed === valueAt(value, [key]);
    }),
  );
}

/**
 * What a stage says about a file, as mistakes: each line of its message that names the file,
 * `file:4:7: …`, becomes one with its place.
 */
export function mistakesOfError(error: unknown, file: string): readonly Mistake[] {
  if (error instanceof PlumblineError && error.mistakes.length > 0) return error.mistakes;
  const message = error instanceof Error ? error.message : String(error);
  // As the transpiler of a development run says it; Node itself puts the place in the stack.
  const transpiled = /:(\d+):(\d+): ERROR: (.*)/.exec(message);
  if (transpiled !== null) {
    const [, line, column, text = ''] = transpiled;
    return [{ file, place: `line ${line}, column ${column}`, message: text }];
  }
  if (!(error instanceof PlumblineError)) return [{ file, ...placeInStack(error, file), message }];
  return message.split('\n').map((line) => mistakeOfLine(line, file));
}

/** `models/marts/a.sql:4:7: there is no select` as a mistake; a line without place is the file's. */
export function mistakeOfLine(line: string, file: string): Mistake {
  const match = /^(.+?\.\w+|tile \d+):(\d+)(?::(\d+))?: (.*)$/.exec(line);
  if (match === null) return { file, message: line };
  const [, named = file, row = '', column, rest = ''] = match;
  const [message = '', suggestion] = rest.split(/; did you mean (.*)\?$/);
  return {
    file: named,
    place: column === undefined ? `line ${row}` : `line ${row}, column ${column}`,
    message,
    ...(suggestion === undefined ? {} : { suggestion: suggestion.replace(/^"(.*)"$/, '$1') }),
  };
}

/**
 * What was meant by a name that `plumbline` does not export (`colum`), or that what it exports does
 * not have (`column.intger`), as Node and its transpilers say it.
 */
export function suggestName(
  error: unknown,
  exported: Readonly<Record<string, unknown>>,
): { suggestion?: string } {
  const message = error instanceof Error ? error.message : '';
  const [, missing = ''] =
    /'plumbline' does not provide an export named '(\w+)'/.exec(message) ?? [];
  const [, owner = '', member = ''] = /\b(\w+)\.(\w+) is not a function/.exec(message) ?? [];
  const object = exported[owner];
  const suggestion =
    missing === ''
      ? object !== null && typeof object === 'object'
        ? suggest(member, Object.keys(object))
        : undefined
      : suggest(missing, Object.keys(exported));
  if (suggestion === undefined) return {};
  return { suggestion: missing === '' ? `${owner}.${suggestion}` : suggestion };
}

/** The line of the file from which an error came, when its stack names it. */
function placeInStack(error: unknown, file: string): { place?: string } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`/${file}`);
  const match =
    at === -1 ? null : /^(?:\?plumbline=\d+)?:(\d+)/.exec(stack.slice(at + file.length + 1));
  return match === null ? {} : { place: `line ${match[1]}` };
}
