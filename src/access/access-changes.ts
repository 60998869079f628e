import type { Access } from './access.ts';

/** What brings the database to what is declared; nothing has been changed yet. */
export interface AccessChanges {
  readonly access: Access;
  readonly schemas: readonly string[];
  /** In the order in which they are to be done; empty when all is as declared. */
  readonly steps: readonly AccessStep[];
  /** Users that cannot log in before they are given a password: those made or let in again. */
  readonly withoutPassword: readonly string[];
  /** What people should know and what the connected user cannot change, a sentence each. */
  readonly notes: readonly string[];
}

export interface AccessStep {
  /** Whether somebody may more or less afterwards. */
  readonly kind: 'give' | 'take';
  /** The user it is about; null when it is about everybody. */
  readonly user: string | null;
  /** For people: `tableau reads schema marts: 12 relations, and those of later releases`. */
  readonly text: string;
  /** Whole statements, without a password in them. */
  readonly sql: readonly string[];
}
