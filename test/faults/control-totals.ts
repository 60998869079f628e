import { readdir } from 'node:fs/promises';

import type { ClientBase } from 'pg';

import { quoteIdentifier } from '../../src/warehouse/quote.ts';

/**
 * Everything that must come out the same whatever happened on the way: rows and cents of every
 * relation, control totals and states of the batches, rejects, positions, cursors, what is in the
 * landing. Numbers given in the order of events (ids of batches, times) are left out.
 */
export async function controlTotals(
  client: ClientBase,
  landingDir: string,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(totals)) found[name] = (await client.query(sql)).rows;
  const { rows } = await client.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname in ('raw', 'clean', 'marts') order by 1`,
  );
  for (const { name } of rows) Object.assign(found, await contentsOf(client, name));
  // A part of a delivery would be among them, were one left behind.
  found['landing'] = (await readdir(landingDir).catch((): string[] => [])).toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  return found;
}

const totals: Readonly<Record<string, string>> = {
  batches: `
    select coalesce(b.source, d.source) as source, d.slot, d.generation, d.sha256, o.slot as copy_of, b.state, b.read, b.inserted, b.changed, b.unchanged,
           b.duplicate, b.rejected, b.flagged, b.superseded, b.skipped, b.totals, b.error
      from plumbline.delivery d
      left join plumbline.delivery o on o.id = d.duplicate_of
      left join plumbline.batch b on b.delivery_id = d.id and b.state in ('loaded', 'superseded')
     order by 1, 2, 3`,
  // A batch that was given up stays as it is when the delivery is loaded by another.
  unfinished: `
    select b.source, b.state from plumbline.batch b
     where b.state not in ('loaded', 'superseded')
       and not exists (select from plumbline.batch n where n.delivery_id = b.delivery_id and n.source = b.source and n.id > b.id and n.state in ('loaded', 'superseded'))`,
  loadedTwice: `
    select b.source, d.slot, count(*) from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
     where b.state = 'loaded' group by 1, 2 having count(*) > 1`,
  deliveredTwice: `
    select source, slot, generation, count(*) from plumbline.delivery group by 1, 2, 3 having count(*) > 1`,
  rejects: `
    select b.source, count(*), md5(string_agg(concat_ws('|', d.slot, d.generation, r.row_number, r.sheet, r.line, r.codes, r.faults, r.raw), '~'
                                    order by d.slot, d.generation, r.row_number)) as content
      from plumbline.reject r join plumbline.batch b on b.id = r.batch_id join plumbline.delivery d on d.id = b.delivery_id
     group by 1 order by 1`,
  segments: `
    select b.source, d.slot, d.generation, array_agg(concat_ws('|', s.first_row, s.sheet, s.first_line) order by s.first_row) as places
      from plumbline.segment s join plumbline.batch b on b.id = s.batch_id join plumbline.delivery d on d.id = b.delivery_id
     group by 1, 2, 3 order by 1, 2, 3`,
  cursors: 'select source, value from plumbline.cursor order by 1',
  // Everything loaded is released.
  behind: `
    select source from plumbline.batch where state in ('loaded', 'superseded') group by 1
    having max(id) > coalesce((select h.batch_id from plumbline.horizon h where h.source = batch.source), 0)`,
  release:
    'select state, verified, passed, warned, failed from plumbline.release order by id desc limit 1',
  relations: `
    select n.nspname || '.' || c.relname as name, c.relkind, c.relpersistence from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2`,
};

/** Count and hash of the rows of every relation of a schema, and the sums of its amounts. */
async function contentsOf(client: ClientBase, schema: string): Promise<Record<string, unknown>> {
  const { rows: relations } = await client.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'v', 'm') group by 1 order by 1`,
    [schema],
  );
  const found: Record<string, unknown> = {};
  for (const { name, columns } of relations) {
    const compared = columns
      .filter((column) => !['_batch_id', '_loaded_at', '_superseded_by'].includes(column))
      .map(quoteIdentifier);
    if (columns.includes('_superseded_by')) compared.push('_superseded_by is null');
    const cents = columns.includes('amount') ? 'sum(amount)' : 'null';
    const { rows } = await client.query(
      `select count(*), ${cents} as cents, md5(string_agg(t.content, '~' order by t.content)) as content
         from (select row(${compared.join(', ')})::text as content${columns.includes('amount') ? ', amount' : ''}
                 from ${schema}.${quoteIdentifier(name)}) t`,
    );
    found[`${schema}.${name}`] = rows[0];
  }
  return found;
}

/** Batches that have rows in a table and are not loaded: there must be none at any moment. */
export async function strayRows(client: ClientBase): Promise<readonly object[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'r'`,
  );
  if (tables.length === 0) return [];
  const batches = tables.map(({ name }) => `select _batch_id from raw.${quoteIdentifier(name)}`);
  const { rows } = await client.query<{ _batch_id: string; state: string | null }>(
    `select distinct r._batch_id, b.state from (${batches.join(' union all ')}) r left join plumbline.batch b on b.id = r._batch_id
      where b.state is null or b.state not in ('loaded', 'superseded')`,
  );
  return rows;
}

/** Makes a database as it was when it was migrated; much faster than a new one. */
export async function wipe(client: ClientBase): Promise<void> {
  await client.query(`
    do $do$
    declare found record;
    begin
      -- Foreign keys would ask for an order.
      set local session_replication_role = replica;
      for found in select c.oid::regclass::text as name from pg_class c
        where c.relkind = 'r' and c.relnamespace = 'plumbline'::regnamespace and c.relname <> 'migration' loop
        execute format('delete from %s', found.name);
      end loop;
      for found in select format('%I.%I', n.nspname, c.relname) as name, c.relkind
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('raw', 'clean') and c.relkind in ('r', 'v') loop
        execute format('drop %s if exists %s cascade', case found.relkind when 'r' then 'table' else 'view' end, found.name);
      end loop;
      drop schema if exists marts cascade;
    end $do$`);
}
