/** How a broken rule is treated: the row is kept out, or it is loaded and listed in `_flags`. */
export type Level = 'reject' | 'warn';

interface ColumnOptions {
  /**
   * The label in the delivery's header, or several it has had over time. Compared after trimming
   * and case folding. For an API the path in the record, e.g. `'client.name'`.
   * Default: the column's own name.
   */
  readonly header?: string | readonly string[];
  /** A missing cell rejects the row (`missing-cell`), or with `'warn'` flags it. Default false. Key columns are always required. */
  readonly required?: boolean | 'warn';
  /** Cell texts that mean "no value", beside the empty cell: e.g. `['n/a', '-']`. */
  readonly missing?: readonly string[];
  /** Whether min, max, length, pattern and one-of reject the row or flag it. Default `'reject'`. */
  readonly level?: Level;
  readonly description?: string;
}

interface Ordered<T> {
  /** Smallest value allowed, itself included (`constraint-error`). */
  readonly min?: T;
  /** Largest value allowed, itself included (`constraint-error`). */
  readonly max?: T;
}

interface NumberMarks {
  /** Default `'.'`. */
  readonly decimalMark?: '.' | ',';
  /**
   * Digit-group mark, e.g. `'.'` in `1.234,50`: in groups of three. A space also stands for no-break
   * and thin spaces, `'` for ’. Default: none is accepted.
   */
  readonly thousandsMark?: ',' | '.' | ' ' | "'";
  /** Texts stripped before or after the number, e.g. `['€', 'EUR']`. */
  readonly symbols?: readonly string[];
}

export interface TextOptions extends ColumnOptions {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: RegExp;
  /** Remove white space at both ends. Default true. */
  readonly trim?: boolean;
}
export interface IntegerOptions
  extends ColumnOptions, Ordered<number | bigint>, Pick<NumberMarks, 'thousandsMark' | 'symbols'> {}
export interface DecimalOptions extends ColumnOptions, Ordered<number | string>, NumberMarks {
  /**
   * Texts are percentages and must say so: `12.5 %` is stored as 0.125, so leave room for two more
   * decimals. Number cells of workbooks and APIs are fractions already. Default false.
   */
  readonly percent?: boolean;
}
export interface BooleanOptions extends ColumnOptions {
  /** Default `['true', 'yes', 'y', '1', 't']`, case folded. */
  readonly trueValues?: readonly string[];
  /** Default `['false', 'no', 'n', '0', 'f']`, case folded. */
  readonly falseValues?: readonly string[];
}
export interface DateOptions extends ColumnOptions, Ordered<string> {
  /** Made of yyyy, yy, MM, M, dd, d, MMM and literals. Default `'yyyy-MM-dd'`. */
  readonly format?: string;
}
export interface TimestampOptions extends ColumnOptions, Ordered<string> {
  /** As for dates, plus HH, mm, ss, SSS…, XXX. Default ISO 8601. */
  readonly format?: string;
  /** The zone of values that carry none. Default: the company's. */
  readonly zone?: string;
}
export interface TimeOptions extends ColumnOptions, Ordered<string> {
  /** Default `'HH:mm:ss'`, seconds optional. */
  readonly format?: string;
}
export interface JsonOptions extends ColumnOptions {}
export interface OneOfOptions extends ColumnOptions {
  /** Compare without case; the stored value is spelled as declared. Default false. */
  readonly ignoreCase?: boolean;
}

/** What a column is, as a discriminated union on `type`. */
export type ColumnSpec =
  | ({ readonly type: 'text' } & TextOptions)
  | ({ readonly type: 'integer' } & IntegerOptions)
  | ({
      readonly type: 'decimal';
      readonly precision: number;
      readonly scale: number;
    } & DecimalOptions)
  | ({ readonly type: 'boolean' } & BooleanOptions)
  | ({ readonly type: 'date' } & DateOptions)
  | ({ readonly type: 'timestamp' } & TimestampOptions)
  | ({ readonly type: 'time' } & TimeOptions)
  | ({ readonly type: 'json' } & JsonOptions)
  | ({ readonly type: 'one-of'; readonly values: readonly string[] } & OneOfOptions);

