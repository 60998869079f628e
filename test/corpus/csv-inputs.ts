import { gzipSync } from 'node:zlib';

import { strToU8, zipSync } from 'fflate';

import { column } from '../../src/contract/column.ts';
import { writeWorkbook } from '../helpers/workbook.ts';
import { type Bytes, type CsvInput, type Expected, loads, refused } from './corpus-input.ts';

const header = 'id,name,amount,paid_on';
const ada = '1,Ada,10.50,2026-01-05';
const bo = '2,Bo,20.00,2026-01-06';
const sound = `${header}\n${ada}\n${bo}\n`;

type More = Pick<CsvInput, 'options' | 'records' | 'isBig'>;

const input = (
  name: string,
  content: Bytes | (() => Bytes | Iterable<Uint8Array>),
  expected: Expected,
  more: More = {},
): CsvInput => ({
  kind: 'csv',
  name: `csv: ${name}`,
  content: typeof content === 'function' ? content : () => content,
  expected,
  ...more,
});

const lines = (...given: readonly string[]): string => `${given.join('\n')}\n`;
/** The lines under the header. */
const rows = (...given: readonly string[]): string => lines(header, ...given);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Buffer => utf16le(text).swap16();
const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  );

const umlauts = rows('1,Zoë,10.50,2026-01-05', '2,Jürgen Groß,20.00,2026-01-06');

const structure: readonly CsvInput[] = [
  input('nothing but a byte order mark', '\ufeff', refused('format-error')),
  input('nothing but spaces', '     ', refused('format-error')),
  input('nothing but delimiters', ',,,\n,,,\n', refused('format-error')),
  input('nothing but a line end', '\n', refused('format-error')),
  input('nothing but NUL', bytes([0, 0, 0, 0, 0, 0, 0, 0]), refused('encoding-error')),
  input('a header without a line end', header, loads(0)),
  input('a last line without a line end', sound.slice(0, -1), loads(2)),
  input('blank lines between', lines('', header, '', ada, '   ', '', bo, '', ''), loads(2)),
  input('lines of nothing but delimiters between', rows(ada, ',,,', bo, ',,,'), loads(2)),
  input('CRLF', sound.replaceAll('\n', '\r\n'), loads(2)),
  input('CR alone', sound.replaceAll('\n', '\r'), loads(2)),
  input('CRLF, LF and CR mixed', `${header}\r\n${ada}\n${bo}\r3,Eve,1.00,2026-01-07\r\n`, loads(3)),
  input('LF and CR the wrong way round', `${header}\n\r${ada}\n\r${bo}\n\r`, loads(2)),
  input('a line of only \\.', rows(ada, '\\.', bo), loads(2, { 'missing-cell': 1 })),
  input('a line of only \\. in one column', lines('name', 'Ada', '\\.', 'Bo'), loads(3), {
    options: { columns: { name: column.text() }, key: [], controlTotals: [] },
  }),
  input('\\N, the null of another program', rows('1,\\N,\\N,\\N'), loads(0, { 'type-error': 1 })),
  input('a form feed and a vertical tab', rows('1,A\fd\va,10.50,2026-01-05'), loads(1)),
  input(
    'line separators of Unicode in a cell',
    rows('1,A\u2028d\u0085a,10.50,2026-01-05'),
    loads(1),
  ),
  input(
    'a comment that was not declared',
    rows('# exported today', ada),
    loads(1, { 'missing-cell': 1 }),
  ),
  input(
    'comments',
    lines('# exported today', header, ada, '# half', bo),
    loads(2, {}, { skipped: { 'comment-row': 2 } }),
    {
      options: { comment: '#' },
    },
  ),
  input(
    'a delimiter at the end of each row',
    lines(header, `${ada},`, `${bo},`),
    loads(0, { 'extra-cell': 2 }),
  ),
  input(
    'a delimiter at the end of the header too',
    lines(`${header},`, `${ada},`, `${bo},`),
    loads(2),
  ),
  input('a short row', rows('1', ada.replace('1', '3')), loads(1, { 'missing-cell': 1 })),
  input('a long row', rows(`${ada},more`, bo), loads(1, { 'extra-cell': 1 })),
  input(
    'a row of 10,000 cells',
    rows(ada, ','.repeat(10_000) + 'x'),
    loads(1, { 'extra-cell': 1 }),
  ),
  input(
    '10,000 columns that nobody asked for',
    lines(
      `${header},${Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(',')}`,
      `${ada}${',x'.repeat(10_000)}`,
    ),
    loads(1),
  ),
  input(
    'the hint sep=,',
    lines('sep=,', sound.trimEnd()),
    loads(2, {}, { skipped: { 'preamble-row': 1 } }),
  ),
  input(
    'the hint sep=;',
    lines('sep=;', sound.replaceAll(',', ';').trimEnd()),
    refused('format-error'),
  ),
  input('semicolons', sound.replaceAll(',', ';'), refused('format-error')),
  input('tabs', sound.replaceAll(',', '\t'), refused('format-error')),
  input('semicolons, declared', sound.replaceAll(',', ';'), loads(2), {
    options: { delimiter: ';' },
  }),
];

