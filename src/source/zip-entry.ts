import type { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

import type yauzl from 'yauzl';

/** What inflates beyond this must be plausibly compressed; less does no harm. */
const unquestionedBytes = 16 * 1024 * 1024;
/** Tables reach about 40:1; DEFLATE's limit, which bombs are near, is 1032:1. */
const ratioMax = 200;

/** True for a size that data has when it is unpacked, false for what a bomb has. */
export const isPlausibleSize = (packedBytes: number, plainBytes: number): boolean =>
  plainBytes <= unquestionedBytes || plainBytes <= packedBytes * ratioMax;

/** What `isPlausibleSize` allows, for messages. */
export const plausibleRatio = `${ratioMax} times`;

/**
 * The content of an entry of an archive, in blocks. Throws an Error whose message is a clause when
 * it cannot be read to its end, or its size or CRC is not the one the archive states.
 */
export async function* readZipEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
): AsyncGenerator<Buffer> {
  const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  let crc = 0;
  let length = 0;
  for await (const block of decompress(raw, entry)) {
    crc = crc32(block, crc);
    length += block.length;
    if (length > entry.uncompressedSize) break;
    yield block;
  }
  if (length !== entry.uncompressedSize || crc !== entry.crc32) {
    throw new Error(`the checksum of ${entry.fileName} is wrong`);
  }
}

async function* decompress(raw: Readable, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  if (entry.isEncrypted()) throw new Error(`${entry.fileName} is encrypted`);
  // Streams of bytes without an encoding yield Buffers.
  if (entry.compressionMethod === 0) {
    for await (const block of raw) yield block as Buffer;
    return;
  }
  if (entry.compressionMethod !== 8) {
    throw new Error(`${entry.fileName} is compressed by method ${entry.compressionMethod}`);
  }
  const inflate = createInflateRaw({ chunkSize: 128 * 1024 });
  raw.on('error', (error) => inflate.destroy(error));
  raw.pipe(inflate);
  try {
    for await (const block of inflate) yield block as Buffer;
  } finally {
    // Left before its end, a stream of an entry would keep the file open for good.
    raw.destroy();
  }
}
