import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Zip, ZipDeflate } from 'fflate';

import { column } from '../src/contract/column.ts';
import { excel } from '../src/source/excel/excel.ts';
import type { Location, Source } from '../src/source/source.ts';

/** As many rows as a sheet can have, its header among them. */
export const ledgerRows = 1_048_575;

const generatorVersion = 2;

/** The contract of the workbook: eight columns of five types. */
export function ledgerSource(from: Location): Source {
  return excel({
    from,
    columns: {
      entry: column.integer({ required: true }),
      booked_on: column.date({ required: true }),
      client: column.text({ required: true }),
      region: column.oneOf(regions),
      account: column.text({ required: true }),
      quantity: column.integer({ min: 1 }),
      amount: column.decimal(12, 2, { required: true }),
      note: column.text(),
    },
  });
}

const labels = ['entry', 'booked_on', 'client', 'region', 'account', 'quantity', 'amount', 'note'];
const regions = ['north', 'south', 'east', 'west', 'central'];
const notes = ['', '', 'paid by transfer', 'second reminder', 'see the letter of May'];
const texts = [
  ...labels,
  ...regions,
  ...notes,
  ...Array.from({ length: 5000 }, (_, index) => `Client ${index} & Partners`),
  ...Array.from({ length: 300 }, (_, index) => `40${String(index).padStart(3, '0')}`),
];
const placeOf = new Map(texts.map((text, index) => [text, index]));

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

const parts: Readonly<Record<string, () => Iterable<string>>> = {
  '[Content_Types].xml': () => [
    `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
  ],
  '_rels/.rels': () => [
    `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  'xl/workbook.xml': () => [
    `${xml}<workbook ${main} xmlns:r="${relations}"><sheets><sheet name="Ledger" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ],
  'xl/_rels/workbook.xml.rels': () => [
    `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${relations}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
  ],
  // Style 1 is a date, style 2 an amount.
  'xl/styles.xml': () => [
    `${xml}<styleSheet ${main}><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  ],
  'xl/sharedStrings.xml': () => [
    `${xml}<sst ${main} uniqueCount="${texts.length}">${texts.map((text) => `<si><t>${text.replace('&', '&amp;')}</t></si>`).join('')}</sst>`,
  ],
  'xl/worksheets/sheet1.xml': sheetBlocks,
};

/** Writes the workbook once, as Excel would: shared texts, dates by number format. */
export async function ledgerWorkbook(dataDir: string): Promise<string> {
  const path = join(dataDir, `ledger-${ledgerRows}-v${generatorVersion}.xlsx`);
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(dataDir, { recursive: true });
  const file = createWriteStream(`${path}.part`);
  const zip = new Zip((error, block, isLast) => {
    if (error !== null) file.destroy(error);
    else file.write(block);
    if (isLast) file.end();
  });
  for (const [name, blocks] of Object.entries(parts)) {
    const part = new ZipDeflate(name, { level: 6 });
    zip.add(part);
    for (const block of blocks()) {
      part.push(Buffer.from(block));
      if (file.writableNeedDrain) await once(file, 'drain');
    }
    part.push(new Uint8Array(0), true);
  }
  zip.end();
  await once(file, 'finish');
  await rename(`${path}.part`, path);
  return path;
}

function* sheetBlocks(): Generator<string> {
  const text = (value: string): string => `t="s"><v>${placeOf.get(value)}</v>`;
  const cell = (row: number, column: number, content: string): string =>
    `<c r="${'ABCDEFGH'[column]}${row}" ${content}</c>`;
  yield `${xml}<worksheet ${main}><sheetData><row r="1">${labels.map((label, index) => cell(1, index, text(label))).join('')}</row>`;
  let block = '';
  for (let index = 0; index < ledgerRows; index += 1) {
    const row = index + 2;
    const note = notes[index % notes.length] ?? '';
    const cells = [
      `><v>${index + 1}</v>`,
      `s="1"><v>${45_000 + (index % 1000)}</v>`,
      text(`Client ${(index * 7919) % 5000} & Partners`),
      text(regions[index % regions.length] ?? ''),
      text(`40${String((index * 31) % 300).padStart(3, '0')}`),
      `><v>${1 + (index % 400)}</v>`,
      `s="2"><v>${((index * 7919) % 1_000_000) / 100}</v>`,
      ...(note === '' ? [] : [text(note)]),
    ];
    block += `<row r="${row}">${cells.map((content, position) => cell(row, position, content)).join('')}</row>`;
    if (block.length > 65_536) {
      yield block;
      block = '';
    }
  }
  yield `${block}</sheetData></worksheet>`;
}
