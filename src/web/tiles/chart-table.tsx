import type { Formatter } from '../../dashboard/format.ts';
import type { TileTable } from '../../dashboard/tile-table.ts';
import type { TileProps } from './tile-card.tsx';

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

/** Rows of a tile; the first numeric value of each is a link to the rows under it. */
export const RowsTable = ({ table, tile, formatter }: ChartTableProps) => {
  const linked = table.columns.findIndex((column) => column.numeric);
  return (
    <div class="-mx-3 mt-2 max-h-96 overflow-auto" tabindex={0} role="region" aria-label="Table">
      <table class="data-table">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col" class={`first-letter:uppercase ${column.numeric ? 'numeric' : ''}`}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr>
              {row.map((value, position) => {
                const column = table.columns[position];
                const text =
                  position === 0 && table.names[index] !== undefined
                    ? table.names[index]
                    : formatter.value(value, column?.format);
                const isLink = position === linked && value !== null;
                return (
                  <td class={column?.numeric === true ? 'numeric' : 'max-w-80 break-words'}>
                    {isLink ? (
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

/** What tells a row apart: its values that are not numbers. */
function datumOf(
  table: TileTable,
  row: readonly (string | null)[],
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    table.columns.flatMap((column, index) =>
      column.numeric ? [] : [[column.name, row[index] ?? null]],
    ),
  );
}
