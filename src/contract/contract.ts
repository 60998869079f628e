import type { Columns, Level, Row, RowInput } from './column.ts';

/** A rule over a whole row. `test` is true for a good row; it must not throw. */
export interface RowRule<C extends Columns = Columns> {
  readonly name: string;
  /** Default `'reject'`. */
  readonly level?: Level;
  test(row: Row<C>): boolean;
  /** What was expected, for the reject: `'paid_on is not before invoiced_on'`. */
  readonly expected?: string;
}

/** A delivered row before the contract: the header's labels and the cells' texts. */
export type RawRow = Readonly<Record<string, string | null>>;

/**
 * Changes rows before the contract reads them: rename, derive, split (return several) or drop
 * (return nothing). Pure; no I/O. What it throws rejects the row as `type-error`.
 */
export type Transform<C extends Columns = Columns> = (
  row: RawRow,
) => RowInput<C> | readonly RowInput<C>[] | null | undefined;

/** Rows, or a share of the delivery's rows such as `'1%'`. */
export type RejectedShare = number | `${number}%`;

/** How much may be wrong before a delivery is refused whole. What is not said is not limited. */
export interface Tolerance {
  /** Rows that may be rejected. */
  readonly max?: RejectedShare;
  /**
   * Amounts that may be unreadable: cells of one decimal column of `controlTotals` that hold no number
   * of the declared form. `0` refuses a delivery in which one amount is not known.
   */
  readonly money?: RejectedShare;
}

/** What rows of a source must be, and how they are told apart. */
export interface Contract<C extends Columns = Columns> {
  readonly columns: C;
  /** Columns that identify a row. Without a key every row is kept. */
  readonly key?: readonly (keyof C & string)[];
  /** Two rows of one delivery with one key and different content: reject both (default), or let the later win. */
  readonly sameKey?: 'reject' | 'last-wins';
  /**
   * Without a key, rows of one delivery that are equal in every column: keep them all (default), since
   * two equal lines of a till are two sales; skip all but the first; or reject these as `duplicate-row`.
   */
  readonly repeatedRows?: 'keep' | 'skip' | 'reject';
  readonly rules?: readonly RowRule<C>[];
  readonly transform?: Transform<C>;
  /** Decimal or integer columns whose sum must agree between delivery and table. */
  readonly controlTotals?: readonly (keyof C & string)[];
  /** Default: any number of rows may be rejected, each listed. */
  readonly rejected?: Tolerance;
  /** Number of records a delivery must hold. */
  readonly rows?: { readonly min?: number; readonly max?: number };
  /** Columns of the delivery that the contract does not name: ignore (default), or refuse the delivery. */
  readonly extraColumns?: 'ignore' | 'refuse';
}