const quotes: readonly CsvInput[] = [
  input(
    'an open quote in the first row',
    rows('1,"Ada,10.50,2026-01-05', bo),
    loads(1, { 'format-error': 1 }),
    { records: 3 },
  ),
  input(
    'an open quote in the last row',
    rows(ada, '2,"Bo,20.00,2026-01-06'),
    loads(1, { 'format-error': 1 }),
    { records: 3 },
  ),
  input(
    'an open quote in the last row, without a line end',
    `${rows(ada)}2,"Bo`,
    loads(1, { 'format-error': 1 }),
    { records: 3 },
  ),
  input(
    'an open quote in the header',
    lines('id,"name,amount,paid_on', ada),
    refused('format-error'),
  ),
  input(
    'an open quote and ten thousand rows',
    () =>
      rows(
        '0,"Ada,10.50,2026-01-05',
        ...Array.from({ length: 10_000 }, (_, at) => `${at + 1},Bo,1.00,2026-01-05`),
      ),
    loads(10_000, { 'format-error': 1 }),
    { records: 10_002 },
  ),
  input('a stray quote', rows('1,A"da,10.50,2026-01-05', bo), loads(2), {
    records: 3,
  }),
  input(
    'a letter after a closing quote',
    rows('1,"Ada"!,10.50,2026-01-05', bo),
    loads(1, { 'format-error': 1 }),
    { records: 3 },
  ),
  input(
    'quotes escaped by a backslash',
    rows('1,"A\\"da",10.50,2026-01-05', bo),
    loads(1, { 'format-error': 1 }),
    { records: 3 },
  ),
  input(
    'a quoted line end, delimiter and quote',
    rows('1,"A\nd,a ""x""",10.50,2026-01-05', bo),
    loads(2),
  ),
  input('a quoted CRLF in a file of LF', rows('1,"A\r\nda",10.50,2026-01-05', bo), loads(2)),
  input('nothing in quotes', rows('1,"",10.50,2026-01-05', bo), loads(1, { 'missing-cell': 1 })),
  input('a quote alone', rows('1,",10.50,2026-01-05', bo), loads(1, { 'format-error': 1 }), {
    records: 3,
  }),
  input('four quotes', rows('1,"""",10.50,2026-01-05', bo), loads(2)),
  input('single quotes', rows("1,'A,da',10.50,2026-01-05", bo), loads(1, { 'extra-cell': 1 })),
  input('quotes that are none', rows('1,"Ada,10.50,2026-01-05', bo), loads(2), {
    options: { quote: null },
  }),
  input('typographic quotes', rows('1,„Ada“,10.50,2026-01-05'), loads(1)),
];

