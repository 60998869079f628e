import type pg from 'pg';

import { findReplacement } from '../load/find-version.ts';
import type { Version } from '../load/find-version.ts';
import { readRawTable, relationName } from '../load/raw-table.ts';
import { countChanges, listChanges } from '../load/read-changes.ts';
import type { Changes, ChangesOptions, RowAt, RowChange } from '../load/read-changes.ts';
import { locateRows } from './locate-rows.ts';
import type { RowLocation } from './locate-rows.ts';

/** Where a row stands in what was delivered. */
export interface ChangePlace {
  readonly deliveryId: number;
  readonly delivery: string;
  readonly sheet: string | null;
  /** Line of a text file, row of a sheet, from 1. */
  readonly line: number | null;
}

export type LocatedChange = Omit<RowChange, 'beforeAt' | 'afterAt'> & {
  readonly beforeAt: ChangePlace | null;
  readonly afterAt: ChangePlace | null;
};

/** What a delivery changed, against the version it replaced. */
export interface Correction {
  readonly source: string;
  readonly delivery: Version;
  /** The version before; null for a first one, whose rows can only have replaced those of other deliveries. */
  readonly replaces: Version | null;
  /** False when there are no rows left to compare with; then nothing is counted. */
  readonly comparable: boolean;
  readonly counts: Changes;
  /** In the order of `listChanges`. */
  readonly rows: readonly LocatedChange[];
  /** There are rows beyond these. */
  readonly more: boolean;
}

export interface CorrectionAsked {
  readonly source: string;
  /** Number, path or name; without it the newest delivery that replaced anything. */
  readonly delivery: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

const nothing: Changes = { added: 0, changed: 0, removed: 0, columns: [] };

/**
 * Reads what a delivery changed, on a connection that may read schema `raw`. Undefined when nothing
 * was ever replaced; throws `usage` for a delivery that is not there or of which nothing was loaded.
 */
export async function readCorrection(
  client: Pick<pg.ClientBase, 'query'>,
  { source, delivery, limit, offset }: CorrectionAsked,
): Promise<Correction | undefined> {
  const table = await readRawTable(client, relationName(source));
  const found = await findReplacement(client, source, delivery);
  if (table === undefined || found === undefined) return undefined;
  const { replaces, comparable, ...version } = found;
  const correction = { source, delivery: version, replaces: replaces ?? null, comparable };
  if (!comparable) return { ...correction, counts: nothing, rows: [], more: false };
  const options: ChangesOptions = { client, sourceName: source, table, batchId: found.batchId };
  const rows = await listChanges(options, { limit: limit + 1, offset });
  return {
    ...correction,
    counts: await countChanges(options),
    rows: await located(client, rows.slice(0, limit)),
    more: rows.length > limit,
  };
}

async function located(
  client: Pick<pg.ClientBase, 'query'>,
  rows: readonly RowChange[],
): Promise<readonly LocatedChange[]> {
  const asked = rows.flatMap(({ beforeAt, afterAt }) =>
    [beforeAt, afterAt].filter((at) => at !== null),
  );
  const found = await locateRows(client, asked);
  const places = new Map(found.map((place) => [`${place.batchId} ${place.rowNumber}`, place]));
  const placeOf = (at: RowAt | null): ChangePlace | null => {
    const place = at === null ? undefined : places.get(`${at.batchId} ${at.rowNumber}`);
    return place === undefined ? null : toPlace(place);
  };
  return rows.map((row) => ({
    ...row,
    beforeAt: placeOf(row.beforeAt),
    afterAt: placeOf(row.afterAt),
  }));
}

const toPlace = ({ deliveryId, delivery, sheet, line }: RowLocation): ChangePlace => ({
  deliveryId: Number(deliveryId),
  delivery,
  sheet,
  line: line === null ? null : Number(line),
});
