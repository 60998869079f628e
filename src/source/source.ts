import type { Columns } from '../contract/column.ts';
import type { Contract } from '../contract/contract.ts';
import type { NoticedReason, RowFault, SkipReason } from '../contract/row-codes.ts';
import type { Schedule } from '../contract/schedule.ts';
import type { Network } from './location/address-guard.ts';
import type { Setting } from './setting.ts';

export { CellKind } from '../contract/cell.ts';

/**
 * A run of records in one block of memory, so that a million rows make no million objects.
 * Valid until the next chunk is asked for: readers may reuse the memory.
 */
export interface RecordChunk {
  /** Cell contents, valid UTF-8 unless a fault says otherwise, quotes already undone. */
  readonly bytes: Uint8Array;
  /** Cell i is `bytes[cells[2 * i] .. cells[2 * i + 1])`. */
  readonly cells: Int32Array;
  /** A CellKind for each cell; undefined when all are text. */
  readonly kinds: Uint8Array | undefined;
  /** Row r has cells `rows[r] .. rows[r + 1])`; length count + 1 at least. */
  readonly rows: Int32Array;
  /** Line (text), sheet row (workbook) or index in the page (API) where each record starts, from 1. */
  readonly lines: Float64Array;
  /**
   * Of records nested in others: the one around each, counted on the page from 1. `lines` then counts
   * within its array.
   */
  readonly around?: Int32Array | undefined;
  /** Number of records in the chunk. */
  readonly count: number;
  /** The sheet's name, or the API page as `'page 3'`; the whole chunk is of it. */
  readonly sheet: string | null;
  /** Of a workbook: the sheet's column, from 0, of each cell of a row; -1 for one that no cell stands behind. */
  readonly sheetColumns?: readonly number[];
  /** What the reader found wrong, by index of the row in the chunk; such rows are rejected. */
  readonly faults: ReadonlyMap<number, readonly RowFault[]> | undefined;
  /** What all rows of the chunk hold, folded, in the column by which totals are told apart. */
  readonly group?: string;
  /** What the delivery states below these rows about them and rows before; a chunk of no rows may have it. */
  readonly subtotal?: StatedSubtotal | undefined;
}

/** A row of subtotals, or a carry-over, as it stands in the delivery. */
export interface StatedSubtotal {
  /** It covers the rows since the one before of its level: levels are counted apart. */
  readonly level: number;
  /** What it covers goes on below it, and the next of its level covers these rows too. */
  readonly goesOn?: boolean;
  /** It covers only rows of chunks with this group. */
  readonly group?: string | undefined;
  /** What was carried in above the first row, by label: the totals may count it in, or not. */
  readonly opening?: Readonly<Record<string, StatedTotal>> | undefined;
  /** Line or sheet row, from 1. */
  readonly line: number;
  readonly sheet: string | null;
  /** By the header label of their column. */
  readonly totals: Readonly<Record<string, StatedTotal>>;
}

/** What a reader knows once it has read a delivery to its end. */
export interface ReadSummary {
  /** Physical records that are no rows, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Records that are rows, but about which something is worth knowing, by reason. */
  readonly noticed?: Readonly<Partial<Record<NoticedReason, number>>>;
  /** Totals the delivery states, by the header label of their column. */
  readonly totals: Readonly<Record<string, StatedTotal>>;
  /** What was carried in above the first row, by label: the totals may count it in, or not. */
  readonly opening?: Readonly<Record<string, StatedTotal>> | undefined;
  /** How the delivery was read, where the source leaves that to be detected. */
  readonly detected?: readonly DetectedSetting[];
}