const encodings: readonly CsvInput[] = [
  input('UTF-8 with a byte order mark', `\ufeff${umlauts}`, loads(2)),
  input('two byte order marks', `\ufeff\ufeff${umlauts}`, loads(2)),
  input('a byte order mark between', `${header}\n\ufeff${ada}\n`, loads(1)),
  input('UTF-16 with a byte order mark, declared', utf16le(`\ufeff${umlauts}`), loads(2), {
    options: { encoding: 'utf-16le' },
  }),
  input('UTF-16, big endian, declared', utf16be(`\ufeff${umlauts}`), loads(2), {
    options: { encoding: 'utf-16be' },
  }),
  input('UTF-16 without a byte order mark, declared', utf16le(umlauts), loads(2), {
    options: { encoding: 'utf-16le' },
  }),
  input(
    'UTF-16, big endian, declared as little',
    utf16be(`\ufeff${umlauts}`),
    refused('encoding-error'),
    { options: { encoding: 'utf-16le' } },
  ),
  input(
    'UTF-16 with half a letter at the end',
    Buffer.concat([utf16le(`\ufeff${umlauts}`), Buffer.from([0x41])]),
    loads(2, { 'encoding-error': 1 }),
    { options: { encoding: 'utf-16le' }, records: 4 },
  ),
  input(
    'UTF-16 with a lone surrogate',
    utf16le(`\ufeff${rows('1,A\ud800da,1.00,2026-01-05', bo)}`),
    loads(1, { 'encoding-error': 1 }),
    { options: { encoding: 'utf-16le' } },
  ),
  input('UTF-8, declared as UTF-16', umlauts, refused('missing-label'), {
    options: { encoding: 'utf-16le' },
  }),
  input(
    'UTF-32',
    Buffer.concat([
      Buffer.from([0xff, 0xfe, 0, 0]),
      Buffer.from(
        umlauts
          .split('')
          .flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8, 0, 0]),
      ),
    ]),
    refused('encoding-error'),
  ),
  input('windows-1252, declared', latin1(umlauts), loads(2), {
    options: { encoding: 'windows-1252' },
  }),
  input('windows-1252 in all rows', latin1(umlauts), loads(0, { 'encoding-error': 2 })),
  input(
    'windows-1252 in the header',
    latin1(umlauts.replace('name', 'n\u00e4me')),
    refused('encoding-error'),
  ),
  input(
    'windows-1250, declared',
    bytes(`${header}\n1,`, [0x8e, 0x9d], ',1.00,2026-01-05\n'),
    loads(1),
    { options: { encoding: 'windows-1250' } },
  ),
  input(
    'windows-1251, not declared',
    bytes(`${header}\n1,`, [0xcf, 0xf0], ',1.00,2026-01-05\n'),
    loads(0, { 'encoding-error': 1 }),
  ),
  input(
    'Shift JIS, declared',
    bytes(`${header}\n1,`, [0x93, 0xfa, 0x96, 0x7b], ',1.00,2026-01-05\n'),
    loads(1),
    { options: { encoding: 'shift_jis' } },
  ),
  input(
    'Shift JIS cut in a letter',
    bytes(`${header}\n1,`, [0x93], ',1.00,2026-01-05\n'),
    loads(0, { 'encoding-error': 1 }),
    { options: { encoding: 'shift_jis' } },
  ),
  input(
    'GB 18030, not declared',
    bytes(`${header}\n1,`, [0xd6, 0xd0], ',1.00,2026-01-05\n', `${bo}\n`),
    loads(1, { 'encoding-error': 1 }),
  ),
  input(
    'a surrogate written as UTF-8',
    bytes(`${header}\n1,A`, [0xed, 0xa0, 0x80], 'da,1.00,2026-01-05\n', `${bo}\n`),
    loads(1, { 'encoding-error': 1 }),
  ),
  input(
    'a slash written too long',
    bytes(`${header}\n1,A`, [0xc0, 0xaf], 'da,1.00,2026-01-05\n', `${bo}\n`),
    loads(1, { 'encoding-error': 1 }),
  ),
  input(
    'a byte that UTF-8 never has',
    bytes(`${header}\n1,A`, [0xf5], 'da,1.00,2026-01-05\n', `${bo}\n`),
    loads(1, { 'encoding-error': 1 }),
  ),
  input(
    'half a letter at the end of the file',
    bytes(`${header}\n1,Zo`, [0xc3]),
    loads(0, { 'encoding-error': 1 }),
  ),
  input('a NUL in a cell', rows('1,A\0da,1.00,2026-01-05', bo), loads(1, { 'encoding-error': 1 })),
  input(
    'a NUL in a number',
    rows('1\0,Ada,1.00,2026-01-05', bo),
    loads(1, { 'encoding-error': 1 }),
  ),
  input('a NUL in the header', lines('id,na\0me,amount,paid_on', ada), refused('encoding-error')),
  input('letters beyond the first plane', rows('1,😀 𝒜da,1.00,2026-01-05'), loads(1)),
  input('a letter that is not one', rows('1,A\uffff\ufffeda,1.00,2026-01-05'), loads(1)),
  input('a replacement character', rows('1,A\ufffdda,1.00,2026-01-05'), loads(1)),
  input('letters that turn the direction', rows('1,A\u202eda\u200b,1.00,2026-01-05'), loads(1)),
];

