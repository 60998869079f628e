import type pg from 'pg';

import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';

/** Deliveries of the source $1, a child table's being those of its source; of any source when it is null. */
const ofSource = `($1::text is null or source = $1
  or id in (select b.delivery_id from plumbline.batch b where b.source = $1))`;

/**
 * The delivery of a number, path or name, of one source or of any (null); of several with a name the
 * newest. Throws `usage` when there is none.
 */
export async function findDelivery(
  client: Pick<pg.ClientBase, 'query'>,
  source: string | null,
  wanted: string,
): Promise<{ readonly deliveryId: number; readonly name: string }> {
  const { rows } = await client.query<{ deliveryId: number; name: string }>(
    `select id::float8 as "deliveryId", name from plumbline.delivery
      where ${ofSource}
        and ($2 ~ '^[1-9][0-9]{0,17}$' and id::text = $2 or slot = $2 or name = $2)
      order by id::text = $2 desc, id desc limit 1`,
    [source, wanted],
  );
  const [found] = rows;
  if (found !== undefined) return found;
  const recent = await client.query<{ id: string; name: string }>(
    `select id::text, name from plumbline.delivery
      where ${ofSource} order by id desc limit 50`,
    [source],
  );
  const whose = source ?? 'the project';
  const meant = suggest(
    wanted,
    recent.rows.map(({ name }) => name),
  );
  const newest = recent.rows.slice(0, 5).map(({ id, name }) => `${id} (${name})`);
  throw new PlumblineError('usage', {
    message: `--delivery is '${wanted}'; ${whose} has no delivery of that number, path or name.`,
    remedy:
      newest.length === 0
        ? `${whose} has no deliveries yet.`
        : `${meant === undefined ? '' : `Did you mean '${meant}'? `}The newest are ${newest.join(', ')}.`,
  });
}
