import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { CsvError, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Tokenizer } from '../../../src/source/csv/tokenizer.ts';
import { commas, readerOfBytes, tokenize } from './tokenize.ts';

const texts = async (content: string, options = {}) =>
  (await tokenize(content, options)).rows.map((row) => row.cells);

const parseOptions = {
  bom: true,
  relax_column_count: true,
  record_delimiter: ['\r\n', '\n', '\r'],
};

const isBlank = (record: readonly string[]): boolean =>
  record.every((cell) => /^[ \t]*$/u.test(cell));

/** The errors by which csv-parse refuses a file for its quotes. */
const quoteErrors: readonly unknown[] = [
  'CSV_INVALID_CLOSING_QUOTE',
  'CSV_QUOTE_NOT_CLOSED',
  'INVALID_OPENING_QUOTE',
];

function isRefused(document: string): boolean {
  try {
    parse(document, parseOptions);
    return false;
  } catch (error) {
    return error instanceof CsvError && quoteErrors.includes(error.code);
  }
}

const nasty = fc
  .array(
    fc.constantFrom(
      'a',
      'b,',
      ',',
      ',,',
      '"',
      '""',
      '","',
      '"\n',
      '\n',
      '\r',
      '\r\n',
      ' ',
      '\t',
      ';',
      'é',
      '漢',
      '😀',
      '\ufeff',
      '"x"',
      '"x,y"',
      '"l\nm"',
      '"l\r\nm"',
      '\\',
      '\\.\n',
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

test('agrees with csv-parse on 3,000 nasty documents, cut anywhere', async () => {
  let rejected = 0;
  await fc.assert(
    fc.asyncProperty(
      nasty,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
      async (document, readBytes, blockBytes) => {
        // The byte order mark is taken off before the tokenizer (`openText`).
        const content = document.replace(/^\ufeff/u, '');
        const ours = await tokenize(content, { readBytes, blockBytes });
        // Difference 1: a broken quote rejects its line, where csv-parse refuses the file.
        if (ours.rows.some((row) => row.faults.length > 0)) {
          rejected += 1;
          return isRefused(document);
        }
        // Difference 2: a quote inside an unquoted cell is text (`relax_quotes`).
        const theirs: string[][] = parse(document, { ...parseOptions, relax_quotes: true });
        // Difference 3: records without content are no rows, and counted.
        const withContent = theirs.filter((record) => !isBlank(record));
        expect(ours.rows.map((row) => row.cells)).toEqual(withContent);
        expect(ours.blankRows).toBe(theirs.length - withContent.length);
        return true;
      },
    ),
    { numRuns: 3_000 },
  );
  // Both ways must have been taken, or the comparison compares nothing.
  expect(rejected).toBeGreaterThan(300);
  expect(rejected).toBeLessThan(2_700);
});

test('gives the same rows and lines however the bytes arrive', async () => {
  const content =
    'id,text\r\n1,"two\r\nlines, and ""quotes"""\r3,"open\n4,é漢😀\n\n"5"x,6\n7,"last"';
  const whole = await tokenize(content);
  expect(whole.rows).toMatchObject([
    { line: 1, cells: ['id', 'text'] },
    { line: 2, cells: ['1', 'two\r\nlines, and "quotes"'] },
    { line: 4, cells: ['3', '"open'], faults: ['format-error'] },
    { line: 5, cells: ['4', 'é漢😀'] },
    { line: 7, cells: ['"5"x,6'], faults: ['format-error'] },
    { line: 8, cells: ['7', 'last'] },
  ]);
  for (let blockBytes = 1; blockBytes <= Buffer.byteLength(content); blockBytes += 1) {
    for (const readBytes of [1, 2, 3, blockBytes]) {
      expect(await tokenize(content, { blockBytes, readBytes })).toEqual(whole);
    }
  }
});

test('reads csv-spectrum', async () => {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('csv-spectrum/package.json')),
    'csvs',
  );
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    // Its JSON has another telephone number than its CSV, which is not UTF-8 either.
    if (file === 'location_coordinates.csv') continue;
    const expected: Record<string, string>[] = JSON.parse(
      await readFile(join(folder, '..', 'json', file.replace('.csv', '.json')), 'utf8'),
    );
    const [header = [], ...rows] = await texts(await readFile(join(folder, file), 'utf8'));
    const records = rows.map((row) =>
      Object.fromEntries(header.map((label, index) => [label, row[index]])),
    );
    expect({ file, records }).toEqual({ file, records: expected });
  }
});

