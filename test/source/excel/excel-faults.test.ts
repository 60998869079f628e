import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

import { zipSync } from 'fflate';
import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { PlumblineError } from '../../../src/errors.ts';
import { excel } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { createRandom } from '../../helpers/random.ts';
import { workbookParts, writeSheet, zipParts } from '../../helpers/workbook.ts';
import { landContent, readContent, sourceContext } from '../read-rows.ts';

const source = excel({ from: folder('*.xlsx'), columns: { id: column.integer() } });
const read = (content: string | Uint8Array, name = 'book.xlsx') =>
  readContent(source, content, name);

const rows = Array.from({ length: 1_000 }, (_, index) => [index, `text ${index}`, index / 7]);
const workbook = writeSheet([['id', 'name', 'share'], ...rows]);
const sheetPart = 'xl/worksheets/sheet1.xml';

/** A workbook of three rows with one part changed. */
function changed(part: string, change: (xml: string) => string): Uint8Array {
  const parts = workbookParts([
    {
      name: 'Data',
      rows: [
        ['id', 'name'],
        [1, 'Ada'],
        [2, 'Bob'],
      ],
    },
  ]);
  return zipParts({ ...parts, [part]: change(parts[part] ?? '') });
}

/** The signature of an OLE container, then UTF-16 names of streams. */
const ole = (stream: string): Buffer =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(100_000),
    Buffer.from(stream, 'utf16le'),
    Buffer.alloc(1_000),
  ]);

