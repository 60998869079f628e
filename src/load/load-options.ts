import type { LandingArchive } from '../landing/land.ts';
import type { Source, SourceContext } from '../source/source.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { LoaderSession } from './loader-session.ts';
import type { ReplayRequest } from './request-replay.ts';
import type { DeliveryResult } from './result.ts';

/** Told while a source loads; for progress lines. */
export type LoadEvent =
  | {
      readonly kind: 'reading';
      readonly source: string;
      readonly delivery: string;
      readonly rows: number;
    }
  | { readonly kind: 'delivery'; readonly source: string; readonly result: DeliveryResult };

export interface LoadSourceOptions {
  readonly name: string;
  readonly source: Source;
  readonly warehouse: Warehouse;
  /** Folder that keeps every delivery. */
  readonly landingDir: string;
  /** Where they are kept when the folder does not last. */
  readonly archive?: LandingArchive;
  readonly context: Omit<SourceContext, 'cursor'>;
  readonly onEvent?: (event: LoadEvent) => void;
  /** Read these again from the landing, and do not ask the source for more. */
  readonly replay?: ReplayRequest;
}

/** A source while it loads. */
export interface Loading extends LoadSourceOptions {
  readonly session: LoaderSession;
}