const headers: readonly CsvInput[] = [
  input(
    'columns in another order',
    lines('paid_on,amount,id,name', '2026-01-05,10.50,1,Ada'),
    loads(1),
  ),
  input('columns in capitals and with spaces', lines(' ID ,NAME, Amount,Paid_On', ada), loads(1)),
  input('labels with no-break spaces', lines('\u00a0id,name\u00a0,amount,paid_on', ada), loads(1)),
  input('labels in quotes', lines('"id","name","amount","paid_on"', ada), loads(1)),
  input(
    'a column under another name',
    lines('id,name,amonut,paid_on', ada),
    refused('missing-label'),
  ),
  input(
    'a column that is not there',
    lines('id,name,paid_on', '1,Ada,2026-01-05'),
    refused('missing-label'),
  ),
  input('a column twice', lines(`${header},amount`, `${ada},10.50`), refused('duplicate-label')),
  input(
    'a column twice, in another case',
    lines(`${header},AMOUNT`, `${ada},10.50`),
    refused('duplicate-label'),
  ),
  input('two columns without a label', lines(`${header},,`, `${ada},x,y`), loads(1)),
  input(
    'a label that nobody asked for twice',
    lines(`${header},note,note`, `${ada},x,y`),
    loads(1),
  ),
  input(
    'a column too many, refused',
    lines(`${header},note`, `${ada},x`),
    refused('delivery-rejected'),
    { options: { extraColumns: 'refuse' } },
  ),
  input('no header', lines(ada, bo), refused('missing-label')),
  input('no header, named by the source', lines(ada, bo), loads(2), {
    options: { header: { names: ['id', 'name', 'amount', 'paid_on'] } },
  }),
  input('a preamble', lines('Report of January', '', header, ada), refused('missing-label')),
  input(
    'a preamble, declared',
    lines('Report of January', 'by Ada', header, ada),
    loads(1, {}, { skipped: { 'preamble-row': 2 } }),
    { options: { header: { row: 3 } } },
  ),
  input('a header row after the end', lines(header, ada), refused('format-error'), {
    options: { header: { row: 9 } },
  }),
  input('a header row that is blank', lines('', header, ada), refused('format-error'), {
    options: { header: { row: 1 } },
  }),
  input(
    'two rows of labels',
    lines('Order,,Payment,', 'id,name,amount,paid_on', ada),
    refused('missing-label'),
  ),
  input(
    'two rows of labels, joined',
    lines('Order,,Payment,', 'id,name,amount,paid_on', ada),
    loads(1),
    {
      options: {
        header: { row: 1, rows: 2 },
        columns: {
          id: column.integer({ header: 'Order id' }),
          name: column.text({ header: 'Order name' }),
          amount: column.decimal(12, 2, { header: 'Payment amount' }),
          paid_on: column.date({ header: 'Payment paid_on' }),
        },
      },
    },
  ),
  input('the header once more in the middle', rows(ada, header, bo), loads(2, { 'type-error': 1 })),
  input(
    'a label of a megabyte',
    () => lines(`${header},${'x'.repeat(1_000_000)}`, `${ada},y`),
    loads(1),
  ),
];

const totalsRow = { where: 'name', is: 'Total' } as const;

