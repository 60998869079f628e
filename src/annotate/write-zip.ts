import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

import { PlumblineError } from '../errors.ts';
import type { StoredPart } from '../source/excel/zip-package.ts';

/** A part of an archive: copied as it is compressed, given whole, or as a stream. */
export type ZipPart =
  | { readonly kind: 'stored'; readonly part: StoredPart }
  | { readonly kind: 'text'; readonly name: string; readonly text: string }
  | { readonly kind: 'stream'; readonly name: string; readonly blocks: AsyncIterable<Buffer> };

/** What the directory at the end says of a part. */
interface Written {
  readonly name: Buffer;
  readonly method: number;
  readonly flags: number;
  readonly time: number;
  readonly date: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly plainBytes: number;
  readonly offset: number;
}

/** Sizes and offsets have 32 bits: without the 64-bit extension, which not all programs read. */
const bytesMax = 0xffff_ffff;
/** 1 January 1980: a part that is made now carries no time, so that the same input gives the same bytes. */
const noDate = 0x21;
const deflated = 8;
const utf8Names = 0x800;
const sizesFollow = 0x8;
/** XML compresses well at any level; a higher one makes a full sheet 10 % smaller in twice the time. */
const level = 4;

/**
 * Writes an archive as it goes. Parts that are copied keep their compressed bytes, and their sizes
 * stand before them, as readers that stream expect of parts that are not compressed.
 */
export async function* writeZip(parts: AsyncIterable<ZipPart>): AsyncGenerator<Buffer> {
  const directory: Written[] = [];
  let at = 0;
  for await (const part of parts) {
    for await (const piece of writePart(part, at)) {
      if (Buffer.isBuffer(piece)) {
        at += piece.length;
        yield piece;
      } else {
        directory.push(piece);
      }
    }
    if (at > bytesMax) throw tooLarge();
  }
  const entries = Buffer.concat(directory.map((written) => directoryEntry(written)));
  yield entries;
  yield endOfDirectory(directory.length, { at, size: entries.length });
}

/** The bytes of a part and, last, what the directory says of it. */
function writePart(part: ZipPart, offset: number): AsyncGenerator<Buffer | Written> {
  switch (part.kind) {
    case 'stored':
      return copyPart(part.part, offset);
    case 'text':
      return writeText(part, offset);
    case 'stream':
      return writeStream(part, offset);
  }
}

async function* copyPart(part: StoredPart, offset: number): AsyncGenerator<Buffer | Written> {
  const name = Buffer.from(part.name);
  const written: Written = {
    name,
    method: part.method,
    flags: nameFlag(name),
    time: part.time,
    date: part.date,
    crc: part.crc,
    compressedBytes: part.compressedBytes,
    plainBytes: part.plainBytes,
    offset,
  };
  yield localHeader(written);
  yield* part.blocks();
  yield written;
}

async function* writeText(
  part: { readonly name: string; readonly text: string },
  offset: number,
): AsyncGenerator<Buffer | Written> {
  const name = Buffer.from(part.name);
  const plain = Buffer.from(part.text);
  const compressed = deflateRawSync(plain, { level });
  const written: Written = {
    name,
    method: deflated,
    flags: nameFlag(name),
    time: 0,
    date: noDate,
    crc: crc32(plain),
    compressedBytes: compressed.length,
    plainBytes: plain.length,
    offset,
  };
  yield localHeader(written);
  yield compressed;
  yield written;
}

async function* writeStream(
  part: { readonly name: string; readonly blocks: AsyncIterable<Buffer> },
  offset: number,
): AsyncGenerator<Buffer | Written> {
  const name = Buffer.from(part.name);
  const seen = { crc: 0, plainBytes: 0, compressedBytes: 0 };
  const open: Written = {
    name,
    method: deflated,
    flags: nameFlag(name) | sizesFollow,
    time: 0,
    date: noDate,
    ...seen,
    offset,
  };
  yield localHeader(open);
  for await (const block of deflate(part.blocks, seen)) {
    seen.compressedBytes += block.length;
    yield block;
  }
  if (seen.plainBytes > bytesMax || seen.compressedBytes > bytesMax) throw tooLarge();
  const sizes = Buffer.alloc(16);
  sizes.writeUInt32LE(0x0807_4b50, 0);
  sizes.writeUInt32LE(seen.crc, 4);
  sizes.writeUInt32LE(seen.compressedBytes, 8);
  sizes.writeUInt32LE(seen.plainBytes, 12);
  yield sizes;
  yield { ...open, ...seen };
}

async function* deflate(
  blocks: AsyncIterable<Buffer>,
  seen: { crc: number; plainBytes: number },
): AsyncGenerator<Buffer> {
  const stream = createDeflateRaw({ level, chunkSize: 64 * 1024 });
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const block of blocks) {
      seen.crc = crc32(block, seen.crc);
      seen.plainBytes += block.length;
      yield block;
    }
  }
  // What goes wrong in it destroys the stream, and is thrown by reading from that.
  pipeline(counted(), stream).catch(() => undefined);
  // A stream of bytes without an encoding yields Buffers.
  for await (const block of stream) yield block as Buffer;
}

const nameFlag = (name: Buffer): number => (name.some((byte) => byte > 0x7f) ? utf8Names : 0);

function localHeader(part: Written): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x0403_4b50, 0);
  header.writeUInt16LE(20, 4);
  writeShared(header, 6, part);
  return Buffer.concat([header, part.name]);
}

function directoryEntry(part: Written): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x0201_4b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  writeShared(header, 8, part);
  header.writeUInt32LE(part.offset, 42);
  return Buffer.concat([header, part.name]);
}

/** Fields that stand in both headers, from the flags to the length of the extra field. */
function writeShared(header: Buffer, at: number, part: Written): void {
  header.writeUInt16LE(part.flags, at);
  header.writeUInt16LE(part.method, at + 2);
  header.writeUInt16LE(part.time, at + 4);
  header.writeUInt16LE(part.date, at + 6);
  header.writeUInt32LE(part.crc, at + 8);
  header.writeUInt32LE(part.compressedBytes, at + 12);
  header.writeUInt32LE(part.plainBytes, at + 16);
  header.writeUInt16LE(part.name.length, at + 20);
}

function endOfDirectory(
  count: number,
  place: { readonly at: number; readonly size: number },
): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(place.size, 12);
  end.writeUInt32LE(place.at, 16);
  return end;
}

const tooLarge = (): PlumblineError =>
  new PlumblineError('format-error', {
    message: 'The workbook with its wrong cells marked would be larger than 4 GiB.',
    remedy: 'Correct the rows that `plumbline rejects SOURCE` lists in the file itself.',
  });
