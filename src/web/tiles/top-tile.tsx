import type { TopTile } from '../../dashboard/definition.ts';
import type { Formatter } from '../../dashboard/format.ts';
import type { TopData } from '../../dashboard/tile-data.ts';
import { BarList } from './bar-list.tsx';
import { TileCard } from './tile-card.tsx';
import type { TileProps } from './tile-card.tsx';

interface TopViewProps {
  readonly tile: TileProps;
  readonly definition: TopTile;
  readonly data: TopData;
  readonly formatter: Formatter;
}

/** The largest as bars. */
export const TopView = ({ tile, definition, data, formatter }: TopViewProps) => (
  <TileCard tile={tile} title={definition.title} subtitle={definition.subtitle}>
    {data.items.length === 0 ? (
      <p class="muted grid h-48 place-items-center text-sm">No rows in this period.</p>
    ) : (
      <BarList
        items={data.items.map((item) => ({
          ...item,
          href: tile.traceAddress({ [data.labelColumn]: item.label }),
        }))}
        format={definition.format}
        formatter={formatter}
        color="text-primary"
      />
    )}
  </TileCard>
);
