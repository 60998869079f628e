import { scaled, unscaled } from '../contract/compare-decimals.ts';
import type { Noticed } from '../contract/describe-noticed.ts';

/** Rows of one or several deliveries. `read = inserted + changed + unchanged + duplicate + rejected`. */
export interface RowCounts {
  /** Rows presented to the contract. */
  readonly read: number;
  /** New keys, or all accepted rows of a source without a key. */
  readonly inserted: number;
  /** Rows whose key was held with other content: the older row is superseded. */
  readonly changed: number;
  /** Rows that were held with the same content. */
  readonly unchanged: number;
  /** Rows that repeat another of their delivery. */
  readonly duplicate: number;
  /** Rows kept out, with their codes. */
  readonly rejected: number;
  /** Loaded rows that failed a rule of level `warn`. */
  readonly flagged: number;
}

export const noRows: RowCounts = {
  read: 0,
  inserted: 0,
  changed: 0,
  unchanged: 0,
  duplicate: 0,
  rejected: 0,
  flagged: 0,
};

export const addRows = (a: RowCounts, b: RowCounts): RowCounts => ({
  read: a.read + b.read,
  inserted: a.inserted + b.inserted,
  changed: a.changed + b.changed,
  unchanged: a.unchanged + b.unchanged,
  duplicate: a.duplicate + b.duplicate,
  rejected: a.rejected + b.rejected,
  flagged: a.flagged + b.flagged,
});

/** What rows of deliveries have to do with other deliveries, or with each other. */
export interface Shares {
  /** Of `unchanged`: another delivery holds the row. */
  readonly unchangedElsewhere: number;
  /** Of `unchanged`: a later delivery has other content for the key, which goes on to hold. */
  readonly outdated: number;
  /** Of `changed`: the row that was replaced was another delivery's. */
  readonly changedElsewhere: number;
  /** Of `inserted`, without a key: equal to an earlier row of the delivery. Undefined when not counted. */
  readonly repeated: number | undefined;
}

export const noShares: Shares = {
  unchangedElsewhere: 0,
  outdated: 0,
  changedElsewhere: 0,
  repeated: 0,
};

export const addShares = (a: Shares, b: Shares): Shares => ({
  unchangedElsewhere: a.unchangedElsewhere + b.unchangedElsewhere,
  outdated: a.outdated + b.outdated,
  changedElsewhere: a.changedElsewhere + b.changedElsewhere,
  repeated:
    a.repeated === undefined || b.repeated === undefined ? undefined : a.repeated + b.repeated,
});

/** An error as it is stored and printed. */
export interface StoredError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a control total came to, as exact decimal text. */
export interface ControlTotal {
  /** Sum over the rows the contract accepted, as they were encoded. */
  readonly delivered: string;
  /** Sum over what the table holds of the batch, plus unchanged, duplicate and `primary-key` rows. */
  readonly held: string;
  /** Of both: rows that were rejected because of another row of the delivery, when these hold any. */
  readonly clashing?: string;
  /** Sum over the readable cells of rows the contract rejected. */
  readonly rejected: string;
  /** The delivery's own total, when it states one. */
  readonly declared?: string;
  /** Cells of rejected rows that could not be read, which the declared total may or may not cover. */
  readonly unreadable: number;
}

/** What a child table took from a delivery, or from all of a run. */
export interface ChildResult {
  readonly rows: RowCounts;
  readonly shares: Shares;
  readonly superseded: number;
  readonly totals: Readonly<Record<string, ControlTotal>>;
}

/** What became of one delivery. */
export interface DeliveryResult {
  readonly name: string;
  readonly outcome: 'loaded' | 'duplicate-file' | 'rejected' | 'failed';
  readonly rows: RowCounts;
  readonly shares: Shares;
  /** Rows of the delivery's older version that this one lacks. */
  readonly superseded: number;
  readonly totals: Readonly<Record<string, ControlTotal>>;
  /** The child tables, by the name they have as sources. */
  readonly children: Readonly<Record<string, ChildResult>>;
  /** What is worth knowing of loaded rows, when it was loaded just now. */
  readonly noticed?: Noticed;
  readonly error: StoredError | undefined;
}

/** What rejected rows hold of a control total: it is in no number. */
export interface KeptOut {
  readonly column: string;
  /** Sum of the cells that can be read, as exact decimal text. */
  readonly sum: string;
  /** Cells that cannot. */
  readonly unreadable: number;
}

/** What the rejected rows of several deliveries hold, by column; columns of which they hold nothing are left out. */
export function keptOutOf(
  deliveries: readonly Pick<DeliveryResult, 'totals'>[],
): readonly KeptOut[] {
  const columns = new Set(deliveries.flatMap(({ totals }) => Object.keys(totals)));
  return [...columns].flatMap((column): KeptOut[] => {
    const totals = deliveries
      .map((each) => each.totals[column])
      .filter((each) => each !== undefined);
    const texts = totals.flatMap(({ rejected, clashing = '0' }) => [rejected, clashing]);
    const scale = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0));
    const sum = texts.reduce((all, text) => all + scaled(text, scale), 0n);
    const unreadable = totals.reduce((all, each) => all + each.unreadable, 0);
    return sum === 0n && unreadable === 0
      ? []
      : [{ column, sum: unscaled(sum, scale), unreadable }];
  });
}

/** What a run did for one source. */
export interface SourceResult {
  readonly name: string;
  /** Deliveries that were new, corrected or tried again. */
  readonly deliveries: number;
  /** Deliveries whose content was held already. */
  readonly duplicateFiles: number;
  readonly rows: RowCounts;
  readonly shares: Shares;
  /** What is worth knowing of the rows loaded, by reason. */
  readonly noticed?: Noticed;
  readonly keptOut: readonly KeptOut[];
  /** Every delivery was loaded, and every control total agreed. */
  readonly balanced: boolean;
  readonly ms: number;
  readonly errors: readonly StoredError[];
  /** The source stopped at a deadline: where the next run goes on. */
  readonly goesOnFrom: string | undefined;
  /** The child tables, which were loaded with it. */
  readonly children: readonly SourceResult[];
}
