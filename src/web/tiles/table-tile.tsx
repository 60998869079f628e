import type { TableTile } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import type { TableData } from '../../dashboard/tile-data.ts';
import { tileTable } from '../../dashboard/tile-table.ts';
import { RowsTable } from './chart-table.tsx';
import { TileCard } from './tile-card.tsx';
import type { TileProps } from './tile-card.tsx';

interface TableViewProps {
  readonly tile: TileProps;
  readonly definition: TableTile;
  readonly data: TableData;
  readonly formatter: Formatter;
}

/** Rows as they are. */
export const TableView = ({ tile, definition, data, formatter }: TableViewProps) => (
  <TileCard tile={tile} title={definition.title} subtitle={definition.subtitle}>
    {data.rows.length === 0 ? (
      <p class="muted grid h-24 place-items-center text-sm">No rows in this period.</p>
    ) : (
      <RowsTable
        table={tileTable(definition, data, formatter)}
        tile={tile}
        formatter={formatter}
        linked={0}
      />
    )}
    {data.truncated ? (
      <p class="muted mt-2 text-xs">The first {data.rows.length} rows; the export has them all.</p>
    ) : null}
  </TileCard>
);
