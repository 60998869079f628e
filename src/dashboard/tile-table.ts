import { axisLabel } from './axis-label.ts';
import type { Format, Tile } from './definition.ts';
import type { Formatter } from './format.ts';
import type { TileData } from './tile-data.ts';

/** A tile's data as rows and columns: what stands under a chart and in an export. */
export interface TileTable {
  readonly columns: readonly {
    readonly name: string;
    readonly title: string;
    readonly numeric: boolean;
    /** Undefined: the text as it is. */
    readonly format: Format | undefined;
  }[];
  /** Values as Postgres wrote them. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** What each row is called by people, when its first value is a day of a coarser grain. */
  readonly names: readonly (string | undefined)[];
}

/** The table view of a tile. */
export function tileTable(tile: Tile, data: TileData, formatter: Formatter): TileTable {
  const format = tile.format ?? 'number';
  switch (data.kind) {
    case 'kpi':
      return {
        columns: [{ name: data.column, title: tile.title, numeric: true, format }],
        rows: [[data.value]],
        names: [undefined],
      };
    case 'line':
    case 'bar':
      return {
        columns: [
          { name: data.xColumn, title: titleOf(data.xColumn), numeric: false, format: undefined },
          ...data.series.map((name) => ({ name, title: titleOf(name), numeric: true, format })),
        ],
        rows: data.points.map((point) => [point.x, ...point.values]),
        names: data.points.map((point, index) => {
          const name = axisLabel(point.x, data.grain, { formatter, length: 'long' });
          return data.unfinished && index === data.points.length - 1 ? `${name}, so far` : name;
        }),
      };
    case 'top':
      return {
        columns: [
          {
            name: data.labelColumn,
            title: titleOf(data.labelColumn),
            numeric: false,
            format: undefined,
          },
          { name: data.valueColumn, title: titleOf(data.valueColumn), numeric: true, format },
        ],
        rows: data.items.map((item) => [item.label, item.value]),
        names: data.items.map(() => undefined),
      };
    case 'table':
      return {
        columns: data.columns.map((column) => ({
          name: column.name,
          title: column.title,
          numeric: column.kind === 'number',
          format: column.format,
        })),
        rows: data.rows,
        names: data.rows.map(() => undefined),
      };
  }
}

/** A column's name as a heading: `unit_price` is `unit price`. */
export function titleOf(name: string): string {
  return name.replaceAll('_', ' ');
}
