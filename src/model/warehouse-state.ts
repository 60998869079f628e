import type { ClientBase } from 'pg';

/** A model, clean view or procedure as it was last built. */
export interface Recorded {
  readonly name: string;
  readonly materialization: string;
  readonly hash: string;
  readonly dependsOn: readonly string[];
}

/** What a relation of the warehouse is now. */
export type RelationKind = 'view' | 'materialized view' | 'table' | 'other';

export interface WarehouseState {
  readonly recorded: ReadonlyMap<string, Recorded>;
  /** Relations that exist, of those recorded and those of the project. */
  readonly existing: ReadonlyMap<string, RelationKind>;
}

const kinds: Readonly<Record<string, RelationKind>> = {
  v: 'view',
  m: 'materialized view',
  r: 'table',
};

/** Reads what was built and what is there. */
export async function readState(
  client: ClientBase,
  names: readonly string[],
): Promise<WarehouseState> {
  const recorded = await client.query<Recorded>(
    `select name, materialization, definition_hash as hash, depends_on as "dependsOn"
     from plumbline.model`,
  );
  const all = [...new Set([...names, ...recorded.rows.map((row) => row.name)])];
  const existing = await client.query<{ name: string; kind: string }>(
    `select n.nspname || '.' || c.relname as name, c.relkind as kind
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname || '.' || c.relname = any ($1) and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')`,
    [all],
  );
  return {
    recorded: new Map(recorded.rows.map((row) => [row.name, row])),
    existing: new Map(existing.rows.map((row) => [row.name, kinds[row.kind] ?? 'other'])),
  };
}
