/** A value as it is written in TypeScript. */
export type Code =
  | string
  | number
  | boolean
  | null
  | RegExp
  | readonly Code[]
  | { readonly [key: string]: Code }
  | Call;

/** A call such as `column.decimal(12, 2, { min: 0 })`. */
export interface Call {
  readonly call: string;
  readonly arguments: readonly Code[];
}

/** As oxfmt sets it. */
const lineMax = 100;
const step = '  ';

const isCall = (code: object): code is Call => 'call' in code && 'arguments' in code;

/**
 * Writes a value as oxfmt does: on one line where it fits, else broken from the outside in.
 * `before` is how many characters stand on the line before it, `after` how many must fit behind it.
 */
export function printCode(
  code: Code,
  indent: string,
  { before, after = 1 }: { readonly before: number; readonly after?: number },
): string {
  const inline = printInline(code);
  if (before + inline.length + after <= lineMax || !isNested(code)) return inline;
  if (isCall(code)) return printCall(code, indent, before);
  return printBroken(code, indent);
}

const isNested = (code: Code): code is readonly Code[] | { readonly [key: string]: Code } | Call =>
  typeof code === 'object' && code !== null && !(code instanceof RegExp);

function printInline(code: Code): string {
  if (typeof code === 'string') return quoteText(code);
  if (!isNested(code)) return String(code);
  if (isList(code)) return `[${code.map(printInline).join(', ')}]`;
  if (isCall(code)) return `${code.call}(${code.arguments.map(printInline).join(', ')})`;
  const entries = Object.entries(code).map(([key, value]) => `${key}: ${printInline(value)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

const isList = (code: object): code is readonly Code[] => Array.isArray(code);

function printBroken(
  code: readonly Code[] | { readonly [key: string]: Code },
  indent: string,
): string {
  const inner = indent + step;
  if (isList(code)) {
    const items = code.map(
      (item) => `${inner}${printCode(item, inner, { before: inner.length })},\n`,
    );
    return `[\n${items.join('')}${indent}]`;
  }
  const entries = Object.entries(code).map(([key, value]) => {
    const start = `${inner}${key}: `;
    // A text too long for the line has the next one to itself.
    if (typeof value === 'string' && start.length + quoteText(value).length + 1 > lineMax) {
      return `${inner}${key}:\n${inner}${step}${quoteText(value)},\n`;
    }
    return `${start}${printCode(value, inner, { before: start.length })},\n`;
  });
  return `{\n${entries.join('')}${indent}}`;
}

/** The last argument is broken where the others fit beside the name; else each has a line. */
function printCall({ call, arguments: given }: Call, indent: string, before: number): string {
  const others = given.slice(0, -1).map(printInline);
  const last = given.at(-1);
  const start = `${call}(${others.map((each) => `${each}, `).join('')}`;
  if (
    last !== undefined &&
    isNested(last) &&
    !isCall(last) &&
    before + start.length + 1 <= lineMax
  ) {
    return `${start}${printBroken(last, indent)})`;
  }
  const inner = indent + step;
  const lines = given.map(
    (each) => `${inner}${printCode(each, inner, { before: inner.length })},\n`,
  );
  return `${call}(\n${lines.join('')}${indent})`;
}

/** In single quotes, or in double ones where that needs fewer escapes. */
function quoteText(text: string): string {
  const single = text.split("'").length;
  const double = text.split('"').length;
  const mark = single > double ? '"' : "'";
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll(mark, `\\${mark}`)
    .replaceAll(
      /[\u{7F}-\u{A0}\u{AD}\u{200B}-\u{200F}\u{2000}-\u{200A}\u{2028}-\u{202F}\u{FEFF}]/gu,
      (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `${mark}${escaped}${mark}`;
}

/** Lines of a comment, wrapped. */
export function printComment(text: string, indent: string, hang = ''): string {
  const widthMax = lineMax - indent.length - 3;
  const lines: string[] = [];
  let line = '';
  for (const word of text.replaceAll(/\s+/gu, ' ').split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (next.length > widthMax && line !== '') {
      lines.push(line);
      line = hang + word;
    } else line = next;
  }
  lines.push(line);
  return lines.map((each) => `${indent}// ${each}\n`).join('');
}
