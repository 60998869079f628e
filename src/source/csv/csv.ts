import type { Columns } from '../../contract/column.ts';
import { contractOf } from '../contract-of.ts';
import { describeReading } from '../describe-reading.ts';
import { placeOf } from '../place-of.ts';
import type { Source } from '../source.ts';
import { type CsvOptions, parseCsvOptions } from './csv-options.ts';
import { readCsv } from './read-csv.ts';

export type { CsvOptions };

/**
 * A source of CSV files, also gzipped (`.csv.gz`): `csv({ from: folder('data/orders/*.csv'), … })`.
 * Rows that cannot be parsed or decoded are rejected one by one; a file without header, empty or
 * of another format is refused whole. Throws `project-invalid` on a wrong option.
 */
export function csv<const C extends Columns>(options: CsvOptions<C>): Source<C> {
  const format = parseCsvOptions(options);
  return {
    kind: 'csv',
    contract: contractOf(options),
    schedule: options.schedule,
    freshness: options.freshness,
    reading: describeReading(options, format),
    description: `CSV from ${options.from.description}`,
    ...placeOf(options.from),
    ...(options.onUpload === true && { onUpload: true }),
    discover: (context) => options.from.list(context),
    read: (landed, context) => readCsv(landed, format, context.signal),
  };
}
