import type pg from 'pg';

import type { RelatedBatches } from './slots.ts';

/** What is needed to follow keys that several deliveries have; the rows are in `stage` and `matched`. */
export interface SharedKeys extends RelatedBatches {
  readonly client: pg.Client;
  readonly sourceName: string;
  readonly deliveryId: number;
  /** Quoted `raw.relation`. */
  readonly table: string;
  readonly batchId: number;
  /** Quoted columns of the key. */
  readonly key: readonly string[];
  /** Records of the source have rows of child tables nested in them. */
  readonly hasNested: boolean;
}

/** Ids as a literal, for statements that take no parameters. */
export const bigintArray = (ids: readonly number[]): string => `'{${ids.join(',')}}'::bigint[]`;

/**
 * Notes rows of this delivery that another delivery holds, by their content: when that one gives them
 * up, they are this one's. What older versions of the delivery had noted counts no more.
 */
export async function keepClaims(shared: SharedKeys, count: number): Promise<void> {
  const { client, batchId, older } = shared;
  if (older.length > 0) {
    await client.query('delete from plumbline.claim where batch_id = any ($1::bigint[])', [older]);
  }
  if (count === 0) return;
  await client.query(
    `insert into plumbline.claim (batch_id, row_number, row_hash)
     select $1, s._row_number, s._row_hash from matched m join stage s on s.ctid = m.staged
      where m.standing = 's' and not m.own`,
    [batchId],
  );
}

/**
 * Keeps the keys that older versions of this delivery had and this one lacks in `lost`, where another
 * delivery could have them: whether there are any. Most sources share no keys, and are asked no more.
 */
export async function keepLostKeys(shared: SharedKeys): Promise<boolean> {
  const { client, table, older, sourceName, key } = shared;
  if (older.length === 0) return false;
  const sharing = await client.query(
    `select from plumbline.batch
      where source = $1 and state in ('loaded', 'superseded')
        and unchanged_elsewhere + changed_elsewhere + outdated > 0 limit 1`,
    [sourceName],
  );
  if (sharing.rowCount === 0) return false;
  const keyOf = (alias: string): string => key.map((name) => `${alias}.${name}`).join(', ');
  const own = `any (${bigintArray(older)})`;
  const { rowCount } = await client.query(
    `create temp table lost on commit drop as
     select ${keyOf('r')} from ${table} r
      where r._superseded_by is null and r._batch_id = ${own}
        and not exists (select from stage s where (${keyOf('s')}) = (${keyOf('r')}))
     union
     select ${keyOf('r')} from plumbline.claim c join ${table} r on r._row_hash = c.row_hash
      where c.batch_id = ${own}
        and not exists (select from stage s where (${keyOf('s')}) = (${keyOf('r')}))`,
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Finds, for each lost key, the delivery whose row must hold now: of those whose accepted version has
 * the key, the one that came last. Where its row is not the one that holds, the delivery is asked to
 * be read again, and the release waits until it has been; so it is where rows are nested in records,
 * which may differ while the records are the same.
 *
 * A delivery has a row when it is in the raw table under one of its slot's batches and was not given
 * up by them, or when it is noted as held by another (`plumbline.claim`).
 */
export async function giveBackKeys(shared: SharedKeys): Promise<void> {
  const { client, table, sourceName, deliveryId, key, hasNested } = shared;
  const names = key.join(', ');
  const match = (a: string, b: string): string =>
    key.map((name) => `${a}.${name} = ${b}.${name}`).join(' and ');
  const isHeld = `exists (select from ${table} v where v._superseded_by is null and ${match('v', 'best')} and v._row_hash = best._row_hash)`;
  await client.query(
    `with own as (
       select slot from plumbline.delivery where id = $1
     ), active as (
       select b.id as newest, d.id as delivery_id, d.slot
         from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
        where b.source = $2 and b.state = 'loaded' and d.slot <> (select slot from own)
     ), held as (
       select b.id, a.newest, a.delivery_id
         from active a
         join plumbline.delivery d on d.slot = a.slot
         join plumbline.batch b on b.delivery_id = d.id and b.source = $2 and b.state in ('loaded', 'superseded')
     ), versions as (
       select r.*, h.newest, h.delivery_id
         from lost join ${table} r using (${names}) left join held h on h.id = r._batch_id
     ), claimants as (
       select ${names}, delivery_id, _batch_id, _row_hash from versions
        where _superseded_by is null or _superseded_by > newest or _superseded_by = newest and _batch_id = newest
       union all
       select ${key.map((name) => `v.${name}`).join(', ')}, a.delivery_id, c.batch_id, c.row_hash
         from versions v
         join plumbline.claim c on c.row_hash = v._row_hash
         join active a on a.newest = c.batch_id
     ), best as (
       select distinct on (${names}) * from claimants
        where delivery_id is not null order by ${names}, delivery_id desc, _batch_id desc
     )
     insert into plumbline.batch (delivery_id, source)
     select distinct d.id, d.source from best join plumbline.delivery d on d.id = best.delivery_id
      where not ${hasNested ? 'false' : isHeld}
        and not exists (select from plumbline.batch p where p.delivery_id = d.id and p.source = d.source and p.state in ('landed', 'loading'))
      order by 1 desc`,
    [deliveryId, sourceName],
  );
}
