import { unescapeXml, type XmlScanner } from './xml-scanner.ts';

const UNDERSCORE = 0x5f;

/**
 * Appends the scanner's last text to `target` at `at`, entities and Excel's `_x000D_` escapes
 * undone, and returns where it ends. The target must have room for `textEnd - textStart` bytes:
 * undoing never lengthens.
 */
export function appendText(xml: XmlScanner, target: Buffer, at: number): number {
  const { bytes, textStart, textEnd } = xml;
  if (!xml.textHasEntities && !hasEscape(bytes, textStart, textEnd)) {
    return copyShort(bytes, textStart, textEnd, target, at);
  }
  const raw = bytes.toString('utf8', textStart, textEnd);
  const text = xml.textHasEntities ? unescapeXml(raw) : raw;
  return at + target.write(undoEscapes(text), at);
}

/** Copies a range; most are a few bytes, for which a loop is faster than a native call. */
export function copyShort(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  if (to - from > 64) {
    target.set(source.subarray(from, to), at);
    return at + to - from;
  }
  let out = at;
  for (let position = from; position < to; position += 1) {
    target[out] = source[position] ?? 0;
    out += 1;
  }
  return out;
}

function hasEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let position = from; position < to - 6; position += 1) {
    if (bytes[position] === UNDERSCORE && bytes[position + 6] === UNDERSCORE) return true;
  }
  return false;
}

/** `_x000D_` stands for a character XML cannot hold (ECMA-376, 22.9.2.19). NUL stays as written: no text may hold it. */
const undoEscapes = (text: string): string =>
  text.replaceAll(/_x([\dA-Fa-f]{4})_/gu, (escape, digits: string) => {
    const code = parseInt(digits, 16);
    return code === 0 ? escape : String.fromCharCode(code);
  });
