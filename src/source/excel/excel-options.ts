import type { Columns } from '../../contract/column.ts';
import { checkOptions, invalidOption } from '../check-options.ts';
import { type HeaderRows, headerProblem } from '../header.ts';
import type { Location, SourceOptions } from '../source.ts';
import { type TotalsRow, totalsProblem } from '../totals-row.ts';

export interface ExcelOptions<C extends Columns> extends SourceOptions<C> {
  readonly from: Location;
  /** A sheet's name or number, from 1. Default: the first that is not hidden. */
  readonly sheet?: string | number;
  /** Default: the first row that is not blank. */
  readonly header?: HeaderRows;
  readonly totalsRow?: TotalsRow | readonly TotalsRow[];
}

/** Where the table is in a workbook. */
export interface ExcelFormat {
  readonly sheet: string | number | undefined;
  readonly header: HeaderRows | undefined;
  readonly totalsRow: TotalsRow | readonly TotalsRow[] | undefined;
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
  const problem = headerProblem(header) ?? totalsProblem(totalsRow);
  if (problem !== undefined) throw invalidOption('excel', problem);
  return { sheet, header, totalsRow };
}
