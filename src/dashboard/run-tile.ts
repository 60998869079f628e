import type { TableTile, Tile, TopTile } from './definition.ts';
import { filterParameters } from './filters.ts';
import { columnIndex, toNumber } from './result-column.ts';
import { runKpi } from './run-kpi.ts';
import { runSeries } from './run-series.ts';
import type { TileContext } from './tile-context.ts';
import type { TableData, TileData, TopData } from './tile-data.ts';
import { titleOf } from './tile-table.ts';

const tableRowsByDefault = 100;
const tableRowsMax = 1000;

/**
 * Runs the queries of a tile and shapes what they return. Throws `unknown-parameter`, `query-failed`
 * or `query-too-slow`; a column the tile names and the query does not return is `query-failed`.
 */
export function runTile(tile: Tile, context: TileContext): Promise<TileData> {
  switch (tile.kind) {
    case 'kpi':
      return runKpi(tile, context);
    case 'line':
    case 'bar':
      return runSeries(tile, context);
    case 'top':
      return runTop(tile, context);
    case 'table':
      return runTable(tile, context);
  }
}

async function runTop(tile: TopTile, { snapshot, filters }: TileContext): Promise<TopData> {
  const result = await snapshot.query(tile.sql, filterParameters(filters), {
    rowsMax: tile.n,
    largestFirst: tile.value,
  });
  const label = columnIndex(result, tile.label);
  const value = columnIndex(result, tile.value);
  const numbers = result.rows.map((row) => toNumber(row[value] ?? null) ?? 0);
  const largest = Math.max(...numbers, 0);
  return {
    kind: 'top',
    labelColumn: tile.label,
    valueColumn: tile.value,
    items: result.rows.map((row, index) => ({
      label: row[label] ?? null,
      value: row[value] ?? null,
      share: largest === 0 ? 0 : Math.max(0, (numbers[index] ?? 0) / largest),
    })),
  };
}

async function runTable(tile: TableTile, { snapshot, filters }: TileContext): Promise<TableData> {
  const result = await snapshot.query(tile.sql, filterParameters(filters), {
    rowsMax: Math.min(tile.limit ?? tableRowsByDefault, tableRowsMax),
  });
  const names =
    tile.columns === undefined
      ? result.columns.map((column) => column.name)
      : Object.keys(tile.columns);
  const indexes = names.map((name) => columnIndex(result, name));
  return {
    kind: 'table',
    columns: names.map((name, position) => ({
      name,
      title: tile.columns?.[name]?.title ?? titleOf(name),
      format: tile.columns?.[name]?.format,
      kind: result.columns[indexes[position] ?? 0]?.kind ?? 'text',
    })),
    rows: result.rows.map((row) => indexes.map((index) => row[index] ?? null)),
    truncated: result.truncated,
  };
}
