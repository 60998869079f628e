import type { FilterValues } from './filters.ts';
import type { Snapshot } from './query.ts';

/** What a tile is run against. */
export interface TileContext {
  readonly snapshot: Snapshot;
  readonly filters: FilterValues;
}
