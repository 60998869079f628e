import { gzipSync } from 'node:zlib';

import { writeWorkbook } from '../helpers/workbook.ts';
import type { BadInput, Row } from './bad-input.ts';

const header = 'id,name,amount,paid_on';

export const writeCsv = (rows: readonly Row[]): string =>
  `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`;

const lines = (...given: readonly string[]): string => `${given.join('\n')}\n`;

const sound = lines(header, '1,Ada,10.50,2026-01-05', '2,Zoë,20.00,2026-01-06');

const windows1252 = (text: string): Buffer => Buffer.from(text, 'latin1');

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

export const badCsv: readonly BadInput<string | Uint8Array>[] = [
  {
    name: 'an empty file',
    content: '',
    refused: {
      code: 'format-error',
      says: ['orders.csv is empty', 'no header'],
      remedy: 'Ask the sender for the file again',
    },
  },
  {
    name: 'nothing but blank lines',
    content: '\n\n  \n',
    refused: { code: 'format-error', says: ['orders.csv has no header'], remedy: 'Ask the sender' },
  },
  {
    name: 'a header and no rows',
    content: `${header}\n`,
    loaded: [],
  },
  {
    name: 'a column under another name',
    content: lines('id,name,amonut,paid_on', '1,Ada,10.50,2026-01-05'),
    refused: {
      code: 'missing-label',
      says: ['orders.csv', '"amount"', 'Did you mean "amonut"?'],
      remedy: 'set header: "amonut" on "amount"',
    },
  },
  {
    name: 'a column that is not there at all',
    content: lines('id,name,paid_on', '1,Ada,2026-01-05'),
    refused: {
      code: 'missing-label',
      says: ['orders.csv', '"amount"', '"id", "name", "paid_on"'],
      remedy: 'header',
    },
  },
  {
    name: 'a column twice',
    content: lines('id,name,amount,Amount,paid_on', '1,Ada,10.50,10.50,2026-01-05'),
    refused: {
      code: 'duplicate-label',
      says: ['orders.csv', 'columns 3 and 4', '"amount"'],
      remedy: 'Rename one',
    },
  },
  {
    name: 'no header, the rows at once',
    content: lines('1,Ada,10.50,2026-01-05', '2,Zoë,20.00,2026-01-06'),
    refused: { code: 'missing-label', says: ['orders.csv', '"1", "Ada"'], remedy: 'header' },
  },
  {
    name: 'another delimiter',
    content: sound.replaceAll(',', ';'),
    refused: {
      code: 'format-error',
      says: ['orders.csv', 'one cell', '","'],
      remedy: 'Set delimiter: ";"',
    },
  },
  {
    name: 'values of the wrong type',
    content: lines(
      header,
      '1,Ada,ten,2026-01-05',
      'two,Zoë,20.00,2026-01-06',
      '3,Bo,0.25,31.02.2026',
    ),
    rejects: [
      { line: 2, code: 'type-error', column: 'amount', value: 'ten' },
      { line: 3, code: 'type-error', column: 'id', value: 'two' },
      { line: 4, code: 'type-error', column: 'paid_on', value: '31.02.2026' },
    ],
    loaded: [],
  },
  {
    name: 'more digits than the column holds',
    content: lines(header, '1,Ada,10.505,2026-01-05', '2,Zoë,20.00,2026-01-06'),
    rejects: [{ line: 2, code: 'ambiguous-number', column: 'amount', value: '10.505' }],
    loaded: ['2'],
  },
  {
    name: 'ragged rows',
    content: lines(header, '1,Ada,10.50,2026-01-05,more', '2', '3,Bo,0.25', '4,Eve,1.00,'),
    rejects: [
      { line: 2, code: 'extra-cell', column: null, value: 'more' },
      { line: 3, code: 'missing-cell', column: null, value: null },
      { line: 4, code: 'missing-cell', column: null, value: null },
    ],
    loaded: ['4'],
  },
  {
    name: 'a quote that is never closed',
    content: lines(header, '1,"Ada,10.50,2026-01-05', '2,Zoë,20.00,2026-01-06'),
    rejects: [{ line: 2, code: 'format-error', column: null, value: '"Ada,10.50,2026-01-05' }],
    loaded: ['2'],
  },
  {
    name: 'one key twice',
    content: lines(
      header,
      '1,Ada,10.50,2026-01-05',
      '1,Eve,99.00,2026-01-05',
      '2,Zoë,20.00,2026-01-06',
    ),
    rejects: [
      { line: 2, code: 'primary-key', column: 'id', value: '1' },
      { line: 3, code: 'primary-key', column: 'id', value: '1' },
    ],
    loaded: ['2'],
  },
  {
    name: 'bytes of windows-1252 in a row',
    content: Buffer.concat([
      windows1252(lines(header, '1,Zoë,10.50,2026-01-05')),
      Buffer.from('2,Zoë,20.00,2026-01-06\n'),
    ]),
    rejects: [{ line: 2, code: 'encoding-error', column: 'name', value: 'Zo\uFFFD' }],
    loaded: ['2'],
  },
  {
    name: 'bytes of windows-1252 in the header',
    content: windows1252(lines('id,name,amount,paid_on,größe', '1,Ada,10.50,2026-01-05,4')),
    refused: {
      code: 'encoding-error',
      says: ['orders.csv', 'line 1', 'utf-8'],
      remedy: "encoding: 'windows-1252'",
    },
  },
  {
    name: 'UTF-16 with a byte order mark',
    content: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(sound, 'utf16le')]),
    refused: {
      code: 'encoding-error',
      says: ['orders.csv', 'UTF-16 (little endian)', 'utf-8 was declared'],
      remedy: "encoding: 'utf-16le'",
    },
  },
  {
    name: 'UTF-16 without a byte order mark, little endian',
    content: Buffer.from(sound, 'utf16le'),
    refused: {
      code: 'encoding-error',
      says: ['orders.csv', 'UTF-16'],
      remedy: "encoding: 'utf-16le'",
    },
  },
  {
    name: 'UTF-16 without a byte order mark, big endian',
    content: utf16be(sound),
    refused: {
      code: 'encoding-error',
      says: ['orders.csv', 'UTF-16'],
      remedy: "encoding: 'utf-16be'",
    },
  },
  {
    name: 'a NUL in a cell',
    content: lines(header, '1,A\0da,10.50,2026-01-05', '2,Zoë,20.00,2026-01-06'),
    rejects: [{ line: 2, code: 'encoding-error', column: 'name', value: 'A\uFFFDda' }],
    loaded: ['2'],
  },
  {
    name: 'a workbook under the name of a CSV file',
    content: writeWorkbook([{ name: 'Sheet1', rows: [['id']] }]),
    refused: {
      code: 'format-error',
      says: ['orders.csv', 'a workbook, not a CSV file'],
      remedy: 'excel()',
    },
  },
  {
    name: 'a web page, as from a portal whose session ended',
    content: '<!DOCTYPE html><html><body>Please sign in</body></html>',
    refused: {
      code: 'format-error',
      says: ['orders.csv is a web page'],
      remedy: 'Look at the file',
    },
  },
  {
    name: 'gzip that is cut short',
    content: gzipSync(sound.repeat(500)).subarray(0, 60),
    refused: {
      code: 'format-error',
      says: ['orders.csv', 'gzip', 'unexpected end of file'],
      remedy: 'Deliver the file again',
    },
  },
];
