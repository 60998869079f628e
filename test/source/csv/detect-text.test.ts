import fc from 'fast-check';
import { expect, test } from 'vitest';

import { detectNumberMarks } from '../../../src/source/csv/detect-number-marks.ts';
import { detectText } from '../../../src/source/csv/detect-text.ts';
import { sureEnough } from '../../../src/source/csv/guess.ts';

const detect = (content: string | Uint8Array) =>
  detectText({ bytes: Buffer.from(content), whole: true });

test('a file of a German office', () => {
  const content = Buffer.from(
    'Umsätze, Stand 3.1.2025\r\n\r\nDatum;Größe, Farbe;Betrag\r\n02.01.2025;"5;6 rot";1.234,50\r\n03.01.2025;XL, grün;-7,25\r\n04.01.2025;S, blau;3,5\r\n',
    'latin1',
  );
  expect(detect(content)).toMatchObject({
    encoding: { value: 'windows-1252' },
    delimiter: { value: ';', why: expect.stringContaining('have 3 cells when split at ";"') },
    quote: '"',
    lineEnd: 'CRLF',
    header: { value: { row: 3, rows: 1 } },
    comment: undefined,
    numberMarks: { value: { decimalMark: ',', thousandsMark: '.' } },
  });
});

test.each([
  ['commas', 'id,name\n1,Ada\n2,Bob\n', ','],
  ['decimal commas between semicolons', 'x;y\n1,5;2,5\n3,5;4,5\n', ';'],
  ['semicolons in a list', 'id,tags,x\n1,a;b;c,2\n2,d;e,3\n3,f;g;h,2\n', ','],
  ['spaces behind commas', 'id, cid, name\n1, 2, London\n2, 3, Paris\n', ','],
  ['tabs', 'id\tname, first\n1\tLovelace, Ada\n', '\t'],
  ['bars', 'id|name|x\n1|Ada|2\n', '|'],
  [
    'a preamble of sentences',
    'Report for March, 2025\nby Ada; 12:00\n\nid;day\n1;2025-01-01\n2;2025-01-02\n',
    ';',
  ],
  ['quotes around other delimiters', '"id";"name"\n"1";"a,b"\n"2";"c,d"\n', ';'],
  ['one column', 'name\nAda\nBob\n', ','],
  ['the line Excel writes', 'sep=|\nid|a,b,c\n', '|'],
])('%s', (_, content, delimiter) => {
  const guess = detect(content).delimiter;
  expect(guess.value).toBe(delimiter);
  expect(guess.confidence).toBeGreaterThanOrEqual(sureEnough);
});

test.each([
  ['two columns of whole numbers, or one of decimals', '1,2\n3,4\n5,6\n'],
  ['a label over decimals', 'amount\n1,5\n2,5\n'],
  ['a letter', 'Dear Ada,\nthis is; a letter.\nYours, Bob\n'],
  ['nothing', ''],
])('%s: nobody can be sure', (_, content) => {
  expect(detect(content).delimiter.confidence).toBeLessThan(sureEnough);
});

test.each<[string, string, object | undefined]>([
  ['names over values', 'id,day\n1,2025-01-01\n', { row: 1, rows: 1 }],
  [
    'groups over names',
    ',Q1,,Q2,\nid,net,tax,net,tax\n1,2,3,4,5\n2,3,4,5,6\n3,4,5,6,7\n',
    { row: 1, rows: 2 },
  ],
  ['values from the first row', '1,2.5,a\n2,3.5,b\n3,4.5,c\n', undefined],
  ['the same texts again and again', 'a,b\na,b\na,c\n', undefined],
  ['comments first', '# made by x\nid,name\n1,Ada\n2,Bob\n', { row: 2, rows: 1 }],
])('header: %s', (_, content, place) => {
  expect(detect(content).header.value).toEqual(place);
});

test('comments are lines unlike rows; a header may begin like one', () => {
  expect(detect('# made by x\nid,name\n1,Ada\n').comment).toBe('#');
  expect(detect('#,name\n1,Ada\n2,Bob\n').comment).toBeUndefined();
});

test('single quotes, and quotes that are inches', () => {
  expect(detect("id,name\n1,'Ada, B'\n2,'Bob, C'\n").quote).toBe("'");
  expect(detect('id,size\n1,"big"ger\n2,"small"er\n').quote).toBeNull();
});

test.each<[readonly string[], object | undefined]>([
  [['1.234,50', '7,5', 'x'], { decimalMark: ',', thousandsMark: '.' }],
  [['1,234.50', '$7.5', '-3.25'], { decimalMark: '.', thousandsMark: ',' }],
  [['1 234,50', '12\u{A0}000,5'], { decimalMark: ',', thousandsMark: ' ' }],
  [["1'234.50", '1’000.25'], { decimalMark: '.', thousandsMark: "'" }],
  [['0,125', '0,5'], { decimalMark: ',', thousandsMark: undefined }],
  [['1.234.567'], undefined],
  [['1.234', '12', '5,678', 'v1.2.3', '1.2.2025'], undefined],
])('marks of %j', (texts, marks) => {
  const guess = detectNumberMarks(texts);
  const sure = (guess?.confidence ?? 0) < sureEnough ? undefined : guess?.value;
  expect(sure).toEqual(marks);
});

test('numbers of both kinds make nobody sure', () => {
  expect(detectNumberMarks(['1,5', '2.5', '3,25'])?.confidence).toBeLessThan(sureEnough);
});

const cell = fc.oneof(
  fc.stringMatching(/^[A-Za-z]{2,9}( [a-z]{2,8})?$/u),
  fc.integer().map(String),
  fc
    .date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
);

test('a table of words, numbers and dates is split as it was written, or nobody is sure', () => {
  let unsure = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(',', ';', '\t', '|'),
      fc.integer({ min: 2, max: 8 }).chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
          minLength: 3,
          maxLength: 30,
        }),
      ),
      fc.boolean(),
      (delimiter, rows, money) => {
        const header = (rows[0] ?? []).map((_, index) => `label ${index}`);
        const decimals = (index: number): string[] =>
          money ? [`${index},5${delimiter === ',' ? '0' : ''}`] : [];
        const records = rows.map((row, index) => [
          ...row,
          ...(delimiter === ',' ? [] : decimals(index)),
        ]);
        const labels = records[0]?.length === header.length ? header : [...header, 'amount'];
        const text = [labels, ...records].map((row) => row.join(delimiter)).join('\n');
        const guess = detect(text).delimiter;
        if (guess.confidence < sureEnough) unsure += 1;
        else if (guess.value !== delimiter) throw new Error(`split at ${guess.value}`);
      },
    ),
    { numRuns: 500 },
  );
  expect(unsure).toBeLessThan(25);
});

test('the same bytes give the same answer, and any bytes give one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, whole) => {
      const first = detectText({ bytes, whole });
      expect(detectText({ bytes, whole })).toEqual(first);
      for (const { confidence } of [first.encoding, first.delimiter, first.header]) {
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 500 },
  );
});
