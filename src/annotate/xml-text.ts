/**
 * Edits of the small parts of a workbook as text. A part that is parsed and written again comes out
 * otherwise than it went in; what is only inserted into leaves every other byte as it was.
 */

/** Text for an element or an attribute. */
export const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** A cell holds at most so many characters (Excel specifications and limits). */
export const cellCharactersMax = 32_767;

/**
 * Text of a cell or comment: what XML cannot hold is written as Excel's `_x000B_` (ECMA-376,
 * 22.9.2.19), and text that looks like such an escape keeps its looks.
 */
export function escapeCellText(text: string): string {
  const clipped =
    text.length > cellCharactersMax ? `${text.slice(0, cellCharactersMax - 1)}…` : text;
  return escapeXml(
    clipped
      .toWellFormed()
      .replaceAll(/_(?=x[\dA-Fa-f]{4}_)/gu, '_x005F_')
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      .replaceAll(/[\0-\u{8}\u{B}-\u{1F}\u{FFFE}\u{FFFF}]/gu, escapeCharacter),
  );
}

const escapeCharacter = (character: string): string =>
  `_x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}_`;

/** An element found in a part: where it stands, and where what it holds stands (empty when self-closing). */
export interface FoundElement {
  readonly start: number;
  readonly end: number;
  /** The tag that opens it, `/>` included when it is self-closing. */
  readonly tag: string;
  readonly content: string;
  readonly contentStart: number;
  readonly selfClosing: boolean;
  /** `x:` or nothing. */
  readonly prefix: string;
}

/**
 * The elements of a local name, in their order. For names that are not nested in themselves; none
 * of those edited here is.
 */
export function findElements(xml: string, name: string): readonly FoundElement[] {
  const found: FoundElement[] = [];
  const opening = new RegExp(
    `<((?:[\\w.-]+:)?)${name}(?=[\\s/>])(?:[^>"']|"[^"]*"|'[^']*')*>`,
    'gu',
  );
  for (;;) {
    const match = opening.exec(xml);
    if (match === null) return found;
    const [tag, prefix = ''] = match;
    const start = match.index;
    const contentStart = start + tag.length;
    const selfClosing = tag.endsWith('/>');
    const closing = selfClosing ? undefined : closingTag(xml, `${prefix}${name}`, contentStart);
    if (!selfClosing && closing === undefined) return found;
    const end = closing?.end ?? contentStart;
    const content = xml.slice(contentStart, closing?.start ?? contentStart);
    found.push({ start, end, tag, content, contentStart, selfClosing, prefix });
    opening.lastIndex = end;
  }
}

function closingTag(
  xml: string,
  name: string,
  from: number,
): { readonly start: number; readonly end: number } | undefined {
  const closing = new RegExp(`</${name.replaceAll('.', '\\.')}\\s*>`, 'gu');
  closing.lastIndex = from;
  const match = closing.exec(xml);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}

export const findElement = (xml: string, name: string): FoundElement | undefined =>
  findElements(xml, name)[0];

/** Puts children at the end of an element; they are written with its prefix. The part as it is when it has no such element. */
export function appendTo(xml: string, name: string, children: (prefix: string) => string): string {
  const element = findElement(xml, name);
  if (element === undefined) return xml;
  const { prefix, tag, contentStart, content, selfClosing, start, end } = element;
  const added = children(prefix);
  if (selfClosing) {
    const open = `${tag.slice(0, -2).trimEnd()}>`;
    return `${xml.slice(0, start)}${open}${added}</${prefix}${name}>${xml.slice(end)}`;
  }
  const at = contentStart + content.length;
  return `${xml.slice(0, at)}${added}${xml.slice(at)}`;
}

/** An attribute of a tag by its name as written, unescaped only where it is a number or an id. */
export function attributeOf(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'u').exec(tag);
  return match?.[1] ?? match?.[2];
}

/** The tag with an attribute set. */
export function withAttribute(tag: string, name: string, value: string): string {
  const attribute = new RegExp(`(\\s${name}\\s*=\\s*)(?:"[^"]*"|'[^']*')`, 'u');
  if (attribute.test(tag)) return tag.replace(attribute, (_, head: string) => `${head}"${value}"`);
  const end = tag.endsWith('/>') ? '/>' : '>';
  return `${tag.slice(0, -end.length).trimEnd()} ${name}="${value}"${end}`;
}

export const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
