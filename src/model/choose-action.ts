import type { Materialization } from './model.ts';
import type { RelationKind } from './warehouse-state.ts';

/** What is known of a model when its turn comes. */
export interface Standing {
  readonly materialize: Materialization;
  readonly keyed: boolean;
  /** What stands under its name; undefined when nothing does. */
  readonly existing: RelationKind | undefined;
  /** Its definition is the one it was last built from. */
  readonly sameDefinition: boolean;
  /** A relation it reads has other rows than at the last release. */
  readonly stale: boolean;
  /** A relation it reads has been replaced; Postgres ties views to the old one. */
  readonly cutOff: boolean;
}

/**
 * - `keep`: nothing to do.
 * - `follow`: a view, whose rows change with what it reads.
 * - `refresh`: the materialized view is refreshed in place, readers go on meanwhile.
 * - `refill`: the rows of the table are exchanged, readers see the old ones until the commit.
 * - `replace`: a new relation is built beside the old one and takes its place at the end.
 */
export type Action = 'keep' | 'follow' | 'refresh' | 'refill' | 'replace';

/** Chooses the cheapest action that is right and does not make readers wait. */
export function chooseAction(standing: Standing): Action {
  const { materialize, existing, sameDefinition, stale, cutOff } = standing;
  if (existing !== materialize) return 'replace';
  switch (materialize) {
    case 'view':
      if (!sameDefinition || cutOff) return 'replace';
      return stale ? 'follow' : 'keep';
    case 'materialized view':
      if (!sameDefinition || cutOff) return 'replace';
      if (!stale) return 'keep';
      // Without a unique index Postgres can only refresh behind a lock that stops every reader.
      return standing.keyed ? 'refresh' : 'replace';
    case 'table':
      // A table is not tied to what it was made from. The builder replaces it if columns differ.
      return sameDefinition && !stale && !cutOff ? 'keep' : 'refill';
  }
}
