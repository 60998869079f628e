import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { markWorkbook } from '../../src/annotate/mark-workbook.ts';
import type { CellMark, RowMarks } from '../../src/annotate/marks.ts';
import { notesSheetXml } from '../../src/annotate/notes-sheet.ts';
import { openZipPackage } from '../../src/source/excel/zip-package.ts';
import { workbookParts } from '../helpers/workbook.ts';
import { type MarkedBook, readMarked } from './read-marked.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-mark-'));
});
afterAll(() => rm(dir, { recursive: true }));

const sheet1 = 'xl/worksheets/sheet1.xml';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships';

const data = () =>
  workbookParts([
    {
      name: 'Data',
      rows: [
        ['id', 'name'],
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    },
  ]);

const cell = (column: number, note?: string, tone: 'cell' | 'row' = 'cell'): CellMark => ({
  column,
  tone,
  note,
});

async function mark(
  parts: Readonly<Record<string, string | Uint8Array>>,
  rows: Readonly<Record<number, readonly CellMark[]>>,
): Promise<MarkedBook> {
  const file = join(dir, 'given.xlsx');
  const files = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === 'string' ? strToU8(part) : part,
  ]);
  await writeFile(file, zipSync(Object.fromEntries(files)));
  const zip = await openZipPackage(file, 'given.xlsx');
  const marks: RowMarks[] = Object.entries(rows).map(([row, cells]) => ({
    row: Number(row),
    cells,
  }));
  const notes = {
    title: 'T',
    advice: [],
    facts: [],
    groups: [],
    faults: [],
    more: undefined,
    columns: [],
  };
  try {
    return await readMarked(
      markWorkbook(zip, {
        name: 'given.xlsx',
        sheets: new Map([['Data', marks]]),
        notesSheet: (styles, namespace) => notesSheetXml(notes, styles, namespace),
      }),
    );
  } finally {
    zip.close();
  }
}

const sheetXml = (content: string): string => `<worksheet xmlns="${main}">${content}</worksheet>`;