test('a stray quote costs its line, not the rest of the file', async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => `${index},value ${index}`);
  lines[1_000] = '1000,"value 1000';
  const { rows } = await tokenize(lines.join('\n'), { blockBytes: 64 });
  expect(rows).toHaveLength(2_000);
  expect(rows.filter((row) => row.faults.length > 0)).toMatchObject([
    { line: 1_001, cells: ['1000', '"value 1000'], faults: ['format-error'] },
  ]);
  expect(rows.at(-1)?.cells).toEqual(['1999', 'value 1999']);
});

test('an open quote before gigabytes is held to the cap', async () => {
  const { rows } = await tokenize(`a,"b\n${'c,d\n'.repeat(5_000)}e,f\n`, {
    blockBytes: 64,
    recordBytesMax: 4_096,
  });
  expect(rows).toHaveLength(5_002);
  expect(rows[0]).toMatchObject({ line: 1, faults: ['format-error'] });
  expect(rows.at(-1)).toMatchObject({ line: 5_002, cells: ['e', 'f'], faults: [] });
});

test.each(['\n', '\r', '\r\n'])(
  'a line larger than the cap is rejected and passed over (%j)',
  async (end) => {
    const content = ['1,a', `2,${'é漢'.repeat(10_000)}`, '3,b', ''].join(end);
    for (const readBytes of [1, 7, 1_000]) {
      const { rows } = await tokenize(content, {
        blockBytes: 64,
        recordBytesMax: 1_024,
        readBytes,
      });
      expect(rows.map((row) => [row.line, row.faults])).toEqual([
        [1, []],
        [2, ['format-error']],
        [3, []],
      ]);
      expect(rows[2]?.cells).toEqual(['3', 'b']);
    }
  },
);

test('a row that is no UTF-8, or holds NUL, is rejected alone', async () => {
  const content = Buffer.concat([
    Buffer.from('1,good\n2,M'),
    Buffer.from([0xfc]),
    Buffer.from('ller\n3,"a""é"\n4,nul\0\n5,"cut '),
    Buffer.from([0xc3]),
    Buffer.from('"\n6,good\n'),
  ]);
  const { rows } = await tokenize(content);
  expect(rows.map((row) => row.faults)).toEqual([
    [],
    ['encoding-error'],
    [],
    ['encoding-error'],
    ['encoding-error'],
    [],
  ]);
  expect(rows[2]?.cells).toEqual(['3', 'a"é']);
});

test('lines without content are counted, not read', async () => {
  const { rows, blankRows } = await tokenize('a,b\n\n  \n,\n"",""\n\t,\n1,2\n\n');
  expect(rows.map((row) => [row.line, row.cells])).toEqual([
    [1, ['a', 'b']],
    [7, ['1', '2']],
  ]);
  expect(blankRows).toBe(6);
});

test('comments are lines, whatever quotes they hold', async () => {
  const dialect = { ...commas, comment: Buffer.from('//') };
  const content = '// it"s, a\n1,2\n//\n/3,"// no comment"\n//';
  for (let readBytes = 1; readBytes < 6; readBytes += 1) {
    const read = await tokenize(content, { dialect, readBytes, blockBytes: 8 });
    expect(read.rows.map((row) => [row.line, row.cells])).toEqual([
      [2, ['1', '2']],
      [4, ['/3', '// no comment']],
    ]);
    expect(read.commentRows).toBe(3);
  }
});

test('without a quote mark, quotes are text', async () => {
  expect(await texts('"a,b"\n', { dialect: { ...commas, quote: -1 } })).toEqual([['"a', 'b"']]);
});

test('a record of more cells than are held at a time is rejected, and many short ones are not', async () => {
  const wide = ','.repeat(2_500_000);
  const { rows } = await tokenize(`a\n${wide}x\nb\n`, { readBytes: 1024 * 1024 });
  expect(rows.map((row) => [row.line, row.cells.length, row.faults])).toEqual([
    [1, 1, []],
    [2, 1, ['format-error']],
    [3, 1, []],
  ]);
  // A long record leaves a wide buffer, in which more short ones have room than offsets are held.
  const bytes = Buffer.from(`"${'x'.repeat(9_000_000)}"\n${'1,2,3\n'.repeat(1_500_000)}`);
  const tokenizer = new Tokenizer(readerOfBytes(bytes, bytes.length), {
    dialect: commas,
    keepFirst: 0,
  });
  let count = 0;
  for (let chunk = await tokenizer.next(); chunk !== undefined; chunk = await tokenizer.next()) {
    count += chunk.count;
  }
  expect(count).toBe(1_500_001);
});
