import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type CellObject, read, utils, type WorkBook, type WorkSheet } from '@e965/xlsx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { markWorkbook } from '../../src/annotate/mark-workbook.ts';
import type { RowMarks } from '../../src/annotate/marks.ts';
import { PlumblineError } from '../../src/errors.ts';
import { summarySheet } from '../../src/source/excel/choose-sheets.ts';
import { openZipPackage, type StoredPart } from '../../src/source/excel/zip-package.ts';
import { findFixtures } from '../helpers/fixtures.ts';
import { createRandom } from '../helpers/random.ts';
import { writeWorkbook } from '../helpers/workbook.ts';
import { findBreaches } from './check-package.ts';

const found = findFixtures();
const fixtures = found ?? '';
const seed = Number(process.env['SEED'] ?? 20_261_122);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-mark-'));
});
afterAll(() => rm(dir, { recursive: true }));

const readAll = (bytes: Uint8Array): WorkBook =>
  read(bytes, { cellStyles: true, cellNF: true, cellFormula: true, dense: false });

function readOrNone(bytes: Uint8Array): WorkBook | undefined {
  try {
    return readAll(bytes);
  } catch {
    return undefined;
  }
}

/** Random cells of every sheet: most of them with content, some far out where there is none. */
function randomMarks(book: WorkBook, random: () => number): Map<string, RowMarks[]> {
  return new Map(
    book.SheetNames.map((name) => {
      const sheet = book.Sheets[name];
      const range = utils.decode_range(sheet?.['!ref'] ?? 'A1');
      const cells = new Map<number, Map<number, string | undefined>>();
      for (let count = 0; count < 12; count += 1) {
        const row = range.s.r + 1 + Math.floor(random() * (range.e.r - range.s.r + 3));
        const column = Math.floor(random() * (range.e.c + 2));
        const inRow = cells.get(row) ?? new Map<number, string | undefined>();
        inRow.set(column, random() < 0.7 ? `Expected <${count}> & "more"\nFound: x` : undefined);
        cells.set(row, inRow);
      }
      const marks = [...cells]
        .sort(([a], [b]) => a - b)
        .map(([row, columns]) => ({
          row,
          cells: [...columns]
            .sort(([a], [b]) => a - b)
            .map(([column, note]) => ({
              column,
              tone: random() < 0.7 ? ('cell' as const) : ('row' as const),
              note,
            })),
        }));
      return [name, marks];
    }),
  );
}

async function mark(
  file: string,
  sheets: ReadonlyMap<string, readonly RowMarks[]>,
): Promise<Buffer> {
  const zip = await openZipPackage(file, file);
  try {
    const blocks: Buffer[] = [];
    const notesSheet = (): string =>
      '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>';
    for await (const block of markWorkbook(zip, { name: file, sheets, notesSheet }))
      blocks.push(block);
    return Buffer.concat(blocks);
  } finally {
    zip.close();
  }
}

/** What a cell is and looks like, but for its fill. */
function seen(cell: CellObject | undefined): unknown {
  if (cell === undefined || cell.t === 'z') return undefined;
  const { t, v, f, w, z, F, l } = cell;
  return { t, v: v instanceof Date ? v.toISOString() : v, f, w, z, F, link: l?.Target };
}

function compareBooks(before: WorkBook, after: WorkBook): void {
  expect(after.SheetNames).toEqual([...before.SheetNames, summarySheet]);
  for (const name of before.SheetNames) {
    const [old = {}, now = {}]: readonly (WorkSheet | undefined)[] = [
      before.Sheets[name],
      after.Sheets[name],
    ];
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (key === '!ref' || key === '!comments' || key === '!legacy') continue;
      if (key === '!rows') continue;
      if (key === '!cols') {
        expect({ name, widths: widths(now) }).toEqual({ name, widths: widths(old) });
      } else if (key.startsWith('!')) {
        expect({ name, key, value: now[key] }).toEqual({ name, key, value: old[key] });
      } else
        expect({ name, key, cell: seen(now[key]) }).toEqual({ name, key, cell: seen(old[key]) });
    }
  }
}

/** What SheetJS works out of them beside depends on what it read before. */
const widths = (sheet: WorkSheet): unknown =>
  sheet['!cols']?.map(({ width, hidden }) => ({ width, hidden }));

async function storedHash(part: StoredPart): Promise<string> {
  const blocks: Buffer[] = [];
  for await (const block of part.blocks()) blocks.push(block);
  return createHash('sha256').update(Buffer.concat(blocks)).digest('hex');
}

/** Parts that may differ; every other one has the bytes it had, compressed as they were. */
const mayChange = /\.rels$|content_types|workbook|styles?\d*\.xml$|sheet[^/]*$|comments|\.vml$/iu;

async function compareParts(before: string, after: string): Promise<number> {
  const [old, now] = [await openZipPackage(before, before), await openZipPackage(after, after)];
  try {
    const parts = new Map(now.stored().map((part) => [part.name, part]));
    let same = 0;
    for (const part of old.stored()) {
      const copy = parts.get(part.name);
      if (copy !== undefined && mayChange.test(part.name)) continue;
      const hash = copy === undefined ? 'not there' : await storedHash(copy);
      expect({ part: part.name, hash }).toEqual({ part: part.name, hash: await storedHash(part) });
      same += 1;
    }
    return same;
  } finally {
    old.close();
    now.close();
  }
}

async function check(file: string, random: () => number): Promise<'marked' | 'refused'> {
  const bytes = await readFile(file);
  const before = readOrNone(bytes);
  if (before === undefined) return 'refused';
  let marked: Buffer;
  try {
    marked = await mark(file, randomMarks(before, random));
  } catch (error) {
    // Workbooks that are damaged on purpose, or locked.
    if (error instanceof PlumblineError) return 'refused';
    throw error;
  }
  const copy = join(dir, 'marked.xlsx');
  await writeFile(copy, marked);
  const known = new Set(findBreaches(bytes));
  expect(findBreaches(marked).filter((breach) => !known.has(breach))).toEqual([]);
  compareBooks(before, readAll(marked));
  await compareParts(file, copy);
  return 'marked';
}

describe.skipIf(found === undefined)('workbooks of other projects', () => {
  test('random cells are marked, and all else is as it was', async () => {
    console.log(`seed ${seed}`);
    const outcomes: Record<string, number> = { marked: 0, refused: 0 };
    for (const folder of ['calamine', 'readxl', 'frictionless', 'real']) {
      for (const name of await readdir(join(fixtures, folder)).catch(() => [])) {
        if (!/\.xls[xm]$/iu.test(name)) continue;
        const outcome = await check(join(fixtures, folder, name), createRandom(seed)).catch(
          (error: unknown) => {
            throw new Error(`${folder}/${name}, seed ${seed}`, { cause: error });
          },
        );
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
    expect(outcomes['marked']).toBeGreaterThan(50);
  }, 300_000);
});

test('a workbook of several sheets without styles or comments', async () => {
  const file = join(dir, 'plain.xlsx');
  await writeFile(
    file,
    writeWorkbook([
      { name: 'One', rows: [['id', 'name'], [1, 'a'], undefined, [2, null, 'c']] },
      { name: "It's & two", rows: [['id'], [3]] },
    ]),
  );
  expect(await check(file, createRandom(seed))).toBe('marked');
});
