import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

import { PlumblineError } from '../../errors.ts';
import { fileKindBytes, fileKindNames, fileKindOf } from '../file-kind.ts';
import type { LandedDelivery } from '../source.ts';
import { openZipPackage, type ZipPackage } from './zip-package.ts';

/**
 * Opens the archive of an .xlsx or .xlsm file. Throws what the file is instead: `lock-file`,
 * `encrypted-workbook`, or `format-error` (empty, an old .xls, a web page, CSV, cut short).
 */
export async function openWorkbook(landed: LandedDelivery): Promise<ZipPackage> {
  const { name } = landed;
  if (path.basename(name).startsWith('~$')) {
    throw new PlumblineError('lock-file', {
      message: `${name} is the lock file of a workbook that is open in Excel.`,
    });
  }
  const head = await headOf(landed.path);
  const kind = fileKindOf(head);
  if (kind === 'zip') return await openZipPackage(landed.path, name);
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
  throw new PlumblineError('format-error', {
    message:
      kind === 'ole'
        ? `${name} is an old Excel workbook (.xls) or another old Office document.`
        : `${name} is ${kind === undefined ? 'text, perhaps CSV' : fileKindNames[kind]}, not an Excel workbook, whatever its name says.`,
    remedy:
      kind === 'ole'
        ? 'Open it in Excel and save it as an Excel workbook (.xlsx).'
        : 'Open it in Excel and save it as .xlsx; if it is CSV, read it with csv().',
  });
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(fileKindBytes), 0, fileKindBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** An encrypted workbook is an OLE container with a stream of this name (MS-OFFCRYPTO, 2.3.4). */
async function isEncrypted(path: string): Promise<boolean> {
  const mark = Buffer.from('EncryptedPackage', 'utf16le');
  let tail = Buffer.alloc(0);
  for await (const block of createReadStream(path)) {
    // A stream without an encoding yields Buffers.
    const bytes = Buffer.concat([tail, block as Buffer]);
    if (bytes.includes(mark)) return true;
    tail = bytes.subarray(-mark.length);
  }
  return false;
}
