import { brokenXml } from './workbook-fault.ts';
import { createXmlScanner, nextToken, Token, type XmlScanner } from './xml-scanner.ts';

/** An element may be this long at most: a cell's text has 32,767 characters, escaped or rich. */
const elementBytesMax = 64 * 1024 * 1024;

/**
 * Feeds the blocks of a part to a scanner and calls `step` while it can go on. `step` reads one
 * unit (a tag, a whole cell) and returns false when the buffer ends inside it: then the scanner is
 * put back to the unit's start and more is read. What `step` keeps must not be offsets.
 * Yields after each block, so that results can be passed on.
 */
export async function* scanPart(
  blocks: AsyncIterable<Buffer>,
  step: (xml: XmlScanner) => boolean,
): AsyncGenerator<void> {
  const xml = createXmlScanner();
  // Most parts of a workbook are small, and fresh memory costs more than copying when it grows.
  xml.bytes = Buffer.allocUnsafeSlow(8 * 1024);
  for await (const block of utf8Blocks(blocks)) {
    append(xml, block);
    run(xml, step);
    yield;
  }
  xml.whole = true;
  run(xml, step);
  yield;
}

/** Calls `visit` for each opening tag and text of a small part. */
export async function visitPart(
  blocks: AsyncIterable<Buffer>,
  visit: (xml: XmlScanner, token: Token) => void,
): Promise<void> {
  const steps = scanPart(blocks, (xml) => {
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    visit(xml, token);
    return true;
  });
  for await (const _ of steps);
}

function run(xml: XmlScanner, step: (xml: XmlScanner) => boolean): void {
  for (;;) {
    const start = xml.position;
    if (step(xml)) continue;
    xml.position = start;
    return;
  }
}

function append(xml: XmlScanner, block: Buffer): void {
  const rest = xml.end - xml.position;
  if (rest + block.length > xml.bytes.length) {
    if (rest > elementBytesMax) throw brokenXml();
    const larger = Buffer.allocUnsafeSlow(Math.max(xml.bytes.length * 2, rest + block.length));
    xml.bytes.copy(larger, 0, xml.position, xml.end);
    xml.bytes = larger;
  } else {
    xml.bytes.copyWithin(0, xml.position, xml.end);
  }
  block.copy(xml.bytes, rest);
  xml.position = 0;
  xml.end = rest + block.length;
}

/** The few parts that are in UTF-16 (with its byte order mark) as UTF-8; the mark of UTF-8 dropped. */
export async function* utf8Blocks(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (let block of blocks) {
    if (isFirst && block.length > 0) {
      isFirst = false;
      if (block[0] === 0xff && block[1] === 0xfe) decoder = new TextDecoder('utf-16le');
      if (block[0] === 0xfe && block[1] === 0xff) decoder = new TextDecoder('utf-16be');
      if (block[0] === 0xef && block[1] === 0xbb) block = block.subarray(3);
    }
    yield decoder === undefined ? block : Buffer.from(decoder.decode(block, { stream: true }));
  }
}
