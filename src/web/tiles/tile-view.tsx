import type { Tile } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import type { TileData } from '../../dashboard/tile-data.ts';
import { KpiView } from './kpi-tile.tsx';
import { SeriesView } from './series-tile.tsx';
import { TableView } from './table-tile.tsx';
import type { TileProps } from './tile-card.tsx';
import { TopView } from './top-tile.tsx';

interface TileViewProps {
  readonly tile: TileProps;
  readonly definition: Tile;
  readonly data: TileData;
  readonly formatter: Formatter;
  readonly columns: number;
}

/** Draws a tile by its kind; the data is always of the definition's kind. */
export const TileView = ({ tile, definition, data, formatter, columns }: TileViewProps) => {
  if (definition.kind === 'kpi' && data.kind === 'kpi') {
    return <KpiView tile={tile} definition={definition} data={data} formatter={formatter} />;
  }
  if (definition.kind === 'top' && data.kind === 'top') {
    return <TopView tile={tile} definition={definition} data={data} formatter={formatter} />;
  }
  if (definition.kind === 'table' && data.kind === 'table') {
    return <TableView tile={tile} definition={definition} data={data} formatter={formatter} />;
  }
  if (
    (definition.kind === 'line' || definition.kind === 'bar') &&
    (data.kind === 'line' || data.kind === 'bar')
  ) {
    return (
      <SeriesView
        tile={tile}
        definition={definition}
        data={data}
        formatter={formatter}
        columns={columns}
      />
    );
  }
  throw new TypeError(`a tile of kind ${definition.kind} was given data of kind ${data.kind}`);
};
