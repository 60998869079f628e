import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

import { PlumblineError } from '../../errors.ts';
import { fileKindOf } from '../file-kind.ts';
import type { LandedDelivery } from '../source.ts';
import type { Book, BookSheet } from './book.ts';
import { otherKind, otherKindBytes } from './text-kind.ts';
import { placed } from './workbook-fault.ts';
import { readXlsxBook } from './xlsx-book.ts';
import { openZipPackage } from './zip-package.ts';

/**
 * Opens a workbook by what it is, whatever its name says: .xlsx and .xlsm, .ods, .xlsb and .xls.
 * Throws what else it is: `lock-file`, `encrypted-workbook`, or `format-error` (empty, a web page,
 * CSV, cut short, an old workbook too large to be read whole).
 */
export async function openBook(landed: LandedDelivery): Promise<Book> {
  const { name } = landed;
  const book = await openAny(landed).catch((error: unknown) => {
    throw placed(error, name);
  });
  const of = (sheet: BookSheet): string => `${name}, sheet '${sheet.name}'`;
  return {
    ...book,
    read: (sheet, options) => {
      const reading = book.read(sheet, options);
      return { ...reading, chunks: placedChunks(reading.chunks, of(sheet)) };
    },
    merges: (sheet) =>
      book.merges(sheet).catch((error: unknown) => {
        throw placed(error, of(sheet));
      }),
  };
}

async function* placedChunks<T>(chunks: AsyncIterable<T>, where: string): AsyncGenerator<T> {
  try {
    yield* chunks;
  } catch (error) {
    throw placed(error, where);
  }
}

async function openAny(landed: LandedDelivery): Promise<Book> {
  const { name } = landed;
  if (path.basename(name).startsWith('~$')) {
    throw new PlumblineError('lock-file', {
      message: `${name} is the lock file of a workbook that is open in Excel.`,
    });
  }
  const head = await headOf(landed.path);
  const kind = fileKindOf(head);
  if (kind === 'zip') return await openPackage(landed);
  if (head.length === 0) {
    throw new PlumblineError('format-error', {
      message: `${name} is empty: a workbook has at least some thousand bytes.`,
      remedy: 'Ask the sender for the file again; an empty one is usually a failed export.',
    });
  }
  if (kind === 'ole' && (await isEncrypted(landed.path))) {
    throw new PlumblineError('encrypted-workbook', {
      message: `${name} is protected by a password.`,
    });
  }
  if (kind === 'ole' || isBareBiff(head)) {
    const { readBinaryBook } = await import('./binary-book.ts');
    return await readBinaryBook(landed, 'xls');
  }
  const other = otherKind(head);
  throw new PlumblineError('format-error', {
    message: `${name} is ${other.kind}, not an Excel workbook, whatever its name says.`,
    remedy: other.remedy,
  });
}

/** The formats that are zip archives. What reads old formats is loaded when one comes. */
async function openPackage(landed: LandedDelivery): Promise<Book> {
  const zip = await openZipPackage(landed.path, landed.name);
  try {
    if (zip.has('xl/workbook.bin')) {
      const { readBinaryBook } = await import('./binary-book.ts');
      return await readBinaryBook(landed, 'xlsb', zip);
    }
    if (zip.has('content.xml') && !zip.has('xl/workbook.xml')) {
      const { readOdsBook } = await import('./ods-book.ts');
      return await readOdsBook(zip, landed);
    }
    return await readXlsxBook(zip, landed);
  } finally {
    zip.close();
  }
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(otherKindBytes),
      0,
      otherKindBytes,
      0,
    );
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Excel 2 to 4 wrote the records of a sheet without a container around them: they begin with BOF (MS-XLS, 2.4.21). */
const isBareBiff = (head: Uint8Array): boolean =>
  head[0] === 0x09 && [0x00, 0x02, 0x04].includes(head[1] ?? -1) && head[3] === 0x00;

/** An encrypted workbook is an OLE container with a stream of this name (MS-OFFCRYPTO, 2.3.4). */
async function isEncrypted(file: string): Promise<boolean> {
  const mark = Buffer.from('EncryptedPackage', 'utf16le');
  let tail = Buffer.alloc(0);
  for await (const block of createReadStream(file)) {
    // A stream without an encoding yields Buffers.
    const bytes = Buffer.concat([tail, block as Buffer]);
    if (bytes.includes(mark)) return true;
    tail = bytes.subarray(-mark.length);
  }
  return false;
}
