import type { Columns } from '../../contract/column.ts';
import { contractOf } from '../contract-of.ts';
import { describeReading } from '../describe-reading.ts';
import { placeOf } from '../place-of.ts';
import type { Source } from '../source.ts';
import { type ExcelOptions, parseExcelOptions } from './excel-options.ts';
import { readExcel } from './read-excel.ts';

export type { ExcelOptions };

/**
 * A source of workbooks: .xlsx, .xlsm and .ods as a stream, .xls and .xlsb whole. One sheet or
 * several as one table. Numbers come with the 15 digits Excel shows, formulas with their stored
 * results, dates by their number formats. Throws `project-invalid` on a wrong option.
 */
export function excel<const C extends Columns>(options: ExcelOptions<C>): Source<C> {
  const format = parseExcelOptions(options);
  const contract = contractOf<C>(options);
  const { sheets } = format;
  const which =
    sheets === undefined
      ? ''
      : `, ${sheets.length === 1 ? 'sheet' : 'sheets'} ${sheets.join(', ')}`;
  return {
    kind: 'excel',
    contract,
    schedule: options.schedule,
    freshness: options.freshness,
    reading: describeReading(options, format),
    description: `Excel from ${options.from.description}${which}`,
    ...placeOf(options.from),
    ...(options.onUpload === true && { onUpload: true }),
    discover: (context) => options.from.list(context),
    read: (landed, context) => readExcel(landed, { format, contract }, context.signal),
  };
}
