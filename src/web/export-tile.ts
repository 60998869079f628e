import type { Tile } from '../dashboard/definition.ts';
import { filterParameters } from '../dashboard/filters.ts';
import type { TileContext } from '../dashboard/tile-context.ts';

/** Rows of an export at most; a spreadsheet holds ten times as many. */
const exportRowsMax = 100_000;

/** What a tile's query returns, whole: all clients, not the ten that are drawn. Values are unformatted. */
export async function exportTile(
  tile: Tile,
  { snapshot, filters }: TileContext,
): Promise<{
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}> {
  const result = await snapshot.query(tile.sql, filterParameters(filters), {
    rowsMax: exportRowsMax,
    ...(tile.kind === 'top' ? { largestFirst: tile.value } : {}),
  });
  return { header: result.columns.map((column) => column.name), rows: result.rows };
}
