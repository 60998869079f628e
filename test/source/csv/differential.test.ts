import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { CsvError, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { PlumblineError } from '../../../src/errors.ts';
import { csv } from '../../../src/source/csv/csv.ts';
import { folder } from '../../../src/source/location/folder.ts';
import type { Source } from '../../../src/source/source.ts';
import { readTable, type ReadTable, sourceContext } from '../read-rows.ts';

// The whole reader, from a landed file to rows, against csv-parse. The tokenizer alone, cut at every
// place, is in tokenizer.test.ts.

/** Everything in which the two differ, with the reason. Each must be seen; nothing else may be. */
const differences = {
  'an empty file is refused, not a table of no rows': 0,
  'a broken quote rejects its line, not the file: one stray quote costs one row': 0,
  'a quote inside an unquoted cell is text (csv-parse: relax_quotes), as spreadsheets read it': 0,
  'a record without content is no row, but counted': 0,
  'a row with NUL is rejected: Postgres cannot hold it': 0,
  'a NUL behind a closing quote breaks the row, where csv-parse takes it as text': 0,
};
type Difference = keyof typeof differences;

const delimiters = [',', ';', '\t', '|'] as const;
const sources = new Map<string, Source>(
  delimiters.map((delimiter) => [
    delimiter,
    csv({ from: folder('*'), columns: {}, delimiter, header: { names: ['a', 'b', 'c'] } }),
  ]),
);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-differential-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(content: string | Uint8Array, source: Source): Promise<ReadTable> {
  const path = join(dir, 'landed');
  await writeFile(path, content);
  const landed = { path, name: 'a.csv', slot: 'a.csv', sizeBytes: Buffer.byteLength(content) };
  return await readTable(await source.read(landed, sourceContext()));
}

const strict = {
  bom: true,
  relax_column_count: true,
  record_delimiter: ['\r\n', '\n', '\r'],
};

const quoteErrors: readonly unknown[] = [
  'CSV_INVALID_CLOSING_QUOTE',
  'CSV_QUOTE_NOT_CLOSED',
  'INVALID_OPENING_QUOTE',
];

/** By csv-parse; undefined when it refuses the document for its quotes. */
function parsed(document: string, options: object): string[][] | undefined {
  try {
    return parse(document, { ...strict, ...options });
  } catch (error) {
    if (error instanceof CsvError && quoteErrors.includes(error.code)) return undefined;
    throw error;
  }
}

const linesIn = (text: string): number => text.split(/\r\n|\r|\n/u).length;

function linesOf(document: string): number {
  const text = document.replace(/^\ufeff/u, '');
  return text === '' ? 0 : linesIn(text.replace(/(?:\r\n|\r|\n)$/u, ''));
}

/** Lines that are in a row, rejected or loaded, or in a count of what was passed over. */
function linesFound({ rows, summary }: ReadTable): number {
  const inRows = rows.map(({ cells }) =>
    cells.reduce((breaks, cell) => breaks + linesIn(cell ?? '') - 1, 1),
  );
  return [...inRows, ...Object.values(summary.skipped)].reduce((sum, count) => sum + count, 0);
}

const isBlank = (record: readonly string[]): boolean =>
  record.every((cell) => /^[ \t]*$/u.test(cell));

/** Differences that a document shows; throws on one that is not in the list. */
async function compare(document: string, delimiter: string): Promise<Set<Difference>> {
  const seen = new Set<Difference>();
  const source = sources.get(delimiter);
  if (source === undefined) throw new Error(`no source for ${delimiter}`);
  const ours = await read(document, source).catch((error: unknown) => error);
  if (ours instanceof PlumblineError && ours.message.includes('is empty') && document === '') {
    return seen.add('an empty file is refused, not a table of no rows');
  }
  if (ours instanceof Error) throw ours;
  // What was not thrown was returned.
  const table = ours as ReadTable;
  const { rows, summary } = table;
  expect(linesFound(table)).toBe(linesOf(document));
  const own = parsed(document, { delimiter });
  if (rows.some((row) => row.faults.includes('format-error'))) {
    if (own !== undefined && document.includes('"\0')) {
      return seen.add(
        'a NUL behind a closing quote breaks the row, where csv-parse takes it as text',
      );
    }
    if (own !== undefined) throw new Error('a row is broken here and not for csv-parse');
    return seen.add('a broken quote rejects its line, not the file: one stray quote costs one row');
  }
  if (own === undefined) {
    seen.add(
      'a quote inside an unquoted cell is text (csv-parse: relax_quotes), as spreadsheets read it',
    );
  }
  const theirs = own ?? parsed(document, { delimiter, relax_quotes: true }) ?? [];
  const withContent = theirs.filter((record) => !isBlank(record));
  expect(rows.map((row) => row.cells)).toEqual(withContent);
  expect(summary.skipped['blank-row'] ?? 0).toBe(theirs.length - withContent.length);
  if (withContent.length < theirs.length)
    seen.add('a record without content is no row, but counted');
  for (const { cells, faults } of rows) {
    const hasNul = cells.some((cell) => cell?.includes('\0') === true);
    expect(faults.length > 0).toBe(hasNul);
    if (hasNul) seen.add('a row with NUL is rejected: Postgres cannot hold it');
  }
  return seen;
}

const alphabet = [
  ['a', 'b', '1', ' ', '\t', ',', ',,', ';', '|', '"', '""', '","', '";"', '"\n', '\n', '\r'],
  ['\r\n', '\n\n', '\0', '\ufeff', 'é', '漢', '😀', '\u{2028}', '\u{85}', '"x"', '"x,y"'],
  ['"l\nm"', '"l\r\nm"', '"\r"', '\\', '\\"', '\\.\n', "'", '#', '\u{feff}"q"', 'NULL', '=1'],
].flat();
const nasty = fc
  .array(fc.nat({ max: alphabet.length - 1 }), { maxLength: 24 })
  .map((parts) => parts.map((index) => alphabet[index]))
  .map((parts) => parts.join(''));

test(
  'the reader agrees with csv-parse on 10,000 nasty documents but for what is listed',
  {
    timeout: 600_000,
  },
  async () => {
    const counts: Record<string, number> = { ...differences };
    let alike = 0;
    await fc.assert(
      fc.asyncProperty(nasty, fc.constantFrom(...delimiters), async (document, delimiter) => {
        const seen = await compare(document, delimiter);
        if (seen.size === 0) alike += 1;
        for (const difference of seen) counts[difference] = (counts[difference] ?? 0) + 1;
      }),
      { numRuns: 10_000 },
    );
    expect(Object.keys(counts)).toEqual(Object.keys(differences));
    expect(Math.min(alike, ...Object.values(counts))).toBeGreaterThan(10);
  },
);

test('the reader reads csv-spectrum', async () => {
  const spectrum = dirname(createRequire(import.meta.url).resolve('csv-spectrum/package.json'));
  const source = csv({ from: folder('*'), columns: {} });
  // Its JSON has another telephone number than its CSV, which is not UTF-8 either.
  const files = readdirSync(join(spectrum, 'csvs')).filter(
    (file) => file !== 'location_coordinates.csv',
  );
  expect(files).toHaveLength(11);
  for (const file of files) {
    const { header, rows } = await read(readFileSync(join(spectrum, 'csvs', file)), source);
    const records = rows.map(({ cells }) =>
      Object.fromEntries(header.map((label, index) => [label, cells[index]])),
    );
    const json = readFileSync(join(spectrum, 'json', file.replace('.csv', '.json')), 'utf8');
    expect({ file, records }).toEqual({ file, records: JSON.parse(json) });
  }
});

test('with comments too, every line of a document is in a row or in a count', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, fc.constantFrom(...delimiters), async (document, delimiter) => {
      fc.pre(document.length > 0);
      const source = csv({
        from: folder('*'),
        columns: {},
        delimiter,
        comment: '#',
        header: { names: ['a'] },
      });
      expect(linesFound(await read(document, source))).toBe(linesOf(document));
    }),
    { numRuns: 1_000 },
  );
});