test.each<[string, string | Uint8Array, string, string]>([
  ['an empty file', '', 'format-error', 'book.xlsx is empty'],
  ['CSV', 'id,name\n1,Ada\n', 'format-error', 'book.xlsx is text, perhaps CSV'],
  ['a web page', '<html><body>Log in', 'format-error', 'book.xlsx is a web page (HTML)'],
  ['a table of a web page', '\ufeff\n<table border=1><tr>', 'format-error', 'a web page (HTML)'],
  [
    'a web page with a comment',
    '<?xml version="1.0"?>\n<!-- x --><html>',
    'format-error',
    'a web page (HTML)',
  ],
  [
    'a web page in UTF-16',
    Buffer.from('\ufeff<HTML>', 'utf16le'),
    'format-error',
    'a web page (HTML)',
  ],
  ['a web archive', 'MIME-Version: 1.0\nContent-Type:', 'format-error', 'a web archive (MHTML)'],
  [
    'an XML spreadsheet',
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>',
    'format-error',
    'an XML spreadsheet of 2003',
  ],
  ['JSON', '{"error": "no right to export"}', 'format-error', 'is JSON'],
  ['bytes of nothing known', Buffer.from([1, 0, 2, 0]), 'format-error', 'no file Plumbline knows'],
  ['a PDF document', '%PDF-1.7\n', 'format-error', 'a PDF document'],
  ['half an old workbook', ole('Workbook'), 'format-error', 'is a damaged workbook (.xls)'],
  ['an encrypted workbook', ole('EncryptedPackage'), 'encrypted-workbook', 'by a password'],
  ['a zip of something', zipParts({ 'a.txt': 'a' }), 'format-error', 'without a workbook in it'],
  [
    'an OpenDocument text',
    zipParts({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<a/>' }),
    'format-error',
    'is an OpenDocument text',
  ],
  ['a Word document', zipParts({ 'word/document.xml': '' }), 'format-error', 'a Word document'],
  [
    'half a binary workbook',
    zipParts({ 'xl/workbook.bin': '' }),
    'format-error',
    'is a damaged workbook (.xlsb)',
  ],
  ['a file cut short', workbook.subarray(0, -100), 'format-error', 'is cut short'],
  ['half a file', workbook.subarray(0, workbook.length / 2), 'format-error', 'is cut short'],
])('%s is refused as what it is', async (_, content, code, message) => {
  await expect(read(content)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test('the lock file of an open workbook is refused', async () => {
  await expect(read('anything', '~$book.xlsx')).rejects.toMatchObject({ code: 'lock-file' });
});

test('a flipped bit fails the checksum at the latest', async () => {
  // Somewhere within the compressed cells, away from the headers.
  const content = Buffer.from(workbook);
  const at = content.indexOf(sheetPart) + 2_000;
  content[at] = (content[at] ?? 0) ^ 1;
  await expect(read(content)).rejects.toMatchObject({ code: 'format-error' });
});

test.each<[string, string, (xml: string) => string]>([
  [
    'a document type',
    sheetPart,
    (xml) => xml.replace('<worksheet', '<!DOCTYPE a [<!ENTITY b "c">]><worksheet'),
  ],
  ['an unknown entity', sheetPart, (xml) => xml.replace('<v>1</v>', '<v>&b;</v>')],
  ['a character no text holds', 'xl/sharedStrings.xml', (xml) => xml.replace('Ada', '&#0;')],
  ['NUL', 'xl/sharedStrings.xml', (xml) => xml.replace('Ada', '\0')],
  ['a sheet without its end', sheetPart, (xml) => xml.replace('</sheetData></worksheet>', '')],
  ['a sheet cut inside a tag', sheetPart, (xml) => xml.slice(0, -40)],
  ['a text that is not there', sheetPart, (xml) => xml.replaceAll('<v>0</v>', '<v>900</v>')],
  ['a text with a number that is none', sheetPart, (xml) => xml.replaceAll('<v>0</v>', '<v>x</v>')],
  ['two cells in one place', sheetPart, (xml) => xml.replace('r="B2"', 'r="A2"')],
  ['a column beyond XFD', sheetPart, (xml) => xml.replace('r="B2"', 'r="XFE2"')],
  ['rows out of order', sheetPart, (xml) => xml.replace('<row r="3"', '<row r="2"')],
  ['a row number that is none', sheetPart, (xml) => xml.replace('<row r="3"', '<row r="x"')],
  ['spaces around an equals sign', sheetPart, (xml) => xml.replace('r="B2"', 'r = "B2"')],
])('%s in a part is a format-error', async (_, part, change) => {
  await expect(read(changed(part, change))).rejects.toMatchObject({ code: 'format-error' });
});

test.each<[string, (xml: string) => string, string]>([
  [
    'a row twice',
    (xml) => xml.replace('<row r="3"', '<row r="2"'),
    'row 2: the workbook is damaged: row 2 stands below row 2.',
  ],
  [
    'a cell twice',
    (xml) => xml.replace('r="B2"', 'r="A2"'),
    'row 2: the workbook is damaged: its cell in column A comes twice, or after a later one.',
  ],
  [
    'a style that is none',
    (xml) => xml.replace('<c r="A2"', '<c r="A2" s="-1"'),
    "row 2: the workbook is damaged: a cell names a text or a style by '-1', which is no number.",
  ],
])('%s is said with the file, the sheet and the row', async (_, change, message) => {
  await expect(read(changed(sheetPart, change))).rejects.toMatchObject({
    message: `book.xlsx, sheet 'Data', ${message}`,
    remedy: expect.stringContaining('Open it in Excel'),
  });
});

test('text that is no UTF-8 is a format-error', async () => {
  const parts = workbookParts([{ name: 'Data', rows: [['id'], [1]] }]);
  const bytes = Object.fromEntries(
    Object.entries(parts).map(([name, xml]) => [name, Buffer.from(xml, 'latin1')]),
  );
  bytes['xl/sharedStrings.xml'] = Buffer.from(
    parts['xl/sharedStrings.xml']?.replace('id', 'M\xfcller') ?? '',
    'latin1',
  );
  await expect(read(zipSync(bytes))).rejects.toMatchObject({ code: 'format-error' });
});

test.each(['xl/sharedStrings.xml', sheetPart])(
  'a zip bomb in %s is refused before it unpacks',
  async (part) => {
    const bomb = changed(part, (xml) => xml + ' '.repeat(40_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    await expect(read(bomb)).rejects.toMatchObject({
      code: 'format-error',
      message: expect.stringContaining('more than a workbook plausibly holds'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(30_000_000);
  },
);

test('a part that unpacks to more than it says is refused', async () => {
  const content = Buffer.from(changed(sheetPart, (xml) => xml + ' '.repeat(10_000)));
  // The size in the central directory is 24 bytes behind its signature.
  const entry = content.lastIndexOf(sheetPart) - 46;
  expect(content.readUInt32LE(entry)).toBe(0x02014b50);
  content.writeUInt32LE(500, entry + 24);
  await expect(read(content)).rejects.toMatchObject({ code: 'format-error' });
});

test('whatever bytes change, a workbook is read or refused, never misread in silence', async () => {
  const whole = await read(workbook);
  const seed = 20_260_301;
  const random = createRandom(seed);
  for (let round = 0; round < 200; round += 1) {
    const content = Buffer.from(workbook);
    const at = Math.floor(random() * content.length);
    content[at] = Math.floor(random() * 256);
    const outcome = await read(content).catch((error: unknown) => error);
    const isRefused = outcome instanceof PlumblineError;
    expect({ seed, round, at, outcome: isRefused ? whole : outcome }).toEqual({
      seed,
      round,
      at,
      outcome: whole,
    });
  }
});

test('a workbook whose rows are never asked for leaves no file open', async () => {
  const dir = '/proc/self/fd';
  if (!existsSync(dir)) {
    console.log(`SKIP: ${dir} is not here`);
    return;
  }
  const large = Array.from({ length: 40_000 }, (_, index) => [index, `text ${index % 9}`]);
  const { landed, remove } = await landContent(writeSheet([['id', 'name'], ...large]), 'book.xlsx');
  const openFiles = async (): Promise<number> => {
    const links = await Promise.all(
      (await readdir(dir)).map((name) => readlink(join(dir, name)).catch(() => '')),
    );
    return links.filter((link) => link === landed.path).length;
  };
  for (let run = 0; run < 3; run += 1) await source.read(landed, sourceContext());
  // A stream that is destroyed closes its file a turn later.
  await expect.poll(openFiles).toBe(0);
  await remove();
});
