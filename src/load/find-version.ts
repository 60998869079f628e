import type pg from 'pg';

import { PlumblineError } from '../errors.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { findDelivery } from './find-delivery.ts';
import { relationName } from './raw-table.ts';

type Client = Pick<pg.ClientBase, 'query'>;

/** A delivery as it was read once. */
export interface Version {
  readonly deliveryId: number;
  readonly name: string;
  /** Generation of the delivery, from 1. */
  readonly version: number;
  readonly batchId: number;
}

/** A version, and the one whose rows it replaced. */
export interface Replacement extends Version {
  /** The version before; the same delivery when it was read again; undefined for a first one. */
  readonly replaces: Version | undefined;
  /** False when the table was made anew between the two: there are no rows left to compare with. */
  readonly comparable: boolean;
}

const versionColumns = `b.id::float8 as "batchId", d.id::float8 as "deliveryId", d.name, d.generation as version`;

/**
 * Finds what a source's delivery replaced: that of the number, path or name given, as it was read
 * last, or the newest that replaced anything. Undefined when nothing has been replaced yet; throws
 * `usage` when there is no such delivery, or nothing of it was loaded.
 */
export async function findReplacement(
  client: Client,
  source: string,
  delivery: string | undefined,
): Promise<Replacement | undefined> {
  const version =
    delivery === undefined
      ? await newestReplacement(client, source)
      : await loadedVersion(client, { source, ...(await findDelivery(client, source, delivery)) });
  return version === undefined ? undefined : withReplaced(client, source, version);
}

/** How a delivery was loaded last. */
async function loadedVersion(
  client: Client,
  wanted: { readonly source: string; readonly deliveryId: number; readonly name: string },
): Promise<Version> {
  const { rows } = await client.query<Version>(
    `select ${versionColumns}
       from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
      where b.source = $1 and d.id = $2 and b.state in ('loaded', 'superseded') order by b.id desc limit 1`,
    [wanted.source, wanted.deliveryId],
  );
  const [version] = rows;
  if (version !== undefined) return version;
  throw new PlumblineError('usage', {
    message: `Nothing of delivery ${wanted.deliveryId} (${wanted.name}) was loaded, so it changed nothing.`,
    remedy: `Its rejects say why: plumbline rejects ${wanted.source}.`,
  });
}

/** By delivery, not by batch: a correction can make older files be read again for the rows it had taken from them. */
async function newestReplacement(client: Client, source: string): Promise<Version | undefined> {
  const { rows } = await client.query<Version>(
    `select ${versionColumns}
       from plumbline.batch b join plumbline.delivery d on d.id = b.delivery_id
      where b.source = $1 and b.state in ('loaded', 'superseded')
        and (b.changed + b.superseded > 0 or b.inserted > 0 and exists (
              select from plumbline.batch o join plumbline.delivery od on od.id = o.delivery_id
               where o.source = b.source and od.slot = d.slot and o.id < b.id and o.state in ('loaded', 'superseded')))
      order by d.id desc, b.id desc limit 1`,
    [source],
  );
  return rows[0];
}

async function withReplaced(
  client: Client,
  source: string,
  version: Version,
): Promise<Replacement> {
  const { rows } = await client.query<Version & { accepted: string }>(
    `select ${versionColumns}, b.read - b.rejected as accepted
       from plumbline.delivery own
       join plumbline.delivery d on d.source = own.source and d.slot = own.slot
       join plumbline.batch b on b.delivery_id = d.id and b.source = $1
      where own.id = $2 and b.id < $3 and b.state in ('loaded', 'superseded')
      order by b.id desc limit 1`,
    [source, version.deliveryId, version.batchId],
  );
  const [before] = rows;
  if (before === undefined) return { ...version, replaces: undefined, comparable: true };
  const { accepted, ...replaces } = before;
  const older = await client.query(
    `select from raw.${quoteIdentifier(relationName(source))} where _batch_id <= $1 limit 1`,
    [replaces.batchId],
  );
  return { ...version, replaces, comparable: Number(accepted) === 0 || older.rowCount === 1 };
}
