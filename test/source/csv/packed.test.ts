import { gzipSync } from 'node:zlib';

import { zipSync } from 'fflate';
import { expect, test } from 'vitest';

import type { Columns } from '../../../src/contract/column.ts';
import { csv, type CsvOptions } from '../../../src/source/csv/csv.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { cellsOf, readContent } from '../read-rows.ts';

type Given = Pick<CsvOptions<Columns>, 'entry' | 'encoding' | 'delimiter'>;
const read = (content: Uint8Array, options: Given = {}) =>
  readContent(csv({ from: folder('*'), columns: {}, ...options }), content, 'orders.zip');

const table = Buffer.from('id,name\n1,Ada\n');
const large = Buffer.from(`id,name\n${'1,Ada Lovelace of London\n'.repeat(20_000)}`);

test('the one file of a zip archive is read, whatever systems leave beside it', async () => {
  const found = await read(
    zipSync({
      'export/orders.csv': table,
      '__MACOSX/export/._orders.csv': Buffer.from('junk'),
      'export/.DS_Store': Buffer.from('junk'),
      'export/Thumbs.db': Buffer.from('junk'),
    }),
  );
  expect(cellsOf(found)).toEqual([['1', 'Ada']]);
  expect((await read(zipSync({ 'orders.csv': large }, { level: 0 }))).rows).toHaveLength(20_000);
});

test('of several files the pattern says which', async () => {
  const content = zipSync({
    'a/orders.csv': table,
    'readme.txt': Buffer.from('x'),
    'b/Orders.CSV': large,
  });
  await expect(read(content)).rejects.toMatchObject({
    code: 'format-error',
    message:
      "orders.zip is a zip archive with 3 files: 'a/orders.csv', 'readme.txt', 'b/Orders.CSV'. Which of them is meant?",
    remedy: expect.stringContaining("entry: '*.csv'"),
  });
  await expect(read(content, { entry: '*.csv' })).rejects.toMatchObject({
    message: expect.stringContaining("with 2 files that match '*.csv'"),
  });
  await expect(read(content, { entry: '*.tsv' })).rejects.toMatchObject({
    message: expect.stringContaining("no files that match '*.tsv': it holds 'a/orders.csv'"),
  });
  expect(cellsOf(await read(content, { entry: 'a/*.csv' }))).toEqual([['1', 'Ada']]);
});

test('a packed file is detected and decoded like any other', async () => {
  const text = Buffer.from('Größe;Länge\nfür;schön\n', 'latin1');
  for (const content of [zipSync({ 'a.csv': text }), gzipSync(text), text]) {
    const found = await read(content, { encoding: 'detect', delimiter: 'detect' });
    expect(found.header).toEqual(['Größe', 'Länge']);
    expect(cellsOf(found)).toEqual([['für', 'schön']]);
  }
});

/** A zip with its general purpose flag "encrypted" set, in the local header and the directory. */
function encrypted(): Uint8Array {
  const zip = Buffer.from(zipSync({ 'a.csv': table }));
  for (const [mark, offset] of [
    ['PK\x03\x04', 6],
    ['PK\x01\x02', 8],
  ] as const) {
    const at = zip.indexOf(mark, 0, 'latin1') + offset;
    zip[at] = (zip[at] ?? 0) | 1;
  }
  return zip;
}

/** The archive of a table with one byte of its content changed. */
function changed(): Uint8Array {
  const zip = Buffer.from(zipSync({ 'a.csv': table }, { level: 0 }));
  zip[zip.indexOf('Ada')] = 0x42;
  return zip;
}

test.each<[string, Uint8Array, string]>([
  ['without a file', zipSync({ 'empty/': new Uint8Array() }), 'is a zip archive with no files'],
  ['with a password', encrypted(), "'a.csv' in it is protected by a password"],
  ['with a changed byte', changed(), 'cannot be read: the checksum of a.csv is wrong'],
  ['cut short', zipSync({ 'a.csv': large }).subarray(0, 900), 'cannot be read'],
  [
    'that is a bomb',
    zipSync({ 'a.csv': Buffer.alloc(40_000_000, 'a') }),
    'more than a table plausibly does (200 times)',
  ],
  [
    'that is a workbook',
    zipSync({ '[Content_Types].xml': table, 'xl/workbook.xml': table }),
    'is a workbook, not a CSV file',
  ],
  ['of an archive', zipSync({ 'a.zip': zipSync({ 'a.csv': table }) }), 'is a zip archive'],
  ['of an empty file', zipSync({ 'a.csv': new Uint8Array() }), 'is empty'],
  [
    'in gzip that is a bomb',
    gzipSync(Buffer.alloc(40_000_000, 'a,\n')),
    'more than a table plausibly does (200 times)',
  ],
])('an archive %s is refused', async (_, content, message) => {
  await expect(read(content)).rejects.toMatchObject({
    code: 'format-error',
    message: expect.stringContaining(message),
  });
});
