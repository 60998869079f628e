import { PlumblineError } from '../../errors.ts';
import { type FileKind, fileKindBytes, fileKindNames, fileKindOf } from '../file-kind.ts';
import type { LandedDelivery } from '../source.ts';
import { type ByteReader, prepend, readerOf, readHead } from './byte-reader.ts';
import { openBytes } from './open-bytes.ts';

/** A delivery as UTF-8 bytes, without byte order mark. */
export interface OpenText {
  readonly read: ByteReader;
  /** The encoding the bytes were decoded from, with U+FFFD for what was none; undefined for UTF-8. */
  readonly decodedFrom: string | undefined;
  readonly close: () => Promise<void>;
}

/** How the text of a delivery is packed and encoded. */
export interface TextFormat {
  /** A WHATWG label. */
  readonly encoding: string;
  /** Which file of a zip archive it is. */
  readonly entry: string | undefined;
}

/**
 * Opens a text delivery, unpacked when its first bytes say so. Throws as `openBytes` does, and
 * `encoding-error` when its byte order mark contradicts the declared encoding.
 */
export async function openText(landed: LandedDelivery, format: TextFormat): Promise<OpenText> {
  const { encoding, entry } = format;
  const file = await openBytes(landed, entry);
  try {
    const head = await readHead(file.read, fileKindBytes);
    const kind = fileKindOf(head);
    const label = new TextDecoder(encoding).encoding;
    checkMark(kind, label, landed.name);
    const read = prepend(kind === 'utf-8' ? head.subarray(3) : head, file.read);
    if (label === 'utf-8') return { read, decodedFrom: undefined, close: file.close };
    return { read: readerOf(decode(read, encoding)), decodedFrom: encoding, close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function checkMark(kind: FileKind | undefined, label: string, name: string): void {
  if (kind === undefined || kind === label) return;
  throw new PlumblineError('encoding-error', {
    message: `${name} is ${fileKindNames[kind]} by its byte order mark, and ${label} was declared.`,
    remedy: `Set encoding: '${kind}' in the source.`,
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
