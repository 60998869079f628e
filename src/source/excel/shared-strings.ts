import { appendText } from './cell-text.ts';
import { WorkbookFault } from './workbook-fault.ts';
import { scanPart } from './xml-part.ts';
import { nextToken, packName, Token, type XmlScanner } from './xml-scanner.ts';

const siTag = packName('si');
const tTag = packName('t');
const rPhTag = packName('rPh');

/** Of all texts of a workbook; a full sheet of distinct texts has about half of it. */
const textBytesMax = 512 * 1024 * 1024;

/** The texts that cells refer to by number, in one block: a million of them make no million objects. */
export interface SharedStrings {
  readonly bytes: Buffer;
  /** Text i is `bytes[offsets[i] .. offsets[i + 1])`. */
  readonly offsets: Uint32Array;
  readonly count: number;
}

export const noSharedStrings: SharedStrings = {
  bytes: Buffer.alloc(0),
  offsets: new Uint32Array(1),
  count: 0,
};

/** Reads `sharedStrings.xml`: runs of rich text are joined, phonetic readings left out. */
export async function readSharedStrings(blocks: AsyncIterable<Buffer>): Promise<SharedStrings> {
  let bytes = Buffer.allocUnsafeSlow(64 * 1024);
  let offsets = new Uint32Array(4 * 1024);
  let count = 0;
  let at = 0;
  let inText = false;
  let inPhonetic = false;

  function onTag(xml: XmlScanner, isOpen: boolean): void {
    if (xml.name === tTag) inText = isOpen && !xml.selfClosing && !inPhonetic;
    else if (xml.name === rPhTag) inPhonetic = isOpen && !xml.selfClosing;
    else if (xml.name === siTag && (!isOpen || xml.selfClosing)) {
      count += 1;
      if (count >= offsets.length) offsets = widened(offsets);
      offsets[count] = at;
    }
  }

  function onText(xml: XmlScanner): void {
    // Thrice: what is no UTF-8 is replaced by three bytes.
    const needed = at + 3 * (xml.textEnd - xml.textStart);
    if (needed > textBytesMax) throw tooManyTexts();
    if (needed > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, needed));
      bytes.copy(larger, 0, 0, at);
      bytes = larger;
    }
    at = appendText(xml, bytes, at);
  }

  const steps = scanPart(blocks, (xml) => {
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token !== Token.text) onTag(xml, token === Token.open);
    else if (inText) onText(xml);
    return true;
  });
  for await (const _ of steps);
  return { bytes, offsets, count };
}

function widened(offsets: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(offsets.length * 2);
  larger.set(offsets);
  return larger;
}

const tooManyTexts = (): WorkbookFault =>
  new WorkbookFault(
    `holds more than ${textBytesMax} bytes of distinct texts`,
    'Ask the sender for CSV, or for several smaller workbooks.',
  );
