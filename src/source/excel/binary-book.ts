import { readFile } from 'node:fs/promises';

import { type CellObject, type ParsingOptions, read, set_cptable, type WorkBook } from '@e965/xlsx';
import * as codepages from '@e965/xlsx/dist/cpexcel';

import { PlumblineError } from '../../errors.ts';
import { cellReference } from '../cell-reference.ts';
import { CellKind, type LandedDelivery } from '../source.ts';
import type { Book, BookSheet, ReadingOptions, SheetReading } from './book.ts';
import type { MergedRange } from './merged-ranges.ts';
import { type NumberFormat, parseNumberFormat } from './number-format.ts';
import type { SheetRows } from './sheet-cells.ts';
import { createSheetWriter, type SheetWriter } from './sheet-writer.ts';
import type { ZipPackage } from './zip-package.ts';

/**
 * Of a file, or of the parts of an archive. SheetJS makes an object of every cell: 10 MiB of .xls
 * were measured at 0.5 GB of memory.
 */
export const binaryBytesMax = 10 * 1024 * 1024;

const chunkRows = 1000;

/** What SheetJS gives of a sheet in dense form, as far as it is used here. */
interface DenseSheet {
  readonly '!data'?: readonly (readonly (CellObject | undefined)[] | undefined)[];
  readonly '!rows'?: readonly ({ readonly hidden?: boolean; readonly hpt?: number } | undefined)[];
  readonly '!cols'?: readonly ({ readonly hidden?: boolean } | undefined)[];
  readonly '!merges'?: readonly {
    readonly s: { readonly r: number; readonly c: number };
    readonly e: { readonly r: number; readonly c: number };
  }[];
  readonly '!type'?: string;
}

const states = ['visible', 'hidden', 'veryHidden'] as const;

/**
 * A workbook in one of Excel's binary formats (.xls of Excel 2 to 2003, .xlsb), which SheetJS reads
 * whole. Throws `format-error` when it is damaged or larger than that is good for,
 * `encrypted-workbook` when it asks for a password.
 */
export async function readBinaryBook(
  landed: LandedDelivery,
  format: 'xls' | 'xlsb',
  zip?: ZipPackage,
): Promise<Book> {
  const { name } = landed;
  const sizeBytes = zip === undefined ? landed.sizeBytes : zip.sizeBytes();
  if (sizeBytes > binaryBytesMax) throw tooLarge(name, format, sizeBytes);
  // SheetJS compares no checksums.
  await zip?.verify();
  const workbook = parse(await readFile(landed.path), name, format);
  const sheets = workbook.SheetNames.flatMap(
    (sheetName, index): (BookSheet & { data: DenseSheet })[] => {
      // The form of a sheet follows from the option `dense`, which the types do not know.
      const data = workbook.Sheets[sheetName] as DenseSheet | undefined;
      if (data === undefined || ![undefined, 'sheet'].includes(data['!type'])) return [];
      const state = states[workbook.Workbook?.Sheets?.[index]?.Hidden ?? 0] ?? 'visible';
      return [{ name: sheetName, state, data }];
    },
  );
  const dataOf = (sheet: BookSheet): DenseSheet =>
    sheets.find((each) => each === sheet)?.data ?? {};
  const date1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const readSheet = (sheet: BookSheet, options: ReadingOptions): SheetReading => {
    const data = dataOf(sheet);
    const writer = createSheetWriter({ name: sheet.name, width: options.width, date1904 });
    return {
      chunks: readRows(data, writer, { where: `${name}, sheet '${sheet.name}'` }),
      isHidden: (column) => data['!cols']?.[column]?.hidden === true,
      merges: () => mergesOf(data),
      staleRows: () => 0,
    };
  };
  return { sheets, read: readSheet, merges: (sheet) => Promise.resolve(mergesOf(dataOf(sheet))) };
}

function parse(content: Buffer, name: string, format: string): WorkBook {
  set_cptable(codepages);
  const complaints: string[] = [];
  try {
    const workbook = withoutConsole(complaints, () => read(content, parsing));
    const [unknown] = complaints.filter((complaint) => complaint.startsWith('Missing Info'));
    // The format has no checksums: records that make no sense are how damage shows.
    if (unknown !== undefined) throw new Error('it holds records that no workbook has');
    return workbook;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/^(?:File is password-protected|Unsupported password)/u.test(reason)) {
      throw new PlumblineError('encrypted-workbook', {
        message: `${name} is protected by a password.`,
      });
    }
    // What it stumbled over says nothing to people: a property of undefined, an offset out of range.
    const isOwnWords = error instanceof TypeError || error instanceof RangeError;
    const what = isOwnWords ? 'it cannot be read to its end' : reason;
    throw new PlumblineError('format-error', {
      message: /cannot find workbook stream/iu.test(reason)
        ? `${name} is an old Office document (Word, PowerPoint, mail, …), not a workbook.`
        : `${name} is a damaged workbook (.${format}): ${what}.`,
      remedy:
        'Deliver the file again; if that does not help, open it in Excel and save it as an Excel workbook (.xlsx).',
      cause: error,
    });
  }
}

