import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { PlumblineError } from '../../errors.ts';
import { type FileKind, fileKindBytes, fileKindNames, fileKindOf } from '../file-kind.ts';
import type { LandedDelivery } from '../source.ts';
import { type ByteReader, prepend, readerOf, readHead } from './byte-reader.ts';

/** A delivery as UTF-8 bytes, without byte order mark. */
export interface OpenText {
  readonly read: ByteReader;
  /** The encoding the bytes were decoded from, with U+FFFD for what was none; undefined for UTF-8. */
  readonly decodedFrom: string | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Opens a text delivery, through gunzip when its first bytes say so. Throws `format-error` for
 * an empty file or one that is no text, `encoding-error` when its byte order mark contradicts
 * the declared encoding (a WHATWG label).
 */
export async function openText(landed: LandedDelivery, encoding: string): Promise<OpenText> {
  const file = await openBytes(landed);
  try {
    const head = await readHead(file.read, fileKindBytes);
    if (head.length === 0) {
      throw new PlumblineError('format-error', {
        message: `${landed.name} is empty: it has no header and no rows.`,
        remedy: 'Ask the sender for the file again; an empty one is usually a failed export.',
      });
    }
    const kind = fileKindOf(head);
    const label = new TextDecoder(encoding).encoding;
    checkKind(kind, label, landed.name);
    const read = prepend(kind === 'utf-8' ? head.subarray(3) : head, file.read);
    if (label === 'utf-8') return { read, decodedFrom: undefined, close: file.close };
    return { read: readerOf(decode(read, encoding)), decodedFrom: encoding, close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface OpenBytes {
  readonly read: ByteReader;
  readonly close: () => Promise<void>;
}

async function openBytes(landed: LandedDelivery): Promise<OpenBytes> {
  const handle = await open(landed.path);
  let position = 0;
  const read: ByteReader = async (into) => {
    const { bytesRead } = await handle.read(into, 0, into.length, position);
    position += bytesRead;
    return bytesRead;
  };
  const head = await readHead(read, fileKindBytes);
  position = 0;
  if (fileKindOf(head) !== 'gzip') return { read, close: () => handle.close() };
  await handle.close();

  const gunzip = createGunzip({ chunkSize: 128 * 1024 });
  // The pipeline's error reaches the reader through the iterator of `gunzip`.
  pipeline(createReadStream(landed.path), gunzip, () => undefined);
  const unzipped = readerOf(gunzip.iterator({ destroyOnReturn: true }));
  return {
    read: async (into) => {
      try {
        return await unzipped(into);
      } catch (error) {
        throw new PlumblineError('format-error', {
          message: `${landed.name} is a gzip archive that cannot be read to its end: ${error instanceof Error ? error.message : String(error)}.`,
          remedy: 'Deliver the file again; it was damaged or cut short on its way.',
          cause: error,
        });
      }
    },
    close: async () => {
      gunzip.destroy();
    },
  };
}

function checkKind(kind: FileKind | undefined, label: string, name: string): void {
  if (kind === undefined || kind === label) return;
  if (kind === 'utf-8' || kind === 'utf-16le' || kind === 'utf-16be') {
    throw new PlumblineError('encoding-error', {
      message: `${name} is ${fileKindNames[kind]} by its byte order mark, and ${label} was declared.`,
      remedy: `Set encoding: '${kind}' in the source.`,
    });
  }
  throw new PlumblineError('format-error', {
    message: `${name} is ${fileKindNames[kind]}, not a CSV file.`,
    remedy:
      kind === 'zip' || kind === 'ole'
        ? 'Read a workbook with excel() instead of csv(), or ask the sender for CSV.'
        : 'Look at the file; ask the sender for CSV.',
  });
}

/** Streaming throughout: Node's one-call decoding of windows-1252 is that of ISO 8859-1. */
async function* decode(read: ByteReader, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  const block = new Uint8Array(64 * 1024);
  for (;;) {
    const length = await read(block);
    const text = decoder.decode(block.subarray(0, length), { stream: length > 0 });
    if (text !== '') yield Buffer.from(text);
    if (length === 0) return;
  }
}