const totals: readonly CsvInput[] = [
  input(
    'a totals row that agrees',
    rows(ada, bo, ',Total,30.50,'),
    loads(2, {}, { skipped: { 'totals-row': 1 } }),
    { options: { totalsRow } },
  ),
  input(
    'a totals row that does not agree',
    rows(ada, bo, ',Total,30.51,'),
    refused('control-total'),
    { options: { totalsRow } },
  ),
  input(
    'a totals row without a number',
    rows(ada, bo, ',Total,a lot,'),
    loads(2, {}, { skipped: { 'totals-row': 1 } }),
    { options: { totalsRow } },
  ),
  input(
    'a totals row that nobody declared',
    rows(ada, bo, ',Total,30.50,'),
    loads(2, { 'missing-cell': 1 }),
  ),
  input(
    'subtotals that agree',
    rows(ada, ',Subtotal,10.50,', bo, ',Subtotal,20.00,', ',Total,30.50,'),
    loads(2, {}, { skipped: { 'totals-row': 3 } }),
    { options: { totalsRow: [{ where: 'name', is: 'Subtotal', kind: 'subtotal' }, totalsRow] } },
  ),
  input(
    'a subtotal that does not agree',
    rows(ada, ',Subtotal,10.51,', bo, ',Subtotal,20.00,'),
    refused('control-total'),
    { options: { totalsRow: [{ where: 'name', is: 'Subtotal', kind: 'subtotal' }] } },
  ),
  input(
    'footnotes',
    rows(ada, bo, 'Source: the bank', 'Printed today'),
    loads(2, {}, { skipped: { 'footer-row': 2 } }),
    { options: { footer: { rows: 2 } } },
  ),
  input(
    'footnotes that nobody declared',
    rows(ada, bo, 'Source: the bank'),
    loads(2, { 'missing-cell': 1 }),
  ),
];

/** One value in a column of each kind, and the code it gets. */
const cell = (
  name: string,
  value: string,
  expected: Expected,
  type?: NonNullable<CsvInput['options']>['columns'],
): CsvInput => {
  const columns = {
    id: column.integer({ required: true }),
    value: type?.['value'] ?? column.text(),
  };
  return input(`a cell, ${name}`, `id,value\n1,"${value.replaceAll('"', '""')}"\n`, expected, {
    options: { columns, controlTotals: [] },
  });
};

const money = { value: column.decimal(12, 2) };
const euros = {
  value: column.decimal(12, 2, { decimalMark: ',', thousandsMark: '.', symbols: ['€'] }),
};
const whole = { value: column.integer() };
const date = { value: column.date() };
const slashed = { value: column.date({ format: 'dd/MM/yyyy' }) };
const wrong = loads(0, { 'type-error': 1 });

const cells: readonly CsvInput[] = [
  cell('letters in an amount', 'ten', wrong, money),
  cell('an amount with a comma', '1,5', wrong, money),
  cell('an amount of two readings', '1.234', loads(0, { 'ambiguous-number': 1 }), money),
  cell('an amount with both marks', '1,234.50', wrong, money),
  cell('an amount with more decimals than the column', '1.2345', wrong, money),
  cell('an amount that the column cannot hold', '12345678901.00', wrong, money),
  cell('infinity', 'Infinity', wrong, money),
  cell('not a number', 'NaN', wrong, money),
  cell('hexadecimal', '0x1F', wrong, money),
  cell('two minus signs', '--5', wrong, money),
  cell('a currency that nobody declared', '€ 5.00', wrong, money),
  cell('marks that were declared', '€ 1.234,50', loads(1), euros),
  cell('groups of the wrong length', '1.23.456,50', wrong, euros),
  cell('the other decimal mark', '1234.5', wrong, euros),
  cell('a fraction in a whole number', '1.5', wrong, whole),
  cell('a whole number beyond 64 bits', '9223372036854775808', wrong, whole),
  cell('the largest whole number', '9223372036854775807', loads(1), whole),
  cell('digits of another script', '١٢٣', wrong, whole),
  cell('a date of two readings', '03/04/2025', loads(0, { 'ambiguous-date': 1 }), date),
  cell('a date that is none', '2026-02-30', wrong, date),
  cell('the 29th of February of a common year', '2025-02-29', wrong, date),
  cell('month 13', '2026-13-01', wrong, date),
  cell('the year nought', '0000-01-01', wrong, date),
  cell('a date with a time', '2026-01-05T10:00', wrong, date),
  cell('a date of a declared format', '31/12/2025', loads(1), slashed),
  cell('a date the other way round', '12/31/2025', wrong, slashed),
  cell('a number for a date', '46027', wrong, date),
  cell('an instant without a zone in the gap of a clock', '2026-03-29T02:30:00', loads(1), {
    value: column.timestamp(),
  }),
  cell('an instant that is none', '2026-01-05T25:00:00Z', wrong, { value: column.timestamp() }),
  cell('a time that is none', '24:61', wrong, { value: column.time() }),
  cell('perhaps', 'perhaps', wrong, { value: column.boolean() }),
  cell('JSON that is none', '{"a":', wrong, { value: column.json() }),
  cell('JSON with a lone surrogate', '"\\ud800"', wrong, { value: column.json() }),
  cell('JSON with a number beyond all bounds', '[1e200000]', wrong, { value: column.json() }),
  cell('JSON nested a hundred thousand deep', '['.repeat(100_000) + ']'.repeat(100_000), wrong, {
    value: column.json(),
  }),
  cell('JSON with a NUL', '"\\u0000"', wrong, { value: column.json() }),
  cell('a word of no list', 'blue', loads(0, { 'constraint-error': 1 }), {
    value: column.oneOf(['red', 'green']),
  }),
  cell('too small', '-1', loads(0, { 'constraint-error': 1 }), {
    value: column.integer({ min: 0 }),
  }),
  cell('too small, a warning', '-1', loads(1, {}, { flagged: 1 }), {
    value: column.integer({ min: 0, level: 'warn' }),
  }),
  cell('too long', 'Ada', loads(0, { 'constraint-error': 1 }), {
    value: column.text({ maxLength: 2 }),
  }),
  cell('of no such pattern', 'Ada', loads(0, { 'constraint-error': 1 }), {
    value: column.text({ pattern: /^\d+$/u }),
  }),
  cell('missing', ' ', loads(0, { 'missing-cell': 1 }), { value: column.text({ required: true }) }),
  cell('a formula', '=1+1', loads(1)),
  cell('a script', '<script>alert(1)</script>', loads(1)),
  cell('the end of a statement', "'; drop table raw.orders; --", loads(1)),
];

