import type { ClientBase } from 'pg';

/** What the newest loaded batches mean for the release being made. */
export interface Horizons {
  /** Relation of each source to its name as the loader writes it. */
  readonly sources: ReadonlyMap<string, string>;
  /** Relations whose rows the move changed; a batch that brought nothing new changes none. */
  readonly changed: ReadonlySet<string>;
  /** Relations that stay as they were released: some of their deliveries are yet to be read again. */
  readonly waiting: ReadonlySet<string>;
}

interface Move {
  readonly relation: string;
  readonly source: string;
  readonly changed: boolean;
  readonly waiting: boolean;
}

/**
 * Moves the horizon of each source to its newest loaded batch, so that the rest of the transaction,
 * and everyone after its commit, sees the rows as of that batch. Sources are given by name or by
 * relation (`partner-orders` or `partner_orders`).
 *
 * A source whose contract changed is read again, one delivery after the other: until the last of them
 * is there its horizon stays, and with it that of its child tables, since what lies between is neither
 * the old state nor the new.
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
     ), waiting_delivery as (
       select distinct d.source from plumbline.batch p
       join plumbline.delivery d on d.id = p.delivery_id and d.source = p.source
       where p.state in ('landed', 'loading', 'failed')
         and not exists (select from plumbline.batch n where n.delivery_id = p.delivery_id and n.source = p.source and n.id > p.id)
         and exists (select from plumbline.batch o where o.delivery_id = p.delivery_id and o.source = p.source and o.id < p.id and o.state in ('loaded', 'superseded'))
     ), waiting as (
       -- The deliveries of a child table are those of its source.
       select n.source from newest n
       join plumbline.batch b on b.id = n.batch_id
       join plumbline.delivery d on d.id = b.delivery_id
       where d.source in (select source from waiting_delivery)
     ), moved as (
       insert into plumbline.horizon as h (source, batch_id)
       select source, batch_id from newest where source not in (select source from waiting)
       on conflict (source) do update set batch_id = excluded.batch_id
         where h.batch_id < excluded.batch_id
     )
     select newest.source, replace(newest.source, '-', '_') as relation,
       newest.source in (select source from waiting) as waiting,
       newest.source not in (select source from waiting) and exists (
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
    waiting: new Set(rows.filter((row) => row.waiting).map((row) => row.relation)),
  };
}
