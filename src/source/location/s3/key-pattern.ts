/** A pattern of keys, as `folder` has them for paths. */
export interface KeyPattern {
  /** What every matching key starts with: the text before the first wildcard. */
  readonly prefix: string;
  /** Whether a matching key has no `/` after the prefix, so that what lies deeper need not be listed. */
  readonly isFlat: boolean;
  readonly matches: (key: string) => boolean;
}

const wildcards = /[*?[\]{}]/u;

/** Whether a pattern is the key of one object. */
export const isLiteral = (pattern: string): boolean => !wildcards.test(pattern);

/**
 * Compiles a pattern: `*` and `?` within a part between slashes, `**` over any number of parts,
 * `[…]`, `{a,b}` and `{1..12}`. Keys are no paths: empty parts (`a//b`), `.`, `..` and `\` are
 * names like others. What `folder` never offers is never matched: parts after the prefix that start
 * with `.`, names that start with `~$`; nor are the markers of folders, which end in `/`.
 *
 * A key equal to the whole pattern matches too: a name with brackets may be meant as written.
 */
export function parseKeyPattern(pattern: string): KeyPattern {
  const prefix = pattern.slice(0, pattern.search(wildcards));
  const rest = pattern.slice(prefix.length);
  const choices = expandBraces(pattern).map(toParts);
  const folderLength = prefix.lastIndexOf('/') + 1;
  return {
    prefix,
    // Braces may hold slashes, which are then seen here too.
    isFlat: !rest.includes('/') && !rest.includes('**'),
    matches: (key) =>
      !isNeverData(key.slice(folderLength)) &&
      (key === pattern || choices.some((parts) => matchesParts(parts, key.split('/')))),
  };
}

/** Markers of folders, hidden files and the lock files of open workbooks. */
export const isNeverData = (key: string): boolean => /(?:^|\/)(?:\.|~\$[^/]*$)|\/$|^$/u.test(key);

/** `{a,b}` and `{1..3}` written out, the inner ones too; braces that hold neither are letters. */
function expandBraces(pattern: string): readonly string[] {
  for (let open = pattern.indexOf('{'); open !== -1; open = pattern.indexOf('{', open + 1)) {
    const parts = bracePartsAt(pattern, open);
    if (parts === undefined) continue;
    const before = pattern.slice(0, open);
    return expandBraces(pattern.slice(parts.end)).flatMap((after) =>
      parts.choices.flatMap(expandBraces).map((choice) => `${before}${choice}${after}`),
    );
  }
  return [pattern];
}

interface Braces {
  readonly choices: readonly string[];
  /** Index after the closing brace. */
  readonly end: number;
}

function bracePartsAt(pattern: string, open: number): Braces | undefined {
  const choices: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < pattern.length; at += 1) {
    const mark = pattern[at];
    if (mark === '{') depth += 1;
    else if (mark === '}') depth -= 1;
    if ((mark === ',' && depth === 1) || depth === 0) {
      choices.push(pattern.slice(start, at));
      start = at + 1;
    }
    if (depth > 0) continue;
    if (choices.length > 1) return { choices, end: at + 1 };
    const numbers = numbersOf(choices[0] ?? '');
    return numbers === undefined ? undefined : { choices: numbers, end: at + 1 };
  }
  return undefined;
}

/** `01..12`: as many digits as the wider bound has when one starts with a zero. */
function numbersOf(range: string): readonly string[] | undefined {
  const [, first, last] = /^(\d{1,6})\.\.(\d{1,6})$/u.exec(range) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const isPadded = /^0\d/u.test(first) || /^0\d/u.test(last);
  const width = isPadded ? Math.max(first.length, last.length) : 0;
  const [from, to] = [Number(first), Number(last)];
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) =>
    String(from + index * step).padStart(width, '0'),
  );
}

/** What a part of a key must look like, or any number of parts. */
type Part = RegExp | '**';

function toParts(pattern: string): readonly Part[] {
  const parts = pattern.split('/').map((part) => (part === '**' ? part : partExpression(part)));
  // The last `**` stands for something: `a/**` is what lies below `a`.
  return parts.at(-1) === '**' ? [...parts, /^/u] : parts;
}

/** To go back to the last `**` is enough: what stood before it matched as early as it could. */
function matchesParts(parts: readonly Part[], names: readonly string[]): boolean {
  let part = 0;
  let name = 0;
  let open: { part: number; name: number } | undefined;
  while (name < names.length) {
    const wanted = parts[part];
    if (wanted === '**') {
      part += 1;
      open = { part, name };
    } else if (wanted?.test(names[name] ?? '') === true) {
      part += 1;
      name += 1;
    } else if (open !== undefined) {
      open.name += 1;
      ({ part, name } = open);
    } else {
      return false;
    }
  }
  return part === parts.length;
}

const partTokens = /\*+|\?|\[[!^]?\]?[^\]]*\]|[^*?[]+|\[/gu;

function partExpression(part: string): RegExp {
  // A part that is only a star stands for a name, and a name is not empty.
  if (/^\*+$/u.test(part)) return /./su;
  const source = Array.from(part.matchAll(partTokens), ([token]) => {
    if (token.startsWith('*')) return '.*';
    if (token === '?') return '.';
    if (token.length > 1 && token.startsWith('[')) return classExpression(token);
    return escape(token);
  }).join('');
  return new RegExp(`^${source}$`, 'su');
}

/** `[a-c]`, `[!a]` and `[^a]`; a `]` that stands first is one of the letters. */
function classExpression(token: string): string {
  const [, negation = '', letters = ''] = /^\[([!^]?)([^]*)\]$/u.exec(token) ?? [];
  const set = `[${negation === '' ? '' : '^'}${letters.replaceAll(/[\\\][^&|~]/gu, String.raw`\$&`)}]`;
  try {
    void new RegExp(set, 'u');
  } catch {
    // A range from a later letter to an earlier one holds nothing.
    return '[]';
  }
  return set;
}

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
