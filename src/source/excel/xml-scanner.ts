import { brokenXml, WorkbookFault } from './workbook-fault.ts';

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const AMPERSAND = 0x26;
const COLON = 0x3a;
const EQUALS = 0x3d;
const SPACE = 0x20;

/** What `XmlScanner.next` met. `incomplete`: the buffer ends inside it, nothing was taken. */
export const Token = { incomplete: 0, open: 1, close: 2, text: 3, end: 4 } as const;
export type Token = (typeof Token)[keyof typeof Token];

/**
 * Pulls tags and texts from a buffer of XML in UTF-8, by offsets into it. No names are made into
 * strings but for rare elements: a sheet has tens of millions of tags.
 *
 * Deliberately not a validating parser: DOCTYPE is refused (no entity but the five of XML and
 * character references exists), prefixes of names are ignored, attributes are read on demand.
 * Comments and processing instructions are passed over. What a damaged part loses shows
 * elsewhere: in its checksum, or in the elements its reader requires.
 */
export interface XmlScanner {
  /** Bytes `[position, end)` of `bytes` are still to be read; `whole` when nothing follows them. */
  bytes: Buffer;
  position: number;
  end: number;
  whole: boolean;
  /** Of the last tag: its local name's range, packed name, and the range of its attributes. */
  nameStart: number;
  nameEnd: number;
  /** The name's bytes as one number when it has at most four, 0 when longer. */
  name: number;
  attributesStart: number;
  attributesEnd: number;
  selfClosing: boolean;
  /** Of the last text. */
  textStart: number;
  textEnd: number;
  /** False for CDATA, whose ampersands are ampersands. */
  textHasEntities: boolean;
}

export function createXmlScanner(): XmlScanner {
  return {
    bytes: Buffer.alloc(0),
    position: 0,
    end: 0,
    whole: false,
    nameStart: 0,
    nameEnd: 0,
    name: 0,
    attributesStart: 0,
    attributesEnd: 0,
    selfClosing: false,
    textStart: 0,
    textEnd: 0,
    textHasEntities: false,
  };
}

/** A name of at most four letters as `XmlScanner.name` has it. */
export function packName(name: string): number {
  let packed = 0;
  for (let index = 0; index < name.length; index += 1) {
    packed = packed * 256 + name.charCodeAt(index);
  }
  return packed;
}

/** Moves to the next tag or text. Throws `format-error` on DOCTYPE. */
export function nextToken(xml: XmlScanner): Token {
  const { bytes, end } = xml;
  for (;;) {
    const start = xml.position;
    if (start === end) return xml.whole ? Token.end : Token.incomplete;
    if (bytes[start] !== LESS_THAN) return readText(xml, start);
    if (start + 1 === end) return unfinished(xml);
    const mark = bytes[start + 1];
    if (mark !== BANG && mark !== QUESTION) return readTag(xml, start);
    if (mark === BANG && end - start < 9 && !xml.whole) return Token.incomplete;
    if (mark === BANG && bytes.toString('latin1', start, start + 9) === '<![CDATA[') {
      return readCdata(xml, start);
    }
    const after = afterMarkup(xml, start);
    if (after === -1) return unfinished(xml);
    xml.position = after;
  }
}

/** Position after a comment or processing instruction; -1 when its end is not in the buffer. */
function afterMarkup(xml: XmlScanner, start: number): number {
  const isComment = xml.bytes.toString('latin1', start, start + 4) === '<!--';
  if (!isComment && xml.bytes[start + 1] === BANG) {
    throw new WorkbookFault(
      'declares a document type (DOCTYPE), which no spreadsheet program writes; it is refused because entities in it can fill the memory',
    );
  }
  const mark = isComment ? '-->' : '?>';
  const found = xml.bytes.indexOf(mark, start + (isComment ? 4 : 2));
  return found === -1 || found + mark.length > xml.end ? -1 : found + mark.length;
}

const unfinished = (xml: XmlScanner): Token => {
  if (xml.whole) throw brokenXml();
  return Token.incomplete;
};

