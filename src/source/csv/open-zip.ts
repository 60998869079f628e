import path from 'node:path';

import yauzl from 'yauzl';

import { PlumblineError } from '../../errors.ts';
import type { LandedDelivery } from '../source.ts';
import { isPlausibleSize, plausibleRatio, readZipEntry } from '../zip-entry.ts';
import { type ByteReader, readerOf } from './byte-reader.ts';

/** Entries in a message; an archive of a million says no more. */
const namedMax = 10;

/** Content that is being unpacked. */
export interface OpenBytes {
  readonly read: ByteReader;
  readonly close: () => Promise<void>;
}

/**
 * Opens the one data file in a zip archive: the entry that `pattern` matches (`'*.csv'`, by path or
 * by name), or the only one that is no folder and nothing an operating system leaves behind.
 *
 * Throws `format-error` when there is none or more than one, naming them, when it is encrypted,
 * damaged, or unpacks to more than is plausible, and when the archive is a workbook.
 */
export async function openZip(
  { path: file, name }: LandedDelivery,
  pattern: string | undefined,
): Promise<OpenBytes> {
  const zip = await yauzl
    .openPromise(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
    .catch((error: unknown) => {
      throw damaged(name, error);
    });
  try {
    const entry = chooseEntry(await listEntries(zip, name), pattern, name);
    checkEntry(entry, name);
    const read = readerOf(contentOf(zip, entry, name));
    return { read, close: async () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** What is wrong with a declared `entry`, as a sentence; undefined when nothing is. */
export const entryProblem = (pattern: unknown): string | undefined =>
  pattern === undefined || (typeof pattern === 'string' && pattern.trim() !== '')
    ? undefined
    : `entry is ${JSON.stringify(pattern)}; expected the name of the file in the archive, or a pattern such as '*.csv'.`;

async function listEntries(zip: yauzl.ZipFile, name: string): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    throw damaged(name, error);
  }
  if (entries.some(({ fileName }) => ['[Content_Types].xml', 'mimetype'].includes(fileName))) {
    throw new PlumblineError('format-error', {
      message: `${name} is a workbook, not a CSV file.`,
      remedy: 'Read it with excel() instead of csv(), or ask the sender for CSV.',
    });
  }
  return entries.filter(({ fileName }) => isData(fileName));
}

/** Not a folder, and not what macOS and Windows put beside files. */
const isData = (fileName: string): boolean =>
  !fileName.endsWith('/') &&
  !fileName.split('/').some((part) => part.startsWith('.') || part === '__MACOSX') &&
  !/(?:^|\/)(?:Thumbs\.db|desktop\.ini)$/iu.test(fileName);

function chooseEntry(
  entries: readonly yauzl.Entry[],
  pattern: string | undefined,
  name: string,
): yauzl.Entry {
  const matches = pattern === undefined ? () => true : matcherOf(pattern);
  const found = entries.filter(({ fileName }) => matches(fileName));
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const asked = pattern === undefined ? '' : ` that match '${pattern}'`;
  const seen = namesOf(only === undefined ? entries : found);
  throw new PlumblineError('format-error', {
    message:
      only === undefined
        ? `${name} is a zip archive with no files${asked}${entries.length > 0 ? `: it holds ${seen}` : ''}.`
        : `${name} is a zip archive with ${found.length} files${asked}: ${seen}. Which of them is meant?`,
    remedy:
      entries.length === 0
        ? 'Ask the sender for the archive again.'
        : "Name the file, or a pattern that only it matches, in the source: entry: '*.csv'.",
  });
}

function namesOf(entries: readonly yauzl.Entry[]): string {
  const names = entries.slice(0, namedMax).map(({ fileName }) => `'${fileName}'`);
  const more = entries.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/** `*` and `?` stand for letters of one name; a pattern without `/` is of names in any folder. */
function matcherOf(pattern: string): (fileName: string) => boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`);
  const source = escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
  const expression = new RegExp(`^${source}$`, 'iu');
  const byPath = pattern.includes('/');
  return (fileName) => expression.test(byPath ? fileName : path.posix.basename(fileName));
}

function checkEntry(entry: yauzl.Entry, name: string): void {
  const { fileName, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) {
    throw new PlumblineError('format-error', {
      message: `${name}: '${fileName}' in it is protected by a password.`,
      remedy:
        'Unpack it and deliver the file itself, or ask the sender for an archive without one.',
    });
  }
  if (isPlausibleSize(compressedSize, uncompressedSize)) return;
  throw new PlumblineError('format-error', {
    message: `${name}: '${fileName}' unpacks from ${compressedSize} to ${uncompressedSize} bytes, more than a table plausibly does (${plausibleRatio}).`,
    remedy: 'Look at what it is; if it is data, unpack it and deliver the file itself.',
  });
}

async function* contentOf(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  name: string,
): AsyncGenerator<Buffer> {
  try {
    yield* readZipEntry(zip, entry);
  } catch (error) {
    throw damaged(name, error);
  }
}

function damaged(name: string, cause: unknown): PlumblineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PlumblineError('format-error', {
    message: `${name} is a zip archive that cannot be read: ${reason}.`,
    remedy: 'Deliver the file again; it was damaged or cut short on its way.',
    cause,
  });
}
