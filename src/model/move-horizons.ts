import type { ClientBase } from 'pg';

/** What the newest loaded batches mean for the release being made. */
export interface Horizons {
  /** Relation of each source to its name as the loader writes it. */
  readonly sources: ReadonlyMap<string, string>;
  /** Relations whose rows the move changed; a batch that brought nothing new changes none. */
  readonly changed: ReadonlySet<string>;
}

interface Move {
  readonly relation: string;
  readonly source: string;
  readonly changed: boolean;
}

/**
 * Moves the horizon of each source to its newest loaded batch, so that the rest of the transaction,
 * and everyone after its commit, sees the rows as of that batch. Sources are given by name or by
 * relation (`partner-orders` or `partner_orders`).
 */
export async function moveHorizons(
  client: ClientBase,
  sources: readonly string[],
): Promise<Horizons> {
  const relations = new Map(sources.map((source) => [source.replaceAll('-', '_'), source]));
  const { rows } = await client.query<Move>(
    `with newest as (
       select source, max(id) as batch_id from plumbline.batch
       where replace(source, '-', '_') = any ($1) and state in ('loaded', 'superseded')
       group by source
     ), moved as (
       insert into plumbline.horizon as h (source, batch_id)
       select source, batch_id from newest
       on conflict (source) do update set batch_id = excluded.batch_id
         where h.batch_id < excluded.batch_id
     )
     select newest.source, replace(newest.source, '-', '_') as relation, exists (
         select from plumbline.batch b
         where b.source = newest.source and b.id > coalesce(old.batch_id, 0)
           and b.id <= newest.batch_id and b.inserted + b.changed + b.superseded > 0
       ) as changed
     from newest left join plumbline.horizon old using (source)`,
    [[...relations.keys()]],
  );
  for (const { relation, source } of rows) relations.set(relation, source);
  return {
    sources: relations,
    changed: new Set(rows.filter((row) => row.changed).map((row) => row.relation)),
  };
}
