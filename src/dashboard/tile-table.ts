import { axisLabel } from './axis-label.ts';
import { calendarMeaning } from './calendar-column.ts';
import type { CalendarMeaning } from './calendar-column.ts';
import type { Format, Tile } from './definition.ts';
import type { Formatter } from './format.ts';
import { noValue } from './number-format.ts';
import type { ColumnKind } from './query.ts';
import { dayOf } from './result-column.ts';
import type { TileData } from './tile-data.ts';

export interface TileColumn {
  readonly name: string;
  readonly title: string;
  readonly kind: ColumnKind;
  readonly format: Format | undefined;
  /** Of a column of dates or timestamps: what they stand for. */
  readonly calendar?: CalendarMeaning;
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
        columns: data.columns.map((column, index) => ({
          name: column.name,
          title: column.title,
          kind: column.kind,
          format: column.format,
          ...(column.kind === 'day' || column.kind === 'instant'
            ? {
                calendar: calendarMeaning(
                  column.name,
                  data.rows.map((row) => row[index] ?? null),
                ),
              }
            : {}),
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
  if (column === undefined) return value;
  if (column.calendar !== undefined) return calendarText(value, column.calendar, formatter);
  if (column.kind === 'boolean') return value === 't' ? 'yes' : 'no';
  if (column.kind === 'number' && column.format === undefined) return formatter.plain(value);
  return formatter.value(value, column.format);
}

function calendarText(value: string, meaning: CalendarMeaning, formatter: Formatter): string {
  const day = dayOf(value);
  // `infinity` and years of other than four digits are written as Postgres does.
  if (day === undefined) return value;
  if (meaning === 'month') return formatter.month(day);
  if (meaning === 'day') return formatter.day(day);
  // A timestamp without a zone is no instant: it is what the clock on some wall showed.
  return /[+-]\d{2}(?::\d{2})*$/u.test(value.slice(day.length)) ? formatter.instant(value) : value;
}

/** A column's name as a heading: `unit_price` is `unit price`. */
export function titleOf(name: string): string {
  return name.replaceAll('_', ' ');
}
