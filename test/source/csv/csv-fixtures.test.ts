import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';

import { PlumblineError } from '../../../src/errors.ts';
import { csv } from '../../../src/source/csv/csv.ts';
import { detectBytes, detectText } from '../../../src/source/csv/detect-text.ts';
import { sureEnough } from '../../../src/source/csv/guess.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { findFixtures } from '../../helpers/fixtures.ts';
import { readContent } from '../read-rows.ts';

const found = findFixtures();
const fixtures = found ?? '';

const read = (content: Uint8Array, options = {}) =>
  readContent(csv({ from: folder('*.csv'), columns: {}, ...options }), content);

const isBlank = (record: readonly string[]): boolean =>
  record.every((cell) => /^[ \t]*$/u.test(cell));

/** By csv-parse, without records that have no content. */
const parsed = (content: Buffer): string[][] =>
  parse(content, {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n', '\r'],
  }).filter((record: string[]) => !isBlank(record));

describe.skipIf(found === undefined)('CSV files of other projects', () => {
  test('files of Frictionless and a real export read as csv-parse reads them', async () => {
    const files = (await readdir(join(fixtures, 'frictionless')))
      .filter((file) => file.endsWith('.csv'))
      .map((file) => join('frictionless', file));
    let compared = 0;
    for (const file of [...files, 'real/superstore.csv']) {
      const content = await readFile(join(fixtures, file));
      const table = await read(content).catch((error: unknown) => error);
      if (table instanceof PlumblineError) continue;
      const { header, rows } = table as Awaited<ReturnType<typeof read>>;
      if (rows.some((row) => row.faults.length > 0)) continue;
      expect({ file, records: [header, ...rows.map((row) => row.cells)] }).toEqual({
        file,
        records: parsed(content),
      });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(80);
  });

  test('what is detected in them is right, or said to be unclear', async () => {
    const files = (await readdir(join(fixtures, 'frictionless'))).filter((file) =>
      /\.(?:csv|tsv)$/u.test(file),
    );
    const found: Record<string, string[]> = {};
    for (const file of files) {
      const bytes = await readFile(join(fixtures, 'frictionless', file));
      const { delimiter } = detectText({
        bytes: bytes.subarray(0, detectBytes),
        whole: bytes.length <= detectBytes,
      });
      const value = delimiter.confidence < sureEnough ? 'unclear' : delimiter.value;
      (found[value] ??= []).push(file.replace(/\.csv$/u, ''));
    }
    expect({ ...found, ',': found[',']?.length }).toEqual({
      ',': 86,
      ';': [
        'accent',
        'country-2',
        'delimiter',
        'issue-1009-semicolon',
        'issue-1100',
        'issue-1105-timezone',
        'issue-1138',
        'issue-1232',
        'table-delimiter',
        'table-with-accents',
        'vix',
      ],
      '|': ['dialect'],
      '\t': ['table.tsv'],
      unclear: ['countries', 'empty', 'escaping', 'skip-rows', 'timezone'],
    });
  });

  test.each([
    ['empty.csv', 'format-error'],
    ['table-with-accents.csv', 'encoding-error'],
  ])('%s is refused as %s', async (file, code) => {
    const content = await readFile(join(fixtures, 'frictionless', file));
    await expect(read(content)).rejects.toMatchObject({ code });
  });

  test('latin1.csv rejects one row as UTF-8, and none as what it is', async () => {
    const content = await readFile(join(fixtures, 'frictionless/latin1.csv'));
    expect((await read(content)).rows.map((row) => row.faults)).toEqual([[], ['encoding-error']]);
    expect((await read(content, { encoding: 'iso-8859-1' })).rows[1]?.cells).toEqual(['2', '©']);
  });
});
