import { readFile } from 'node:fs/promises';

import { type CellObject, read, SSF, set_cptable, type WorkBook } from '@e965/xlsx';
import * as codepages from '@e965/xlsx/dist/cpexcel';

import { cellReference } from '../../../src/source/cell-reference.ts';
import { openBook } from '../../../src/source/excel/open-book.ts';
import { CellKind } from '../../../src/source/source.ts';
import { rowsOf } from '../read-rows.ts';

/** The cells of all sheets that hold something, as `Sheet!A1` and a text that says what kind it is. */
export type SheetValues = ReadonlyMap<string, string>;

const isBlank = (text: string): boolean => text.trim() === '';

/** As our reader has them. */
export async function ownValues(path: string, name = path): Promise<SheetValues> {
  const book = await openBook({ path, name, slot: name, sizeBytes: (await readFile(path)).length });
  const values = new Map<string, string>();
  for (const sheet of book.sheets) {
    const reading = book.read(sheet, { width: 0, headerRow: 0, staleFormulas: 'load' });
    for await (const chunk of reading.chunks) {
      for (const { line, cells, kinds } of rowsOf(chunk)) {
        for (const [column, text] of cells.entries()) {
          const kind = kinds[column] ?? CellKind.text;
          if (text === null || (kind === CellKind.text && isBlank(text))) continue;
          values.set(`${sheet.name}!${cellReference(column, line)}`, describe(kind, text));
        }
      }
    }
  }
  return values;
}

function describe(kind: number, text: string): string {
  if (kind === CellKind.number) return `number ${Number(text)}`;
  if (kind === CellKind.date)
    return `date ${text.replace(/\.\d+$/u, '').replace(/T00:00:00$/u, '')}`;
  if (kind === CellKind.error) return `error ${text}`;
  if (kind === CellKind.boolean) return `boolean ${text}`;
  return kind === CellKind.stale ? 'stale' : `text ${text}`;
}

export function parseWorkbook(content: Buffer): WorkBook {
  set_cptable(codepages);
  // What it says of number formats of OpenDocument is of no use here.
  const { error } = console;
  console.error = () => undefined;
  try {
    return read(content, {
      type: 'buffer',
      dense: true,
      cellNF: true,
      cellText: false,
      cellHTML: false,
    });
  } finally {
    console.error = error;
  }
}

/** As SheetJS has them: its own reader, its own view of what is a date, its own calendar. */
export function sheetJsValues(content: Buffer): SheetValues {
  const workbook = parseWorkbook(content);
  const date1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const values = new Map<string, string>();
  for (const name of workbook.SheetNames) {
    const sheet = workbook.Sheets[name];
    if (sheet === undefined || ![undefined, 'sheet'].includes(sheet['!type'])) continue;
    const rows: readonly (readonly (CellObject | undefined)[] | undefined)[] = sheet['!data'] ?? [];
    for (const [row, cells] of rows.entries()) {
      for (const [column, cell] of (cells ?? []).entries()) {
        const text = cell === undefined ? undefined : describeSheetJs(cell, date1904);
        if (text !== undefined) values.set(`${name}!${cellReference(column, row + 1)}`, text);
      }
    }
  }
  return values;
}

const errors: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
  43: '#GETTING_DATA',
};

function describeSheetJs(
  { t: type, v: value, z: format, f }: CellObject,
  date1904: boolean,
): string | undefined {
  if (type === 'b') return `boolean ${String(value)}`;
  if (type === 'e') return `error ${errors[Number(value)] ?? String(value)}`;
  if (type === 's') return isBlank(String(value)) ? undefined : `text ${String(value)}`;
  if (type !== 'n' || typeof value !== 'number') return f === undefined ? undefined : 'stale';
  const [section = ''] = String(format ?? '').split(';');
  const isElapsed = /\[[hms]+\]/iu.test(section);
  if (!SSF.is_date(section) || (value < 0 && !isElapsed)) {
    return `number ${Number(value.toPrecision(15))}`;
  }
  if (isElapsed) return `text ${describeElapsed(value)}`;
  return describeSerial(value, section, date1904);
}

const two = (part: number): string => String(part).padStart(2, '0');

/** To the second: fractions of one are left out on both sides. */
function describeElapsed(value: number): string {
  const date = SSF.parse_date_code(Math.abs(value));
  const hours = Math.floor(Math.abs(value)) * 24 + date.H;
  return `${value < 0 ? '-' : ''}${two(hours)}:${two(date.M)}:${two(date.S)}`;
}

function describeSerial(value: number, section: string, date1904: boolean): string {
  const date = SSF.parse_date_code(value, { date1904 });
  const clock = `${two(date.H)}:${two(date.M)}:${two(date.S)}`;
  const bare = section.replaceAll(/\[[^\]]*\]|"[^"]*"|\\./gu, '');
  const isTime = !/[yd]/iu.test(bare) && /[hs]/iu.test(bare) && value < 1;
  if (isTime) return `date 1899-12-31T${clock}`;
  const day = `${String(date.y).padStart(4, '0')}-${two(date.m)}-${two(date.d)}`;
  return `date ${day}${clock === '00:00:00' ? '' : `T${clock}`}`;
}

/** Cells that differ, ours beside theirs. */
export function differences(ours: SheetValues, theirs: SheetValues): string[] {
  const cells = new Set([...ours.keys(), ...theirs.keys()]);
  return [...cells]
    .filter((cell) => ours.get(cell) !== theirs.get(cell))
    .map((cell) => `${cell}: ${ours.get(cell) ?? 'nothing'} | ${theirs.get(cell) ?? 'nothing'}`);
}
