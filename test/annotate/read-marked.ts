import { read, type WorkBook } from '@e965/xlsx';
import { strFromU8, unzipSync } from 'fflate';

import { findBreaches } from './check-package.ts';

/** A workbook that was written for a sender, as programs see it. */
export interface MarkedBook {
  readonly bytes: Uint8Array;
  readonly book: WorkBook;
  readonly part: (name: string) => string;
  /** Coloured cells of a sheet, `A1` and whether the cell or its row is wrong, in their order. */
  readonly marks: (sheet: string) => Readonly<Record<string, 'cell' | 'row'>>;
  readonly comment: (sheet: string, cell: string) => string | undefined;
  /** Texts of the sheet for the sender, row by row. */
  readonly notes: () => readonly (readonly string[])[];
  readonly breaches: readonly string[];
}

const tones: Readonly<Record<string, 'cell' | 'row'>> = { FFC7CD: 'cell', FFEB9B: 'row' };

export async function readMarked(blocks: AsyncIterable<Buffer>): Promise<MarkedBook> {
  const collected: Buffer[] = [];
  for await (const block of blocks) collected.push(block);
  const bytes = Buffer.concat(collected);
  const files = unzipSync(bytes);
  const book = read(bytes, { cellStyles: true, cellNF: true });
  return {
    bytes,
    book,
    part: (name) => strFromU8(files[name] ?? new Uint8Array()),
    marks: (sheet) =>
      Object.fromEntries(
        Object.entries(book.Sheets[sheet] ?? {}).flatMap(([cell, value]) => {
          const tone = cell.startsWith('!') ? undefined : tones[fillOf(value)];
          return tone === undefined ? [] : [[cell, tone]];
        }),
      ),
    comment: (sheet, cell) => commentOf(book.Sheets[sheet]?.[cell]),
    notes: () =>
      Object.entries(book.Sheets['Plumbline'] ?? {}).reduce<string[][]>((rows, [cell, value]) => {
        const row = Number(/\d+$/u.exec(cell)?.[0] ?? 0);
        const text = textOf(value);
        if (row > 0 && text !== '') (rows[row - 1] ??= []).push(text);
        return rows;
      }, []),
    breaches: findBreaches(bytes),
  };
}

/** SheetJS types a cell as `any`: what is wanted of it is read by name. */
const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const fillOf = (cell: unknown): string =>
  String(property(property(property(cell, 's'), 'fgColor'), 'rgb'));

function textOf(cell: unknown): string {
  const value = property(cell, 'v');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function commentOf(cell: unknown): string | undefined {
  const comments = property(cell, 'c');
  if (!Array.isArray(comments)) return undefined;
  return comments.map((each: unknown) => String(property(each, 't'))).join('\n');
}
