import path from 'node:path';

import yauzl from 'yauzl';

import { PlumblineError } from '../../errors.ts';
import { isPlausibleSize, plausibleRatio, readZipEntry } from '../zip-entry.ts';

/** Of one part. A full sheet of 1,048,576 × 100 numbers has about this much XML. */
const partBytesMax = 4 * 1024 * 1024 * 1024;

/** A part as it lies in its archive. */
export interface StoredPart {
  /** As the archive spells it. */
  readonly name: string;
  /** 0 as it is, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly plainBytes: number;
  /** When it was changed, in the two numbers of DOS. */
  readonly time: number;
  readonly date: number;
  /** Its bytes, still compressed. */
  readonly blocks: () => AsyncIterable<Buffer>;
}

/** The parts of a workbook: a zip archive, read by its central directory. */
export interface ZipPackage {
  readonly has: (part: string) => boolean;
  /** Every part, in the order of the directory, for a copy. */
  readonly stored: () => readonly StoredPart[];
  /**
   * The content of a part in blocks. Throws `format-error` when it is missing, damaged (its CRC or
   * size is wrong) or inflates to more than is plausible.
   */
  readonly read: (part: string) => AsyncIterable<Buffer>;
  /** Of all parts, unpacked. */
  readonly sizeBytes: () => number;
  /** Reads every part for its checksum. Throws as `read` does. */
  readonly verify: () => Promise<void>;
  readonly close: () => void;
}

/** Opens an archive. `name` is what people call it, for errors. Throws `format-error`. */
export async function openZipPackage(file: string, name: string): Promise<ZipPackage> {
  const entries = new Map<string, yauzl.Entry>();
  const zip = await yauzl
    .openPromise(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
    .catch((error: unknown) => {
      throw damaged(name, error);
    });
  try {
    for await (const entry of zip.eachEntry()) {
      // Part names compare without case (OPC, ECMA-376 part 2, 6.2.2.3).
      const key = entry.fileName.toLowerCase();
      // Programs differ in which of two they read.
      if (entries.has(key) && !key.endsWith('/')) throw new Error(`it has ${entry.fileName} twice`);
      entries.set(key, entry);
    }
  } catch (error) {
    zip.close();
    throw damaged(name, error);
  }

  async function* read(part: string): AsyncGenerator<Buffer> {
    const entry = entries.get(keyOf(part));
    if (entry === undefined) throw damaged(name, `it has no ${part}`);
    checkSize(entry, name);
    try {
      yield* readZipEntry(zip, entry);
    } catch (error) {
      throw damaged(name, error);
    }
  }
  return {
    has: (part) => entries.has(keyOf(part)),
    stored: () => [...entries.values()].map((entry) => storedPart(zip, entry)),
    read,
    sizeBytes: () => [...entries.values()].reduce((sum, entry) => sum + entry.uncompressedSize, 0),
    verify: async () => {
      for (const part of entries.keys()) {
        if (!part.endsWith('/')) for await (const _ of read(part));
      }
    },
    close: () => zip.close(),
  };
}

const storedPart = (zip: yauzl.ZipFile, entry: yauzl.Entry): StoredPart => ({
  name: entry.fileName,
  method: entry.compressionMethod,
  crc: entry.crc32,
  compressedBytes: entry.compressedSize,
  plainBytes: entry.uncompressedSize,
  time: entry.lastModFileTime,
  date: entry.lastModFileDate,
  blocks: async function* blocks() {
    const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false });
    // A stream of bytes without an encoding yields Buffers.
    for await (const block of raw) yield block as Buffer;
  },
});

const keyOf = (part: string): string =>
  path.posix.normalize(part).replace(/^\/+/u, '').toLowerCase();

function checkSize(entry: yauzl.Entry, name: string): void {
  const { compressedSize, uncompressedSize } = entry;
  if (isPlausibleSize(compressedSize, uncompressedSize) && uncompressedSize <= partBytesMax) return;
  throw new PlumblineError('format-error', {
    message: `${name}: ${entry.fileName} unpacks from ${compressedSize} to ${uncompressedSize} bytes, more than a workbook plausibly holds (${plausibleRatio}, ${partBytesMax} bytes).`,
    remedy: 'Save the workbook again in Excel, or ask the sender what made the file.',
  });
}

function damaged(name: string, cause: unknown): PlumblineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isCut =
    reason.startsWith('End of central directory') || reason.startsWith('unexpected EOF');
  return new PlumblineError('format-error', {
    message: isCut
      ? `${name} is cut short: it begins like a workbook and its end is missing.`
      : `${name} is a damaged workbook: ${reason}.`,
    remedy: 'Deliver the file again; if that does not help, open and save it in Excel.',
    cause,
  });
}