const kinds = ['row', 'ragged', 'broken', 'blank', 'comment', 'subtotal'] as const;

test('records of every kind are counted as what they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...kinds), { maxLength: 60 }),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 5 }),
      fc.boolean(),
      async (body, preamble, notes, hasTotal) => {
        const lines = {
          row: '1,"two\nlines",x',
          ragged: '1',
          broken: '1,"a"b,c',
          blank: ' ,,',
          comment: '# "said',
          subtotal: 'Subtotal,,',
        };
        const content = [
          ...Array.from({ length: preamble }, (_, index) => (index % 2 === 0 ? '"Report, 1"' : '')),
          'id,text,more',
          ...body.map((kind) => lines[kind]),
          ...(hasTotal ? ['Total,,'] : []),
          ...Array.from({ length: notes }, (_, index) => `Note ${index}`),
        ].join('\n');
        const source = csv({
          from: folder('*'),
          columns: {},
          header: { row: preamble + 1 },
          comment: '#',
          totalsRow: [
            { where: 'id', is: 'Subtotal', kind: 'subtotal' },
            { where: 'id', is: 'Total' },
          ],
          footer: { from: 'Note' },
        });
        const { rows, summary } = await read(content, source);
        const count = (kind: (typeof kinds)[number]): number =>
          body.filter((each) => each === kind).length;
        const expected = {
          'preamble-row': preamble,
          'header-row': 1,
          'blank-row': count('blank'),
          'comment-row': count('comment'),
          'totals-row': count('subtotal') + (hasTotal ? 1 : 0),
          'footer-row': notes,
        };
        expect(summary.skipped).toEqual(
          Object.fromEntries(Object.entries(expected).filter(([, each]) => each > 0)),
        );
        expect(rows.filter((row) => row.faults.length > 0)).toHaveLength(count('broken'));
        expect(rows).toHaveLength(count('row') + count('ragged') + count('broken'));
      },
    ),
    { numRuns: 500 },
  );
});