export type ColumnType = ColumnSpec['type'];

/**
 * The value a custom rule sees. Decimals are exact texts such as `'1234.50'` (compare them with
 * `compareDecimals`), dates `'2026-03-31'`, timestamps ISO 8601 in UTC with microseconds.
 */
interface ValueByType {
  readonly text: string;
  readonly integer: bigint;
  readonly decimal: string;
  readonly boolean: boolean;
  readonly date: string;
  readonly timestamp: string;
  readonly time: string;
  readonly json: unknown;
  readonly 'one-of': string;
}

/** A column whose rule value type (`V`) and requiredness (`R`) the compiler knows. */
export type Column<V = unknown, R extends boolean = boolean> = ColumnSpec & {
  /** Types only; never present at run time. */
  readonly '~value'?: V;
  readonly '~required'?: R;
};

export type Columns = Readonly<Record<string, Column>>;

type RequiredOf<O> = O extends { readonly required: true } ? true : false;
type Built<T extends ColumnType, O> = Column<ValueByType[T], RequiredOf<O>>;

/** A row of a contract as custom rules see it: required columns are never null. */
export type Row<C extends Columns> = {
  readonly [K in keyof C]: C[K] extends Column<infer V, infer R>
    ? R extends true
      ? V
      : V | null
    : never;
};

/** What a transform may give for a cell: it is then read by the contract like any other cell. */
export type CellInput = string | number | bigint | boolean | null | undefined;

/** A row as a transform returns it: required columns must be there. */
export type RowInput<C extends Columns> = {
  readonly [K in keyof C as C[K] extends Column<unknown, true> ? K : never]: CellInput;
} & {
  readonly [K in keyof C as C[K] extends Column<unknown, true> ? never : K]?: CellInput;
};

/** Builders of contract columns: `column.decimal(12, 2, { min: 0 })`. */
export const column = {
  /** Text of any length, valid UTF-8 without NUL. */
  text: <const O extends TextOptions>(options?: O): Built<'text', O> => ({
    type: 'text',
    ...options,
  }),
  /** A whole number that fits 64 bits (`bigint`). */
  integer: <const O extends IntegerOptions>(options?: O): Built<'integer', O> => ({
    type: 'integer',
    ...options,
  }),
  /** An exact decimal (`numeric(precision, scale)`): 1 ≤ precision ≤ 1000, 0 ≤ scale ≤ precision. More decimals than scale reject the row; nothing is rounded. */
  decimal: <const O extends DecimalOptions>(
    precision: number,
    scale: number,
    options?: O,
  ): Built<'decimal', O> => ({ type: 'decimal', precision, scale, ...options }),
  boolean: <const O extends BooleanOptions>(options?: O): Built<'boolean', O> => ({
    type: 'boolean',
    ...options,
  }),
  /** A calendar date, years 0001 to 9999. */
  date: <const O extends DateOptions>(options?: O): Built<'date', O> => ({
    type: 'date',
    ...options,
  }),
  /** An instant with microseconds (`timestamptz`). */
  timestamp: <const O extends TimestampOptions>(options?: O): Built<'timestamp', O> => ({
    type: 'timestamp',
    ...options,
  }),
  /** A time of day with microseconds. */
  time: <const O extends TimeOptions>(options?: O): Built<'time', O> => ({
    type: 'time',
    ...options,
  }),
  /** Any JSON value (`jsonb`). */
  json: <const O extends JsonOptions>(options?: O): Built<'json', O> => ({
    type: 'json',
    ...options,
  }),
  /** One of the texts listed. */
  oneOf: <const O extends OneOfOptions>(
    values: readonly string[],
    options?: O,
  ): Built<'one-of', O> => ({ type: 'one-of', values, ...options }),
} as const;
