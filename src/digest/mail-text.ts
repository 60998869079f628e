import { axisLabel } from '../dashboard/axis-label.ts';
import type { Formatter } from '../dashboard/format.ts';
import type { SeriesData } from '../dashboard/tile-data.ts';
import { cellText, tileTable } from '../dashboard/tile-table.ts';
import { alignColumns } from './align-columns.ts';
import { capitalized, changeOf } from './mail-parts.ts';
import type { FilledTile } from './mail-parts.ts';

/** A chart in words is its last year of months; the rest is in the picture. */
const pointsMax = 12;
const rowsMax = 20;
const indent = '  ';

/** The tiles of a mail as plain text: numbers in one block, then each chart and table. */
export function textOfTiles(tiles: readonly FilledTile[], formatter: Formatter): readonly string[] {
  const blocks: string[][] = [];
  let kpis: string[][] = [];
  const closeKpis = (): void => {
    if (kpis.length > 0) {
      blocks.push([...alignColumns(kpis, [false, true, false, false])]);
    }
    kpis = [];
  };
  for (const { tile, data } of tiles) {
    if (tile.kind === 'kpi' && data.kind === 'kpi') {
      const change = changeOf(tile, data, formatter);
      const value = formatter.headline(data.value, tile.format);
      kpis.push([oneLine(tile.title), value, change?.text ?? '', change?.before ?? '']);
      continue;
    }
    closeKpis();
    blocks.push([oneLine(tile.title), ...textOfTable({ tile, data }, formatter)]);
  }
  closeKpis();
  return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

function textOfTable({ tile, data }: FilledTile, formatter: Formatter): readonly string[] {
  const table = tileTable(tile, data, formatter);
  if (table.rows.length === 0) return [`${indent}No rows in this period.`];
  const isSeries = data.kind === 'line' || data.kind === 'bar';
  // A series says most at its end, a list at its start.
  const from = isSeries ? Math.max(0, table.rows.length - pointsMax) : 0;
  const to = isSeries ? table.rows.length : rowsMax;
  const rows = table.rows
    .slice(from, to)
    .map((row, index) =>
      row.map((_, column) => oneLine(cellText(table, { row: from + index, column }, formatter))),
    );
  const right = table.columns.map((column) => column.kind === 'number');
  const forecast = isSeries ? forecastRows(data, tile.format, formatter) : [];
  const titles = table.columns.map((column) => oneLine(capitalized(column.title)));
  const left = table.rows.length - rows.length;
  const more = (place: string): readonly string[] =>
    left > 0 ? [`${indent}(${left} more ${place})`] : [];
  return [
    ...(isSeries ? more('before these') : []),
    ...alignColumns([titles, ...rows, ...forecast], right).map((line) => indent + line),
    ...(isSeries ? [] : more('on the dashboard')),
  ];
}

function forecastRows(
  data: SeriesData,
  format: FilledTile['tile']['format'],
  formatter: Formatter,
): readonly (readonly string[])[] {
  const short = (value: number): string => formatter.compact(value, format);
  return (data.forecast?.points ?? []).map((point) => [
    `${axisLabel(point.x, data.grain, { formatter, length: 'long' })}, forecast`,
    `${short(point.low)} to ${short(point.high)}`,
  ]);
}

/** A value with a line break in it would break the columns. */
function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