describe('the XML of a sheet', () => {
  test('changes at the marked cells only', async () => {
    const parts = {
      ...data(),
      [sheet1]: sheetXml(
        '<sheetData><row r="2" spans="1:1"><c r="A2" ><v>1</v></c></row><!-- <c r="B2"/> --><row r="5"/></sheetData><pageMargins left="1"/>',
      ),
    };
    const { part, breaches } = await mark(parts, {
      2: [cell(0), cell(2)],
      3: [cell(1)],
      5: [cell(0)],
      9: [cell(0)],
    });
    const style = /s="(\d+)"/u.exec(part(sheet1))?.[1];
    expect(part(sheet1)).toBe(
      sheetXml(
        `<sheetData><row r="2"><c r="A2" s="${style}"><v>1</v></c><c r="C2" s="${style}"/></row><!-- <c r="B2"/> --><row r="3"><c r="B3" s="${style}"/></row><row r="5"><c r="A5" s="${style}"/></row><row r="9"><c r="A9" s="${style}"/></row></sheetData><pageMargins left="1"/>`,
      ),
    );
    expect(breaches).toEqual([]);
  });

  test('with a prefix, and cells and rows that leave their place out', async () => {
    const xml = `<x:worksheet xmlns:x="${main}"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row><x:row><x:c><x:v>2</x:v></x:c><x:c><x:v>3</x:v></x:c></x:row></x:sheetData><x:tableParts count="0"/></x:worksheet>`;
    const file = await mark(
      { ...data(), [sheet1]: xml },
      { 1: [cell(3)], 2: [cell(1, 'Expected 4')] },
    );
    expect(file.breaches).toEqual([]);
    expect(file.part(sheet1)).toMatch(
      /<x:c r="D1" s="\d+"\/><\/x:row><x:row><x:c><x:v>2<\/x:v><\/x:c><x:c s="\d+">/u,
    );
    expect(file.part(sheet1)).toMatch(/<x:legacyDrawing [^>]*\/><x:tableParts count="0"\/>/u);
    expect(file.comment('Data', 'B2')).toContain('Expected 4');
  });

  test('in UTF-16 goes on as UTF-8', async () => {
    const xml = `<?xml version="1.0" encoding="UTF-16"?>${sheetXml('<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Łódź</t></is></c></row></sheetData>')}`;
    const utf16 = Buffer.from(`\u{FEFF}${xml}`, 'utf16le');
    const file = await mark({ ...data(), [sheet1]: utf16 }, { 1: [cell(0)] });
    expect(file.part(sheet1)).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>.*Łódź/u);
    expect(file.marks('Data')).toEqual({ A1: 'cell' });
  });

  test('of many blocks is whole', async () => {
    const rows = Array.from(
      { length: 30_000 },
      (_, index) => `<row r="${index + 1}"><c r="A${index + 1}"><v>${index}</v></c></row>`,
    );
    const marks = Object.fromEntries(
      rows.flatMap((_, index) => (index % 700 === 0 ? [[index + 1, [cell(0)]]] : [])),
    );
    const xml = sheetXml(`<sheetData>${rows.join('')}</sheetData>`);
    const { part } = await mark({ ...data(), [sheet1]: xml }, marks);
    expect(part(sheet1).replaceAll(/ s="\d+"/gu, '')).toBe(xml);
    expect(part(sheet1).match(/ s="/gu)).toHaveLength(Object.keys(marks).length);
  });
});

describe('styles', () => {
  test('a marked cell keeps all of its style but the fill', async () => {
    const styles = `<styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"><alignment horizontal="center"/></xf></cellXfs></styleSheet>`;
    const xml = sheetXml('<sheetData><row r="1"><c r="A1" s="1"><v>1</v></c></row></sheetData>');
    const file = await mark(
      { ...data(), 'xl/styles.xml': styles, [sheet1]: xml },
      { 1: [cell(0)] },
    );
    // The first two fills are what programs take them for, so that ours must be the third.
    expect(file.part('xl/styles.xml')).toContain(
      '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">',
    );
    expect(file.part('xl/styles.xml')).toContain(
      '<xf numFmtId="4" fontId="0" fillId="2" borderId="0" applyNumberFormat="1" applyFill="1"><alignment horizontal="center"/></xf>',
    );
    expect(file.breaches).toEqual([]);
  });

  test('a workbook without any gets some', async () => {
    const { 'xl/styles.xml': _, ...parts } = data();
    const links =
      parts['xl/_rels/workbook.xml.rels']?.replace(/<Relationship Id="rIdS"[^>]*>/u, '') ?? '';
    const types =
      parts['[Content_Types].xml']?.replace(/<Override PartName="\/xl\/styles.xml"[^>]*>/u, '') ??
      '';
    const file = await mark(
      { ...parts, 'xl/_rels/workbook.xml.rels': links, '[Content_Types].xml': types },
      { 2: [cell(0, 'x')] },
    );
    expect(file.breaches).toEqual([]);
    expect(file.marks('Data')).toEqual({ A2: 'cell' });
  });
});

describe('comments that are there', () => {
  const shape = (id: number, row: number, column: number): string =>
    `<v:shape id="_x0000_s${id}" type="#_x0000_t202"><x:ClientData ObjectType="Note"><x:Row>${row}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`;
  const parts = (): Record<string, string> => ({
    ...data(),
    '[Content_Types].xml': (data()['[Content_Types].xml'] ?? '').replace(
      '</Types>',
      '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/><Override PartName="/xl/comments1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/></Types>',
    ),
    [sheet1]: (data()[sheet1] ?? '').replace(
      '</worksheet>',
      `<legacyDrawing xmlns:r="${relation}" r:id="rId2"/></worksheet>`,
    ),
    'xl/worksheets/_rels/sheet1.xml.rels': `<Relationships xmlns="${packageRelations}"><Relationship Id="rId1" Type="${relation}/comments" Target="../comments1.xml"/><Relationship Id="rId2" Type="${relation}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/></Relationships>`,
    'xl/comments1.xml': `<comments xmlns="${main}"><authors><author>Ann</author><author>tc={1}</author></authors><commentList><comment ref="A2" authorId="0"><text><r><t>Please look</t></r></text></comment><comment ref="B2" authorId="1"><text><t>[Threaded comment]</t></text></comment><comment ref="A4" authorId="0"><text><t>Mine</t></text></comment></commentList></comments>`,
    'xl/drawings/vmlDrawing1.vml': `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202"/>${shape(1025, 1, 0)}${shape(1026, 1, 1)}${shape(1027, 3, 0)}</xml>`,
  });

  test('stay: a person is added to, a thread is left alone', async () => {
    const file = await mark(parts(), {
      2: [cell(0, 'Expected 5'), cell(1, 'Expected z')],
      3: [cell(1, 'Expected y')],
    });
    expect(file.breaches).toEqual([]);
    expect(file.comment('Data', 'A2')).toMatch(/^Please look\s+Plumbline: Expected 5$/u);
    expect(file.comment('Data', 'B2')).toBe('[Threaded comment]');
    expect(file.comment('Data', 'B3')).toBe('Expected y');
    expect(file.comment('Data', 'A4')).toBe('Mine');
    expect(Object.keys(file.marks('Data'))).toEqual(['A2', 'B2', 'B3']);
    const vml = file.part('xl/drawings/vmlDrawing1.vml');
    expect(vml.match(/<v:shape /gu)).toHaveLength(4);
    expect(vml.match(/<v:shapetype /gu)).toHaveLength(1);
    expect(vml).toContain('data="1,2"');
  });

  test('whose sheet has no shapes for them get some', async () => {
    const given = parts();
    given[sheet1] = data()[sheet1] ?? '';
    const file = await mark(given, { 2: [cell(0, 'Expected 5')] });
    expect(file.part('xl/worksheets/_rels/sheet1.xml.rels')).toContain('Id="rIdPlumblineShapes"');
    expect(file.part('xl/drawings/plumblineNotes1.vml')).toContain('</xml>');
    expect(file.part('xl/comments1.xml')).toContain('Expected 5');
  });

  test('of an earlier round go, from sheets that are in order too', async () => {
    const first = await mark(parts(), { 3: [cell(1, 'Expected y')] });
    const { unzipSync } = await import('fflate');
    const second = await mark(unzipSync(first.bytes), {});
    expect(second.breaches).toEqual([]);
    expect(second.marks('Data')).toEqual({});
    expect(second.comment('Data', 'B3')).toBeUndefined();
    expect(second.comment('Data', 'A4')).toBe('Mine');
    expect(second.book.SheetNames).toEqual(['Data', 'Plumbline']);
    expect(second.part('xl/drawings/vmlDrawing1.vml').match(/<v:shape /gu)).toHaveLength(3);
  });

  test('of an earlier round go from a comment of a person, with the next one or for good', async () => {
    const { unzipSync } = await import('fflate');
    const first = await mark(parts(), { 2: [cell(0, 'Expected 5\nFound: x\n\nand <more>')] });
    const answered = Object.entries(unzipSync(first.bytes)).map(([name, part]) => {
      const text = Buffer.from(part).toString('utf8');
      return [
        name,
        text.replace('and &lt;more&gt;<', 'and &lt;more&gt;\nto Plumbline: 6?<'),
      ] as const;
    });
    const second = await mark(Object.fromEntries(answered), { 2: [cell(0, 'Expected 7')] });
    expect(second.comment('Data', 'A2')).toMatch(
      /^Please look\s+to Plumbline: 6\?\s+Plumbline: Expected 7$/u,
    );
    const unanswered = await mark(unzipSync(first.bytes), {});
    expect(unanswered.part('xl/comments1.xml')).toBe(parts()['xl/comments1.xml']);
    expect(unanswered.breaches).toEqual([]);
  });
});

test('of merged cells the one that is seen is marked, and says once what is wrong in several', async () => {
  const parts = data();
  parts[sheet1] = (parts[sheet1] ?? '').replace(
    '</sheetData>',
    '</sheetData><mergeCells count="2"><mergeCell ref="A1:B2"/><mergeCell ref="B3:B4"/></mergeCells>',
  );
  const file = await mark(parts, {
    2: [cell(0, 'Expected 5', 'row'), cell(1, 'Expected y')],
    3: [cell(0, 'Expected 6'), cell(1, 'Expected z')],
    4: [cell(1, 'Expected z')],
  });
  expect(file.breaches).toEqual([]);
  expect(file.marks('Data')).toEqual({ A1: 'cell', A3: 'cell', B3: 'cell' });
  expect(file.comment('Data', 'A1')).toBe('Expected 5\n\nExpected y');
  expect(file.comment('Data', 'B3')).toBe('Expected z');
  expect(file.part('xl/plumblineComments1.xml').match(/<comment /gu)).toHaveLength(3);
});

test('a cell that is put in looks as its place did: as its row or else its column', async () => {
  const styles = `<styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellXfs count="4">${[0, 14, 4, 10].map((format) => `<xf numFmtId="${format}" fontId="0" fillId="0" borderId="0"/>`).join('')}</cellXfs></styleSheet>`;
  const parts = {
    ...data(),
    'xl/styles.xml': styles,
    [sheet1]: `<worksheet xmlns="${main}"><cols><col min="2" max="3" width="9" style="1"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="C1" s="2"><v>1</v></c></row><row r="2" s="3" customFormat="1"><c r="A2"/></row><row r="3"/></sheetData></worksheet>`,
  };
  const file = await mark(parts, { 1: [cell(1)], 2: [cell(1)], 3: [cell(2)], 4: [cell(1)] });
  const formats = ['B1', 'B2', 'C3', 'B4'].map((name) => {
    const style = new RegExp(`r="${name}" s="(\\d+)"`, 'u').exec(file.part(sheet1))?.[1];
    return [...file.part('xl/styles.xml').matchAll(/<xf numFmtId="(\d+)"/gu)][Number(style)]?.[1];
  });
  expect(formats).toEqual(['14', '10', '14', '14']);
});

test('a sheet of the same name that someone else made is not touched', async () => {
  const parts = workbookParts([
    { name: 'Data', rows: [['id'], [1]] },
    { name: 'Plumbline', rows: [['my own']] },
  ]);
  const file = await mark(parts, { 2: [cell(0)] });
  expect(file.book.SheetNames).toEqual(['Data', 'Plumbline', 'Plumbline 2']);
  expect(file.book.Sheets['Plumbline']?.['A1']).toMatchObject({ v: 'my own' });
  expect(file.breaches).toEqual([]);
});
