import type { LandedDelivery, Source, SourceContext } from '../source/source.ts';

/** One delivery to load. */
export interface BatchJob {
  readonly sourceName: string;
  readonly source: Source;
  readonly landed: LandedDelivery;
  readonly context: SourceContext;
  readonly batchId: number;
  readonly deliveryId: number;
  /** Where an API source goes on once this is loaded. */
  readonly nextCursor: string | undefined;
  /** Told the number of rows read so far, about ten times a second at most. */
  readonly onRows?: (rows: number) => void;
}