function readText(xml: XmlScanner, start: number): Token {
  const { bytes, end } = xml;
  let position = start;
  let hasEntities = false;
  while (position < end) {
    const byte = bytes[position];
    if (byte === LESS_THAN) break;
    if (byte === AMPERSAND) hasEntities = true;
    position += 1;
  }
  if (position === end && !xml.whole) return Token.incomplete;
  xml.textStart = start;
  xml.textEnd = position;
  xml.textHasEntities = hasEntities;
  xml.position = position;
  return Token.text;
}

function readCdata(xml: XmlScanner, start: number): Token {
  const found = xml.bytes.indexOf(']]>', start + 9);
  if (found === -1 || found + 3 > xml.end) return unfinished(xml);
  xml.textStart = start + 9;
  xml.textEnd = found;
  xml.textHasEntities = false;
  xml.position = found + 3;
  return Token.text;
}

function readTag(xml: XmlScanner, start: number): Token {
  const { bytes, end } = xml;
  const closing = bytes[start + 1] === SLASH;
  let position = start + (closing ? 2 : 1);
  let nameStart = position;
  let name = 0;
  for (; position < end; position += 1) {
    const byte = bytes[position] ?? 0;
    if (byte === COLON) {
      nameStart = position + 1;
      name = 0;
    } else if (byte === GREATER_THAN || byte === SLASH || byte <= SPACE) {
      break;
    } else {
      name = position - nameStart < 4 ? name * 256 + byte : 0;
    }
  }
  xml.nameStart = nameStart;
  xml.nameEnd = position;
  xml.name = position - nameStart > 4 ? 0 : name;
  xml.attributesStart = position;
  while (position < end) {
    const byte = bytes[position];
    if (byte === GREATER_THAN) {
      const selfClosing = bytes[position - 1] === SLASH && !closing;
      xml.selfClosing = selfClosing;
      xml.attributesEnd = selfClosing ? position - 1 : position;
      xml.position = position + 1;
      return closing ? Token.close : Token.open;
    }
    if (byte === QUOTE || byte === APOSTROPHE) {
      position = bytes.indexOf(byte, position + 1);
      if (position === -1 || position >= end) break;
    }
    position += 1;
  }
  return unfinished(xml);
}

/** The last tag's local name. */
export const tagName = (xml: XmlScanner): string =>
  xml.bytes.toString('latin1', xml.nameStart, xml.nameEnd);

/** An attribute of the last tag by its local name, unescaped; undefined when absent. */
export function attribute(xml: XmlScanner, wanted: string): string | undefined {
  const { bytes, attributesEnd } = xml;
  let position = xml.attributesStart;
  for (;;) {
    while (position < attributesEnd && (bytes[position] ?? 0) <= SPACE) position += 1;
    if (position >= attributesEnd) return undefined;
    const nameStart = position;
    while (position < attributesEnd && bytes[position] !== EQUALS) position += 1;
    const name = bytes.toString('latin1', nameStart, position).trim();
    position += 1;
    while (position < attributesEnd && (bytes[position] ?? 0) <= SPACE) position += 1;
    const quote = bytes[position];
    if (quote !== QUOTE && quote !== APOSTROPHE) throw brokenXml();
    const valueStart = position + 1;
    position = bytes.indexOf(quote, valueStart);
    if (position === -1 || position >= attributesEnd) throw brokenXml();
    if (name === wanted || name.slice(name.indexOf(':') + 1) === wanted) {
      return unescapeXml(bytes.toString('utf8', valueStart, position));
    }
    position += 1;
  }
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Undoes the five entities of XML and character references. Throws `format-error` on any other. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&([^;&]*)(;?)/gu, (_, name: string, semicolon: string) => {
    const entity = entities.get(name);
    if (entity !== undefined && semicolon === ';') return entity;
    const digits = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/iu.exec(name);
    const code =
      digits === null
        ? NaN
        : parseInt(digits[1] ?? digits[2] ?? '', digits[1] === undefined ? 10 : 16);
    if (semicolon === ';' && code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
      return String.fromCodePoint(code);
    }
    throw brokenXml();
  });
}
