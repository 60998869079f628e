import type { LandedDelivery, Source, SourceContext } from '../source/source.ts';

/** One delivery to load. */
export interface BatchJob {
  readonly sourceName: string;
  readonly source: Pick<Source, 'contract' | 'read' | 'children'>;
  /** Of a table of nested records: its columns that name the record around, with those of that record. */
  readonly parentKey?: Readonly<Record<string, string>>;
  readonly landed: LandedDelivery;
  readonly context: SourceContext;
  readonly batchId: number;
  readonly deliveryId: number;
  /** Where an API source goes on once this is loaded. */
  readonly nextCursor: string | undefined;
  /** Told the position of each record that was rejected. */
  readonly onRejected?: (recordNumber: number) => void;
  /** Told the number of rows read so far, about ten times a second at most. */
  readonly onRows?: (rows: number) => void;
}
