import type { Columns } from '../../contract/column.ts';
import { suggest } from '../../contract/suggest.ts';
import type { PlumblineError } from '../../errors.ts';
import { checkOptions, invalidOption } from '../check-options.ts';
import { type Footer, footerProblem } from '../footer.ts';
import { type Header, headerProblem } from '../header.ts';
import type { Location, SourceOptions } from '../source.ts';
import { type TotalsRow, totalsProblem } from '../totals-row.ts';
import { entryProblem } from './open-zip.ts';
import type { Dialect } from './record-scanner.ts';

export interface CsvOptions<C extends Columns> extends SourceOptions<C> {
  readonly from: Location;
  /** One ASCII character between cells, or `'detect'` to find it in each file. Default `','`. */
  readonly delimiter?: string;
  /** One ASCII character around cells that hold delimiters or line ends; null for none. Default `'"'`. */
  readonly quote?: string | null;
  /**
   * A label of https://encoding.spec.whatwg.org, e.g. `'windows-1252'`, `'utf-16le'`, or `'detect'`
   * to find it in each file. Default `'utf-8'`.
   */
  readonly encoding?: string;
  /** Default: the first row that is not blank. */
  readonly header?: Header;
  /** Rows that add up others: compared with our own sums, and not loaded. */
  readonly totalsRow?: TotalsRow | readonly TotalsRow[];
  /** What stands below the table, such as footnotes. */
  readonly footer?: Footer;
  /** Rows that start with this text are passed over, e.g. `'#'`. */
  readonly comment?: string;
  /** Which file of a zip archive to read, e.g. `'*.csv'`. Default: the only one in it. */
  readonly entry?: string;
}

/** The options of a CSV file, checked and with defaults filled in. */
export interface CsvFormat {
  readonly dialect: Dialect;
  /** A character, or `'detect'`. */
  readonly delimiter: string;
  /** A WHATWG label, or `'detect'`. */
  readonly encoding: string;
  readonly entry: string | undefined;
  /** Undefined: the first row that is not blank. */
  readonly header: Header | undefined;
  readonly totalsRow: TotalsRow | readonly TotalsRow[] | undefined;
  readonly footer: Footer | undefined;
  /** How many columns the contract has: a header of one cell is then suspicious. */
  readonly columnCount: number;
}

const ownNames = [
  'delimiter',
  'quote',
  'encoding',
  'header',
  'totalsRow',
  'footer',
  'comment',
  'entry',
];

const commonEncodings = [
  'detect',
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1254',
  'iso-8859-1',
  'iso-8859-2',
  'iso-8859-15',
  'macintosh',
  'shift_jis',
  'gb18030',
];

/** Throws `project-invalid` naming the option, the value seen and what was expected. */
export function parseCsvOptions<C extends Columns>(options: CsvOptions<C>): CsvFormat {
  checkOptions('csv', options, ownNames);
  const delimiter = options.delimiter ?? ',';
  const quote = options.quote === undefined ? '"' : options.quote;
  const encoding = options.encoding ?? 'utf-8';
  if (delimiter !== 'detect') checkMark('delimiter', delimiter);
  if (quote !== null) checkMark('quote', quote);
  if (quote === delimiter) {
    throw invalid(`delimiter and quote are both ${JSON.stringify(quote)}; they must differ.`);
  }
  if (options.comment === '') throw invalid("comment is ''; expected the text that starts one.");
  if (encoding !== 'detect') checkEncoding(encoding);
  const problem =
    headerProblem(options.header) ??
    totalsProblem(options.totalsRow) ??
    footerProblem(options.footer) ??
    entryProblem(options.entry);
  if (problem !== undefined) throw invalid(problem);
  return {
    dialect: {
      delimiter: delimiter.charCodeAt(0),
      quote: quote === null ? -1 : quote.charCodeAt(0),
      comment: Buffer.from(options.comment ?? ''),
    },
    delimiter,
    encoding,
    entry: options.entry,
    header: options.header,
    totalsRow: options.totalsRow,
    footer: options.footer,
    columnCount: Object.keys(options.columns ?? {}).length,
  };
}

function checkMark(option: string, value: string): void {
  if (/^[\t\x20-\x7e]$/u.test(value)) return;
  throw invalid(
    `${option} is ${JSON.stringify(value)}; expected one ASCII character such as ',' ';' '\\t' or '|'${option === 'delimiter' ? ", or 'detect'" : ''}.`,
  );
}

function checkEncoding(encoding: string): void {
  try {
    // Only to learn whether Node knows the label.
    void new TextDecoder(encoding);
  } catch {
    const near = suggest(encoding, commonEncodings);
    throw invalid(
      `encoding is '${encoding}', which is not known` +
        (near === undefined
          ? `; expected one such as ${commonEncodings.join(', ')}.`
          : `; did you mean '${near}'?`),
    );
  }
}

const invalid = (problem: string): PlumblineError => invalidOption('csv', problem);
