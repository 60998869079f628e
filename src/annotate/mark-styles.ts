import type { Tone } from './marks.ts';
import {
  appendTo,
  attributeOf,
  findElement,
  findElements,
  withAttribute,
  xmlHead,
} from './xml-text.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/**
 * Colours of marks. They are one off those of Excel's own "Bad" and "Neutral", so that marks of an
 * earlier round are known by them when a workbook comes back.
 */
const colors: Readonly<Record<Tone, string>> = { cell: 'FFFFC7CD', row: 'FFFFEB9B' };
const tones: readonly Tone[] = ['cell', 'row'];

/** A style of the sheet that lists what was wrong. */
export type NotesStyle = 'title' | 'head' | 'plain' | 'text' | 'link' | 'count' | Tone;

/** Styles that cells get; numbers are places in `cellXfs`. */
export interface MarkStyles {
  readonly styleOf: (base: number, tone: Tone) => number;
  readonly notes: Readonly<Record<NotesStyle, number>>;
  /** The part with what was asked for, once all cells were styled. */
  readonly xml: () => string;
}

/** The least a workbook needs that has no styles of its own. */
export const plainStyles =
  `${xmlHead}<styleSheet xmlns="${main}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>' +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

/** Sections of a style sheet in the order they must have (ECMA-376, 18.8.39). */
const sections = ['numFmts', 'fonts', 'fills', 'borders', 'cellStyleXfs', 'cellXfs', 'cellStyles'];
const lastSections = ['dxfs', 'tableStyles', 'colors', 'extLst'];

/** Adds the colours to a style sheet, and to each style in use a twin in them when it is asked for. */
export function markStyles(given: string): MarkStyles {
  const fonts = addFonts(withSection(given, 'fonts'));
  const fills = addFills(withSection(fonts.xml, 'fills'));
  const xml = forgetMarks(withSection(fills.xml, 'cellXfs'), fills.ids);
  const formats = findElement(xml, 'cellXfs');
  const prefix = formats?.prefix ?? '';
  const inUse = findElements(formats?.content ?? '', 'xf').map(({ start, end }) =>
    (formats?.content ?? '').slice(start, end),
  );
  const plain = `<${prefix}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>`;
  const added: string[] = [];
  const add = (format: string): number => inUse.length + added.push(format) - 1;
  if (inUse.length === 0) add(plain);
  const known = new Map<string, number>();
  const styleOf = (base: number, tone: Tone): number => {
    const key = `${base} ${tone}`;
    const style = known.get(key) ?? add(filled(inUse[base] ?? inUse[0] ?? plain, fills.ids[tone]));
    known.set(key, style);
    return style;
  };
  const notes = notesFormats(add, { prefix, fonts: fonts.ids, fills: fills.ids });
  const finished = (): string => withChildren(xml, 'cellXfs', 'xf', added.join(''));
  return { styleOf, notes, xml: finished };
}

/** The style sheet with an empty section where it has none. */
function withSection(xml: string, name: string): string {
  if (findElement(xml, name) !== undefined) return xml;
  const root = findElement(xml, 'styleSheet');
  const prefix = root?.prefix ?? '';
  const behind = [...sections.slice(sections.indexOf(name) + 1), ...lastSections];
  const next = behind.map((each) => findElement(xml, each)?.start).find((at) => at !== undefined);
  const section = `<${prefix}${name} count="0"></${prefix}${name}>`;
  if (next === undefined) return appendTo(xml, 'styleSheet', () => section);
  return `${xml.slice(0, next)}${section}${xml.slice(next)}`;
}

/** Puts children at the end of a section and counts those it then has. */
function withChildren(xml: string, section: string, child: string, children: string): string {
  const longer = appendTo(xml, section, () => children);
  const element = findElement(longer, section);
  if (element === undefined) return longer;
  const count = findElements(element.content, child).length;
  const tag = withAttribute(element.tag, 'count', String(count));
  return longer.slice(0, element.start) + tag + longer.slice(element.contentStart);
}

const childrenOf = (xml: string, section: string, child: string) =>
  findElements(findElement(xml, section)?.content ?? '', child);

const notesFonts = {
  title: '<b/><sz val="14"/><name val="Calibri"/><family val="2"/>',
  head: '<b/><sz val="11"/><name val="Calibri"/><family val="2"/>',
  text: '<sz val="11"/><name val="Calibri"/><family val="2"/>',
  link: '<u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/><family val="2"/>',
} as const;

type FontIds = Readonly<Record<keyof typeof notesFonts, number>>;
type FillIds = Readonly<Record<Tone, number>>;

function addFonts(xml: string): { readonly xml: string; readonly ids: FontIds } {
  const prefix = findElement(xml, 'fonts')?.prefix ?? '';
  const first = childrenOf(xml, 'fonts', 'font').length;
  const fonts = Object.values(notesFonts).map((font) => `<font>${font}</font>`);
  return {
    xml: withChildren(xml, 'fonts', 'font', withPrefix(fonts.join(''), prefix)),
    ids: { title: first, head: first + 1, text: first + 2, link: first + 3 },
  };
}

/** Programs take the first two fills for "none" and "gray125" whatever they are, so there must be two before ours. */
const reservedFills = ['none', 'gray125'];

function addFills(xml: string): { readonly xml: string; readonly ids: FillIds } {
  const section = findElement(xml, 'fills');
  const content = section?.content ?? '';
  const fills = findElements(content, 'fill').map(({ start, end }) => content.slice(start, end));
  const before = fills.length;
  const missing = reservedFills.slice(before).map((type) => `<patternFill patternType="${type}"/>`);
  const all = [...fills, ...missing];
  const added = [...missing];
  const idOf = (tone: Tone): number => {
    const found = all.findIndex((fill) => fill.includes(`rgb="${colors[tone]}"`));
    if (found !== -1) return found;
    const fill = `<patternFill patternType="solid"><fgColor rgb="${colors[tone]}"/><bgColor indexed="64"/></patternFill>`;
    added.push(fill);
    return all.push(fill) - 1;
  };
  const ids = { cell: idOf('cell'), row: idOf('row') };
  const elements = added.map((fill) => `<fill>${fill}</fill>`).join('');
  return {
    xml: withChildren(xml, 'fills', 'fill', withPrefix(elements, section?.prefix ?? '')),
    ids,
  };
}

const withPrefix = (xml: string, prefix: string): string =>
  xml.replaceAll(/<(\/?)(?=[a-z])/giu, `<$1${prefix}`);

/** Styles in the colours of an earlier round lose them: their cells may have been corrected since. */
function forgetMarks(xml: string, ids: FillIds): string {
  const section = findElement(xml, 'cellXfs');
  if (section === undefined) return xml;
  let content = '';
  let at = 0;
  for (const { start, tag } of findElements(section.content, 'xf')) {
    const fill = attributeOf(tag, 'fillId');
    if (fill === undefined || !tones.some((tone) => String(ids[tone]) === fill)) continue;
    content += section.content.slice(at, start) + withAttribute(tag, 'fillId', '0');
    at = start + tag.length;
  }
  const end = section.contentStart + section.content.length;
  return xml.slice(0, section.contentStart) + content + section.content.slice(at) + xml.slice(end);
}

/** A style's twin in another fill. */
function filled(format: string, fill: number): string {
  const tag = /^<[^>]*>/u.exec(format)?.[0] ?? '';
  const own = withAttribute(withAttribute(tag, 'fillId', String(fill)), 'applyFill', '1');
  return own + format.slice(tag.length);
}

function notesFormats(
  add: (format: string) => number,
  parts: { readonly prefix: string; readonly fonts: FontIds; readonly fills: FillIds },
): Readonly<Record<NotesStyle, number>> {
  const { prefix, fonts, fills } = parts;
  // Text as text: what begins like a formula stays what it is when someone edits the cell.
  const format = (font: number, fill: number, wrap: boolean, number = 49): number =>
    add(
      withPrefix(
        `<xf numFmtId="${number}" fontId="${font}" fillId="${fill}" borderId="0" ${number === 49 ? 'quotePrefix="1" ' : ''}applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top"${wrap ? ' wrapText="1"' : ''}/></xf>`,
        prefix,
      ),
    );
  return {
    title: format(fonts.title, 0, false),
    head: format(fonts.head, 0, false),
    plain: format(fonts.text, 0, false),
    text: format(fonts.text, 0, true),
    link: format(fonts.link, 0, false),
    count: format(fonts.text, 0, false, 3),
    cell: format(fonts.text, fills.cell, true),
    row: format(fonts.text, fills.row, true),
  };
}
