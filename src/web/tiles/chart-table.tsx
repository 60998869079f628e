import type { Formatter } from '../../dashboard/format.ts';
import type { ColumnKind } from '../../dashboard/query.ts';
import { cellText } from '../../dashboard/tile-table.ts';
import type { TileTable } from '../../dashboard/tile-table.ts';
import type { TileProps } from './tile-card.tsx';

/** A longer table scrolls in its card. */
const rowsWithoutScrolling = 15;

interface ChartTableProps {
  readonly table: TileTable;
  readonly tile: TileProps;
  readonly formatter: Formatter;
}

/** The numbers of a chart as a table, closed until it is asked for. Each number leads to its rows. */
export const ChartTable = ({ table, tile, formatter }: ChartTableProps) => (
  <details class="mt-auto pt-3 text-sm">
    <summary class="muted w-fit text-xs font-medium hover:text-primary">Table</summary>
    <RowsTable table={table} tile={tile} formatter={formatter} />
  </details>
);

/** Rows of a tile. One value of each leads to the rows under it: its number, in a plain table its first. */
export const RowsTable = ({
  table,
  tile,
  formatter,
  linked,
}: ChartTableProps & { linked?: number }) => {
  const link = linked ?? table.columns.findIndex((column) => column.kind === 'number');
  return (
    <div
      class={`-mx-3 mt-2 overflow-auto ${table.rows.length > rowsWithoutScrolling ? 'max-h-[30rem]' : ''}`}
      tabindex={0}
      role="region"
      aria-label={tile.title}
    >
      <table class="data-table">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col" class={`first-letter:uppercase ${cellLook(column.kind)}`}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr>
              {table.columns.map((column, position) => {
                const text = cellText(table, { row: index, column: position }, formatter);
                return (
                  <td class={cellLook(column.kind)}>
                    {position === link && row[position] !== null ? (
                      <a class="datum" href={tile.traceAddress(datumOf(table, row))}>
                        {text}
                      </a>
                    ) : (
                      text
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

function cellLook(kind: ColumnKind): string {
  switch (kind) {
    case 'number':
      return 'numeric';
    case 'day':
    case 'instant':
      return 'whitespace-nowrap';
    case 'boolean':
    case 'text':
      return 'max-w-80 break-words';
  }
}

/** A row by its values; those that are sums tell nothing about what is under them and do no harm. */
function datumOf(
  table: TileTable,
  row: readonly (string | null)[],
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    table.columns.map((column, index) => [column.name, row[index] ?? null]),
  );
}