const keys: readonly CsvInput[] = [
  input(
    'one key twice, with other content',
    rows(ada, '1,Eve,1.00,2026-01-05', bo),
    loads(1, { 'primary-key': 2 }),
  ),
  input('one row twice', rows(ada, ada, bo), loads(2, {}, { duplicate: 1 })),
  input(
    'one key twice, the later wins',
    rows(ada, '1,Eve,1.00,2026-01-05', bo),
    loads(2, {}, { duplicate: 1 }),
    { options: { sameKey: 'last-wins' } },
  ),
  input('a key that is missing', rows(',Ada,1.00,2026-01-05', bo), loads(1, { 'missing-cell': 1 })),
  input(
    'a thousand rows of one key',
    () => rows(...Array.from({ length: 1_000 }, (_, at) => `1,Ada,${at}.00,2026-01-05`)),
    loads(0, { 'primary-key': 1_000 }),
  ),
  input('a rule that throws', rows(ada, bo), loads(0, { 'constraint-error': 2 }), {
    options: {
      rules: [
        {
          name: 'broken',
          test: () => {
            throw new Error('a mistake in the rule');
          },
        },
      ],
    },
  }),
  input('a transform that throws', rows(ada, bo), loads(0, { 'type-error': 2 }), {
    options: {
      transform: () => {
        throw new Error('a mistake in the transform');
      },
    },
  }),
  input('a transform that drops all', rows(ada, bo), loads(0, {}, { skipped: { transform: 2 } }), {
    options: { transform: () => null },
  }),
  input(
    'more wrong rows than are tolerated',
    rows(ada, 'x,Bo,1.00,2026-01-06'),
    refused('delivery-rejected'),
    { options: { rejected: { max: '10%' } } },
  ),
  input('fewer rows than expected', rows(ada), refused('delivery-rejected'), {
    options: { rows: { min: 2 } },
  }),
  input('more rows than expected', rows(ada, bo), refused('delivery-rejected'), {
    options: { rows: { max: 1 } },
  }),
];