/** A setting that was found in the delivery itself. */
export interface DetectedSetting {
  /** The option's name: `encoding`, `delimiter`. */
  readonly setting: string;
  readonly value: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** A total as it stands in the delivery. */
export interface StatedTotal {
  readonly text: string;
  /** A CellKind: a number cell is canonical, text is read by the column's marks. */
  readonly kind: number;
}

/** A landed delivery being read. `chunks` is consumed once; `summary` is valid after its end. */
export interface RecordStream {
  /** Labels of the columns, as written, in order; cell i of a row belongs to label i. */
  readonly header: readonly string[];
  readonly chunks: AsyncIterable<RecordChunk>;
  readonly summary: () => ReadSummary;
}

/** What a source may use of the world; everything else is in its definition. */
export interface SourceContext {
  /** Absolute path of the project folder; relative paths of locations start here. */
  readonly projectDir: string;
  /** A variable of the environment, the project's .env or its setup; undefined when absent. */
  readonly env: (name: string) => string | undefined;
  /** The company's IANA zone. */
  readonly zone: string;
  /** ISO instant of "now". */
  readonly now: () => string;
  /** How far an API source has been read; undefined at first. Files have none. */
  readonly cursor: string | undefined;
  /** ISO instant after which a source begins nothing new, where it can stop; it goes on in the next run. */
  readonly deadline?: string;
  /** Told where the next run goes on, when a source stops at a deadline. */
  readonly onDeadline?: (goesOnFrom: string) => void;
  /** Where requests may go. Default `'open'`, which still refuses link-local addresses. */
  readonly network?: Network;
  readonly signal: AbortSignal;
}

/** A delivery that can be fetched now. */
export interface Offer {
  /** Identity over time: the path under the location, or the API window. */
  readonly slot: string;
  /** What people call it: the file name or the URL without secrets. */
  readonly name: string;
  readonly sizeBytes: number | undefined;
  /** ISO instant, when known. */
  readonly modifiedAt: string | undefined;
  /**
   * The content, once; a block is valid until the next is asked for. Ends normally only when it is
   * whole; throws `source-changed` when it moved while being read, `source-unreachable` when it
   * broke off.
   */
  readonly open: () => AsyncIterable<Uint8Array>;
  /**
   * What the place says of the content without giving it, such as size, times and ETag. The same
   * fingerprint in a slot promises the same bytes, so that nobody needs to open it again; undefined
   * when the place cannot promise that. Once `open` ended, that of what it gave.
   */
  readonly fingerprint?: () => string | undefined;
  /** After `open` ended: the cursor to store when the batch commits. */
  readonly nextCursor?: () => string | undefined;
}

/** A kept copy of a delivery, safe to read more than once. */
export interface LandedDelivery {
  /** Absolute path of the landing file. */
  readonly path: string;
  readonly name: string;
  readonly slot: string;
  readonly sizeBytes: number;
}

/** What became of the record that a nested one belongs to. */
export type RecordFate =
  | 'accepted'
  | 'rejected'
  /** The delivery has it again further on, or a later delivery has it: that one counts. */
  | 'repeated';

/**
 * A table of the records nested in those of a source. It is read from the same landed deliveries and
 * loaded in the same transaction as they are.
 */
export interface ChildTable {
  readonly contract: Contract;
  /** Its columns that hold the key of the record around: column of this table to column of the source. */
  readonly parentKey: Readonly<Record<string, string>>;
  readonly description: string;
  /** Reads a landed delivery of the source. `fateOf` takes the position of the record around, from 1. */
  readonly read: (
    landed: LandedDelivery,
    context: SourceContext,
    fateOf: (record: number) => RecordFate,
  ) => Promise<RecordStream>;
}

/** A place data comes from, with its contract and schedule. Built by `csv`, `excel` and `api`. */
export interface Source<C extends Columns = Columns> {
  readonly kind: string;
  /** The contract, whose rules and transform were checked against its columns where it was written. */
  readonly contract: Contract;
  /** Types only; never present at run time. */
  readonly '~columns'?: C;
  readonly schedule: Schedule | undefined;
  /** How old the last delivery may be, e.g. `'15 days'`; later is late. */
  readonly freshness: string | undefined;
  /** What decides which rows a landed delivery gives; when it changes, deliveries are read again. */
  readonly reading: string;
  /** One line for people: `data/payments/*.xlsx, sheet Payments`. No secrets. */
  readonly description: string;
  /** Deliveries there now, oldest first. */
  readonly discover: (context: SourceContext) => AsyncIterable<Offer>;
  /** Reads a landed delivery. Throws PlumblineError when it cannot be read at all. */
  readonly read: (landed: LandedDelivery, context: SourceContext) => Promise<RecordStream>;
  /** Tables of nested records, by the name that follows the source's own: `lines` of `orders` is `orders-lines`. */
  readonly children?: Readonly<Record<string, ChildTable>>;
  /** The source whose child this is: it is loaded with that one, never by itself. */
  readonly childOf?: string;
  /** Where it reads; undefined for a source of the project's own making. */
  readonly place?: Place;
  /** What it takes from the environment. */
  readonly settings?: readonly Setting[];
  readonly onUpload?: boolean;
}

/** The name of a child table as a source: what its relations, batches and rejects go by. */
export const childName = (source: string, child: string): string => `${source}-${child}`;

/** Options every connector shares. */
export interface SourceOptions<C extends Columns> extends Contract<C> {
  readonly schedule?: Schedule;
  readonly freshness?: string;
  /**
   * On AWS: load a file as soon as it is put into its bucket, besides the schedule. Only with `s3`.
   * Default false.
   */
  readonly onUpload?: boolean;
}

/** Where a source reads, for what must be arranged around it: rights, networks, notifications. */
export type Place =
  | { readonly kind: 'folder'; readonly pattern: string }
  /** The pattern is that of keys; `isElsewhere`: another store that speaks S3. */
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly pattern: string;
      readonly isElsewhere: boolean;
    }
  /** The address as it may be shown; undefined when it is made at run time. */
  | { readonly kind: 'http'; readonly address: string | undefined };

/** Where files are: lists them, oldest first. Built by `folder`, `http` and `s3`. */
export interface Location {
  readonly kind: string;
  /** `folder data/payments/*.xlsx`; no secrets. */
  readonly description: string;
  readonly place?: Place;
  /** What it takes from the environment. */
  readonly settings?: readonly Setting[];
  readonly list: (context: SourceContext) => AsyncIterable<Offer>;
}
