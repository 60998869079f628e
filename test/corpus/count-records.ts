import { gunzipSync } from 'node:zlib';

import * as xlsx from '@e965/xlsx';
import { parse } from 'csv-parse/sync';

import type { Bytes, CsvInput, ExcelInput } from './corpus-input.ts';

/** What another program than ours finds in an input. */
export interface Counted {
  /** Records that hold something: header, comments and totals too. */
  readonly filled: number;
  /** Blank rows above the first of them, which count as preamble in a workbook. */
  readonly above: number;
}

/**
 * Records of a CSV file that hold something, header, comments and totals included, as csv-parse
 * counts them; undefined when it cannot read the file.
 */
export function countCsv(content: Bytes, options: CsvInput['options'] = {}): Counted | undefined {
  const bytes = Buffer.from(content);
  try {
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    const records: string[][] = parse(new TextDecoder(options.encoding).decode(plain), {
      bom: true,
      delimiter: options.delimiter ?? ',',
      quote: options.quote === null ? false : (options.quote ?? '"'),
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
    const filled = records.filter((cells) => cells.some((cell) => !/^[ \t]*$/u.test(cell)));
    return { filled: filled.length, above: 0 };
  } catch {
    return undefined;
  }
}

/** The same of a workbook's sheet, as SheetJS counts its rows. */
export function countRows(
  content: Bytes,
  options: ExcelInput['options'] = {},
): Counted | undefined {
  try {
    const book = xlsx.read(Buffer.from(content), { cellFormula: true });
    const wanted = options.sheet ?? 'Data';
    const names =
      typeof wanted === 'string' && book.SheetNames.includes(wanted)
        ? [wanted]
        : book.SheetNames.filter(
            (_, index) =>
              book.Workbook?.Sheets?.[index]?.Hidden !== 1 &&
              book.Workbook?.Sheets?.[index]?.Hidden !== 2,
          ).slice(0, 1);
    const sheets = names.map((name) => filledRows(book.Sheets[name]));
    return {
      filled: sheets.reduce((sum, { filled }) => sum + filled, 0),
      above: sheets.reduce((sum, { above }) => sum + above, 0),
    };
  } catch {
    return undefined;
  }
}

/** Rows that hold something, and the blank ones above the first of them. */
function filledRows(sheet: xlsx.WorkSheet | undefined): Counted {
  const filled = new Set<number>();
  let first = Infinity;
  for (const [reference, cell] of Object.entries(sheet ?? {})) {
    if (!reference.startsWith('!') && holdsSomething(cell)) {
      const { r: row } = xlsx.utils.decode_cell(reference);
      filled.add(row);
      first = Math.min(first, row);
    }
  }
  return { filled: filled.size, above: filled.size === 0 ? 0 : first };
}

function holdsSomething(cell: unknown): boolean {
  if (cell === null || typeof cell !== 'object') return false;
  // A formula without a stored result holds something too.
  return 'v' in cell ? String(cell.v).trim() !== '' : 'f' in cell;
}

/** Records of an answer under `data`, by JSON.parse. */
export function countAnswer(body: unknown): Counted | undefined {
  try {
    const parsed: unknown =
      typeof body === 'string' || body instanceof Uint8Array
        ? JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body)))
        : body;
    const data: unknown =
      parsed !== null && typeof parsed === 'object' && 'data' in parsed ? parsed.data : parsed;
    return Array.isArray(data) ? { filled: data.length, above: 0 } : undefined;
  } catch {
    return undefined;
  }
}
