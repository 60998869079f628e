import { gzipSync } from 'node:zlib';

import { writeWorkbook } from '../helpers/workbook.ts';

const lines = (count: number, row: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${row(index)}\n`).join('');

/** A file as people make them, and what its rows come to. */
interface HandMade {
  readonly content: string | Uint8Array;
  readonly rows: number;
  readonly rejected: number;
}

/** By name. */
export const handMade: Readonly<Record<string, HandMade>> = {
  'totals.csv': {
    content: `Report;;\n\nNo;Amount;Note\n${lines(30, (index) => `R-${index};${index},50;x`)}Total;450,00;\nSource: ERP;;\n`,
    rows: 30,
    rejected: 0,
  },
  'subtotals.csv': {
    content:
      'Region,Client,Amount,Note\nN,A,10,\nN,B,20,\nSubtotal,,30,\nS,C,5,\nSubtotal,,5,\nGrand total,,35,\n',
    rows: 3,
    rejected: 0,
  },
  'no-labels.csv': {
    content: lines(30, (index) => `${index},${index}.25,2025-01-${10 + (index % 20)}`),
    rows: 30,
    rejected: 0,
  },
  'latin.csv': {
    content: Buffer.from(
      'Straße;Größe\nMünchner Straße;klein\nKölner Straße;groß\nGörlitz;größer\n',
      'latin1',
    ),
    rows: 3,
    rejected: 0,
  },
  'utf16.txt': {
    content: Buffer.from('\ufeffName\tAmount\nÄrger\t1,5\nx\t2,25\n', 'utf16le'),
    rows: 2,
    rejected: 0,
  },
  'packed.csv.gz': {
    content: gzipSync(`a,b\n${lines(30, (index) => `${index},x`)}`),
    rows: 30,
    rejected: 0,
  },
  'undecided.csv': {
    content: 'no;paid;amount\n1;03/04/2025;1.234\n2;05/06/2025;2.345\n',
    rows: 2,
    rejected: 0,
  },
  'units.csv': {
    content: 'share;price\n12 %;€ 1.234,50\n7,5 %;€ 12,00\n',
    rows: 2,
    rejected: 0,
  },
  // The last row but one has a word among numbers, the last two cells.
  'holes.csv': {
    content: `id,amount,active,extra\n${lines(40, (index) => `${index + 100},${index % 7 === 0 ? 'n/a' : `${index}.5`},${index % 2 === 0 ? 'yes' : 'no'},"{""a"": ${index}}"`)}7,x,yes,{}\n8,1\n`,
    rows: 42,
    rejected: 2,
  },
  'quoted names.csv': {
    content: '"Client\'s ""name""",O\'Neil\n"a\nb",1\nc,2\n',
    rows: 2,
    rejected: 0,
  },
  'book.xlsx': {
    content: writeWorkbook([
      { name: 'Notes', rows: [['See the other sheet']], state: 'hidden' },
      {
        name: 'Data 2025',
        rows: [
          ['Costs'],
          ['Booking', null, 'Amount', null],
          ['Date', 'No', 'Net', 'Gross'],
          ...Array.from({ length: 25 }, (_, index) => [
            { value: 45_000 + index, format: 'dd.mm.yyyy' },
            `V-${index}`,
            index / 4,
            index === 7 ? '1.234,50' : index / 2,
          ]),
          ['Total', null, 75, 1381],
        ],
        merges: ['A2:B2', 'C2:D2'],
        rowAttributes: { 9: 'hidden="1"' },
      },
    ]),
    rows: 25,
    rejected: 0,
  },
};