const otherKinds: readonly CsvInput[] = Object.entries<() => Bytes>({
  'a workbook': () => writeWorkbook([{ name: 'Data', rows: [['id', 'name']] }]),
  'an old workbook': () =>
    bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], '\0'.repeat(504)),
  'a PDF': () => '%PDF-1.7\n%âãÏÓ\n1 0 obj\n',
  'a web page': () => '<html><body>Please sign in</body></html>',
  'a zip archive that is cut short': () => bytes('PK', [3, 4, 20, 0, 0, 0, 8, 0]),
  'a gzipped workbook': () => gzipSync(writeWorkbook([{ name: 'Data', rows: [['id', 'name']] }])),
  'gzip of nothing': () => gzipSync(''),
  'gzip of gzip': () => gzipSync(gzipSync(sound)),
  'gzip that is cut short': () => gzipSync(sound.repeat(500)).subarray(0, 60),
  'gzip with a damaged checksum': () => {
    const packed = gzipSync(sound);
    packed.writeUInt8(packed.readUInt8(packed.length - 6) ^ 1, packed.length - 6);
    return packed;
  },
}).map(([name, content]) => input(name, content, refused('format-error')));

const damaged = refused('format-error');

const others: readonly CsvInput[] = [
  ...otherKinds,
  input(
    'a picture',
    bytes([0x89], 'PNG\r\n', [0x1a, 0x0a, 0, 0, 0, 0x0d], 'IHDR'),
    refused('encoding-error'),
  ),
  input('JSON', '[{"id":1,"name":"Ada","amount":"1.00"}]', damaged),
  input('XML', '<?xml version="1.0"?><orders><order id="1"/></orders>', refused('missing-label')),
  input('SQL', 'insert into orders values (1, 2);\n', refused('missing-label')),
  input(
    'an archive of tar',
    bytes('orders.csv', '\0'.repeat(90), '0000644\0', '\0'.repeat(404), sound),
    refused('encoding-error'),
  ),
  input('gzip', () => gzipSync(sound), loads(2)),
  input(
    'gzip in two parts',
    () => Buffer.concat([gzipSync(`${header}\n`), gzipSync(`${ada}\n`)]),
    loads(1),
  ),
  input(
    'gzip with something after it',
    () => Buffer.concat([gzipSync(sound), Buffer.from('garbage')]),
    refused('format-error'),
  ),
  input(
    'noise',
    () => Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7_919 + 13) % 256)),
    refused('encoding-error'),
  ),
];

/** A zip archive of the files given. */
const zip = (files: Readonly<Record<string, string>>, level: 0 | 6 = 6): Buffer =>
  Buffer.from(
    zipSync(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])),
      { level },
    ),
  );

/** A stored archive with one of its bytes changed behind the checksum's back. */
function damagedZip(): Buffer {
  const packed = zip({ 'orders.csv': sound }, 0);
  packed.write('9', packed.indexOf('10.50'));
  return packed;
}

/** The flag of a password in both lists of the archive. */
function lockedZip(): Buffer {
  const packed = zip({ 'orders.csv': sound });
  packed.writeUInt16LE(1, packed.indexOf('PK\u0003\u0004', 0, 'latin1') + 6);
  packed.writeUInt16LE(1, packed.indexOf('PK\u0001\u0002', 0, 'latin1') + 8);
  return packed;
}

const archives: readonly CsvInput[] = [
  input('zip', () => zip({ 'orders.csv': sound }), loads(2), { records: 3 }),
  input(
    'zip with what a Mac adds',
    () => zip({ 'orders.csv': sound, '__MACOSX/._orders.csv': 'x' }),
    loads(2),
    { records: 3 },
  ),
  input('zip of two files', () => zip({ 'a.csv': sound, 'b.csv': sound }), damaged),
  input('zip of two files, one chosen', () => zip({ 'a.csv': sound, 'b.txt': 'x' }), loads(2), {
    records: 3,
    options: { entry: '*.csv' },
  }),
  input('zip without the file chosen', () => zip({ 'a.txt': sound }), damaged, {
    options: { entry: '*.csv' },
  }),
  input('zip of nothing', () => zip({}), damaged),
  input('zip of an empty file', () => zip({ 'orders.csv': '' }), damaged),
  input(
    'zip of a workbook',
    () =>
      Buffer.from(zipSync({ 'orders.xlsx': writeWorkbook([{ name: 'Data', rows: [['id']] }]) })),
    damaged,
  ),
  input(
    'zip of zip',
    () => Buffer.from(zipSync({ 'orders.zip': zip({ 'orders.csv': sound }) })),
    damaged,
  ),
  input('zip with a password', lockedZip, damaged),
  input('zip with a damaged file', damagedZip, damaged),
  input('zip that is cut short', () => zip({ 'orders.csv': sound }).subarray(0, -30), damaged),
  input('zip that leads out of its folder', () => zip({ '../../orders.csv': sound }), damaged),
  input(
    'zip bomb',
    () => Buffer.from(zipSync({ 'orders.csv': Buffer.alloc(64 * 1024 * 1024, '\n') })),
    damaged,
  ),
];