const parsing: ParsingOptions = {
  type: 'buffer',
  dense: true,
  cellNF: true,
  cellStyles: true,
  cellFormula: true,
  cellHTML: false,
  cellText: false,
};

/** SheetJS prints what it does not know; it runs to its end at once, so nobody else's words are kept. */
function withoutConsole<T>(complaints: string[], run: () => T): T {
  const { error } = console;
  Object.assign(console, {
    error: (...words: readonly unknown[]) => void complaints.push(words.join(' ')),
  });
  try {
    return run();
  } finally {
    Object.assign(console, { error });
  }
}

function tooLarge(name: string, format: string, sizeBytes: number): PlumblineError {
  const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  return new PlumblineError('format-error', {
    message: `${name} is a workbook in an old format (.${format}) of ${mib(sizeBytes)} MiB${format === 'xlsb' ? ' unpacked' : ''}; these are read whole, up to ${mib(binaryBytesMax)} MiB.`,
    remedy: 'Open it in Excel and save it as an Excel workbook (.xlsx), which may be of any size.',
  });
}

function mergesOf(data: DenseSheet): readonly MergedRange[] {
  return (data['!merges'] ?? [])
    .map(({ s, e }) => ({ top: s.r + 1, left: s.c, bottom: e.r + 1, right: e.c }))
    .filter(({ top, left, bottom, right }) => bottom > top || right > left);
}

async function* readRows(
  data: DenseSheet,
  writer: SheetWriter,
  { where }: { readonly where: string },
): AsyncGenerator<SheetRows> {
  const formats = new Map<string, NumberFormat>();
  const formatOf = (code: string): NumberFormat => {
    const known = formats.get(code);
    if (known !== undefined) return known;
    const format = parseNumberFormat(code);
    formats.set(code, format);
    return format;
  };
  const rows = data['!data'] ?? [];
  for (let row = 0; row < rows.length; row += 1) {
    const cells = rows[row];
    if (cells === undefined) continue;
    for (let column = 0; column < cells.length; column += 1) {
      const cell = cells[column];
      if (cell === undefined || cell === null) continue;
      writer.skipTo(column);
      addCell(writer, cell, {
        formatOf,
        where: () => `${where}, cell ${cellReference(column, row + 1)}`,
      });
    }
    const info = data['!rows']?.[row];
    writer.endRow(row + 1, info?.hidden === true || info?.hpt === 0);
    if (writer.rowCount() >= chunkRows) yield writer.take();
  }
  if (writer.rowCount() > 0) yield writer.take();
}

/** Errors by their number (MS-XLS, 2.5.10). */
const errors: Readonly<Record<number, string>> = {
  0x00: '#NULL!',
  0x07: '#DIV/0!',
  0x0f: '#VALUE!',
  0x17: '#REF!',
  0x1d: '#NAME?',
  0x24: '#NUM!',
  0x2a: '#N/A',
  0x2b: '#GETTING_DATA',
};

interface CellContext {
  readonly formatOf: (code: string) => NumberFormat;
  readonly where: () => string;
}

function addCell(writer: SheetWriter, cell: CellObject, { formatOf, where }: CellContext): void {
  const { t: type, v: value } = cell;
  if (type === 'e') writer.text(errors[Number(value)] ?? '#VALUE!', CellKind.error);
  else if (type === 'b') writer.text(value === true ? 'true' : 'false', CellKind.boolean);
  else if (type === 'n' && typeof value === 'number') {
    writer.number(value, formatOf(String(cell.z ?? 'General')));
  } else if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\0')) throw brokenText(where());
    writer.text(value, CellKind.text);
  } else if (cell.f !== undefined) {
    writer.text('(formula without a stored result)', CellKind.stale);
  } else {
    writer.text('', CellKind.missing);
  }
}

const brokenText = (where: string): PlumblineError =>
  new PlumblineError('format-error', {
    message: `${where} holds characters that are no text.`,
    remedy: 'Open the workbook in Excel, type the cell again and save it as .xlsx.',
  });
