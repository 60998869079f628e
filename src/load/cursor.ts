import type pg from 'pg';

/** How far an API source has been read; undefined before its first delivery. */
export async function readCursor(client: pg.Client, source: string): Promise<string | undefined> {
  const { rows } = await client.query<{ value: string }>(
    'select value from plumbline.cursor where source = $1',
    [source],
  );
  return rows[0]?.value;
}

/** Moves the cursor of a source; with a load, in the load's own transaction. */
export async function moveCursor(
  client: pg.Client,
  moved: { readonly source: string; readonly value: string; readonly batchId?: number },
): Promise<void> {
  await client.query(
    `insert into plumbline.cursor as c (source, value, batch_id) values ($1, $2, $3)
     on conflict (source) do update set value = excluded.value, batch_id = coalesce(excluded.batch_id, c.batch_id), moved_at = now()
       where c.value <> excluded.value or excluded.batch_id is not null`,
    [moved.source, moved.value, moved.batchId ?? null],
  );
}
