import type { Day } from './dates.ts';
import type { Cents } from './money.ts';

/** What a generator made wrong with a row, by the code Plumbline is expected to find. */
export type Wrong =
  | 'type-error'
  | 'constraint-error'
  | 'missing-cell'
  | 'extra-cell'
  | 'encoding-error'
  | 'formula-error'
  | 'date-serial-as-number';

/** A row as it was put into a file or page, with what should become of it. */
export interface MadeRow {
  /** The values of the key's columns. */
  readonly key: string;
  /** All values: rows with one key and one content are repeats. */
  readonly content: string;
  /** Cents by column, for control totals. */
  readonly sums: Readonly<Record<string, Cents>>;
  readonly wrong?: Wrong;
  /** Breaks a rule of level `warn`. */
  readonly flagged?: boolean;
}

/** One file, or the one window of the API. */
export interface MadeDelivery {
  readonly source: string;
  /** Path under `data/`; for the API its window. */
  readonly slot: string;
  /** When it came: deliveries are read in this order. */
  readonly deliveredOn: Day;
  readonly rows: readonly MadeRow[];
  /** Undefined for the API. */
  readonly bytes: Uint8Array | undefined;
  /** The slot whose content this repeats byte by byte. */
  readonly copyOf?: string;
  /** The slot whose rows this corrects. */
  readonly corrects?: string;
}

/** What all generators start from; the same values give the same bytes on every machine. */
export interface Plan {
  readonly seed: number;
  /** The first day with data. */
  readonly from: Day;
  /** The day after the last one with data. */
  readonly until: Day;
  /** How much there is: 1 is about 150,000 rows, over however many days. */
  readonly scale: number;
}
