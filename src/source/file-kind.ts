/** Formats a file may turn out to have when it is opened. */
export type FileKind = 'gzip' | 'zip' | 'ole' | 'pdf' | 'html' | 'utf-16le' | 'utf-16be' | 'utf-8';

const signatures: readonly (readonly [FileKind, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['ole', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
];

/** How many bytes `fileKindOf` looks at. */
export const fileKindBytes = 64;

/** What the first bytes say a file is, whatever its name; `utf-…` by a byte order mark. Undefined for plain text. */
export function fileKindOf(head: Uint8Array): FileKind | undefined {
  const found = signatures.find(([, signature]) =>
    signature.every((byte, index) => head[index] === byte),
  );
  if (found !== undefined) return found[0];
  const text = Buffer.from(head).toString('latin1').trimStart().toLowerCase();
  return text.startsWith('<!doctype html') || text.startsWith('<html') ? 'html' : undefined;
}

/** For messages: what such a file is called by people. */
export const fileKindNames: Readonly<Record<FileKind, string>> = {
  gzip: 'a gzip archive',
  zip: 'a zip archive or an Excel workbook',
  ole: 'an old or encrypted Office document',
  pdf: 'a PDF document',
  html: 'a web page',
  'utf-16le': 'text in UTF-16 (little endian)',
  'utf-16be': 'text in UTF-16 (big endian)',
  'utf-8': 'text in UTF-8',
};
