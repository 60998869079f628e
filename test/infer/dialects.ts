import fc from 'fast-check';

/** A column as a program writes it: its cells, and what each of them means. */
export interface WrittenColumn {
  readonly label: string;
  /** What the cells are, for the message of a failure. */
  readonly style: string;
  readonly type: 'integer' | 'decimal' | 'date' | 'timestamp' | 'text' | 'boolean';
  readonly cells: readonly string[];
  /** As `decodeCell` gives values, decimals without zeros at their end; text as written. */
  readonly values: readonly string[];
}

const group = (digits: string, mark: string): string =>
  mark === '' ? digits : digits.replaceAll(/\B(?=(?:\d{3})+$)/gu, mark);

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** Decimals as they are compared: `12.50` is `12.5`, `-0` is `0`. */
export function plainDecimal(text: string): string {
  const trimmed = text.includes('.') ? text.replace(/0+$/u, '').replace(/\.$/u, '') : text;
  return trimmed === '-0' ? '0' : trimmed;
}

const negative: Readonly<Record<string, (text: string) => string>> = {
  leading: (text) => `-${text}`,
  trailing: (text) => `${text}-`,
  parentheses: (text) => `(${text})`,
  unicode: (text) => `\u2212${text}`,
};

const numbers = fc
  .record({
    scale: fc.integer({ min: 0, max: 4 }),
    marks: fc.constantFrom('.', ',', '. ,', ', .', '.  ', ',  ', ". '"),
    sign: fc.constantFrom('none', ...Object.keys(negative)),
    symbol: fc.constantFrom('', '', '', '€ ', ' EUR', '$', ' kr'),
    digits: fc.integer({ min: 1, max: 8 }),
  })
  .chain((style) =>
    fc.record({
      style: fc.constant(style),
      values: fc.array(
        fc.record({
          whole: fc.integer({ min: 0, max: 10 ** style.digits - 1 }),
          fraction: fc.integer({ min: 0, max: 9999 }),
          isNegative: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    }),
  )
  .map(({ style, values }): Omit<WrittenColumn, 'label'> => {
    const { scale, marks, sign, symbol } = style;
    const decimal = marks.charAt(0);
    const thousands = marks.length > 1 ? marks.slice(2) : '';
    const made = values.map(({ whole, fraction, isNegative }) => {
      const digits = scale === 0 ? '' : pad(fraction % 10 ** scale, scale);
      const text = `${group(String(whole), thousands)}${scale === 0 ? '' : decimal + digits}`;
      const withSymbol = symbol.startsWith(' ') ? text + symbol : symbol + text;
      const isBelow = isNegative && sign !== 'none';
      return {
        cell: isBelow ? (negative[sign]?.(withSymbol) ?? '') : withSymbol,
        value: plainDecimal(`${isBelow ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits}`}`),
      };
    });
    return {
      style: `number ${JSON.stringify(style)}`,
      type: scale === 0 ? 'integer' : 'decimal',
      cells: made.map(({ cell }) => cell),
      values: made.map(({ value }) => value),
    };
  });

const monthNames = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const moment = fc.record({
  year: fc.integer({ min: 1971, max: 2066 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  second: fc.integer({ min: 0, max: 59 }),
});

type WriteDate = (moment: Moment, mark: string) => string;
const dateStyles: Readonly<Record<string, WriteDate>> = {
  ymd: ({ year, month, day }, mark) => [year, pad(month), pad(day)].join(mark),
  dmy: ({ year, month, day }, mark) => [pad(day), pad(month), year].join(mark),
  mdy: ({ year, month, day }, mark) => [pad(month), pad(day), year].join(mark),
  'short dmy': ({ year, month, day }, mark) => [day, month, year].join(mark),
  'short mdy': ({ year, month, day }, mark) => [month, day, year].join(mark),
  'dmy of two': ({ year, month, day }, mark) => [pad(day), pad(month), pad(year % 100)].join(mark),
  'mdy of two': ({ year, month, day }, mark) => [pad(month), pad(day), pad(year % 100)].join(mark),
  'ymd of two': ({ year, month, day }, mark) => [pad(year % 100), pad(month), pad(day)].join(mark),
  named: ({ year, month, day }, mark) => [pad(day), monthNames[month - 1], year].join(mark),
  american: ({ year, month, day }) => `${monthNames[month - 1]} ${day}, ${year}`,
  compact: ({ year, month, day }) => `${year}${pad(month)}${pad(day)}`,
};

const times: Readonly<Record<string, (moment: Moment) => string>> = {
  none: () => '',
  minutes: ({ hour, minute }) => ` ${pad(hour)}:${pad(minute)}`,
  seconds: ({ hour, minute, second }) => `T${pad(hour)}:${pad(minute)}:${pad(second)}`,
  zulu: ({ hour, minute, second }) => `T${pad(hour)}:${pad(minute)}:${pad(second)}Z`,
  half: ({ hour, minute }) =>
    ` ${hour % 12 === 0 ? 12 : hour % 12}:${pad(minute)} ${hour < 12 ? 'AM' : 'PM'}`,
};

const dates = fc
  .record({
    order: fc.constantFrom(...Object.keys(dateStyles)),
    mark: fc.constantFrom('-', '/', '.'),
    time: fc.constantFrom('none', 'none', 'none', ...Object.keys(times)),
    moments: fc.array(moment, { minLength: 1, maxLength: 12 }),
  })
  .map(({ order, mark, time, moments }): Omit<WrittenColumn, 'label'> => ({
    style: `date ${order} ${mark} ${time}`,
    type: time === 'none' ? 'date' : 'timestamp',
    cells: moments.map((each) => `${dateStyles[order]?.(each, mark)}${times[time]?.(each)}`),
    values: moments.map(({ year, month, day, hour, minute, second }) => {
      const date = `${year}-${pad(month)}-${pad(day)}`;
      const seconds = time === 'minutes' || time === 'half' ? 0 : second;
      return time === 'none' ? date : `${date}T${pad(hour)}:${pad(minute)}:${pad(seconds)}.000000Z`;
    }),
  }));

const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'North',
        'Müller & Söhne',
        'a,b;c',
        'say "hi"',
        'Total SA',
        'May',
        'EUR',
        'x',
      ),
      fc.stringMatching(/^0\d{3,6}$/u),
      fc.stringMatching(/^[A-Z]{1,3}-\d{1,5}$/u),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((cells): Omit<WrittenColumn, 'label'> => ({
    style: 'words',
    type: 'text',
    cells,
    values: cells,
  }));

const codes = fc
  .array(fc.stringMatching(/^0\d{3,6}$/u), { minLength: 1, maxLength: 12 })
  .map((cells): Omit<WrittenColumn, 'label'> => ({
    style: 'codes',
    type: 'text',
    cells,
    values: cells,
  }));

const booleans = fc
  .record({
    pair: fc.constantFrom(['true', 'false'], ['Yes', 'No'], ['J', 'N'], ['ja', 'nein'], ['Y', 'N']),
    values: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
  })
  .map(({ pair, values }): Omit<WrittenColumn, 'label'> => ({
    style: `boolean ${pair.join('/')}`,
    type: 'boolean',
    cells: values.map((value) => (value ? pair[0] : pair[1]) ?? ''),
    values: values.map(String),
  }));

/** Columns of one length, in any style. */
export const writtenTable = fc
  .record({
    rows: fc.integer({ min: 2, max: 40 }),
    columns: fc.array(fc.oneof(numbers, numbers, dates, dates, words, codes, booleans), {
      minLength: 2,
      maxLength: 6,
    }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    lineEnd: fc.constantFrom('\n', '\r\n'),
  })
  .map(({ rows, columns, delimiter, lineEnd }) => {
    const written = columns.map((column, index): WrittenColumn => {
      // Values come again from the first on until the table has its rows.
      const at = (list: readonly string[]): string[] =>
        Array.from({ length: rows }, (_, row) => list[row % list.length] ?? '');
      return {
        ...column,
        label: `${['Menge', 'Datum', 'Wert', 'Name', 'Feld', 'Art'][index] ?? ''} ${'abcdef'.charAt(index)}`,
        cells: at(column.cells),
        values: at(column.values),
      };
    });
    const quote = (cell: string): string =>
      /[",;\t|\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    const lines = [
      written.map(({ label }) => label),
      ...Array.from({ length: rows }, (_, row) => written.map(({ cells }) => cells[row] ?? '')),
    ];
    const text = lines.map((cells) => cells.map(quote).join(delimiter) + lineEnd).join('');
    return { columns: written, delimiter, text };
  });
