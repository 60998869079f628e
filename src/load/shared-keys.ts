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
  /** Quoted columns of a row's content: the contract's, its hash and its flags. */
  readonly columns: readonly string[];
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
 * delivery could have them, and those of rows of theirs that only a later delivery has like that now:
 * whether there are any. Most sources share no keys, and are asked no more.
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
        and not exists (select from stage s where (${keyOf('s')}) = (${keyOf('r')}))
     union
     select ${keyOf('r')} from matched m join ${table} r on r.ctid = m.held
      where m.own and m.standing = 'l'`,
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Gives each lost key to the delivery whose row must hold now: of those whose accepted version has the
 * key, the one that came last. Its rows come in under a batch of its own, so that they are traced to
 * its file; it has all else of the batch before, as if the delivery had been read again. What nests
 * other records is indeed read again, once this is committed, and the release waits until it has been.
 */
export async function giveBackKeys(shared: SharedKeys): Promise<void> {
  const { client, hasNested } = shared;
  await findHeirs(shared);
  if (hasNested) {
    await client.query(
      `insert into plumbline.batch (delivery_id, source)
       select distinct d.id, d.source from heir join plumbline.delivery d on d.id = heir.delivery_id
        where not exists (select from plumbline.batch p where p.delivery_id = d.id and p.source = d.source and p.state in ('landed', 'loading'))
        order by 1 desc`,
    );
    return;
  }
  const { rows } = await client.query<{ newest: string }>(
    'select distinct newest from heir order by newest',
  );
  for (const { newest } of rows) await continueBatch(shared, Number(newest));
}

/**
 * Who has a lost key now and does not hold it yet, in `heir`, with the place of a row of that content.
 * A delivery has a row when it is in the raw table under one of its slot's batches and was not given
 * up by them, or when it is noted as held by another (`plumbline.claim`).
 */
async function findHeirs(shared: SharedKeys): Promise<void> {
  const { client, table, sourceName, deliveryId, key, hasNested } = shared;
  const names = key.join(', ');
  const match = key.map((name) => `v.${name} = best.${name}`).join(' and ');
  // What nests others gives these back too, though an equal record holds.
  const isHeld = `exists (select from ${table} v where v._superseded_by is null and ${match} and v._row_hash = best._row_hash)`;
  await client.query(
    `create temp table heir (like ${table} including defaults) on commit drop;
     alter table heir add column newest bigint, add column delivery_id bigint`,
  );
  const columns = shared.columns.join(', ');
  await client.query(
    `with active as (
       select b.id as newest, d.id as delivery_id, d.slot
         from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
        where b.source = $2 and b.state = 'loaded'
          and d.slot <> (select slot from plumbline.delivery where id = $1)
     ), held as (
       select b.id, a.newest, a.delivery_id
         from active a
         join plumbline.delivery d on d.slot = a.slot
         join plumbline.batch b on b.delivery_id = d.id and b.source = $2 and b.state in ('loaded', 'superseded')
     ), versions as (
       select r.*, h.newest, h.delivery_id
         from lost join ${table} r using (${names}) left join held h on h.id = r._batch_id
     ), claimants as (
       select ${columns}, _batch_id, _row_number, newest, delivery_id from versions
        where _superseded_by is null or _superseded_by > newest or _superseded_by = newest and _batch_id = newest
       union all
       select ${shared.columns.map((name) => `v.${name}`).join(', ')}, c.batch_id, c.row_number, a.newest, a.delivery_id
         from versions v
         join plumbline.claim c on c.row_hash = v._row_hash
         join active a on a.newest = c.batch_id
     ), best as (
       select distinct on (${names}) * from claimants
        where delivery_id is not null order by ${names}, delivery_id desc, _batch_id desc
     )
     insert into heir (${columns}, _batch_id, _row_number, newest, delivery_id)
     select ${columns}, _batch_id, _row_number, newest, delivery_id from best
      where ${hasNested ? 'true' : `not ${isHeld}`}`,
    [deliveryId, sourceName],
  );
}

/** A delivery that was refused by the contract as it is now is not to be tried again for this. */
const latestReading = `
  select l.reading from plumbline.batch l
   where l.delivery_id = b.delivery_id and l.source = b.source and l.state not in ('landed', 'loading')
   order by l.id desc limit 1`;

/** Makes the batch that takes the place of `newest`, and gives it the rows in `heir`. */
async function continueBatch(shared: SharedKeys, newest: number): Promise<void> {
  const { client, table, key } = shared;
  const { rows } = await client.query<{ id: string }>(
    `insert into plumbline.batch (delivery_id, source, state, attempts, read, inserted, unchanged, duplicate,
            rejected, flagged, skipped, noticed, totals, reading, started_at, finished_at)
     select delivery_id, source, 'loaded', attempts, read, n, inserted + changed + unchanged - n, duplicate,
            rejected, flagged, skipped, noticed, totals, (${latestReading}), clock_timestamp(), clock_timestamp()
       from plumbline.batch b, (select count(*) as n from heir where newest = $1) given where b.id = $1
     returning id`,
    [newest],
  );
  const id = Number(rows[0]?.id);
  const columns = shared.columns.join(', ');
  const names = key.join(', ');
  // Where the key was only confirmed, the row of an earlier delivery holds until now.
  await client.query(
    `update ${table} r set _superseded_by = $2 from heir h
      where h.newest = $1 and r._superseded_by is null and ${key.map((name) => `r.${name} = h.${name}`).join(' and ')}`,
    [newest, id],
  );
  await client.query(
    `insert into ${table} (${columns}, _batch_id, _row_number)
     select ${columns}, $2, _row_number from heir where newest = $1`,
    [newest, id],
  );
  // Rows in whose place another delivery's are stay known as this one's.
  const taken = await client.query(
    `with own as (
       select b.id from plumbline.batch n
         join plumbline.delivery nd on nd.id = n.delivery_id
         join plumbline.delivery d on d.source = nd.source and d.slot = nd.slot
         join plumbline.batch b on b.delivery_id = d.id and b.source = n.source and b.state in ('loaded', 'superseded')
        where n.id = $1
     )
     insert into ${table} (${columns}, _batch_id, _row_number, _superseded_by)
     select distinct on (${names}) ${columns}, $2, _row_number, $2 from ${table} r
      where r._batch_id in (select id from own) and r._batch_id <> $2
        and (r._superseded_by > $1 or r._superseded_by = $1 and r._batch_id = $1)
        and (${names}) not in (select ${names} from heir where newest = $1)
      order by ${names}, _batch_id desc`,
    [newest, id],
  );
  await client.query(
    `delete from plumbline.claim c using heir h
      where c.batch_id = $1 and h.newest = $1 and c.row_hash = h._row_hash and c.row_number = h._row_number`,
    [newest],
  );
  await moveRecords(client, { newest, id, taken: taken.rowCount ?? 0 });
}

/** Rejects, positions and claims of a batch go on with the one that continues it. */
async function moveRecords(
  client: pg.Client,
  { newest, id, taken }: { readonly newest: number; readonly id: number; readonly taken: number },
): Promise<void> {
  await client.query(
    `insert into plumbline.reject select $2, row_number, sheet, line, codes, faults, raw from plumbline.reject where batch_id = $1`,
    [newest, id],
  );
  await client.query(
    `insert into plumbline.segment select $2, first_row, sheet, first_line, records from plumbline.segment where batch_id = $1`,
    [newest, id],
  );
  const claims = await client.query(
    'update plumbline.claim set batch_id = $2 where batch_id = $1',
    [newest, id],
  );
  await client.query(
    'update plumbline.batch set unchanged_elsewhere = $2, outdated = $3 where id = $1',
    [id, claims.rowCount ?? 0, taken],
  );
  await client.query(`update plumbline.batch set state = 'superseded' where id = $1`, [newest]);
}
