import type { Columns } from '../../contract/column.ts';
import { checkOptions, invalidOption } from '../check-options.ts';
import { headerProblem } from '../header.ts';
import type { Location, SourceOptions } from '../source.ts';
import type { TotalsRow } from '../totals-row.ts';

/** The rows of a sheet that hold its labels. Rows above them are preamble. */
export interface ExcelHeader {
  /** The sheet's row number, from 1. */
  readonly row: number;
  /** 2 when groups, usually merged cells, stand over the labels: they are joined by a space. Default 1. */
  readonly rows?: 1 | 2;
}

export interface ExcelOptions<C extends Columns> extends SourceOptions<C> {
  readonly from: Location;
  /** A sheet's name or number, from 1. Default: the first that is not hidden. */
  readonly sheet?: string | number;
  /** Default: the first row that is not blank. */
  readonly header?: ExcelHeader;
  readonly totalsRow?: TotalsRow;
}

/** Where the table is in a workbook. */
export interface ExcelFormat {
  readonly sheet: string | number | undefined;
  readonly header: ExcelHeader | undefined;
  readonly totalsRow: TotalsRow | undefined;
}

/** Throws `project-invalid` naming the option, the value seen and what was expected. */
export function parseExcelOptions<C extends Columns>(options: ExcelOptions<C>): ExcelFormat {
  checkOptions('excel', options, ['sheet', 'header', 'totalsRow']);
  const { sheet, header, totalsRow } = options;
  if (sheet === '' || (typeof sheet === 'number' && (!Number.isSafeInteger(sheet) || sheet < 1))) {
    throw invalidOption(
      'excel',
      `sheet is ${JSON.stringify(sheet)}; expected a sheet's name, or its number from 1.`,
    );
  }
  const problem = headerProblem(header);
  if (problem !== undefined) throw invalidOption('excel', problem);
  return { sheet, header, totalsRow };
}
