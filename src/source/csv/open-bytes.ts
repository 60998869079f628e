import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { PlumblineError } from '../../errors.ts';
import { fileKindBytes, fileKindNames, fileKindOf } from '../file-kind.ts';
import type { LandedDelivery } from '../source.ts';
import { isPlausibleSize, plausibleRatio } from '../zip-entry.ts';
import { prepend, readerOf, readHead } from './byte-reader.ts';
import { type OpenBytes, openZip } from './open-zip.ts';

/**
 * The bytes of a text delivery, unpacked from gzip or zip when its first bytes say so; `entry`
 * chooses the file in a zip archive. Throws `format-error` for an empty file, an archive that is
 * damaged, and content that is no text, such as a workbook or a web page.
 */
export async function openBytes(
  landed: LandedDelivery,
  entry: string | undefined,
): Promise<OpenBytes> {
  const opened = await openPacked(landed, entry);
  try {
    const head = await readHead(opened.read, fileKindBytes);
    checkKind(head, landed.name);
    return { read: prepend(head, opened.read), close: opened.close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openPacked(landed: LandedDelivery, entry: string | undefined): Promise<OpenBytes> {
  const handle = await open(landed.path);
  let position = 0;
  const read = async (into: Uint8Array): Promise<number> => {
    const { bytesRead } = await handle.read(into, 0, into.length, position);
    position += bytesRead;
    return bytesRead;
  };
  const kind = fileKindOf(await readHead(read, fileKindBytes));
  position = 0;
  if (kind !== 'gzip' && kind !== 'zip') return { read, close: () => handle.close() };
  await handle.close();
  return kind === 'zip' ? await openZip(landed, entry) : await openGzip(landed);
}

async function openGzip({ path, name }: LandedDelivery): Promise<OpenBytes> {
  const { size } = await stat(path);
  const gunzip = createGunzip({ chunkSize: 128 * 1024 });
  // The pipeline's error reaches the reader through the iterator of `gunzip`.
  pipeline(createReadStream(path), gunzip, () => undefined);
  const unzipped = readerOf(gunzip.iterator({ destroyOnReturn: true }));
  let length = 0;
  return {
    read: async (into) => {
      const more = await unzipped(into).catch((error: unknown) => {
        throw new PlumblineError('format-error', {
          message: `${name} is a gzip archive that cannot be read to its end: ${error instanceof Error ? error.message : String(error)}.`,
          remedy: 'Deliver the file again; it was damaged or cut short on its way.',
          cause: error,
        });
      });
      length += more;
      if (isPlausibleSize(size, length)) return more;
      throw new PlumblineError('format-error', {
        message: `${name} unpacks from ${size} to more than ${length} bytes, more than a table plausibly does (${plausibleRatio}).`,
        remedy: 'Look at what it is; if it is data, unpack it and deliver the file itself.',
      });
    },
    close: async () => {
      gunzip.destroy();
    },
  };
}

function checkKind(head: Uint8Array, name: string): void {
  if (head.length === 0) {
    throw new PlumblineError('format-error', {
      message: `${name} is empty: it has no header and no rows.`,
      remedy: 'Ask the sender for the file again; an empty one is usually a failed export.',
    });
  }
  const kind = fileKindOf(head);
  if (kind === undefined || kind.startsWith('utf-')) return;
  throw new PlumblineError('format-error', {
    message: `${name} is ${fileKindNames[kind]}, not a CSV file.`,
    remedy:
      kind === 'ole'
        ? 'Read a workbook with excel() instead of csv(), or ask the sender for CSV.'
        : 'Look at the file; ask the sender for CSV.',
  });
}
