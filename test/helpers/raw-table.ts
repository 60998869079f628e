import type { ClientBase } from 'pg';

import { quoteIdentifier } from '../../src/warehouse/quote.ts';

/** Rows of a batch: a value for each column, in the table's order. */
export type RawRows = readonly (readonly (string | number | null)[])[];

/** A raw table made and filled by hand, for tests that need rows and no loader. */
export interface RawTable {
  /** Loads one delivery as a batch of its own; gives the batch's id. */
  readonly load: (rows: RawRows, options?: LoadOptions) => Promise<number>;
}

export interface LoadOptions {
  /** Rows already there that this batch replaces, as a condition in SQL: `id = 3`. */
  readonly supersede?: string;
  readonly delivery?: string;
  /** Sheets with the row number and the line they start at; default one without a name, line 2. */
  readonly segments?: readonly {
    readonly firstRow: number;
    readonly sheet: string | null;
    readonly firstLine: number;
  }[];
}

/** Makes `raw.<relation>` with the metadata columns of every raw table. */
export async function createRawTable(
  client: ClientBase,
  source: string,
  columns: Readonly<Record<string, string>>,
): Promise<RawTable> {
  const relation = `raw.${quoteIdentifier(source.replaceAll('-', '_'))}`;
  const own = Object.entries(columns).map(([name, type]) => `${quoteIdentifier(name)} ${type}`);
  await client.query(
    `create table ${relation} (${own.join(', ')}, _batch_id bigint not null,
       _row_number bigint not null, _row_hash uuid not null default gen_random_uuid(), _flags text[],
       _loaded_at timestamptz not null default now(), _superseded_by bigint)`,
  );
  const names = Object.keys(columns);

  async function load(rows: RawRows, options: LoadOptions = {}): Promise<number> {
    const batch = await insertBatch(client, source, { rows: rows.length, ...options });
    const superseded =
      options.supersede === undefined
        ? 0
        : ((
            await client.query(
              `update ${relation} set _superseded_by = $1
             where _superseded_by is null and (${options.supersede})`,
              [batch],
            )
          ).rowCount ?? 0);
    await client.query('update plumbline.batch set superseded = $2 where id = $1', [
      batch,
      superseded,
    ]);
    const list = names.map((name) => quoteIdentifier(name)).join(', ');
    const fields = names.map(
      (_, index) => `(r.value ->> ${index})::${Object.values(columns)[index]}`,
    );
    await client.query(
      `insert into ${relation} (${list}, _batch_id, _row_number)
       select ${fields.join(', ')}, $2, r.number
       from jsonb_array_elements($1) with ordinality as r (value, number)`,
      [JSON.stringify(rows), batch],
    );
    return batch;
  }

  return { load };
}

async function insertBatch(
  client: ClientBase,
  source: string,
  options: LoadOptions & { readonly rows: number },
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `with delivery as (
       insert into plumbline.delivery (source, slot, generation, sha256, size_bytes, name)
       values ($1, gen_random_uuid()::text, 1, encode(sha256(random()::text::bytea), 'hex'), 1, $2)
       returning id
     )
     insert into plumbline.batch (delivery_id, source, state, read, inserted)
     select id, $1, 'loaded', $3, $3 from delivery returning id`,
    [source, options.delivery ?? `${source}.csv`, options.rows],
  );
  const id = Number(rows[0]?.id);
  const segments = options.segments ?? [{ firstRow: 1, sheet: null, firstLine: 2 }];
  for (const { firstRow, sheet, firstLine } of segments) {
    await client.query(
      `insert into plumbline.segment (batch_id, first_row, sheet, first_line) values ($1, $2, $3, $4)`,
      [id, firstRow, sheet, firstLine],
    );
  }
  return id;
}