const detected: readonly CsvInput[] = [
  input('semicolons, to be detected', sound.replaceAll(',', ';'), loads(2), {
    options: { delimiter: 'detect' },
  }),
  input('one column, delimiter to be detected', lines('id', '1', '2'), loads(2), {
    options: { delimiter: 'detect', columns: { id: column.integer() }, controlTotals: [] },
  }),
  input('windows-1252, to be detected', latin1(umlauts), loads(2), {
    records: 3,
    options: { encoding: 'detect' },
  }),
  input('UTF-16 without a byte order mark, to be detected', utf16le(umlauts), loads(2), {
    records: 3,
    options: { encoding: 'detect' },
  }),
  input(
    'noise, to be detected',
    bytes(`${header}\n1,`, [0x81, 0x8d, 0x8f, 0x90, 0x9d], ',1.00,2026-01-05\n'),
    refused('encoding-error'),
    { options: { encoding: 'detect' } },
  ),
];

const keyless = { key: [], controlTotals: [] } as const;
const repeated: readonly CsvInput[] = [
  input('one row twice, without a key', rows(ada, ada, bo), loads(3), { options: keyless }),
  input(
    'one row twice, without a key, skipped',
    rows(ada, ada, bo),
    loads(2, {}, { duplicate: 1 }),
    { options: { ...keyless, repeatedRows: 'skip' } },
  ),
  input(
    'one row twice, without a key, rejected',
    rows(ada, ada, bo),
    loads(2, { 'duplicate-row': 1 }),
    { options: { ...keyless, repeatedRows: 'reject' } },
  ),
];

const mega = 1024 * 1024;
function* cellOf(megabytes: number): Generator<Uint8Array> {
  yield Buffer.from(`${header}\n${ada}\n2,"`);
  const block = Buffer.alloc(mega, 'x');
  for (let count = 0; count < megabytes; count += 1) yield block;
  yield Buffer.from(`",20.00,2026-01-06\n3,Eve,1.00,2026-01-07\n`);
}

const big: readonly CsvInput[] = [
  input('a cell of 8 MB', () => cellOf(8), loads(3), { records: 4 }),
  input('a cell of 32 MB', () => cellOf(32), loads(2, { 'format-error': 1 }), { records: 4 }),
  input('a cell of 1 GB', () => cellOf(1024), loads(2, { 'format-error': 1 }), {
    records: 4,
    isBig: true,
  }),
  input(
    'a line of 32 MB of delimiters',
    () =>
      Buffer.concat([
        Buffer.from(rows(ada)),
        Buffer.alloc(32 * mega, ','),
        Buffer.from(`\n${bo}\n`),
      ]),
    loads(2, { 'format-error': 1 }),
    { records: 4 },
  ),
  input(
    '32 MB without a line end or delimiter',
    () => Buffer.alloc(32 * mega, 'x'),
    refused('format-error'),
  ),
  input(
    'gzip of 1 GB of one letter',
    () => gzipSync(Buffer.alloc(1024 * mega, 'x'), { level: 1 }),
    refused('format-error'),
    { isBig: true },
  ),
  input(
    'gzip of 256 MB of blank lines',
    () =>
      gzipSync(Buffer.concat([Buffer.from(sound), Buffer.alloc(256 * mega, '\n')]), { level: 1 }),
    damaged,
    { isBig: true },
  ),
  input(
    '200,000 wrong rows',
    () =>
      `${header}\n${Array.from({ length: 200_000 }, (_, at) => `${at},Ada,ten,2026-01-05\n`).join('')}`,
    loads(0, { 'type-error': 10_000 }),
    { isBig: true },
  ),
];

export const csvInputs: readonly CsvInput[] = [
  ...structure,
  ...quotes,
  ...encodings,
  ...headers,
  ...totals,
  ...cells,
  ...keys,
  ...others,
  ...archives,
  ...detected,
  ...repeated,
  ...big,
];
