import { axisLabel } from './axis-label.ts';
import type { Format, Tile } from './definition.ts';
import { noValue } from './format.ts';
import type { Formatter } from './format.ts';
import type { ColumnKind } from './query.ts';
import { dayOf } from './result-column.ts';
import type { TileData } from './tile-data.ts';

export interface TileColumn {
  readonly name: string;
  readonly title: string;
  readonly kind: ColumnKind;
  /** Undefined: the text as it is. */
  readonly format: Format | undefined;
}

/** A tile's data as rows and columns: what stands under a chart and in an export. */
export interface TileTable {
  readonly columns: readonly TileColumn[];
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
        columns: [numberColumn(data.column, tile.title, format)],
        rows: [[data.value]],
        names: [undefined],
      };
    case 'line':
    case 'bar':
      return {
        columns: [
          { name: data.xColumn, title: titleOf(data.xColumn), kind: 'text', format: undefined },
          ...data.series.map((name) => numberColumn(name, titleOf(name), format)),
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
            kind: 'text',
            format: undefined,
          },
          numberColumn(data.valueColumn, titleOf(data.valueColumn), format),
        ],
        rows: data.items.map((item) => [item.label, item.value]),
        names: data.items.map(() => undefined),
      };
    case 'table':
      return {
        columns: data.columns.map((column) => ({
          name: column.name,
          title: column.title,
          kind: column.kind,
          format: column.format,
        })),
        rows: data.rows,
        names: data.rows.map(() => undefined),
      };
  }
}

function numberColumn(name: string, title: string, format: Format): TileColumn {
  return { name, title, kind: 'number', format };
}

/** A value of the table as people read it. */
export function cellText(
  table: TileTable,
  cell: { readonly row: number; readonly column: number },
  formatter: Formatter,
): string {
  const name = cell.column === 0 ? table.names[cell.row] : undefined;
  if (name !== undefined) return name;
  const column = table.columns[cell.column];
  const value = table.rows[cell.row]?.[cell.column] ?? null;
  if (value === null) return noValue;
  if (column?.kind === 'day' && dayOf(value) === value) return formatter.day(value);
  if (column?.kind === 'boolean') return value === 't' ? 'yes' : 'no';
  return formatter.value(value, column?.format);
}

/** A column's name as a heading: `unit_price` is `unit price`. */
export function titleOf(name: string): string {
  return name.replaceAll('_', ' ');
}
